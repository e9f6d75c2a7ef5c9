/* Reading orders, the cart among them, and two small steps that several writers of orders need.
 * Placing one is in order_checkout.c, what money does to one in order_settle.c. */
#include "shop/order.h"
#include "shop/inscription_sql.h"
#include "shop/order_sql.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <string.h>

enum { LINE_COLUMN = 20 }; /* where the columns of a line begin */

/* The index of a word in a list, or of the last one. */
static size_t index_of(const char *word, const char *const *words, size_t count) {
    size_t i = 0;
    while (i < count - 1 && strcmp(word, words[i]) != 0)
        i++;
    return i;
}

static enum order_status read_status(const char *word) {
    static const char *const words[] = {
        [ORDER_CART] = "cart",     [ORDER_PENDING] = "pending",     [ORDER_PAID] = "paid",
        [ORDER_REVIEW] = "review", [ORDER_CANCELLED] = "cancelled", [ORDER_REFUNDED] = "refunded",
    };
    return (enum order_status)index_of(word, words, ARRAY_COUNT(words));
}

static enum order_review read_review(const char *word) {
    static const char *const words[] = {
        [ORDER_REVIEW_NONE] = "",
        [ORDER_REVIEW_NO_SEAT] = "no_seat",
        [ORDER_REVIEW_AMOUNT] = "amount",
        [ORDER_REVIEW_LATE] = "late",
    };
    return (enum order_review)index_of(word ? word : "", words, ARRAY_COUNT(words));
}

static void read_head(struct rows *rows, struct arena *arena, struct order *out) {
    *out = (struct order){
        .id = rows_int(rows, 0),
        .account_id = rows_int(rows, 1),
        .code = rows_text(rows, 2, arena),
        .status = read_status(rows_text(rows, 3, arena)),
        .review = read_review(rows_text(rows, 4, arena)),
        .method = rows_text(rows, 5, arena),
        .total_cents = rows_int(rows, 6),
        .currency = rows_text(rows, 7, arena),
        .payer_document = rows_text(rows, 8, arena),
        .created_at = rows_int(rows, 9),
        .checkout_at = rows_int(rows, 10),
        .due_at = rows_int(rows, 11),
        .paid_at = rows_int(rows, 12),
        .email = rows_text(rows, 13, arena),
        .first_name = rows_text(rows, 14, arena),
        .last_name = rows_text(rows, 15, arena),
        .receipt_number = rows_int(rows, 17),
        .paid_cents = rows_int(rows, 18),
        .charging = rows_bool(rows, 19),
    };
    out->has_language = lang_parse(rows_text(rows, 16, arena), &out->language);
}

/* ---- sums ----------------------------------------------------------------------------------- */

static void sum_cart_line(struct order *o, const struct inscription *line) {
    if (line->status != INSCRIPTION_HELD) {
        o->expired++;
        return;
    }
    o->live++;
    o->total_cents += line->workshop.price_now_cents;
    o->list_total_cents += line->workshop.price_cents;
    o->changed |= line->price_changed || !line->workshop.active;
    if (!o->hold_until || line->hold_until < o->hold_until)
        o->hold_until = line->hold_until;
}

