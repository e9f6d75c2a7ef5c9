/* The list of payment methods, and money that came: a provider's answer, a transfer that staff saw,
 * an operation number that a family reports. What the money then does is order_settle_tx. */
#include "shop/payment.h"
#include "base/money.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/payment_provider.h"
#include "shop/payment_sql.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <string.h>

enum { OPERATION_MAX = 40, REFERENCE_MAX = 64, REPORTS_MAX = 10 };

/* ---- methods -------------------------------------------------------------------------------- */

static const struct payment_provider *const providers[] = {&payment_card, &payment_transfer};

const struct payment_provider *payment_provider(const char *name) {
    for (size_t i = 0; i < ARRAY_COUNT(providers); i++)
        if (name && strcmp(name, providers[i]->name) == 0)
            return providers[i];
    return NULL;
}

const struct payment_provider *payment_method(const struct settings *settings, const char *name) {
    const struct payment_provider *provider = payment_provider(name);
    return provider && provider->offered(settings) ? provider : NULL;
}

size_t payment_methods(const struct settings *settings, const struct payment_provider **out,
                       size_t limit) {
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_COUNT(providers) && count < limit; i++)
        if (providers[i]->offered(settings))
            out[count++] = providers[i];
    return count;
}

/* ---- charges -------------------------------------------------------------------------------- */

enum err payment_begin_tx(struct tx *tx, int64_t order_id, const char *provider,
                          const char *reference, int64_t amount_cents, int64_t now) {
    return tx_exec(tx, payment_sql[PAYMENT_BEGIN], V(order_id), V(provider), V(reference),
                   V(amount_cents), V(now));
}

enum err payment_history_tx(struct tx *tx, int64_t account_id, int64_t order_id, int64_t since,
                            int *declined, int *failed) {
    struct rows *rows =
        db_query(tx_db(tx), payment_sql[PAYMENT_HISTORY], V(account_id), V(order_id), V(since));
    bool found = rows_next(rows);
    *declined = found ? (int)rows_int(rows, 0) : 0;
    *failed = found ? (int)rows_int(rows, 1) : 0;
    return rows_end(rows);
}

/* An answer on its way into the writer. */
struct answer {
    struct shop *shop;
    struct arena *arena;
    const char *provider, *reference;
    enum payment_outcome outcome;
    int64_t amount_cents, now;
    enum order_effect effect;
};

struct found {
    int64_t id, order_id;
    const char *status;
};

