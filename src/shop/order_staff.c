/* Staff's operations on one order. Money that comes ends in order_settle_tx, money that goes back
 * in refund.c; here is what they decide. */
#include "shop/order_staff.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/inscription_sql.h"
#include "shop/order_staff_sql.h"
#include "shop/receipt.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <string.h>

enum { DAY = 24 * 60 * 60, SEATING_SECONDS = 60 };

/* One operation within its transaction. */
struct deed {
    struct shop *shop;
    struct tx *tx;
    struct arena *arena;
    int64_t actor_id, order_id, now;
    const char *reason;    /* squeezed */
    const char *operation; /* squeezed */
    struct refund_way way;
    bool cancel;
    int64_t due_at;
    enum order_decision decision;
    struct order_staff_result *result;
    const struct settings *settings;
    struct order order;
    enum err (*run)(struct deed *deed);
};

static enum err refuse(struct deed *d, enum order_staff_refusal refusal) {
    d->result->refusal = refusal;
    return ERR_REFUSED;
}

static enum err replay(struct deed *d) {
    d->result->replay = true;
    return OK;
}

/* May run more than once: each run starts anew. */
static enum err load(struct deed *d, struct tx *tx) {
    *d->result = (struct order_staff_result){0};
    d->tx = tx;
    d->settings = shop_settings(d->shop, tx_db(tx));
    enum err err = order_any(tx_db(tx), d->arena, d->order_id, d->now, &d->order);
    if (err)
        return err;
    d->result->due_at = d->order.due_at;
    return d->order.status == ORDER_CART ? ERR_NOT_FOUND : OK;
}

static enum err deed_tx(struct tx *tx, void *arg) {
    struct deed *d = arg;
    enum err err = load(d, tx);
    return err ? err : d->run(d);
}

static enum err perform(struct deed *d, const char *reason) {
    d->arena = arena_create();
    d->reason = utf8_squeeze(d->arena, reason ? reason : "");
    enum err err = utf8_length(d->reason) > REFUND_REASON_MAX
                       ? refuse(d, ORDER_STAFF_REASON)
                       : store_write(d->shop->store, deed_tx, d);
    arena_destroy(d->arena);
    if (!err)
        mail_notify(d->shop);
    return err;
}

/* ---- saying what was done ------------------------------------------------------------------- */

static enum err trail(struct deed *d, const char *action, const struct audit_field *fields,
                      size_t count) {
    return audit_change_tx(d->tx, d->actor_id, action, "orders", d->order_id, fields, count);
}

/* `once` tells this mail from others about the same order. */
static enum err tell(struct deed *d, enum mail_kind kind, struct mail_order news,
                     const char *once) {
    news.order = &d->order;
    news.reason = *d->reason ? d->reason : NULL;
    return order_news_tx(d->shop, d->tx, d->settings, kind, &news, once);
}

static enum err money_back(struct deed *d, int64_t cents, struct mail_order *news) {
    int64_t payment_id;
    struct refund_way way = d->way;
    enum err err = refund_book_tx(d->tx, d->arena, &d->order, &way, cents, d->now, &payment_id,
                                  &d->result->refund);
    if (err == ERR_REFUSED)
        return refuse(d, ORDER_STAFF_REFUND);
    d->result->back_cents = cents;
    news->back_cents = cents;
    news->method = way.method;
    news->reference = way.reference;
    return err;
}

/* ---- cancelling ----------------------------------------------------------------------------- */

static enum err cancel(struct deed *d) {
    struct mail_order news = {0};
    if (d->order.status == ORDER_CANCELLED)
        return replay(d);
    if (d->order.status != ORDER_PENDING)
        return refuse(d, ORDER_STAFF_STATE);
    if (d->order.charging)
        return refuse(d, ORDER_STAFF_CHARGING);
    enum err err = OK;
    if (d->order.paid_cents)
        err = money_back(d, d->order.paid_cents, &news);
    if (!err)
        err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_DROP_SEATS], V(d->order_id));
    if (!err)
        err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_CANCEL], V(d->order_id));
    if (!err)
        err = tell(d, MAIL_ORDER_CANCELLED, news,
                   arena_printf(d->arena, "cancelled:%lld", (long long)d->order_id));
    const struct audit_field fields[] = {
        {"status", "pending", "cancelled", false},
        {"refund_cents", NULL, news.back_cents ? audit_number(d->arena, news.back_cents) : NULL,
         false},
        {"reference", NULL, news.reference, false},
        {"reason", NULL, d->reason, true},
    };
    return err ? err : trail(d, "cancel", fields, ARRAY_COUNT(fields));
}

