/* Giving money back: the booking, the seats, the paper, and the operation staff ask for. */
#include "shop/refund.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/order.h"
#include "shop/refund_sql.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <string.h>

/* ---- money ---------------------------------------------------------------------------------- */

enum err refund_card_left(struct db *db, int64_t order_id, int64_t *cents) {
    return db_int(db, refund_sql[REFUND_CARD_LEFT], cents, V(order_id));
}

static bool is_method(const char *method) {
    static const char *const METHODS[] = {"transfer", "cash", "card", "credit"};
    for (size_t i = 0; i < ARRAY_COUNT(METHODS); i++)
        if (strcmp(method, METHODS[i]) == 0)
            return true;
    return false;
}

/* "TAL-7K3Q-R1": the order's code and which refund of it this is. */
static enum err make_up_reference(struct tx *tx, struct arena *arena, const struct order *order,
                                  struct refund_way *way) {
    int64_t before;
    enum err err = db_int(tx_db(tx), refund_sql[REFUND_COUNT], &before, V(order->id));
    if (!err)
        way->reference =
            order->code
                ? arena_printf(arena, "%s-R%lld", order->code, (long long)before + 1)
                : arena_printf(arena, "%lld-R%lld", (long long)order->id, (long long)before + 1);
    return err;
}

static enum err check_way(struct tx *tx, const struct order *order, const struct refund_way *way,
                          int64_t amount_cents, enum refund_refusal *refusal) {
    if (!way->method || !is_method(way->method))
        *refusal = REFUND_METHOD;
    else if (way->reference && utf8_length(way->reference) > REFUND_REFERENCE_MAX)
        *refusal = REFUND_REFERENCE;
    else if (strcmp(way->method, "card") != 0)
        return OK;
    if (*refusal)
        return ERR_REFUSED;
    int64_t left;
    enum err err = refund_card_left(tx_db(tx), order->id, &left);
    if (!err && left < amount_cents)
        *refusal = REFUND_METHOD;
    return *refusal ? ERR_REFUSED : err;
}

enum err refund_book_tx(struct tx *tx, struct arena *arena, const struct order *order,
                        struct refund_way *way, int64_t amount_cents, int64_t now,
                        int64_t *payment_id, enum refund_refusal *refusal) {
    *payment_id = 0;
    *refusal = REFUND_OK;
    if (amount_cents == 0) {
        *way = (struct refund_way){.method = "free"};
        return OK;
    }
    way->reference = utf8_squeeze(arena, way->reference ? way->reference : "");
    enum err err = check_way(tx, order, way, amount_cents, refusal);
    if (!err && !*way->reference)
        err = make_up_reference(tx, arena, order, way);
    if (err)
        return err;
    err = tx_exec(tx, refund_sql[REFUND_BOOK], V(order->id), V(way->method), V(way->reference),
                  V(amount_cents), V(now));
    if (err == ERR_CONFLICT) { /* the unique index: one refund a provider and reference */
        *refusal = REFUND_REFERENCE_USED;
        return ERR_REFUSED;
    }
    *payment_id = tx_last_id(tx);
    return err;
}

/* ---- seats ---------------------------------------------------------------------------------- */

static const char *student_of(struct arena *arena, const struct inscription *line) {
    return arena_printf(arena, "%s %s", line->student_first_name, line->student_last_name);
}

/* Frees them and notes what each cost. */
static enum err free_seats(struct tx *tx, struct arena *arena, const struct order *order,
                           const bool *chosen, struct credit_note *note) {
    enum err err = OK;
    note->lines = arena_array(arena, order->lines.count, sizeof(*note->lines));
    for (size_t i = 0; !err && i < order->lines.count; i++) {
        const struct inscription *line = &order->lines.items[i];
        if (!chosen[i])
            continue;
        note->total_cents += line->price_cents;
        note->lines[note->line_count++] =
            (struct credit_note_line){.inscription_id = line->id,
                                      .student_name = student_of(arena, line),
                                      .title = line->workshop.title,
                                      .amount_cents = line->price_cents};
        err = tx_exec(tx, refund_sql[REFUND_SEAT], V(line->id), V(order->id));
        if (!err && tx_changes(tx) != 1)
            err = ERR_INTERNAL; /* it was read as enrolled in this very transaction */
    }
    return err;
}

static bool anything_left(const struct order *order, const bool *chosen) {
    for (size_t i = 0; i < order->lines.count; i++)
        if (!chosen[i] && order->lines.items[i].status == INSCRIPTION_CONFIRMED)
            return true;
    return false;
}

enum err refund_seats_tx(struct tx *tx, struct arena *arena, const struct settings *settings,
                         struct refund_seats *seats, int64_t now) {
    const struct order *order = seats->order;
    struct credit_note *note = &seats->note;
    *note = (struct credit_note){0};
    enum err err = free_seats(tx, arena, order, seats->chosen, note);
    if (!err)
        err =
            refund_book_tx(tx, arena, order, &seats->way, note->total_cents + seats->surplus_cents,
                           now, &note->payment_id, &seats->refusal);
    if (err)
        return err;
    note->method = seats->way.method;
    note->reference = seats->way.reference;
    note->reason = seats->reason && *seats->reason ? seats->reason : NULL;
    if (order->receipt_number && note->line_count)
        err = credit_note_write_tx(tx, arena, settings, order, now, note);
    if (err)
        return err;
    if (anything_left(order, seats->chosen))
        return tx_exec(tx, refund_sql[REFUND_LOWER_TOTAL], V(order->id), V(note->total_cents));
    return tx_exec(tx, refund_sql[REFUND_SET_REFUNDED], V(order->id), V(now));
}

