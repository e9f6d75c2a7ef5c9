/* Orders that staff make for a family at the desk: a student into one or more workshops, paid in
 * cash, by a transfer that was seen or is to come, or free of charge; and an inscription moved to
 * another workshop, which is a refund as credit and a new order that the credit pays.
 *
 * The family's cart is left alone. Seats are as hard as everywhere; age limits are a warning that
 * whoever asks has seen (age_ok); sales need not be open, but the workshop must not be over,
 * cancelled or archived. Each operation is one transaction; doing it again finds it done (replay).
 * Who may is asked by the guard. */
#ifndef SHOP_ORDER_DESK_H
#define SHOP_ORDER_DESK_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/order.h"
#include "shop/refund.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;
struct shop;

enum { ORDER_DESK_WORKSHOPS_MAX = 12, ORDER_DESK_OFFERS_MAX = 200 };

enum order_desk_refusal {
    ORDER_DESK_OK,
    ORDER_DESK_NOTHING,        /* no workshop, or too many */
    ORDER_DESK_GONE,           /* the workshop is over, cancelled, archived, or there is none */
    ORDER_DESK_FULL,           /* no seat left */
    ORDER_DESK_ALREADY,        /* the student is in it, or has a seat in the family's cart */
    ORDER_DESK_AGE,            /* the age limits do not fit: see age; ask again with age_ok */
    ORDER_DESK_METHOD,         /* no such way to pay here */
    ORDER_DESK_REFERENCE,      /* too long */
    ORDER_DESK_REFERENCE_USED, /* that money was booked before */
    ORDER_DESK_NOT_ENROLLED,   /* a move: not a confirmed seat of a paid order */
    ORDER_DESK_SAME,           /* a move to where one is */
    ORDER_DESK_REFUND,         /* a move: the rest cannot go back like this: see refund */
};

struct order_desk_result {
    enum order_desk_refusal refusal; /* with ERR_REFUSED */
    enum refund_refusal refund;      /* with ORDER_DESK_REFUND */
    const char *workshop_title;      /* with ERR_REFUSED: the one it is about; NULL: none */
    int age;                         /* with ORDER_DESK_AGE */
    bool replay;                     /* OK, and nothing new */
    int64_t order_id;                /* OK: the order with the seats */
    bool paid;                       /* else it waits for its transfer */
    int64_t due_cents, back_cents;   /* still to pay; given back by a move */
};

/* How the order, or the rest of a move, is paid. */
struct order_desk_money {
    const char *method;    /* "cash", "transfer", "free"; nothing to pay: not looked at */
    const char *reference; /* of the voucher or the bank; cash without: made up; transfer without:
                              the order waits for it, as one of the family would */
};

struct order_desk_request {
    int64_t actor_id;
    int64_t account_id, student_id; /* the student is one of that account, else ERR_NOT_FOUND */
    const int64_t *workshops;
    size_t count;
    struct order_desk_money money;
    bool age_ok;
};

/* Texts of the result live in the arena. */
enum err order_desk(struct shop *shop, struct arena *arena,
                    const struct order_desk_request *request, int64_t now,
                    struct order_desk_result *result) MUST_CHECK;

struct order_move_request {
    int64_t actor_id;
    int64_t inscription_id, workshop_id;
    struct order_desk_money money; /* of the rest, either way: to pay, or to give back */
    const char *reason;
    bool age_ok;
};

/* Moves a confirmed seat of a paid order. What was paid becomes credit: a credit note on the old
 * order, a payment of the new one. A dearer workshop's rest is paid by `money`, a cheaper one's
 * rest goes back by it. ERR_NOT_FOUND: no such inscription. */
enum err order_move(struct shop *shop, struct arena *arena,
                    const struct order_move_request *request, int64_t now,
                    struct order_desk_result *result) MUST_CHECK;

/* The same inside a larger transaction. The caller calls mail_notify. */
enum err order_move_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                       const struct order_move_request *request, int64_t now,
                       struct order_desk_result *result) MUST_CHECK;

/* ---- what their pages show ------------------------------------------------------------------ */

struct order_desk_student {
    int64_t id, account_id;
    const char *first_name, *last_name;
    struct date birth;
};

/* One that is not archived. */
enum err order_desk_student(struct db *db, struct arena *arena, int64_t id,
                            struct order_desk_student *out) MUST_CHECK;

/* A workshop that a student may be put into. */
struct order_desk_offer {
    struct workshop workshop; /* the core of it, seats as of now */
    bool already;             /* the student has a seat there */
    enum workshop_age fits;
    int age;
};

/* Those to come and in progress, soonest first, at most ORDER_DESK_OFFERS_MAX. */
enum err order_desk_offers(struct db *db, struct arena *arena,
                           const struct order_desk_student *student,
                           const struct settings *settings, int64_t now,
                           struct order_desk_offer **out, size_t *count) MUST_CHECK;

/* The order of an inscription, and which of its lines that is. */
enum err order_of_inscription(struct db *db, struct arena *arena, int64_t inscription_id,
                              int64_t now, struct order *out,
                              const struct inscription **line) MUST_CHECK;

#endif
