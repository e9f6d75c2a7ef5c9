/* What staff do with an order besides confirming its money (payment.h) and refunding it (refund.h):
 * reject a reported transfer, give more time, cancel, settle a review, send the receipt again.
 *
 * Each operation is one transaction with its line in the trail and its mail; doing it again changes
 * nothing and says so (replay). Who may is asked by the guard, not here. ERR_NOT_FOUND: no such
 * order, or it is a cart. ERR_REFUSED: see the refusal; nothing happened. */
#ifndef SHOP_ORDER_STAFF_H
#define SHOP_ORDER_STAFF_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/order.h"
#include "shop/refund.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum order_staff_refusal {
    ORDER_STAFF_OK,
    ORDER_STAFF_STATE,      /* the order is not in a state for this (any more) */
    ORDER_STAFF_CHARGING,   /* a card is being charged right now */
    ORDER_STAFF_REPORT,     /* no such operation number was reported */
    ORDER_STAFF_REASON,     /* a reason is needed, or it is too long */
    ORDER_STAFF_DEADLINE,   /* not later than the one there is, past, or too far away */
    ORDER_STAFF_SEAT,       /* a seat is gone */
    ORDER_STAFF_TOO_LITTLE, /* the money that came is not enough */
    ORDER_STAFF_REFUND,     /* the money cannot go back like this: see refund */
    ORDER_STAFF_RECEIPT,    /* it has no receipt */
};

struct order_staff_result {
    enum order_staff_refusal refusal; /* with ERR_REFUSED */
    enum refund_refusal refund;       /* with ORDER_STAFF_REFUND */
    bool replay;                      /* OK, and nothing new */
    int64_t back_cents;               /* money that goes back now */
    int64_t due_at;                   /* the deadline in force */
};

enum { ORDER_EXTEND_DAYS_MAX = 60 };

/* The money of a reported operation number is not there. The family is told the reason; the order
 * waits on until its deadline, or is cancelled at once if `cancel`, then as by order_cancel; where
 * a part of the money had come, that is refused: it is to be cancelled by itself. */
enum err order_reject(struct shop *shop, int64_t actor_id, int64_t order_id, const char *operation,
                      const char *reason, bool cancel, int64_t now,
                      struct order_staff_result *result) MUST_CHECK;

/* A later deadline for a pending transfer; its seats are kept until then. */
enum err order_extend(struct shop *shop, int64_t actor_id, int64_t order_id, int64_t due_at,
                      int64_t now, struct order_staff_result *result) MUST_CHECK;

struct order_cancellation {
    int64_t actor_id, order_id;
    const char *reason;    /* for the family; NULL or "": none */
    struct refund_way way; /* for a part of the money that had come */
};

/* Cancels a pending order: its seats are free, the family is told. A part of the money that had
 * come goes back. */
enum err order_cancel(struct shop *shop, const struct order_cancellation *request, int64_t now,
                      struct order_staff_result *result) MUST_CHECK;

/* The same inside a larger transaction. The caller calls mail_notify. */
enum err order_cancel_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                         const struct order_cancellation *request, int64_t now,
                         struct order_staff_result *result) MUST_CHECK;

enum order_decision {
    ORDER_SEAT,     /* all seats, taken again where they were freed; what was paid too much goes
                       back */
    ORDER_KEEP,     /* the seats it has; the money of the others, and too much, goes back */
    ORDER_GIVE_BACK /* all the money goes back, all seats are free */
};

/* Ends a review. `way` where money goes back. */
enum err order_resolve(struct shop *shop, int64_t actor_id, int64_t order_id,
                       enum order_decision decision, struct refund_way way, const char *reason,
                       int64_t now, struct order_staff_result *result) MUST_CHECK;

/* Mails the receipt once more, at most once a minute. */
enum err order_send_receipt(struct shop *shop, int64_t actor_id, int64_t order_id, int64_t now,
                            struct order_staff_result *result) MUST_CHECK;

/* ---- what their page shows ------------------------------------------------------------------ */

struct order_payment_row {
    int64_t id;
    const char *provider, *reference, *status; /* as stored */
    int64_t amount_cents, created_at;
};

struct order_mail_row {
    int64_t id;
    const char *subject, *last_error; /* last_error NULL: none */
    int64_t created_at, sent_at;      /* 0: not (yet) */
    bool given_up;
};

struct order_file {
    struct order order;                 /* with its reports, in any state */
    const char *phone, *country;        /* of the family; or NULL */
    struct order_payment_row *payments; /* oldest first */
    size_t payment_count;
    struct credit_note_list credits;
    struct order_mail_row *mails; /* newest first, at most 20 */
    size_t mail_count;
    int64_t card_left_cents; /* what may go back by card */
};

/* The payments of an order, oldest first, those that failed too. Whose order it is has been asked
 * before. */
enum err order_payments(struct db *db, struct arena *arena, int64_t order_id,
                        struct order_payment_row **out, size_t *count) MUST_CHECK;

/* Everything about one order; ERR_NOT_FOUND for a cart too. */
enum err order_file_read(struct db *db, struct arena *arena, int64_t order_id, int64_t now,
                         struct order_file *out) MUST_CHECK;

#endif
