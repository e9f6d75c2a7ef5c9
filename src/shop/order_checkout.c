/* Checkout: the cart becomes an order. One transaction decides everything that must hold and places
 * the order; a card is then charged outside any transaction; payment_settle draws the consequence.
 *
 * The order's id makes it idempotent. Only one transaction sees the order as a cart with no charge
 * at work; all others find it placed and say so. */
#include "base/secret.h"
#include "base/zone.h"
#include "shop/order.h"
#include "shop/order_sql.h"
#include "shop/payment.h"
#include "shop/receipt.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <string.h>

enum {
    CHARGE_SECONDS = 10 * 60, /* seats are kept at least so long while a card is charged */
    CODE_LETTERS = 4,
    CODE_LETTERS_MORE = 6, /* when codes of four get scarce */
    CODE_TRIES = 8,
    REFERENCE_LETTERS = 20, /* 99 random bits */
    LETTERS_SIZE = 24,
    HOUR = 60 * 60,
};

/* One checkout on its way into the writer, to the provider, and back. */
struct checkout {
    struct shop *shop;
    struct arena *arena;
    int64_t account_id, now;
    const struct order_payment *payment;
    struct order_result *result;
    /* As of the transaction */
    const struct settings *settings;
    struct order order;
    const struct payment_provider *provider; /* whom to ask for `charge`; NULL: nobody */
    struct payment_charge charge;
};

static enum err refuse(struct checkout *c, enum order_outcome outcome) {
    c->result->outcome = outcome;
    return ERR_REFUSED;
}

static enum err done(struct checkout *c, enum order_outcome outcome) {
    c->result->outcome = outcome;
    return OK;
}

/* ---- names for people and providers --------------------------------------------------------- */

