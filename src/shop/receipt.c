/* Issuing receipts and reading them back. How one looks on paper and in a mail is site/'s. */
#include "shop/receipt.h"
#include "shop/mail.h"
#include "shop/order.h"
#include "shop/receipt_sql.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include "shop/workshop_words.h"
#include <string.h>

int64_t receipt_tax_within(int64_t total_cents, int rate_bp) {
    int64_t whole = 10000 + rate_bp;
    return (total_cents * rate_bp * 2 + whole) / (whole * 2);
}

const char *receipt_school_lines(struct arena *arena, enum lang lang,
                                 const struct settings *settings) {
    const char *tax = settings->tax_number ? arena_printf(arena, "%s %s", tr(lang, "Tax number"),
                                                          settings->tax_number)
                                           : NULL;
    const char *const parts[] = {settings->legal_name, tax, settings->address};
    const char *lines = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++)
        if (parts[i])
            lines = lines ? arena_printf(arena, "%s\n%s", lines, parts[i]) : parts[i];
    return lines;
}

/* ---- issuing -------------------------------------------------------------------------------- */

static enum err read_references(struct tx *tx, struct arena *arena, struct receipt *receipt) {
    struct rows *rows = db_query(tx_db(tx), receipt_sql[RECEIPT_REFERENCES], V(receipt->order_id));
    while (rows_next(rows)) {
        const char *one = rows_text(rows, 0, arena);
        receipt->references =
            receipt->references ? arena_printf(arena, "%s, %s", receipt->references, one) : one;
    }
    return rows_end(rows);
}

static struct receipt compose(struct arena *arena, const struct settings *settings,
                              const struct order *order, int64_t now) {
    struct receipt r = {
        .order_id = order->id,
        .order_code = order->code,
        .issued_at = now,
        .language = order->has_language ? order->language : settings->language,
        .currency = order->currency,
        .total_cents = order->total_cents,
        .tax_rate_bp = settings->tax_rate_bp,
        .tax_cents = receipt_tax_within(order->total_cents, settings->tax_rate_bp),
        .tax_name = settings->tax_name,
        .method = order->method ? order->method : "free",
        .buyer_name = arena_printf(arena, "%s %s", order->first_name, order->last_name),
        .buyer_document = order->payer_document,
        .school_name = settings->school_name,
        .lines = arena_array(arena, order->lines.count, sizeof(struct receipt_line)),
    };
    r.school_lines = receipt_school_lines(arena, r.language, settings);
    for (size_t i = 0; i < order->lines.count; i++) {
        const struct inscription *line = &order->lines.items[i];
        if (line->status == INSCRIPTION_CANCELLED)
            continue; /* staff settled the order without that seat */
        r.lines[r.line_count++] = (struct receipt_line){
            .student_name =
                arena_printf(arena, "%s %s", line->student_first_name, line->student_last_name),
            .title = line->workshop.title,
            .detail = workshop_in_words(arena, r.language, &line->workshop),
            .list_price_cents = line->list_price_cents,
            .price_cents = line->price_cents,
        };
    }
    return r;
}

static enum err store(struct tx *tx, struct receipt *r) {
    struct rows *rows =
        tx_query(tx, receipt_sql[RECEIPT_INSERT], V(r->order_id), V(r->issued_at),
                 V(lang_code(r->language)), V(r->currency), V(r->total_cents), V(r->tax_rate_bp),
                 V(r->tax_name), V(r->method), V(r->references), V(r->buyer_name),
                 V(r->buyer_document), V(r->school_name), V(r->school_lines));
    if (rows_next(rows))
        r->number = rows_int(rows, 0);
    enum err err = rows_end(rows);
    for (size_t i = 0; !err && i < r->line_count; i++) {
        const struct receipt_line *line = &r->lines[i];
        err = tx_exec(tx, receipt_sql[RECEIPT_INSERT_LINE], V(r->number), V(line->student_name),
                      V(line->title), V(line->detail), V(line->list_price_cents),
                      V(line->price_cents));
    }
    return err;
}

enum err receipt_write_tx(struct tx *tx, struct arena *arena, const struct settings *settings,
                          const struct order *order, int64_t now, struct receipt *out) {
    *out = compose(arena, settings, order, now);
    enum err err = read_references(tx, arena, out);
    return err ? err : store(tx, out);
}

enum err receipt_issue_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                          const struct settings *settings, const struct order *order, int64_t now) {
    struct receipt receipt;
    if (order->receipt_number)
        return OK;
    enum err err = receipt_write_tx(tx, arena, settings, order, now, &receipt);
    if (err)
        return err;
    return receipt_mail_tx(shop, tx, settings, &receipt, order->email,
                           arena_printf(arena, "receipt:%lld", (long long)receipt.number));
}

enum err receipt_mail_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                         const struct receipt *receipt, const char *recipient, const char *once) {
    struct mail mail = {
        .kind = MAIL_RECEIPT,
        .lang = receipt->language,
        .recipient = recipient,
        .model = receipt,
        .order_id = receipt->order_id,
        .dedupe_key = once,
    };
    return mail_enqueue_tx(shop, tx, settings, &mail);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void read_head(struct rows *rows, struct arena *arena, struct receipt *out) {
    *out = (struct receipt){
        .number = rows_int(rows, 0),
        .order_id = rows_int(rows, 1),
        .order_code = rows_text(rows, 2, arena),
        .issued_at = rows_int(rows, 3),
        .currency = rows_text(rows, 5, arena),
        .total_cents = rows_int(rows, 6),
        .tax_rate_bp = (int)rows_int(rows, 7),
        .tax_name = rows_text(rows, 8, arena),
        .method = rows_text(rows, 9, arena),
        .references = rows_text(rows, 10, arena),
        .buyer_name = rows_text(rows, 11, arena),
        .buyer_document = rows_text(rows, 12, arena),
        .school_name = rows_text(rows, 13, arena),
        .school_lines = rows_text(rows, 14, arena),
    };
    (void)lang_parse(rows_text(rows, 4, arena), &out->language); /* a CHECK keeps it valid */
    out->tax_cents = receipt_tax_within(out->total_cents, out->tax_rate_bp);
}

static void read_line(struct rows *rows, struct arena *arena, struct receipt *out) {
    out->lines = arena_grow(arena, out->lines, out->line_count, sizeof(*out->lines));
    out->lines[out->line_count++] = (struct receipt_line){
        .student_name = rows_text(rows, 15, arena),
        .title = rows_text(rows, 16, arena),
        .detail = rows_text(rows, 17, arena),
        .list_price_cents = rows_int(rows, 18),
        .price_cents = rows_int(rows, 19),
    };
}

enum err receipt_by_order(struct db *db, struct arena *arena, int64_t order_id,
                          struct receipt *out) {
    bool found = false;
    *out = (struct receipt){0};
    struct rows *rows = db_query(db, receipt_sql[RECEIPT_BY_ORDER], V(order_id));
    while (rows_next(rows)) {
        if (!found)
            read_head(rows, arena, out);
        found = true;
        if (!rows_null(rows, 15))
            read_line(rows, arena, out);
    }
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}
