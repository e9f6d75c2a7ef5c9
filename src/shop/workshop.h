/* Workshops as the public sees them: the catalogue, one workshop's page, whether it can be bought
 * and by whom. Nothing here writes; seats are taken by inscriptions.
 *
 * `now` is UTC seconds; "today" is now in the school's zone. A workshop is listed when it is
 * active, not private and not past, that is: it has no dates or its last day is not before today.
 * Every function is safe from any thread; texts live in the arena given. */
#ifndef SHOP_WORKSHOP_H
#define SHOP_WORKSHOP_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/picture.h"
#include "shop/setting.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WORKSHOP_NONE = -1, /* "no limit", "not given" in the fields that say so */
    WORKSHOP_PAGE_SIZE = 12,
    WORKSHOP_DAYS_MAX = 400,
    WORKSHOP_QUERY_MAX = 8, /* words of a search that count; the rest is ignored */
};

enum workshop_level {
    WORKSHOP_LEVEL_NONE,
    WORKSHOP_BEGINNER,
    WORKSHOP_INTERMEDIATE,
    WORKSHOP_ADVANCED
};

/* Days of the week as bits. */
enum { WORKSHOP_MONDAY = 1, WORKSHOP_SUNDAY = 64 };

struct workshop {
    int64_t id;
    const char *slug, *title;
    const char *description, *bring; /* NULL: none; plain text, blank lines between paragraphs */
    struct picture_ref picture;
    int64_t topic_id;
    const char *topic_name;
    int topic_color; /* 1 to 8 */

    int64_t price_cents;     /* the list price */
    int64_t price_now_cents; /* what is asked now; 0: free; below price_cents: a saving */

    int min_age, max_age; /* whole years, both inclusive; or WORKSHOP_NONE */
    enum workshop_level level;
    const char *place; /* NULL: none */

    struct date start, end;       /* first and last day; unset: not decided */
    unsigned weekdays;            /* bits, 0: see schedule */
    int start_minute, end_minute; /* of the day, local; or WORKSHOP_NONE: see hours */
    const char *schedule, *hours; /* free words; NULL: none */
    int weeks;                    /* 0: not given */

    int64_t capacity;   /* or WORKSHOP_NONE: no limit */
    int64_t seats_left; /* as of `now`, lapsed holds are free; WORKSHOP_NONE: no limit */

    bool active, private, cancelled;       /* a cancelled one is not active */
    const char *private_key;               /* NULL: none */
    int64_t sales_open_at, sales_close_at; /* 0: at once, when the start date begins */
    int64_t created_at;
};

/* ---- the catalogue -------------------------------------------------------------------------- */

enum workshop_sort {
    WORKSHOP_BY_START,  /* soonest first, then those in progress, then those without a date */
    WORKSHOP_BY_PRICE,  /* cheapest first */
    WORKSHOP_BY_TITLE,  /* alphabetical, accents ignored */
    WORKSHOP_BY_NEWEST, /* last added first */
};

/* All zero: everything that is listed, soonest first. */
struct workshop_filter {
    const char *q;    /* each word must occur in title, description, topic, instructor or place;
                         case and accents do not count; NULL or "": any */
    int64_t topic_id; /* 0: any */
    enum workshop_level level; /* NONE: any */
    bool by_age;
    int age;          /* with by_age: whole years that the age limits must admit */
    struct date from; /* starts on this day or later; unset: any */
    enum workshop_sort sort;
    int page; /* from 1; less counts as 1, more than there are as the last */
};

struct workshop_page {
    const struct workshop *items;
    size_t count;       /* at most WORKSHOP_PAGE_SIZE */
    int64_t total;      /* of all pages */
    bool total_is_more; /* counting stopped there: "more than `total`" */
    int page, pages;    /* the page this is; how many are known (at least 1) */
};

enum err workshop_list(struct db *db, struct arena *arena, const struct workshop_filter *filter,
                       const struct settings *settings, int64_t now,
                       struct workshop_page *out) MUST_CHECK;

/* The next to start, soonest first, at most `limit` (up to WORKSHOP_PAGE_SIZE); only
 * items and count are meant. */
enum err workshop_upcoming(struct db *db, struct arena *arena, size_t limit,
                           const struct settings *settings, int64_t now,
                           struct workshop_page *out) MUST_CHECK;

/* ---- one workshop --------------------------------------------------------------------------- */

/* As the public may see it: ERR_NOT_FOUND for an inactive one and for a private one without its key
 * (compared in constant time; `key` may be NULL). A past one is still shown, and one that was
 * called off, which says so. */
enum err workshop_by_slug(struct db *db, struct arena *arena, const char *slug, const char *key,
                          int64_t now, struct workshop *out) MUST_CHECK;

/* Any workshop, also inactive and private: for what somebody already has in a cart or an order. */
enum err workshop_by_id(struct db *db, struct arena *arena, int64_t id, int64_t now,
                        struct workshop *out) MUST_CHECK;

/* The titles of some workshops, in no order; those that are gone are left out. */
struct workshop_name {
    int64_t id;
    const char *title;
};
enum err workshop_names(struct db *db, struct arena *arena, const int64_t *ids, size_t id_count,
                        struct workshop_name **out, size_t *count) MUST_CHECK;

struct workshop_instructors {
    const char *const *names; /* "Rosa Quispe", by name */
    size_t count;
};

enum err workshop_instructors(struct db *db, struct arena *arena, int64_t id,
                              struct workshop_instructors *out) MUST_CHECK;

/* ---- rules ---------------------------------------------------------------------------------- */

enum workshop_sale {
    WORKSHOP_OPEN,
    WORKSHOP_NOT_YET, /* opens at sales_open_at */
    WORKSHOP_CLOSED,  /* sales_close_at passed, or the start date began, or it is inactive */
    WORKSHOP_FULL,
};

/* Closed and not yet come before full. Whether a private one may be seen is workshop_by_slug's. */
enum workshop_sale workshop_for_sale(const struct workshop *workshop,
                                     const struct settings *settings, int64_t now);

enum workshop_age { WORKSHOP_AGE_FITS, WORKSHOP_TOO_YOUNG, WORKSHOP_TOO_OLD };

/* By the age on the start date, today where there is none. `age` (may be NULL) receives it. */
enum workshop_age workshop_age_fits(const struct workshop *workshop, struct date birth,
                                    struct date today, int *age);

/* The last day: as given, or after so many weeks, or the only one; unset without a first day. */
struct date workshop_last_day(const struct workshop *workshop);

/* The days it takes place on, at most WORKSHOP_DAYS_MAX: those of its weekdays between the first
 * and the last, every day where it has none. None without a first day. */
struct workshop_days {
    struct date *items;
    size_t count;
};
struct workshop_days workshop_days(struct arena *arena, const struct workshop *workshop);

/* Whether somebody in both would have to be in two places at a time: date ranges overlap, on a
 * common day of the week within that overlap, at overlapping minutes. Free words never clash. */
bool workshop_clash(const struct workshop *a, const struct workshop *b);

#endif