static enum err find(struct tx *tx, const struct answer *a, struct found *out) {
    struct rows *rows =
        db_query(tx_db(tx), payment_sql[PAYMENT_FIND], V(a->provider), V(a->reference));
    bool found = rows_next(rows);
    if (found)
        *out = (struct found){.id = rows_int(rows, 0),
                              .order_id = rows_int(rows, 1),
                              .status = rows_text(rows, 2, a->arena)};
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static enum err came_to_nothing(struct tx *tx, struct answer *a, const struct found *payment) {
    bool declined = a->outcome == PAYMENT_DECLINED || a->outcome == PAYMENT_NO_FUNDS;
    a->effect = ORDER_EFFECT_BACK;
    enum err err = tx_exec(tx, payment_sql[PAYMENT_SETTLE], V(payment->id),
                           V(declined ? "declined" : "failed"), V(-1), V(a->now));
    return err ? err : order_reopen_tx(tx, payment->order_id);
}

static enum err settle_tx(struct tx *tx, void *arg) {
    struct answer *a = arg;
    struct found payment;
    a->effect = ORDER_EFFECT_NONE;
    enum err err = find(tx, a, &payment);
    if (err)
        return err;
    bool pending = strcmp(payment.status, "pending") == 0;
    if (a->outcome != PAYMENT_SUCCEEDED)
        return pending ? came_to_nothing(tx, a, &payment) : OK;
    /* A yes counts even after a no: money that came is never dropped. */
    if (strcmp(payment.status, "succeeded") == 0 || strcmp(payment.status, "refunded") == 0)
        return OK;
    err = tx_exec(tx, payment_sql[PAYMENT_SETTLE], V(payment.id), V("succeeded"),
                  V(a->amount_cents), V(a->now));
    return err ? err : order_settle_tx(a->shop, tx, a->arena, payment.order_id, a->now, &a->effect);
}

enum err payment_settle(struct shop *shop, const char *provider, const char *reference,
                        enum payment_outcome outcome, int64_t amount_cents, int64_t now,
                        enum order_effect *effect) {
    *effect = ORDER_EFFECT_NONE;
    if (outcome == PAYMENT_UNKNOWN)
        return OK;
    struct answer a = {
        .shop = shop,
        .arena = arena_create(),
        .provider = provider,
        .reference = reference,
        .outcome = outcome,
        .amount_cents = amount_cents,
        .now = now,
    };
    enum err err = store_write(shop->store, settle_tx, &a);
    arena_destroy(a.arena);
    if (err)
        return err;
    *effect = a.effect;
    mail_notify(shop);
    return OK;
}

/* ---- a family reports ----------------------------------------------------------------------- */

struct report {
    struct shop *shop;
    struct arena *arena;
    int64_t account_id, order_id, now;
    const char *operation;
    enum payment_refusal *refusal;
};

/* Whether money by transfer may still come for it: it waits, or its time ran out, or staff look. */
static bool takes_transfers(const struct order *o) {
    return o->method && strcmp(o->method, payment_transfer.name) == 0 &&
           (o->status == ORDER_PENDING || o->status == ORDER_CANCELLED ||
            o->status == ORDER_REVIEW);
}

static bool is_reported(const struct order *o, const char *operation) {
    for (size_t i = 0; i < o->report_count; i++)
        if (strcmp(o->reports[i].operation, operation) == 0 && !o->reports[i].rejected_at)
            return true;
    return false;
}

static enum err report_tx(struct tx *tx, void *arg) {
    struct report *r = arg;
    struct order order;
    *r->refusal = PAYMENT_OK;
    enum err err = order_by_id(tx_db(tx), r->arena, r->account_id, r->order_id, r->now, &order);
    if (err || is_reported(&order, r->operation))
        return err;
    if (!takes_transfers(&order))
        *r->refusal = PAYMENT_NOT_DUE;
    else if (order.report_count >= REPORTS_MAX)
        *r->refusal = PAYMENT_TOO_MANY;
    if (*r->refusal)
        return ERR_REFUSED;
    err = tx_exec(tx, payment_sql[PAYMENT_REPORT], V(r->order_id), V(r->operation), V(r->now));
    if (!err)
        err = order_any(tx_db(tx), r->arena, r->order_id, r->now, &order);
    if (err)
        return err;
    return order_mail_tx(
        r->shop, tx, shop_settings(r->shop, tx_db(tx)), MAIL_TRANSFER_REPORTED, &order,
        arena_printf(r->arena, "reported:%lld:%s", (long long)r->order_id, r->operation));
}

enum err payment_report(struct shop *shop, struct arena *arena, int64_t account_id,
                        int64_t order_id, const char *operation, int64_t now,
                        enum payment_refusal *refusal) {
    struct report r = {
        .shop = shop,
        .arena = arena,
        .account_id = account_id,
        .order_id = order_id,
        .now = now,
        .operation = utf8_squeeze(arena, operation ? operation : ""),
        .refusal = refusal,
    };
    size_t length = utf8_length(r.operation);
    *refusal = PAYMENT_OPERATION;
    if (length < 1 || length > OPERATION_MAX)
        return ERR_REFUSED;
    enum err err = store_write(shop->store, report_tx, &r);
    if (!err)
        mail_notify(shop);
    return err;
}

/* ---- staff confirm -------------------------------------------------------------------------- */

struct confirmation {
    struct shop *shop;
    struct arena *arena;
    int64_t actor_id, order_id, amount_cents, now;
    const char *reference;
    struct payment_confirmation *result;
};

static enum err refuse(struct confirmation *c, enum payment_refusal refusal) {
    c->result->refusal = refusal;
    return ERR_REFUSED;
}

/* Whether that reference was booked before: *booked, and by the very same confirmation: *replay. */
static enum err find_booked(struct tx *tx, const struct confirmation *c, bool *booked,
                            bool *replay) {
    struct rows *rows =
        db_query(tx_db(tx), payment_sql[PAYMENT_BOOKED], V(payment_transfer.name), V(c->reference));
    *booked = rows_next(rows);
    *replay = *booked && rows_int(rows, 0) == c->order_id &&
              (c->amount_cents < 0 || rows_int(rows, 1) == c->amount_cents);
    return rows_end(rows);
}

static enum err write_trail(struct tx *tx, const struct confirmation *c, int64_t amount_cents) {
    static const char *const effects[] = {
        [ORDER_EFFECT_NONE] = "none",       [ORDER_EFFECT_PAID] = "paid",
        [ORDER_EFFECT_PARTIAL] = "partial", [ORDER_EFFECT_REVIEW] = "review",
        [ORDER_EFFECT_BACK] = "back",
    };
    const struct audit_field fields[] = {
        {"reference", NULL, c->reference, false},
        {"amount_cents", NULL, audit_number(c->arena, amount_cents), false},
        {"effect", NULL, effects[c->result->effect], false},
    };
    return audit_change_tx(tx, c->actor_id, "confirm_payment", "orders", c->order_id, fields,
                           ARRAY_COUNT(fields));
}

static enum err book(struct tx *tx, struct confirmation *c, const struct order *order) {
    int64_t amount = c->amount_cents < 0 ? order->due_cents : c->amount_cents;
    if (amount < 1 || c->amount_cents > MONEY_MAX_CENTS)
        return refuse(c, PAYMENT_AMOUNT);
    enum err err = tx_exec(tx, payment_sql[PAYMENT_BOOK], V(c->order_id), V(payment_transfer.name),
                           V(c->reference), V(amount), V(c->now));
    if (!err)
        err = order_settle_tx(c->shop, tx, c->arena, c->order_id, c->now, &c->result->effect);
    if (!err && order->due_cents > amount)
        c->result->due_cents = order->due_cents - amount;
    return err ? err : write_trail(tx, c, amount);
}

static enum err confirm_tx(struct tx *tx, void *arg) {
    struct confirmation *c = arg;
    struct order order;
    bool booked, replay;
    *c->result = (struct payment_confirmation){0};
    enum err err = order_any(tx_db(tx), c->arena, c->order_id, c->now, &order);
    if (!err)
        err = find_booked(tx, c, &booked, &replay);
    if (err)
        return err;
    if (replay) {
        c->result->due_cents = order.due_cents;
        return OK;
    }
    if (booked)
        return refuse(c, PAYMENT_REFERENCE_USED);
    if (!takes_transfers(&order))
        return refuse(c, PAYMENT_NOT_DUE);
    return book(tx, c, &order);
}

enum err payment_confirm_transfer(struct shop *shop, int64_t actor_id, int64_t order_id,
                                  const char *reference, int64_t amount_cents, int64_t now,
                                  struct payment_confirmation *result) {
    struct arena *arena = arena_create();
    struct confirmation c = {
        .shop = shop,
        .arena = arena,
        .actor_id = actor_id,
        .order_id = order_id,
        .amount_cents = amount_cents,
        .now = now,
        .reference = utf8_squeeze(arena, reference ? reference : ""),
        .result = result,
    };
    size_t length = utf8_length(c.reference);
    *result = (struct payment_confirmation){.refusal = PAYMENT_OPERATION};
    enum err err = length < 1 || length > REFERENCE_MAX ? ERR_REFUSED
                                                        : store_write(shop->store, confirm_tx, &c);
    arena_destroy(arena);
    if (!err)
        mail_notify(shop);
    return err;
}
