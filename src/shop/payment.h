/* Payments: money that moved or tried to, and the methods by which it does.
 *
 * A method is one struct payment_provider. Three kinds of flow fit behind it:
 *
 *   manual   the family pays elsewhere, staff confirm (transfer, Yape, Plin)
 *   charge   we ask and wait for the answer (the sandbox card)
 *   hosted   to come: the family is sent to a gateway, which notifies us
 *
 * Whatever the flow, money becomes seats in one place: payment_settle, idempotent by provider and
 * reference, so that a return page, a notification and the reconciliation may all report the same
 * charge. Money is never dropped: what cannot be matched to seats puts the order into review. */
#ifndef SHOP_PAYMENT_H
#define SHOP_PAYMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/order.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct settings;
struct shop;

/* ---- methods -------------------------------------------------------------------------------- */

/* A card as typed. Never stored, never logged; who filled it wipes it. */
struct payment_card {
    const char *number; /* digits, spaces and dashes */
    const char *month;  /* 1 or 01 to 12 */
    const char *year;   /* 27 or 2027 */
    const char *cvv;    /* 3 or 4 digits */
};

enum payment_card_fault {
    PAYMENT_CARD_NUMBER = 1, /* no number, or one that fails its check digit */
    PAYMENT_CARD_EXPIRY = 2, /* not a month, or past */
    PAYMENT_CARD_CVV = 4,
};

enum payment_outcome {
    PAYMENT_SUCCEEDED,
    PAYMENT_DECLINED, /* the bank says no */
    PAYMENT_NO_FUNDS, /* the bank says no, for want of money */
    PAYMENT_FAILED,   /* it certainly did not happen */
    PAYMENT_UNKNOWN,  /* no answer: it may have happened; ask again by the reference */
};

struct payment_charge {
    const char *reference; /* ours, unique: the provider's idempotency key */
    int64_t amount_cents;
    const char *currency;
    int failed_before; /* charges of this order that failed without a decision */
    const struct payment_card *card;
};

struct payment_provider {
    const char *name; /* the form's `method`; orders.method; payment.provider */
    enum payment_flow { PAYMENT_MANUAL, PAYMENT_CHARGE } flow;
    bool (*offered)(const struct settings *settings); /* does this school take it? */
    /* Flow charge; outside any transaction; any thread. */
    unsigned (*check)(const struct payment_card *card, int64_t now); /* payment_card_fault bits */
    enum payment_outcome (*charge)(const struct payment_charge *charge);
    /* What became of a charge whose answer was lost. PAYMENT_UNKNOWN: ask later. */
    enum payment_outcome (*lookup)(const char *reference);
};

/* The provider of that name, whether or not this school takes it; NULL for an unknown name. */
const struct payment_provider *payment_provider(const char *name);

/* The same if this school takes it now, else NULL; a NULL name is NULL. */
const struct payment_provider *payment_method(const struct settings *settings, const char *name);

/* The methods this school takes, in the order to show them: fills up to `limit`, answers how many.
 */
size_t payment_methods(const struct settings *settings, const struct payment_provider **out,
                       size_t limit);

/* ---- money that came ------------------------------------------------------------------------ */

/* Tells how a charge ended: by (provider, reference), exactly once, whoever and however many
 * report it. `amount_cents` is what the provider says it took, -1: what was asked for.
 * ERR_NOT_FOUND: no such charge. PAYMENT_UNKNOWN changes nothing. */
enum err payment_settle(struct shop *shop, const char *provider, const char *reference,
                        enum payment_outcome outcome, int64_t amount_cents, int64_t now,
                        enum order_effect *effect) MUST_CHECK;

enum payment_refusal {
    PAYMENT_OK,
    PAYMENT_OPERATION,      /* no operation number, or one too long (40) */
    PAYMENT_REFERENCE_USED, /* that reference has settled something already */
    PAYMENT_AMOUNT,         /* not above 0, or beyond what can be typed */
    PAYMENT_NOT_DUE,        /* the order does not wait for money */
    PAYMENT_TOO_MANY,       /* too many operation numbers for one order */
};

/* A family reports the operation number of a transfer it made for an own pending, cancelled or
 * reviewed order. Reporting the same number again is OK and does nothing, unless staff rejected it:
 * then they are to look again. Mails the family. */
enum err payment_report(struct shop *shop, struct arena *arena, int64_t account_id,
                        int64_t order_id, const char *operation, int64_t now,
                        enum payment_refusal *refusal) MUST_CHECK;

struct payment_confirmation {
    enum payment_refusal refusal; /* with ERR_REFUSED */
    enum order_effect effect;     /* with OK */
    int64_t due_cents;            /* with OK: what is still due */
};

/* Staff saw the money of a transfer. `amount_cents` -1: what is due. Amounts add up; the last one
 * pays the order. Money for a cancelled order takes its seats again if all are there, else the
 * order goes to review. Who may do this is asked by the guard, not here. Writes the audit trail.
 * ERR_NOT_FOUND: no such order. */
enum err payment_confirm_transfer(struct shop *shop, int64_t actor_id, int64_t order_id,
                                  const char *reference, int64_t amount_cents, int64_t now,
                                  struct payment_confirmation *result) MUST_CHECK;

/* ---- steps inside a larger transaction ------------------------------------------------------ */

/* Notes that a charge is about to be asked for. ERR_CONFLICT: one of this order is at work. */
enum err payment_begin_tx(struct tx *tx, int64_t order_id, const char *provider,
                          const char *reference, int64_t amount_cents, int64_t now) MUST_CHECK;

/* What was tried before: declined charges of the account since a moment, and undecided ones of the
 * order. */
enum err payment_history_tx(struct tx *tx, int64_t account_id, int64_t order_id, int64_t since,
                            int *declined, int *failed) MUST_CHECK;

#endif