/* ---- the operation -------------------------------------------------------------------------- */

/* One refund within its transaction. */
struct refund {
    struct tx *tx;
    struct arena *arena;
    const struct refund_request *request;
    struct refund_result *result;
    struct order order;
    bool *chosen; /* by line */
};

static enum err refuse(struct refund *r, enum refund_refusal refusal) {
    r->result->refusal = refusal;
    return ERR_REFUSED;
}

static bool is_asked_for(const struct refund_request *request, int64_t inscription) {
    for (size_t i = 0; i < request->count; i++)
        if (request->inscriptions[i] == inscription)
            return true;
    return !request->inscriptions;
}

/* Which lines are meant. *replay: all of them were refunded before. */
static enum refund_refusal choose(struct refund *r, bool *replay) {
    const struct inscription_list *lines = &r->order.lines;
    size_t enrolled = 0, refunded = 0, known = 0;
    r->chosen = arena_array(r->arena, lines->count, sizeof(*r->chosen));
    for (size_t i = 0; i < lines->count; i++) {
        if (!is_asked_for(r->request, lines->items[i].id))
            continue;
        known++;
        r->chosen[i] = lines->items[i].status == INSCRIPTION_CONFIRMED;
        enrolled += r->chosen[i];
        refunded += lines->items[i].status == INSCRIPTION_REFUNDED;
    }
    *replay = refunded > 0 && enrolled == 0 && (!r->request->inscriptions || refunded == known);
    if (*replay)
        return REFUND_OK;
    if (r->order.status != ORDER_PAID)
        return REFUND_NOT_PAID;
    if (r->request->inscriptions && (known < r->request->count || enrolled < known))
        return r->request->count ? REFUND_CHANGED : REFUND_NOTHING;
    return enrolled ? REFUND_OK : REFUND_NOTHING;
}

static enum err write_trail(struct refund *r, const struct credit_note *note) {
    const struct order *order = &r->order;
    const int64_t left = order->total_cents - note->total_cents;
    const struct audit_field fields[] = {
        {"status", "paid", r->result->whole ? "refunded" : "paid", false},
        {"total_cents", audit_number(r->arena, order->total_cents), audit_number(r->arena, left),
         false},
        {"refund_cents", NULL, audit_number(r->arena, note->total_cents), false},
        {"method", NULL, note->method, false},
        {"reference", NULL, note->reference, false},
        {"reason", NULL, note->reason, true},
    };
    return audit_change_tx(r->tx, r->request->actor_id, "refund", "orders", order->id, fields,
                           ARRAY_COUNT(fields));
}

static enum err run(struct refund *r, struct shop *shop, const struct settings *settings,
                    int64_t now) {
    struct refund_seats seats = {
        .order = &r->order,
        .chosen = r->chosen,
        .way = r->request->way,
        .reason = utf8_squeeze(r->arena, r->request->reason ? r->request->reason : "")};
    const struct credit_note *note = &seats.note;
    if (seats.way.method && strcmp(seats.way.method, "credit") == 0)
        return refuse(r, REFUND_METHOD); /* credit pays for something: a move */
    r->result->whole = !anything_left(&r->order, r->chosen);
    enum err err = refund_seats_tx(r->tx, r->arena, settings, &seats, now);
    r->result->refusal = seats.refusal;
    if (err)
        return err;
    r->result->amount_cents = note->total_cents;
    r->result->credit_note = note->number;
    const struct mail_order news = {.order = &r->order,
                                    .credit = note->number ? note : NULL,
                                    .back_cents = note->total_cents,
                                    .method = note->method,
                                    .reference = note->reference,
                                    .reason = note->reason};
    err = order_news_tx(shop, r->tx, settings, MAIL_REFUND, &news,
                        arena_printf(r->arena, "credit:%lld", (long long)note->number));
    return err ? err : write_trail(r, note);
}

enum err refund_order_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                         const struct refund_request *request, int64_t now,
                         struct refund_result *result) {
    struct refund r = {.tx = tx, .arena = arena, .request = request, .result = result};
    *result = (struct refund_result){0};
    enum err err = order_any(tx_db(tx), arena, request->order_id, now, &r.order);
    if (err)
        return err;
    enum refund_refusal refusal = choose(&r, &result->replay);
    result->whole = r.order.status == ORDER_REFUNDED;
    if (refusal)
        return refuse(&r, refusal);
    return result->replay ? OK : run(&r, shop, shop_settings(shop, tx_db(tx)), now);
}

struct errand {
    struct shop *shop;
    struct arena *arena;
    const struct refund_request *request;
    struct refund_result *result;
    int64_t now;
};

static enum err refund_tx(struct tx *tx, void *arg) {
    const struct errand *e = arg;
    return refund_order_tx(e->shop, tx, e->arena, e->request, e->now, e->result);
}

enum err refund_order(struct shop *shop, const struct refund_request *request, int64_t now,
                      struct refund_result *result) {
    struct errand errand = {shop, arena_create(), request, result, now};
    enum err err = store_write(shop->store, refund_tx, &errand);
    arena_destroy(errand.arena);
    if (!err)
        mail_notify(shop);
    return err;
}
