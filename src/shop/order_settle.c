/* What money, or the lack of it, does to an order: paid, partly paid, parked for staff, back to the
 * cart, cancelled. Every path that brings money ends in order_settle_tx. */
#include "base/zone.h"
#include "shop/inscription_sql.h"
#include "shop/order.h"
#include "shop/order_sql.h"
#include "shop/receipt.h"
#include "shop/setting.h"
#include "shop/shop.h"

/* One settlement within its transaction. */
struct settlement {
    struct shop *shop;
    struct tx *tx;
    struct arena *arena;
    const struct settings *settings;
    struct order order;
    int64_t now;
    enum order_effect effect;
};

static enum err load(struct settlement *s, struct shop *shop, struct tx *tx, struct arena *arena,
                     int64_t id, int64_t now) {
    *s = (struct settlement){.shop = shop, .tx = tx, .arena = arena, .now = now};
    s->settings = shop_settings(shop, tx_db(tx));
    return order_any(tx_db(tx), arena, id, now, &s->order);
}

static enum err mail(struct settlement *s, enum mail_kind kind, const char *once) {
    return order_mail_tx(s->shop, s->tx, s->settings, kind, &s->order,
                         arena_printf(s->arena, "%s:%lld", once, (long long)s->order.id));
}

/* What the order costs: a cart that money came for (a charge thought lost) costs what its lines
 * were stored at. */
static int64_t price_of(const struct order *o) {
    int64_t total = 0;
    if (o->status != ORDER_CART)
        return o->total_cents;
    for (size_t i = 0; i < o->lines.count; i++)
        total += o->lines.items[i].price_cents;
    return total;
}

/* ---- seats ---------------------------------------------------------------------------------- */

struct lost_seat {
    int64_t id, workshop_id;
};

/* The order's seats that were freed, workshops in ascending id. */
static enum err find_lost(struct settlement *s, struct lost_seat **lost, size_t *count) {
    *lost = NULL;
    *count = 0;
    struct rows *rows = db_query(tx_db(s->tx), order_sql[ORDER_LOST_SEATS], V(s->order.id));
    while (rows_next(rows)) {
        *lost = arena_grow(s->arena, *lost, *count, sizeof(**lost));
        (*lost)[(*count)++] =
            (struct lost_seat){.id = rows_int(rows, 0), .workshop_id = rows_int(rows, 1)};
    }
    return rows_end(rows);
}

/* Takes a freed seat again; *taken false where there is none, the workshop has begun, or the
 * student got in otherwise. */
static enum err take_again(struct settlement *s, const struct lost_seat *seat, bool *taken) {
    char today[DATE_TEXT_SIZE];
    date_format(zone_date(s->settings->zone, s->now), today);
    *taken = false;
    enum err err =
        tx_exec(s->tx, inscription_sql[INSCRIPTION_EXPIRE_DUE], V(seat->workshop_id), V(s->now));
    if (err)
        return err;
    err = tx_exec(s->tx, order_sql[ORDER_CONFIRM_AGAIN], V(seat->id), V((const char *)today));
    if (err == ERR_CONFLICT)
        return OK;
    *taken = !err && tx_changes(s->tx) == 1;
    return err;
}

/* Confirms what is held and takes again what was freed; *all tells whether nothing is missing. */
static enum err confirm_seats(struct settlement *s, bool *all) {
    struct lost_seat *lost;
    size_t count;
    *all = true;
    enum err err = tx_exec(s->tx, order_sql[ORDER_CONFIRM_SEATS], V(s->order.id));
    if (!err && tx_changes(s->tx) == (int64_t)s->order.lines.count)
        return OK; /* the usual case */
    if (!err)
        err = find_lost(s, &lost, &count);
    for (size_t i = 0; !err && i < count; i++) {
        bool taken;
        err = take_again(s, &lost[i], &taken);
        *all &= taken;
    }
    int64_t seated;
    if (!err) /* what staff cancelled with the order is not seated by money that comes later */
        err = db_int(tx_db(s->tx), order_sql[ORDER_CONFIRMED_PRICE], &seated, V(s->order.id));
    *all &= !err && seated == price_of(&s->order);
    return err;
}

/* ---- outcomes ------------------------------------------------------------------------------- */

