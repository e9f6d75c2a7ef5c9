/* What staff should know now: money that waits for them, classes of the coming days, seats, holds,
 * the week so far; and what a new school has not set up yet. Only reads; each part by itself, so
 * that a page asks for what its reader may see. All of it stays fast with 100,000 orders: every
 * statement goes along an index (tests/unit/test_today.c). */
#ifndef SHOP_TODAY_H
#define SHOP_TODAY_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;
struct zone;

enum { TODAY_LIST_MAX = 8, TODAY_TRANSFERS_MAX = 20, TODAY_DAYS = 7, TODAY_CLASSES_MAX = 200 };

/* An order that waits for staff. */
struct today_order {
    int64_t id, account_id;
    const char *code, *family, *currency;
    const char *reason;    /* of a review: no_seat, amount, late; NULL: unknown */
    const char *operation; /* of a transfer: what the family reported */
    int64_t paid_cents;    /* that came so far */
    int64_t due_cents;     /* still to come */
    int64_t at;            /* placed; of a transfer: reported */
    int64_t due_at;        /* a transfer's deadline; 0: none */
};

struct today_orders {
    struct today_order *items;
    size_t count;
    bool more; /* there are others behind them */
};

/* Money without a seat and the like: oldest first, TODAY_LIST_MAX of them. */
enum err today_reviews(struct db *db, struct arena *arena, struct today_orders *out) MUST_CHECK;

/* Operation numbers that families reported and nobody confirmed, oldest first, one entry each,
 * TODAY_TRANSFERS_MAX of them. */
enum err today_transfers(struct db *db, struct arena *arena, struct today_orders *out) MUST_CHECK;

struct today_workshop {
    int64_t id;
    const char *title, *place, *schedule, *hours;
    int start_minute, end_minute; /* -1: not set */
    int weekdays;                 /* as in workshop.h */
    const char *start_date, *end_date;
    int64_t taken, capacity; /* capacity -1: none */
};

/* Classes from `from` on, for TODAY_DAYS days, by day and hour. A workshop whose days are only told
 * in words is in the list on its first day. `own` not 0: only what that account teaches. */
struct today_class {
    struct date day;
    const struct today_workshop *workshop;
};
struct today_classes {
    struct today_class *items;
    size_t count;
};
enum err today_classes(struct db *db, struct arena *arena, struct date from, int64_t own,
                       struct today_classes *out) MUST_CHECK;

/* Workshops that start within 30 days with at most a tenth of their seats left, and those that
 * start within 14 with less than a quarter taken; TODAY_LIST_MAX each, by start. */
struct today_seats {
    struct today_workshop *full, *empty;
    size_t full_count, empty_count;
};
enum err today_seats(struct db *db, struct arena *arena, struct date from, int64_t own,
                     struct today_seats *out) MUST_CHECK;

/* Seats in carts, those that end first. */
struct today_hold {
    int64_t until, workshop_id, account_id;
    const char *title, *family, *student;
};
struct today_holds {
    struct today_hold *items;
    size_t count;
    bool more;
};
enum err today_holds(struct db *db, struct arena *arena, int64_t now,
                     struct today_holds *out) MUST_CHECK;

/* Paid inscriptions since Monday, and of the week before up to the same moment. */
struct today_week {
    int64_t inscriptions, cents, last_inscriptions, last_cents;
};
enum err today_week(struct db *db, const struct zone *zone, int64_t now,
                    struct today_week *out) MUST_CHECK;

/* What of the set-up is done. */
struct today_setup {
    bool name, contact, mail, payment, workshop;
};
enum err today_setup(struct db *db, const struct settings *settings,
                     struct today_setup *out) MUST_CHECK;

#endif
