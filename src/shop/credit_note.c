/* Writing credit notes and reading them back. How one looks on paper and in a mail is site/'s. */
#include "shop/credit_note.h"
#include "shop/credit_note_sql.h"
#include "shop/order.h"
#include "shop/receipt.h"
#include "shop/setting.h"

enum { LINE_COLUMN = 18 };

/* ---- writing -------------------------------------------------------------------------------- */

/* What the receipt says and the note repeats. */
static enum err copy_receipt(struct tx *tx, struct arena *arena, struct credit_note *note) {
    struct rows *rows =
        db_query(tx_db(tx), credit_note_sql[CREDIT_NOTE_RECEIPT], V(note->order_id));
    bool found = rows_next(rows);
    if (found) {
        note->receipt_number = rows_int(rows, 0);
        note->currency = rows_text(rows, 1, arena);
        note->tax_rate_bp = (int)rows_int(rows, 2);
        note->tax_name = rows_text(rows, 3, arena);
        note->buyer_name = rows_text(rows, 4, arena);
        note->buyer_document = rows_text(rows, 5, arena);
    }
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static enum err store(struct tx *tx, struct credit_note *n) {
    struct rows *rows =
        tx_query(tx, credit_note_sql[CREDIT_NOTE_INSERT], V(n->receipt_number), V(n->order_id),
                 V_OPT(n->payment_id != 0, n->payment_id), V(n->issued_at),
                 V(lang_code(n->language)), V(n->currency), V(n->total_cents), V(n->tax_rate_bp),
                 V(n->tax_name), V(n->method), V(n->reference), V(n->reason), V(n->buyer_name),
                 V(n->buyer_document), V(n->school_name), V(n->school_lines));
    if (rows_next(rows))
        n->number = rows_int(rows, 0);
    enum err err = rows_end(rows);
    for (size_t i = 0; !err && i < n->line_count; i++) {
        const struct credit_note_line *line = &n->lines[i];
        err = tx_exec(tx, credit_note_sql[CREDIT_NOTE_INSERT_LINE], V(n->number),
                      V(line->inscription_id), V(line->student_name), V(line->title),
                      V(line->amount_cents));
    }
    return err;
}

enum err credit_note_write_tx(struct tx *tx, struct arena *arena, const struct settings *settings,
                              const struct order *order, int64_t now, struct credit_note *note) {
    note->order_id = order->id;
    note->order_code = order->code;
    note->issued_at = now;
    note->language = order->has_language ? order->language : settings->language;
    note->school_name = settings->school_name;
    note->school_lines = receipt_school_lines(arena, note->language, settings);
    note->total_cents = 0;
    for (size_t i = 0; i < note->line_count; i++)
        note->total_cents += note->lines[i].amount_cents;
    enum err err = copy_receipt(tx, arena, note);
    note->tax_cents = receipt_tax_within(note->total_cents, note->tax_rate_bp);
    return err ? err : store(tx, note);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void read_head(struct rows *rows, struct arena *arena, struct credit_note *out) {
    *out = (struct credit_note){
        .number = rows_int(rows, 0),
        .receipt_number = rows_int(rows, 1),
        .order_id = rows_int(rows, 2),
        .order_code = rows_text(rows, 3, arena),
        .payment_id = rows_int(rows, 4),
        .issued_at = rows_int(rows, 5),
        .currency = rows_text(rows, 7, arena),
        .total_cents = rows_int(rows, 8),
        .tax_rate_bp = (int)rows_int(rows, 9),
        .tax_name = rows_text(rows, 10, arena),
        .method = rows_text(rows, 11, arena),
        .reference = rows_text(rows, 12, arena),
        .reason = rows_text(rows, 13, arena),
        .buyer_name = rows_text(rows, 14, arena),
        .buyer_document = rows_text(rows, 15, arena),
        .school_name = rows_text(rows, 16, arena),
        .school_lines = rows_text(rows, 17, arena),
    };
    (void)lang_parse(rows_text(rows, 6, arena), &out->language); /* a CHECK keeps it valid */
    out->tax_cents = receipt_tax_within(out->total_cents, out->tax_rate_bp);
}

static void read_line(struct rows *rows, struct arena *arena, struct credit_note *out) {
    out->lines = arena_grow(arena, out->lines, out->line_count, sizeof(*out->lines));
    out->lines[out->line_count++] = (struct credit_note_line){
        .inscription_id = rows_int(rows, LINE_COLUMN),
        .student_name = rows_text(rows, LINE_COLUMN + 1, arena),
        .title = rows_text(rows, LINE_COLUMN + 2, arena),
        .amount_cents = rows_int(rows, LINE_COLUMN + 3),
    };
}

static enum err read_notes(struct db *db, struct arena *arena, int64_t order_id, int64_t number,
                           struct credit_note_list *out) {
    struct credit_note *note = NULL;
    *out = (struct credit_note_list){0};
    struct rows *rows = db_query(db, credit_note_sql[CREDIT_NOTE_OF_ORDER], V(order_id), V(number));
    while (rows_next(rows)) {
        if (!note || note->number != rows_int(rows, 0)) {
            out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
            note = &out->items[out->count++];
            read_head(rows, arena, note);
        }
        if (!rows_null(rows, LINE_COLUMN + 1))
            read_line(rows, arena, note);
    }
    return rows_end(rows);
}

enum err credit_note_list(struct db *db, struct arena *arena, int64_t order_id,
                          struct credit_note_list *out) {
    return read_notes(db, arena, order_id, 0, out);
}

enum err credit_note_find(struct db *db, struct arena *arena, int64_t order_id, int64_t number,
                          struct credit_note *out) {
    struct credit_note_list found;
    enum err err = read_notes(db, arena, order_id, number, &found);
    *out = !err && found.count ? found.items[0] : (struct credit_note){0};
    return err ? err : found.count ? OK : ERR_NOT_FOUND;
}