static enum err park(struct settlement *s, enum order_review reason) {
    static const char *const words[] = {
        [ORDER_REVIEW_NO_SEAT] = "no_seat",
        [ORDER_REVIEW_AMOUNT] = "amount",
        [ORDER_REVIEW_LATE] = "late",
    };
    s->effect = ORDER_EFFECT_REVIEW;
    enum err err = tx_exec(s->tx, order_sql[ORDER_SET_REVIEW], V(s->order.id), V(words[reason]),
                           V(price_of(&s->order)));
    if (!err)
        err = order_any(tx_db(s->tx), s->arena, s->order.id, s->now, &s->order);
    return err ? err : mail(s, MAIL_REVIEW, "review");
}

static enum err pay(struct settlement *s) {
    s->effect = ORDER_EFFECT_PAID;
    s->order.total_cents = price_of(&s->order);
    s->order.status = ORDER_PAID;
    s->order.paid_at = s->now;
    enum err err = tx_exec(s->tx, order_sql[ORDER_SET_PAID], V(s->order.id),
                           V(s->order.total_cents), V(s->now));
    return err ? err : receipt_issue_tx(s->shop, s->tx, s->arena, s->settings, &s->order, s->now);
}

static enum err too_little(struct settlement *s) {
    if (s->order.status == ORDER_PENDING) {
        s->effect = ORDER_EFFECT_PARTIAL; /* until its deadline, which maintenance watches */
        return OK;
    }
    return park(s, s->order.status == ORDER_CANCELLED ? ORDER_REVIEW_LATE : ORDER_REVIEW_AMOUNT);
}

static enum err enough(struct settlement *s, bool too_much) {
    bool late =
        s->order.status == ORDER_CANCELLED || (s->order.due_at && s->order.due_at <= s->now);
    bool all;
    enum err err = confirm_seats(s, &all);
    if (err)
        return err;
    if (!all)
        return park(s, late ? ORDER_REVIEW_LATE : ORDER_REVIEW_NO_SEAT);
    return too_much ? park(s, ORDER_REVIEW_AMOUNT) : pay(s);
}

enum err order_settle_tx(struct shop *shop, struct tx *tx, struct arena *arena, int64_t id,
                         int64_t now, enum order_effect *effect) {
    struct settlement s;
    enum err err = load(&s, shop, tx, arena, id, now);
    if (err)
        return err;
    int64_t price = price_of(&s.order);
    if (s.order.status == ORDER_PAID || s.order.status == ORDER_REFUNDED)
        err = park(&s, ORDER_REVIEW_AMOUNT); /* paid twice */
    else if (s.order.paid_cents < price)
        err = too_little(&s);
    else
        err = enough(&s, s.order.paid_cents > price);
    *effect = s.effect;
    return err;
}

/* ---- no money ------------------------------------------------------------------------------- */

enum err order_reopen_tx(struct tx *tx, int64_t id) {
    int64_t newer;
    enum err err = db_int(tx_db(tx), order_sql[ORDER_NEWER_CART], &newer, V(id));
    if (err && err != ERR_NOT_FOUND)
        return err;
    if (err == OK) {
        err = tx_exec(tx, order_sql[ORDER_MOVE_LINES], V(id), V(newer));
        if (!err)
            err = tx_exec(tx, order_sql[ORDER_SET_CANCELLED], V(newer));
        if (err)
            return err;
    }
    return tx_exec(tx, order_sql[ORDER_SET_CART], V(id));
}

enum err order_expire_tx(struct shop *shop, struct tx *tx, struct arena *arena, int64_t id,
                         int64_t now, bool *done) {
    struct settlement s;
    *done = false;
    enum err err = load(&s, shop, tx, arena, id, now);
    if (err)
        return err;
    if (s.order.status != ORDER_PENDING || !s.order.due_at || s.order.due_at > now)
        return OK; /* paid meanwhile */
    *done = true;
    err = tx_exec(tx, order_sql[ORDER_FREE_SEATS], V(id));
    if (err)
        return err;
    if (s.order.paid_cents > 0)
        return park(&s, ORDER_REVIEW_AMOUNT);
    s.order.status = ORDER_CANCELLED;
    err = tx_exec(tx, order_sql[ORDER_SET_CANCELLED], V(id));
    return err ? err : mail(&s, MAIL_TRANSFER_EXPIRED, "expired");
}