static void sum_up(struct order *o) {
    if (o->status == ORDER_CART)
        o->total_cents = 0;
    for (size_t i = 0; i < o->lines.count; i++) {
        if (o->status == ORDER_CART)
            sum_cart_line(o, &o->lines.items[i]);
        else
            o->list_total_cents += o->lines.items[i].list_price_cents;
    }
    bool settled = o->status == ORDER_PAID || o->status == ORDER_REFUNDED;
    if (!settled && o->total_cents > o->paid_cents)
        o->due_cents = o->total_cents - o->paid_cents;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* One order, a row a line. */
static enum err read_one(struct rows *rows, struct arena *arena, int64_t now, struct order *out) {
    bool found = false;
    *out = (struct order){0};
    while (rows_next(rows)) {
        if (!found)
            read_head(rows, arena, out);
        found = true;
        if (rows_null(rows, LINE_COLUMN))
            continue; /* an order without lines */
        struct inscription_list *lines = &out->lines;
        lines->items = arena_grow(arena, lines->items, lines->count, sizeof(*lines->items));
        inscription_read(rows, LINE_COLUMN, arena, now, &lines->items[lines->count++]);
    }
    sum_up(out);
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

enum err order_reports(struct db *db, struct arena *arena, struct order *o) {
    o->report_count = o->open_reports = 0;
    struct rows *rows = db_query(db, order_sql[ORDER_REPORTS], V(o->id));
    while (rows_next(rows)) {
        o->reports = arena_grow(arena, o->reports, o->report_count, sizeof(*o->reports));
        o->reports[o->report_count++] =
            (struct order_report){.operation = rows_text(rows, 0, arena),
                                  .created_at = rows_int(rows, 1),
                                  .rejected_at = rows_int(rows, 2),
                                  .reason = rows_text(rows, 3, arena)};
        o->open_reports += rows_null(rows, 2);
    }
    return rows_end(rows);
}

static enum err read_reports(struct db *db, struct arena *arena, struct order *o) {
    bool by_card = o->status == ORDER_PENDING && !o->due_at;
    if (o->status == ORDER_CART || o->status == ORDER_PAID || by_card)
        return OK; /* there are none, or nobody asks */
    return order_reports(db, arena, o);
}

enum err order_cart(struct db *db, struct arena *arena, int64_t account_id, int64_t now,
                    struct order *out) {
    enum err err =
        read_one(db_query(db, order_sql[ORDER_CART_OF], V(now), V(account_id)), arena, now, out);
    if (err == ERR_NOT_FOUND)
        return OK;
    if (err || !out->live)
        return err;
    return inscription_find_clashes(db, arena, &out->lines, out->id, now, &out->clashes);
}

int order_cart_count(struct db *db, int64_t account_id, int64_t now) {
    int64_t count = 0;
    if (db_int(db, order_sql[ORDER_CART_COUNT], &count, V(now), V(account_id)) != OK)
        return 0; /* logged below; a page without the badge is better than none */
    return (int)count;
}

enum err order_by_id(struct db *db, struct arena *arena, int64_t account_id, int64_t id,
                     int64_t now, struct order *out) {
    enum err err =
        read_one(db_query(db, order_sql[ORDER_OWN], V(now), V(account_id), V(id)), arena, now, out);
    return err ? err : read_reports(db, arena, out);
}

enum err order_any(struct db *db, struct arena *arena, int64_t id, int64_t now, struct order *out) {
    enum err err = read_one(db_query(db, order_sql[ORDER_ANY], V(now), V(id)), arena, now, out);
    return err ? err : read_reports(db, arena, out);
}

/* ---- the family's list ---------------------------------------------------------------------- */

static struct order_summary read_summary(struct rows *rows, struct arena *arena) {
    struct order_summary o = {
        .id = rows_int(rows, 0),
        .code = rows_text(rows, 1, arena),
        .status = read_status(rows_text(rows, 2, arena)),
        .total_cents = rows_int(rows, 3),
        .currency = rows_text(rows, 4, arena),
        .checkout_at = rows_int(rows, 5),
        .due_at = rows_int(rows, 6),
        .receipt_number = rows_int(rows, 7),
        .lines = rows_text(rows, 8, arena),
        .charging = rows_bool(rows, 10),
        .reported = rows_bool(rows, 11),
    };
    int64_t paid = rows_int(rows, 9);
    if (o.status == ORDER_PENDING && o.total_cents > paid)
        o.due_cents = o.total_cents - paid;
    return o;
}

/* Those that wait for payment come first; the order stays as it is otherwise. */
static void move_waiting_first(struct arena *arena, struct order_list *list) {
    struct order_summary *sorted = arena_array(arena, list->count, sizeof(*sorted));
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].status == ORDER_PENDING)
            sorted[count++] = list->items[i];
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].status != ORDER_PENDING)
            sorted[count++] = list->items[i];
    list->items = sorted;
}

enum err order_list(struct db *db, struct arena *arena, int64_t account_id, int limit,
                    struct order_list *out) {
    struct rows *rows = db_query(db, order_sql[ORDER_LIST], V(account_id), V(limit - 1));
    *out = (struct order_list){0};
    while (rows_next(rows)) {
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        out->items[out->count++] = read_summary(rows, arena);
    }
    move_waiting_first(arena, out);
    if (out->count > (size_t)limit)
        out->count = (size_t)limit;
    return rows_end(rows);
}

/* ---- steps ---------------------------------------------------------------------------------- */

enum err order_create_cart_tx(struct tx *tx, int64_t account_id, const char *currency, int64_t now,
                              int64_t *id) {
    enum err err = tx_exec(tx, order_sql[ORDER_CREATE_CART], V(account_id), V(currency), V(now));
    if (!err)
        *id = tx_last_id(tx);
    return err;
}

static enum err send(struct shop *shop, struct tx *tx, const struct settings *settings,
                     enum mail_kind kind, const struct order *order, const void *model,
                     const char *once) {
    struct mail mail = {
        .kind = kind,
        .lang = order->has_language ? order->language : settings->language,
        .recipient = order->email,
        .model = model,
        .order_id = order->id,
        .dedupe_key = once,
    };
    return mail_enqueue_tx(shop, tx, settings, &mail);
}

enum err order_mail_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                       enum mail_kind kind, const struct order *order, const char *once) {
    return send(shop, tx, settings, kind, order, order, once);
}

enum err order_news_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                       enum mail_kind kind, const struct mail_order *news, const char *once) {
    return send(shop, tx, settings, kind, news->order, news, once);
}
