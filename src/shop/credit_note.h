/* Credit notes: the counter-documents of receipts. A receipt is never changed; what is taken back
 * of it, wholly or in part, is said by a credit note, numbered without gaps by itself and written
 * in the transaction that frees the seats and books the money. Like a receipt it holds a copy of
 * all it says and is never changed after.
 *
 * An order without a receipt (it never became paid) needs none: there is nothing to take back. */
#ifndef SHOP_CREDIT_NOTE_H
#define SHOP_CREDIT_NOTE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include <stddef.h>
#include <stdint.h>

struct order;
struct settings;

struct credit_note_line {
    int64_t inscription_id;
    const char *student_name, *title;
    int64_t amount_cents;
};

struct credit_note {
    int64_t number;
    int64_t receipt_number; /* of the receipt that it corrects */
    int64_t order_id;
    const char *order_code;
    int64_t payment_id; /* the money that went back; 0: none did */
    int64_t issued_at;
    enum lang language; /* the buyer's, that day */
    const char *currency;
    int64_t total_cents;
    int tax_rate_bp; /* as on the receipt; 0: nothing is said */
    int64_t tax_cents;
    const char *tax_name;
    const char *method; /* how the money went back: "transfer", "cash", "card", "credit", "free" */
    const char *reference; /* of the money; or NULL */
    const char *reason;    /* in the words of staff; or NULL */
    const char *buyer_name;
    const char *buyer_document; /* or NULL */
    const char *school_name;
    const char *school_lines; /* as on a receipt */
    struct credit_note_line *lines;
    size_t line_count;
};

struct credit_note_list {
    struct credit_note *items; /* oldest first */
    size_t count;
};

/* Writes the next one, for an order with a receipt. The caller has filled payment_id, method,
 * reference, reason and the lines; the rest is filled here. */
enum err credit_note_write_tx(struct tx *tx, struct arena *arena, const struct settings *settings,
                              const struct order *order, int64_t now,
                              struct credit_note *note) MUST_CHECK;

/* Those of an order, with their lines. Whose order it is has been asked before. */
enum err credit_note_list(struct db *db, struct arena *arena, int64_t order_id,
                          struct credit_note_list *out) MUST_CHECK;

/* One of an order; ERR_NOT_FOUND for a number that is another order's. */
enum err credit_note_find(struct db *db, struct arena *arena, int64_t order_id, int64_t number,
                          struct credit_note *out) MUST_CHECK;

#endif
