/* A workshop in words: what cards, the workshop's page and the cart say about days, hours, ages and
 * seats. Fields that are not set are NULL and disappear from the page. */
#ifndef SITE_PAGES_WORKSHOP_CARD_H
#define SITE_PAGES_WORKSHOP_CARD_H

#include "shop/workshop.h"
#include <stdbool.h>
#include <stdint.h>

struct visit;

struct workshop_card {
    const char *slug, *title;
    const char *picture; /* address; never NULL */
    int picture_width, picture_height;
    const char *picture_hash, *picture_type; /* of one that has sizes: HASH and jpg; NULL */
    const char *topic;                       /* name */
    int color;                               /* class topic-N */
    const char *ages;                        /* 6 to 9 years */
    const char *schedule;                    /* Tue and Thu, 4:00 to 5:30 p.m. */
    const char *start;                       /* Starts Tue 13 Jan · 8 weeks */
    const char *place;
    int level; /* 0: not given */
    int64_t price_cents, list_cents, saving_cents;
    const char *currency;
    const char *closed; /* why nobody can enrol now, in a word or two; NULL: they can */
    bool few;           /* open, and three or fewer seats left */
    int64_t seats_left;
};

struct workshop_card workshop_card(const struct visit *visit, const struct workshop *workshop);

/* An array of them for a list. */
const struct workshop_card *workshop_cards(const struct visit *visit, const struct workshop *items,
                                           size_t count);

/* "6 to 9 years", "from 9 years", "up to 12 years"; NULL for all ages. Limits as in struct
 * workshop. */
const char *workshop_ages(const struct visit *visit, int min_age, int max_age);

/* Days and hours; NULL when neither is given. */
const char *workshop_schedule(const struct visit *visit, const struct workshop *workshop);

/* The picture's address: the workshop's own, or the drawing of its topic's colour. */
const char *workshop_picture(struct arena *arena, const char *name, int color);

#endif
