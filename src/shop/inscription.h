/* An inscription: one student in one workshop, first as a held seat in a family's cart, then
 * confirmed. Seats are taken and freed here, always inside one write transaction and by one
 * conditional statement; the database's triggers count and its CHECK stands behind.
 *
 * A hold ends at its moment, not when somebody tidies up: everything here that reads compares
 * hold_until with `now`, and a seat whose hold has ended is free for the next family at once.
 *
 * What belongs to another family is ERR_NOT_FOUND. A business refusal is ERR_REFUSED and the result
 * says which. Moments are UTC seconds. Texts of results and rows live in the given arena. */
#ifndef SHOP_INSCRIPTION_H
#define SHOP_INSCRIPTION_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/workshop.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum { INSCRIPTION_EXTENSIONS_MAX = 10 }; /* WCAG 2.2, 2.2.1: at least ten times */

enum inscription_status {
    INSCRIPTION_HELD,
    INSCRIPTION_CONFIRMED,
    INSCRIPTION_CANCELLED,
    INSCRIPTION_REFUNDED,
    INSCRIPTION_EXPIRED, /* also a held row whose hold_until has passed */
};

struct inscription {
    int64_t id, order_id;
    enum inscription_status status;
    int64_t hold_until;                    /* of a held or expired one; 0: none */
    int extensions;                        /* used so far */
    int64_t list_price_cents, price_cents; /* as stored: when held, frozen at checkout */
    bool price_changed; /* in a cart: price_cents is not workshop.price_now_cents any more */
    int64_t student_id;
    const char *student_slug, *student_first_name, *student_last_name;
    /* As it is now, without description, bring and topic_name. seats_left is counted for expired
     * ones, which could be held again; in others it is what the counter says. */
    struct workshop workshop;
};

struct inscription_list {
    struct inscription *items;
    size_t count;
};

enum inscription_refusal {
    INSCRIPTION_OK,
    INSCRIPTION_FULL,         /* no seat left */
    INSCRIPTION_AGE_LOW,      /* see age, min_age, max_age, age_on */
    INSCRIPTION_AGE_HIGH,     /* the same */
    INSCRIPTION_ALREADY,      /* this student is enrolled, or in an order that waits for payment */
    INSCRIPTION_IN_CART,      /* this student is in the account's cart for it */
    INSCRIPTION_NOT_OPEN_YET, /* sales begin at sales_open_at */
    INSCRIPTION_CLOSED,       /* sales are over, or the workshop has begun */
    INSCRIPTION_TOO_MANY,     /* as many live holds as an account may have: see limit */
    INSCRIPTION_EXTENDED_OUT, /* extended as often as possible: see limit */
    INSCRIPTION_ENDED,        /* the hold has ended: hold again */
    INSCRIPTION_LOCKED,       /* no longer in the cart: being paid, or paid */
};

/* How an operation ended. What there is to say is filled in with OK and with ERR_REFUSED. */
struct inscription_result {
    enum inscription_refusal refusal; /* INSCRIPTION_OK with OK */
    bool was_in_cart;                 /* OK, and nothing new: it was in the cart already */
    int64_t id, order_id;             /* OK: the inscription and its cart */
    int64_t hold_until;               /* OK: the seat is kept until then */
    const char *student_slug, *student_first_name;
    const char *workshop_slug, *workshop_title;
    int age;              /* of the student on age_on */
    int min_age, max_age; /* of the workshop; -1: no limit */
    struct date age_on;   /* the workshop's start, or today where it has none */
    int64_t sales_open_at;
    int limit;
};

/* ---- seats ---------------------------------------------------------------------------------- */

/* Holds a seat for an own student, in the account's cart, which is made when there is none. `key`
 * opens a private workshop, NULL where none was given. ERR_NOT_FOUND: no such own student, or no
 * such workshop for this visitor (unknown, inactive, private without its key). Asking again for
 * what is in the cart is OK (was_in_cart) and prolongs nothing; one whose hold has ended is held
 * again if a seat is left. */
enum err inscription_hold(struct shop *shop, struct arena *arena, int64_t account_id,
                          const char *workshop_slug, const char *key, const char *student_slug,
                          int64_t now, struct inscription_result *result) MUST_CHECK;

/* Holds an expired one of the own cart again, at today's price, if a seat is left. A live one: OK.
 */
enum err inscription_rehold(struct shop *shop, struct arena *arena, int64_t account_id, int64_t id,
                            int64_t now, struct inscription_result *result) MUST_CHECK;

/* Prolongs a live hold of the own cart by the school's extension_minutes, ten times at most. One
 * that has ended is held again as by inscription_rehold. */
enum err inscription_extend(struct shop *shop, struct arena *arena, int64_t account_id, int64_t id,
                            int64_t now, struct inscription_result *result) MUST_CHECK;

/* Gives a live hold of the own cart to another own student; age and "once" are checked as for a new
 * one, the seat and its end stay. */
enum err inscription_change_student(struct shop *shop, struct arena *arena, int64_t account_id,
                                    int64_t id, const char *student_slug, int64_t now,
                                    struct inscription_result *result) MUST_CHECK;

/* Takes one out of the own cart, live or expired; its seat is free. */
enum err inscription_remove(struct shop *shop, struct arena *arena, int64_t account_id, int64_t id,
                            int64_t now, struct inscription_result *result) MUST_CHECK;

/* ---- what a family may do ------------------------------------------------------------------- */

/* An own student who could be put into a workshop, or why not. */
struct inscription_candidate {
    int64_t student_id;
    const char *slug, *first_name, *last_name;
    bool is_self;                     /* the account's own person */
    int age;                          /* on the workshop's start, or today where it has none */
    enum inscription_refusal refusal; /* _OK, _AGE_LOW, _AGE_HIGH, _ALREADY or _IN_CART */
};

struct inscription_candidates {
    struct inscription_candidate *items; /* by first name; archived students are left out */
    size_t count;
    size_t possible; /* how many are _OK */
};

/* For the child select of a workshop's page: what stands in the way of each child. Whether the
 * workshop is full or on sale is not asked here. `today` is the school's local day. */
enum err inscription_can(struct db *db, struct arena *arena, int64_t account_id,
                         int64_t workshop_id, struct date today, int64_t now,
                         struct inscription_candidates *out) MUST_CHECK;

/* The confirmed ones whose workshop has not ended on `today` and was not called off, child by
 * child, next start first. */
enum err inscription_upcoming(struct db *db, struct arena *arena, int64_t account_id,
                              struct date today, struct inscription_list *out) MUST_CHECK;

/* ---- clashes -------------------------------------------------------------------------------- */

/* Two workshops of one child at the same hours. */
struct inscription_clash {
    const struct inscription *one;   /* in the cart */
    const struct inscription *other; /* in the cart too, or confirmed, or waiting for payment */
};

struct inscription_clashes {
    struct inscription_clash *items;
    size_t count;
};

/* The clashes of a cart's live lines with each other and with what their students have elsewhere.
 * One query. `cart` must outlive the result. */
enum err inscription_find_clashes(struct db *db, struct arena *arena,
                                  const struct inscription_list *cart, int64_t order_id,
                                  int64_t now, struct inscription_clashes *out) MUST_CHECK;

#endif
