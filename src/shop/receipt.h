/* Receipts: numbered without gaps, written in the transaction that confirms the order, never
 * changed after. All that a receipt says is copied into it, so that a later change of a name, a
 * price or the school's address does not change what was said. Not a tax voucher. */
#ifndef SHOP_RECEIPT_H
#define SHOP_RECEIPT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include <stddef.h>
#include <stdint.h>

struct order;
struct settings;
struct shop;

struct receipt_line {
    const char *student_name;
    const char *title;
    const char *detail; /* days, hours, start, place, in words of the receipt's language; or NULL */
    int64_t list_price_cents, price_cents;
};

struct receipt {
    int64_t number;
    int64_t order_id;
    const char *order_code;
    int64_t issued_at;
    enum lang language; /* the buyer's, that day */
    const char *currency;
    int64_t total_cents;
    int tax_rate_bp;   /* included in the total; 0: nothing is said */
    int64_t tax_cents; /* the part of the total that is tax, rounded half up */
    const char *tax_name;
    const char *method;     /* "transfer", "card", "cash", "credit", "free" */
    const char *references; /* of the payments, ", " between them; or NULL */
    const char *buyer_name;
    const char *buyer_document; /* or NULL */
    const char *school_name;
    const char *school_lines; /* legal name, tax number, address: one a line; or NULL */
    struct receipt_line *lines;
    size_t line_count;
};

/* The receipt of an order. Whose order it is has been asked before. ERR_NOT_FOUND: none. */
enum err receipt_by_order(struct db *db, struct arena *arena, int64_t order_id,
                          struct receipt *out) MUST_CHECK;

/* Writes the next receipt, of an order that has none, and sends nothing. */
enum err receipt_write_tx(struct tx *tx, struct arena *arena, const struct settings *settings,
                          const struct order *order, int64_t now, struct receipt *out) MUST_CHECK;

/* Issues the receipt of an order that is being confirmed, and its mail. Once an order. */
enum err receipt_issue_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                          const struct settings *settings, const struct order *order,
                          int64_t now) MUST_CHECK;

/* Its mail. `once` is the key that keeps a second one from going out. */
enum err receipt_mail_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                         const struct receipt *receipt, const char *recipient,
                         const char *once) MUST_CHECK;

/* ---- shared with credit notes --------------------------------------------------------------- */

/* The tax within a total that includes it: total × rate / (1 + rate), rounded half up. */
int64_t receipt_tax_within(int64_t total_cents, int rate_bp);

/* What identifies the school: legal name, tax number, address, one a line; NULL: nothing is set. */
const char *receipt_school_lines(struct arena *arena, enum lang lang,
                                 const struct settings *settings);

#endif