static struct deed cancellation(struct shop *shop, const struct order_cancellation *request,
                                int64_t now, struct order_staff_result *result) {
    return (struct deed){.shop = shop,
                         .actor_id = request->actor_id,
                         .order_id = request->order_id,
                         .now = now,
                         .way = request->way,
                         .result = result,
                         .run = cancel};
}

enum err order_cancel(struct shop *shop, const struct order_cancellation *request, int64_t now,
                      struct order_staff_result *result) {
    struct deed d = cancellation(shop, request, now, result);
    return perform(&d, request->reason);
}

enum err order_cancel_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                         const struct order_cancellation *request, int64_t now,
                         struct order_staff_result *result) {
    struct deed d = cancellation(shop, request, now, result);
    d.arena = arena;
    d.reason = utf8_squeeze(arena, request->reason ? request->reason : "");
    enum err err = load(&d, tx);
    return err ? err : cancel(&d);
}

/* ---- a report that was wrong ---------------------------------------------------------------- */

static const struct order_report *find_report(const struct deed *d) {
    for (size_t i = 0; i < d->order.report_count; i++)
        if (strcmp(d->order.reports[i].operation, d->operation) == 0)
            return &d->order.reports[i];
    return NULL;
}

static enum err reject(struct deed *d) {
    const bool waits = d->order.status == ORDER_PENDING;
    if (!waits && d->order.status != ORDER_CANCELLED)
        return refuse(d, ORDER_STAFF_STATE);
    const struct order_report *report = find_report(d);
    if (!report)
        return refuse(d, ORDER_STAFF_REPORT);
    if (report->rejected_at && !(waits && d->cancel))
        return replay(d);
    if (!waits)
        return refuse(d, ORDER_STAFF_STATE);
    if (!*d->reason)
        return refuse(d, ORDER_STAFF_REASON);
    enum err err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_REJECT], V(d->order_id),
                           V(d->operation), V(d->now), V(d->reason));
    const struct audit_field fields[] = {
        {"operation", d->operation, NULL, false},
        {"reason", NULL, d->reason, true},
    };
    if (!err)
        err = trail(d, "reject", fields, ARRAY_COUNT(fields));
    if (err || d->cancel)
        return err ? err : cancel(d); /* one mail says both */
    const struct mail_order news = {.operation = d->operation};
    return tell(d, MAIL_TRANSFER_REJECTED, news,
                arena_printf(d->arena, "rejected:%lld:%s:%lld", (long long)d->order_id,
                             d->operation, (long long)d->now));
}

enum err order_reject(struct shop *shop, int64_t actor_id, int64_t order_id, const char *operation,
                      const char *reason, bool cancel_too, int64_t now,
                      struct order_staff_result *result) {
    struct arena *arena = arena_create();
    struct deed d = {.shop = shop,
                     .actor_id = actor_id,
                     .order_id = order_id,
                     .now = now,
                     .operation = utf8_squeeze(arena, operation ? operation : ""),
                     .cancel = cancel_too,
                     .result = result,
                     .run = reject};
    enum err err = perform(&d, reason);
    arena_destroy(arena);
    return err;
}

/* ---- more time ------------------------------------------------------------------------------ */

static enum err extend(struct deed *d) {
    struct order *order = &d->order;
    if (order->status != ORDER_PENDING || !order->due_at)
        return refuse(d, ORDER_STAFF_STATE);
    if (order->due_at == d->due_at)
        return replay(d);
    if (d->due_at < order->due_at || d->due_at <= d->now ||
        d->due_at > d->now + (int64_t)ORDER_EXTEND_DAYS_MAX * DAY)
        return refuse(d, ORDER_STAFF_DEADLINE);
    const int64_t before = order->due_at;
    enum err err =
        tx_exec(d->tx, order_staff_sql[ORDER_STAFF_KEEP_SEATS], V(order->id), V(d->due_at));
    if (!err && tx_changes(d->tx) != (int64_t)order->lines.count)
        return refuse(d, ORDER_STAFF_SEAT); /* its time was over and another family came */
    if (!err)
        err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_SET_DUE], V(order->id), V(d->due_at));
    order->due_at = d->due_at;
    d->result->due_at = d->due_at;
    const struct audit_field fields[] = {
        {"due_at", audit_number(d->arena, before), audit_number(d->arena, d->due_at), false}};
    if (!err)
        err = tell(d, MAIL_TRANSFER_EXTENDED, (struct mail_order){0},
                   arena_printf(d->arena, "extended:%lld:%lld", (long long)order->id,
                                (long long)d->due_at));
    return err ? err : trail(d, "extend", fields, ARRAY_COUNT(fields));
}

