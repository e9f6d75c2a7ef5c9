/* What staff do with workshops beyond editing their columns (workshop_record.c): putting on sale
 * and away, copying, the private link. What touches the enrolled is in workshop_change.h.
 *
 * Every operation leaves a line in the trail; one that finds its work done already is OK and
 * changes nothing. `own`: the account that must teach the workshop, 0: any; somebody else's is
 * ERR_NOT_FOUND. */
#ifndef SHOP_WORKSHOP_STAFF_H
#define SHOP_WORKSHOP_STAFF_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum {
    WORKSHOP_SLUG_MAX = 80,
    WORKSHOP_KEY_SIZE = 25, /* 18 random bytes as base64url, and the NUL */
};

/* ---- reading -------------------------------------------------------------------------------- */

struct workshop_staff {
    int64_t id;
    const char *slug, *title;
    bool active, private, archived, cancelled;
    const char *private_key;                 /* NULL: none */
    int64_t capacity, confirmed, held, left; /* capacity and left -1: no limit */
    struct date start, end;                  /* unset: not decided */
    int64_t sales_open_at, sales_close_at;   /* 0: not set */
};

enum err workshop_staff_find(struct db *db, struct arena *arena, int64_t id, int64_t own,
                             int64_t now, struct workshop_staff *out) MUST_CHECK;

/* What a form offers: topics, and people of the school who may teach. */
struct workshop_choice {
    int64_t id;
    const char *name;
};
struct workshop_choices {
    struct workshop_choice *items;
    size_t count;
};
enum err workshop_topics(struct db *db, struct arena *arena,
                         struct workshop_choices *out) MUST_CHECK;
enum err workshop_teachers(struct db *db, struct arena *arena,
                           struct workshop_choices *out) MUST_CHECK;

/* Workshops to come or in progress, where people of `id` could go instead. */
enum err workshop_others(struct db *db, struct arena *arena, int64_t id, struct date today,
                         struct workshop_choices *out) MUST_CHECK;

/* ---- addresses and keys --------------------------------------------------------------------- */

/* An address nobody has but perhaps workshop `id`: the title without accents, where that is taken
 * with the month, the day, a number. `start_date` is ISO text or NULL. */
enum err workshop_slug_propose(struct db *db, struct arena *arena, const char *title,
                               const char *start_date, int64_t id, const char **out) MUST_CHECK;

void workshop_make_key(char key[WORKSHOP_KEY_SIZE]);

/* ---- operations ----------------------------------------------------------------------------- */

enum workshop_move {
    WORKSHOP_ACTIVATE,
    WORKSHOP_DEACTIVATE,
    WORKSHOP_ARCHIVE, /* off the daily lists, and not for sale */
    WORKSHOP_RESTORE, /* back on the lists, not for sale yet */
};

enum workshop_refusal {
    WORKSHOP_FINE,
    WORKSHOP_WAS_CANCELLED, /* activate: it was called off */
    WORKSHOP_WAS_ARCHIVED,  /* activate: bring it back first */
    WORKSHOP_HAS_PEOPLE,    /* archive: it is still to come and people are enrolled */
    WORKSHOP_DATES_REVERSED,
    WORKSHOP_NO_DATE,
    WORKSHOP_NOT_PRIVATE, /* renew: there is no link */
};

/* English, for tr(), with {title}; NULL for FINE. */
const char *workshop_refusal_english(enum workshop_refusal refusal);

struct workshop_result {
    enum workshop_refusal refusal; /* with ERR_REFUSED */
    const char *title;             /* of the one that stands in the way, in the arena */
    int64_t done;                  /* how many were changed */
    int64_t id;                    /* of a copy */
    bool repeated;                 /* a copy: it had been made a moment ago */
};

/* All of them or none. */
enum err workshop_move(struct shop *shop, struct arena *arena, int64_t actor_id,
                       enum workshop_move move, const int64_t *ids, size_t count, int64_t now,
                       struct workshop_result *result) MUST_CHECK;

/* A copy with new days, not for sale, with an address and (a private one) a key of its own. Sales
 * open and close as much earlier or later as the first day is. The same copy asked for again within
 * a minute is the one made before. */
enum err workshop_copy(struct shop *shop, struct arena *arena, int64_t actor_id, int64_t id,
                       const char *start_date, const char *end_date, int64_t now,
                       struct workshop_result *result) MUST_CHECK;

/* A new private link; the old one opens nothing any more. */
enum err workshop_renew_key(struct shop *shop, int64_t actor_id, int64_t id,
                            struct workshop_result *result) MUST_CHECK;

#endif