/* Letters and digits that are not mistaken for one another, read aloud or written by hand. */
static void random_letters(char *text, size_t count) {
    static const char alphabet[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    for (size_t i = 0; i < count; i++)
        text[i] = alphabet[secret_random_below(sizeof(alphabet) - 1)];
    text[count] = '\0';
}

void order_code_draw(char code[ORDER_CODE_SIZE], int tries) {
    static const char PREFIX[] = "TAL-";
    const size_t length = sizeof(PREFIX) - 1;
    memcpy(code, PREFIX, length);
    random_letters(code + length, tries < CODE_TRIES / 2 ? CODE_LETTERS : CODE_LETTERS_MORE);
}

/* ---- what changed since the buyer looked ---------------------------------------------------- */

static void note_change(struct checkout *c, const struct inscription *line,
                        enum order_change_kind kind) {
    struct order_result *result = c->result;
    result->changes =
        arena_grow(c->arena, result->changes, result->change_count, sizeof(*result->changes));
    result->changes[result->change_count++] = (struct order_change){
        .kind = kind,
        .inscription_id = line->id,
        .student_first_name = line->student_first_name,
        .workshop_title = line->workshop.title,
        .old_price_cents = line->price_cents,
        .new_price_cents = line->workshop.price_now_cents,
    };
}

/* Notes all changes; true if they stand in the way. A price that changed does not when the buyer
 * has agreed to the total that it makes. */
static bool find_changes(struct checkout *c) {
    bool gone = false, repriced = false;
    for (size_t i = 0; i < c->order.lines.count; i++) {
        const struct inscription *line = &c->order.lines.items[i];
        if (line->status != INSCRIPTION_HELD)
            note_change(c, line, ORDER_CHANGE_EXPIRED);
        else if (!line->workshop.active)
            note_change(c, line, ORDER_CHANGE_CLOSED);
        else if (line->price_changed)
            note_change(c, line, ORDER_CHANGE_PRICE);
        gone |= line->status != INSCRIPTION_HELD || !line->workshop.active;
        repriced |= line->price_changed;
    }
    int64_t shown = c->payment->shown_total;
    return gone || (shown >= 0 ? shown != c->order.total_cents : repriced);
}

static enum err refresh_prices(struct checkout *c, struct tx *tx) {
    for (size_t i = 0; i < c->order.lines.count; i++) {
        const struct inscription *line = &c->order.lines.items[i];
        if (line->price_changed || line->list_price_cents != line->workshop.price_cents)
            return tx_exec(tx, order_sql[ORDER_REFRESH_PRICES], V(c->order.id));
    }
    return OK;
}

/* The buyer is told; the new prices are stored, so that the next look and the next try agree. This
 * writes, so the transaction ends well and order_checkout turns the outcome into a refusal. */
static enum err tell_changes(struct checkout *c, struct tx *tx) {
    enum err err = refresh_prices(c, tx);
    return err ? err : done(c, ORDER_CHANGED);
}

/* ---- placing -------------------------------------------------------------------------------- */

/* From cart to `status`, at frozen prices and under a code that nobody else has. */
static enum err place(struct checkout *c, struct tx *tx, const char *status, const char *method,
                      int64_t due_at) {
    char code[ORDER_CODE_SIZE];
    enum err err = refresh_prices(c, tx);
    if (!err)
        err = tx_exec(tx, order_sql[ORDER_DROP_REMOVED], V(c->order.id));
    if (err)
        return err;
    for (int i = 0; i < CODE_TRIES; i++) {
        order_code_draw(code, i);
        err = tx_exec(tx, order_sql[ORDER_PLACE], V(c->order.id), V(status), V((const char *)code),
                      V(method), V(c->order.total_cents), V(c->settings->currency),
                      V(c->payment->payer_document), V(c->now), V_OPT(due_at > 0, due_at));
        if (err != ERR_CONFLICT)
            return err;
    }
    return ERR_INTERNAL;
}

/* Nothing to pay: confirmed at once. */
static enum err place_free(struct checkout *c, struct tx *tx) {
    enum order_effect effect;
    enum err err = place(c, tx, "pending", NULL, 0);
    if (!err)
        err = order_settle_tx(c->shop, tx, c->arena, c->order.id, c->now, &effect);
    if (err)
        return err;
    return done(c, effect == ORDER_EFFECT_PAID ? ORDER_DONE_PAID : ORDER_DONE_REVIEW);
}

int64_t order_transfer_due(const struct order *order, const struct settings *settings,
                           int64_t now) {
    int64_t due = now + HOUR * (int64_t)settings->transfer_hours;
    for (size_t i = 0; i < order->lines.count; i++) {
        struct date start = order->lines.items[i].workshop.start;
        if (!date_is_set(start))
            continue;
        int64_t begins = zone_utc(settings->zone, start, 0, 0);
        if (begins > now && begins < due)
            due = begins;
    }
    int64_t least = now + 60 * (int64_t)settings->hold_minutes;
    return due > least ? due : least;
}

static enum err place_manual(struct checkout *c, struct tx *tx) {
    int64_t waiting;
    enum err err = db_int(tx_db(tx), order_sql[ORDER_PENDING_TRANSFERS], &waiting, V(c->account_id),
                          V(c->provider->name));
    if (err)
        return err;
    c->result->limit = c->settings->pending_transfers_per_account;
    if (waiting >= c->result->limit)
        return refuse(c, ORDER_TOO_MANY_PENDING);
    int64_t due = order_transfer_due(&c->order, c->settings, c->now);
    err = place(c, tx, "pending", c->provider->name, due);
    if (!err)
        err = tx_exec(tx, order_sql[ORDER_KEEP_SEATS], V(c->order.id), V(due), V(true));
    if (!err)
        err = order_any(tx_db(tx), c->arena, c->order.id, c->now, &c->order);
    if (!err)
        err = order_mail_tx(c->shop, tx, c->settings, MAIL_TRANSFER, &c->order,
                            arena_printf(c->arena, "transfer:%lld", (long long)c->order.id));
    c->provider = NULL;
    return err ? err : done(c, ORDER_DONE_PENDING);
}

/* The order waits, its seats kept, while the provider is asked: after this transaction. */
static enum err place_charge(struct checkout *c, struct tx *tx) {
    int declined, failed;
    c->result->card_faults = c->provider->check(c->payment->card, c->now);
    if (c->result->card_faults)
        return refuse(c, ORDER_CARD_INVALID);
    enum err err =
        payment_history_tx(tx, c->account_id, c->order.id, c->now - HOUR, &declined, &failed);
    if (err)
        return err;
    c->result->limit = c->settings->declined_cards_per_hour;
    if (declined >= c->result->limit)
        return refuse(c, ORDER_CARD_TOO_MANY);
    char letters[LETTERS_SIZE];
    random_letters(letters, REFERENCE_LETTERS);
    c->charge = (struct payment_charge){
        .reference = arena_strdup(c->arena, letters),
        .amount_cents = c->order.total_cents,
        .currency = c->settings->currency,
        .failed_before = failed,
        .card = c->payment->card,
    };
    err = place(c, tx, "pending", c->provider->name, 0);
    if (!err && c->order.hold_until < c->now + CHARGE_SECONDS)
        err = tx_exec(tx, order_sql[ORDER_KEEP_SEATS], V(c->order.id), V(c->now + CHARGE_SECONDS),
                      V(false));
    if (!err)
        err = payment_begin_tx(tx, c->order.id, c->provider->name, c->charge.reference,
                               c->charge.amount_cents, c->now);
    return err ? err : done(c, ORDER_DONE_CHARGING);
}

static enum err place_cart(struct checkout *c, struct tx *tx) {
    c->result->total_cents = c->order.total_cents;
    if (!c->order.lines.count)
        return refuse(c, ORDER_EMPTY);
    if (find_changes(c))
        return tell_changes(c, tx);
    if (c->order.total_cents == 0)
        return place_free(c, tx);
    if (c->settings->ask_document && !c->payment->payer_document)
        return refuse(c, ORDER_NO_DOCUMENT);
    c->provider = payment_method(c->settings, c->payment->method);
    if (!c->provider)
        return refuse(c, ORDER_NO_METHOD);
    switch (c->provider->flow) {
    case PAYMENT_MANUAL:
        return place_manual(c, tx);
    case PAYMENT_CHARGE:
        return place_charge(c, tx);
    }
    return ERR_INTERNAL;
}

/* May run more than once: each run starts anew. */
static enum err checkout_tx(struct tx *tx, void *arg) {
    struct checkout *c = arg;
    *c->result = (struct order_result){.order_id = c->payment->order_id};
    c->provider = NULL;
    c->settings = shop_settings(c->shop, tx_db(tx));
    enum err err =
        order_by_id(tx_db(tx), c->arena, c->account_id, c->payment->order_id, c->now, &c->order);
    if (err)
        return err;
    switch (c->order.status) {
    case ORDER_CART:
        return place_cart(c, tx);
    case ORDER_PENDING:
        return done(c, c->order.charging ? ORDER_DONE_CHARGING : ORDER_DONE_BEFORE);
    case ORDER_PAID:
    case ORDER_REVIEW:
        return done(c, ORDER_DONE_BEFORE);
    case ORDER_CANCELLED:
    case ORDER_REFUNDED:
        return refuse(c, ORDER_OVER);
    }
    return ERR_INTERNAL;
}

/* ---- charging ------------------------------------------------------------------------------- */

static enum err tell_charge(struct checkout *c, enum payment_outcome outcome,
                            enum order_effect effect) {
    switch (outcome) {
    case PAYMENT_SUCCEEDED:
        return done(c, effect == ORDER_EFFECT_PAID     ? ORDER_DONE_PAID
                       : effect == ORDER_EFFECT_REVIEW ? ORDER_DONE_REVIEW
                                                       : ORDER_DONE_BEFORE);
    case PAYMENT_DECLINED:
        return refuse(c, ORDER_CARD_DECLINED);
    case PAYMENT_NO_FUNDS:
        return refuse(c, ORDER_CARD_NO_FUNDS);
    case PAYMENT_FAILED:
        return refuse(c, ORDER_CARD_FAILED);
    case PAYMENT_UNKNOWN:
        return done(c, ORDER_DONE_CHARGING);
    }
    return ERR_INTERNAL;
}

/* An answer that got lost is asked for once; if nobody knows even then, maintenance asks on. */
static enum err run_charge(struct checkout *c) {
    enum order_effect effect;
    enum payment_outcome outcome = c->provider->charge(&c->charge);
    if (outcome == PAYMENT_UNKNOWN)
        outcome = c->provider->lookup(c->charge.reference);
    enum err err = payment_settle(c->shop, c->provider->name, c->charge.reference, outcome, -1,
                                  c->now, &effect);
    return err ? err : tell_charge(c, outcome, effect);
}

enum err order_checkout(struct shop *shop, struct arena *arena, int64_t account_id,
                        const struct order_payment *payment, int64_t now,
                        struct order_result *result) {
    struct checkout c = {
        .shop = shop,
        .arena = arena,
        .account_id = account_id,
        .now = now,
        .payment = payment,
        .result = result,
    };
    enum err err = store_write(shop->store, checkout_tx, &c);
    if (err)
        return err;
    if (c.provider)
        return run_charge(&c);
    mail_notify(shop);
    return result->outcome == ORDER_CHANGED ? ERR_REFUSED : OK;
}