enum err order_extend(struct shop *shop, int64_t actor_id, int64_t order_id, int64_t due_at,
                      int64_t now, struct order_staff_result *result) {
    struct deed d = {.shop = shop,
                     .actor_id = actor_id,
                     .order_id = order_id,
                     .now = now,
                     .due_at = due_at,
                     .result = result,
                     .run = extend};
    return perform(&d, NULL);
}

/* ---- reviews -------------------------------------------------------------------------------- */

/* Workshops in ascending id, as everywhere. */
static size_t next_lost(const struct deed *d, int64_t after_workshop, size_t after_line) {
    const struct inscription_list *lines = &d->order.lines;
    size_t best = lines->count;
    for (size_t i = 0; i < lines->count; i++) {
        const struct inscription *line = &lines->items[i];
        bool lost = line->status == INSCRIPTION_EXPIRED || line->status == INSCRIPTION_CANCELLED;
        bool later = line->workshop.id > after_workshop ||
                     (line->workshop.id == after_workshop && i > after_line);
        if (lost && later &&
            (best == lines->count || line->workshop.id < lines->items[best].workshop.id))
            best = i;
    }
    return best;
}

/* Takes every seat that was freed again, or refuses. */
static enum err seat_all(struct deed *d) {
    const struct inscription_list *lines = &d->order.lines;
    for (size_t i = next_lost(d, 0, 0); i < lines->count;
         i = next_lost(d, lines->items[i].workshop.id, i)) {
        const struct inscription *line = &lines->items[i];
        enum err err = tx_exec(d->tx, inscription_sql[INSCRIPTION_EXPIRE_DUE], V(line->workshop.id),
                               V(d->now));
        if (!err)
            err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_HOLD_AGAIN], V(line->id),
                          V(d->now + SEATING_SECONDS));
        if (err == ERR_CONFLICT || (!err && tx_changes(d->tx) != 1))
            return refuse(d, ORDER_STAFF_SEAT);
        if (err)
            return err;
    }
    return OK;
}

/* What the seats cost that it has. */
static int64_t price_of_seats(const struct order *order, size_t *count) {
    int64_t cents = 0;
    *count = 0;
    for (size_t i = 0; i < order->lines.count; i++)
        if (order->lines.items[i].status == INSCRIPTION_CONFIRMED) {
            cents += order->lines.items[i].price_cents;
            (*count)++;
        }
    return cents;
}

static enum err keep_seats(struct deed *d, int64_t *price) {
    size_t count;
    *price = price_of_seats(&d->order, &count);
    if (!count)
        return refuse(d, ORDER_STAFF_SEAT);
    enum err err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_DROP_SEATS], V(d->order_id));
    if (!err)
        err = tx_exec(d->tx, order_staff_sql[ORDER_STAFF_SET_TOTAL], V(d->order_id), V(*price));
    return err;
}

static enum err trail_review(struct deed *d, const char *to, const struct mail_order *news) {
    static const char *const DECISIONS[] = {
        [ORDER_SEAT] = "seat", [ORDER_KEEP] = "keep", [ORDER_GIVE_BACK] = "give_back"};
    const struct audit_field fields[] = {
        {"status", "review", to, false},
        {"decision", NULL, DECISIONS[d->decision], false},
        {"refund_cents", NULL, news->back_cents ? audit_number(d->arena, news->back_cents) : NULL,
         false},
        {"reference", NULL, news->reference, false},
        {"reason", NULL, d->reason, true},
    };
    return trail(d, "settle", fields, ARRAY_COUNT(fields));
}

static const char *review_key(struct deed *d) {
    return arena_printf(d->arena, "settled:%lld:%lld", (long long)d->order_id, (long long)d->now);
}

