/* Refunds: money goes back, seats become free, and a credit note says so.
 *
 * A refund is a payment row of its own, 'refunded', unique by provider and reference among its
 * like; the row of the money that came stays what it is. Everything an operation does is one
 * transaction. Doing it again changes nothing and says so (replay).
 *
 * Who may do this is asked by the guard, not here. ERR_NOT_FOUND: no such order. ERR_REFUSED: see
 * the refusal; nothing happened. */
#ifndef SHOP_REFUND_H
#define SHOP_REFUND_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/credit_note.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct order;
struct settings;
struct shop;

enum { REFUND_REFERENCE_MAX = 64, REFUND_REASON_MAX = 300 }; /* characters */

/* How money goes back. */
struct refund_way {
    const char *method;    /* "transfer", "cash", "card"; "credit" within a move only */
    const char *reference; /* of the bank or the voucher; NULL or "": one is made up */
};

enum refund_refusal {
    REFUND_OK,
    REFUND_NOTHING,        /* nothing was chosen */
    REFUND_NOT_PAID,       /* the order is not paid */
    REFUND_CHANGED,        /* something chosen is not enrolled any more, or not of this order */
    REFUND_METHOD,         /* no such way, or not for this order: no card paid so much */
    REFUND_REFERENCE,      /* too long */
    REFUND_REFERENCE_USED, /* that reference has paid back something already */
};

struct refund_request {
    int64_t actor_id; /* who of the staff; 0: the shell, the school itself */
    int64_t order_id;
    const int64_t *inscriptions; /* of this order; NULL: everything that is enrolled */
    size_t count;
    struct refund_way way;
    const char *reason; /* for the family; NULL or "": none */
};

struct refund_result {
    enum refund_refusal refusal; /* with ERR_REFUSED */
    bool replay;                 /* OK, and nothing new: it had been refunded before */
    bool whole;                  /* nothing of the order is left */
    int64_t amount_cents;        /* what goes back now */
    int64_t credit_note;         /* its number */
};

/* Refunds a paid order, wholly or by inscription, and mails the family. */
enum err refund_order(struct shop *shop, const struct refund_request *request, int64_t now,
                      struct refund_result *result) MUST_CHECK;

/* The same inside a larger transaction (a workshop is cancelled). The caller calls mail_notify. */
enum err refund_order_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                         const struct refund_request *request, int64_t now,
                         struct refund_result *result) MUST_CHECK;

/* What a card took for an order and has not given back: the most that can go back that way. */
enum err refund_card_left(struct db *db, int64_t order_id, int64_t *cents) MUST_CHECK;

/* ---- steps of larger operations ------------------------------------------------------------- */

/* Books money that goes back, without seats or papers. `amount_cents` 0 books nothing and leaves
 * *payment_id 0. ERR_REFUSED: *refusal. *way receives the method and reference as booked. */
enum err refund_book_tx(struct tx *tx, struct arena *arena, const struct order *order,
                        struct refund_way *way, int64_t amount_cents, int64_t now,
                        int64_t *payment_id, enum refund_refusal *refusal) MUST_CHECK;

/* Seats of one order that go back. */
struct refund_seats {
    const struct order *order;
    const bool *chosen;    /* by line: confirmed ones to free */
    int64_t surplus_cents; /* money that goes back beyond their prices */
    struct refund_way way; /* in: as asked for; out: as booked */
    const char *reason;
    /* What came of it */
    struct credit_note note;     /* number 0: none; total_cents is what the seats cost */
    enum refund_refusal refusal; /* with ERR_REFUSED */
};

/* Frees the chosen seats, books the money, writes the credit note if the order has a receipt, and
 * lowers the order's total, or makes it refunded when nothing is left. Sends nothing. */
enum err refund_seats_tx(struct tx *tx, struct arena *arena, const struct settings *settings,
                         struct refund_seats *seats, int64_t now) MUST_CHECK;

#endif