/* Seats first, then what is too much, then the usual consequence of money and seats that fit. */
static enum err accept(struct deed *d) {
    enum order_effect effect;
    struct mail_order news = {0};
    int64_t price = d->order.total_cents;
    enum err err = d->decision == ORDER_SEAT ? seat_all(d) : keep_seats(d, &price);
    if (err)
        return err;
    if (d->order.paid_cents < price)
        return refuse(d, ORDER_STAFF_TOO_LITTLE);
    if (d->order.paid_cents > price)
        err = money_back(d, d->order.paid_cents - price, &news);
    if (!err)
        err = order_settle_tx(d->shop, d->tx, d->arena, d->order_id, d->now, &effect);
    if (err)
        return err;
    if (effect != ORDER_EFFECT_PAID)
        return refuse(d, ORDER_STAFF_SEAT);
    if (news.back_cents)
        err = tell(d, MAIL_REFUND, news, review_key(d));
    return err ? err : trail_review(d, "paid", &news);
}

static enum err give_back(struct deed *d) {
    size_t count;
    const int64_t surplus = d->order.paid_cents - price_of_seats(&d->order, &count);
    bool *chosen = arena_array(d->arena, d->order.lines.count, sizeof(*chosen));
    for (size_t i = 0; i < d->order.lines.count; i++)
        chosen[i] = d->order.lines.items[i].status == INSCRIPTION_CONFIRMED;
    struct refund_seats seats = {.order = &d->order,
                                 .chosen = chosen,
                                 .surplus_cents = surplus,
                                 .way = d->way,
                                 .reason = d->reason};
    enum err err = refund_seats_tx(d->tx, d->arena, d->settings, &seats, d->now);
    d->result->refund = seats.refusal;
    if (err == ERR_REFUSED)
        return refuse(d, ORDER_STAFF_REFUND);
    d->result->back_cents = d->order.paid_cents;
    const struct mail_order news = {.credit = seats.note.number ? &seats.note : NULL,
                                    .back_cents = d->order.paid_cents,
                                    .method = seats.way.method,
                                    .reference = seats.way.reference};
    if (!err)
        err = tell(d, MAIL_REFUND, news, review_key(d));
    return err ? err : trail_review(d, "refunded", &news);
}

static enum err resolve(struct deed *d) {
    const bool back = d->decision == ORDER_GIVE_BACK;
    if (d->order.status == (back ? ORDER_REFUNDED : ORDER_PAID))
        return replay(d);
    if (d->order.status != ORDER_REVIEW)
        return refuse(d, ORDER_STAFF_STATE);
    return back ? give_back(d) : accept(d);
}

enum err order_resolve(struct shop *shop, int64_t actor_id, int64_t order_id,
                       enum order_decision decision, struct refund_way way, const char *reason,
                       int64_t now, struct order_staff_result *result) {
    struct deed d = {.shop = shop,
                     .actor_id = actor_id,
                     .order_id = order_id,
                     .now = now,
                     .way = way,
                     .decision = decision,
                     .result = result,
                     .run = resolve};
    return perform(&d, reason);
}

/* ---- the receipt once more ------------------------------------------------------------------ */

static enum err send_receipt(struct deed *d) {
    struct receipt receipt;
    enum err err = receipt_by_order(tx_db(d->tx), d->arena, d->order_id, &receipt);
    if (err == ERR_NOT_FOUND)
        return refuse(d, ORDER_STAFF_RECEIPT);
    if (!err)
        err = receipt_mail_tx(d->shop, d->tx, d->settings, &receipt, d->order.email,
                              arena_printf(d->arena, "receipt:%lld:again:%lld",
                                           (long long)receipt.number, (long long)(d->now / 60)));
    if (!err && !tx_changes(d->tx))
        return replay(d);
    const struct audit_field fields[] = {
        {"receipt", NULL, audit_number(d->arena, receipt.number), false}};
    return err ? err : trail(d, "resend", fields, ARRAY_COUNT(fields));
}

enum err order_send_receipt(struct shop *shop, int64_t actor_id, int64_t order_id, int64_t now,
                            struct order_staff_result *result) {
    struct deed d = {.shop = shop,
                     .actor_id = actor_id,
                     .order_id = order_id,
                     .now = now,
                     .result = result,
                     .run = send_receipt};
    return perform(&d, NULL);
}
