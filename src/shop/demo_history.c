/* Families, orders, payments and receipts of the demonstration, as rows. */
#include "shop/demo_history.h"
#include "base/utf8.h"
#include "shop/demo_sql.h"
#include "shop/order.h"
#include "shop/receipt.h"
#include "shop/refund.h"
#include "shop/setting.h"
#include <stdlib.h>
#include <string.h>

enum {
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
    TRANSFER_TIME = 48 * HOUR,
    HOLD_TIME = 30 * MINUTE,
    MEMBER_SINCE = 190 * DAY, /* at most */
};

/* ---- families ------------------------------------------------------------------------------- */

const char *demo_history_email(struct arena *arena, int family) {
    const struct demo_family *f = &demo_families[family];
    char *name = utf8_slug(arena, arena_printf(arena, "%s %s", f->first_name, f->surname), 60);
    for (char *p = name; *p; p++)
        if (*p == '-')
            *p = '.';
    return arena_printf(arena, "%s@example.com", name);
}

/* A little before the first order. */
static int64_t joined_at(const struct demo_plan *plan, int family) {
    for (size_t i = 0; i < plan->count; i++)
        if (plan->orders[i].family == family)
            return plan->orders[i].placed_at - (1 + family % 5) * DAY - family * MINUTE;
    return plan->now - MEMBER_SINCE + family * DAY;
}

static enum err add_consents(struct tx *tx, int64_t account, int family, int64_t at) {
    static const char *const PURPOSES[] = {"terms", "privacy", "marketing", "photo"};
    enum err err = OK;
    for (int i = 0; !err && i < 4; i++) {
        bool asked_apart = i >= 2; /* not about a legal text */
        bool granted = !asked_apart || (family + i) % 3 == 0;
        err = tx_exec(tx, demo_sql[DEMO_ADD_CONSENT], V(account), V(PURPOSES[i]),
                      V(asked_apart ? 0 : 1), V(granted), V(at));
    }
    return err;
}

/* Children bear the father's first surname and then the mother's. */
static const char *child_surnames(struct arena *arena, const struct demo_family *f) {
    return f->father ? arena_printf(arena, "%s %s", f->surname, f->other)
                     : arena_printf(arena, "%s %s", f->other, f->surname);
}

static const char *slug_of(struct arena *arena, uint64_t *random) {
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    char *slug = arena_alloc(arena, 17);
    for (int i = 0; i < 16; i++)
        slug[i] = LETTERS[demo_random_below(random, sizeof(LETTERS) - 1)];
    return slug;
}

static enum err add_students(struct tx *tx, struct arena *arena, const struct demo_plan *plan,
                             int family, int64_t account, int64_t at, int64_t students[]) {
    const struct demo_family *f = &demo_families[family];
    uint64_t random = 7919 + (uint64_t)family;
    bool self = f->role == 3;
    enum err err = OK;
    for (int c = 0; !err && c < DEMO_CHILDREN_MAX; c++) {
        char birth[DATE_TEXT_SIZE];
        if (!date_is_set(plan->births[family][c]))
            continue;
        date_format(plan->births[family][c], birth);
        err = tx_exec(tx, demo_sql[DEMO_ADD_STUDENT], V(slug_of(arena, &random)), V(account),
                      V(self ? f->first_name : f->children[c].first_name),
                      V(self ? f->surname : child_surnames(arena, f)), V((const char *)birth),
                      V(f->school), V(self), V(at));
        students[c] = tx_last_id(tx);
    }
    return err;
}

static enum err add_family(struct tx *tx, struct arena *arena, const struct demo_plan *plan,
                           int family, const char *password_hash, struct demo_ids *ids) {
    const struct demo_family *f = &demo_families[family];
    int64_t at = joined_at(plan, family);
    char birth[DATE_TEXT_SIZE] = "";
    if (f->role == 3)
        date_format(plan->births[family][DEMO_SELF], birth);
    enum err err =
        tx_exec(tx, demo_sql[DEMO_ADD_ACCOUNT], V(demo_history_email(arena, family)),
                V(password_hash), V(f->first_name), V(f->surname), V(f->country), V(f->role),
                V(arena_printf(arena, "900 000 1%02d", family)), V(f->role == 1 ? NULL : f->school),
                V(f->role == 3 ? (const char *)birth : NULL), V_NULL, V(at));
    if (err)
        return err;
    ids->accounts[family] = tx_last_id(tx);
    err = add_consents(tx, ids->accounts[family], family, at);
    return err ? err
               : add_students(tx, arena, plan, family, ids->accounts[family], at,
                              ids->students[family]);
}

enum err demo_history_families_tx(struct tx *tx, const struct demo_plan *plan,
                                  const char *password_hash, struct demo_ids *ids) {
    struct arena *arena = arena_create();
    enum err err = OK;
    for (int family = 0; !err && family < DEMO_FAMILIES; family++)
        err = add_family(tx, arena, plan, family, family == 0 ? password_hash : NULL, ids);
    arena_destroy(arena);
    return err;
}

/* ---- orders --------------------------------------------------------------------------------- */

/* How each state looks in the tables. */
static const struct {
    const char *order, *review, *inscription, *payment;
} STATES[] = {
    [DEMO_PAID] = {"paid", NULL, "confirmed", "succeeded"},
    [DEMO_CART] = {"cart", NULL, "held", NULL},
    [DEMO_PENDING] = {"pending", NULL, "held", NULL},
    [DEMO_REPORTED] = {"pending", NULL, "held", NULL},
    [DEMO_OVERPAID] = {"review", "amount", "confirmed", "succeeded"},
    [DEMO_LATE] = {"review", "late", "expired", "succeeded"},
    [DEMO_LAPSED] = {"cancelled", NULL, "expired", NULL},
    [DEMO_REFUNDED] = {"paid", NULL, "confirmed", "succeeded"}, /* and then refunded */
};

struct history {
    struct tx *tx;
    struct arena *arena;
    const struct demo_plan *plan;
    const struct demo_ids *ids;
    const struct demo_order *order; /* the one at hand */
    int64_t order_id;
    const char *operation; /* number of its transfer */
    uint64_t random;
};

static bool was_paid(const struct demo_order *order) {
    return order->state == DEMO_PAID || order->state == DEMO_REFUNDED;
}

static const char *method_of(const struct demo_order *order) {
    if (order->state == DEMO_CART || !order->total_cents)
        return NULL;
    return order->card ? "card" : "transfer";
}

/* Like the codes of real orders; the number of the order makes it unique. */
static const char *code_of(struct history *h, size_t index) {
    static const char LETTERS[] = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    size_t base = sizeof(LETTERS) - 1;
    return arena_printf(h->arena, "TAL-%c%c%c%c", LETTERS[demo_random(&h->random) % base],
                        LETTERS[index % base], LETTERS[demo_random(&h->random) % base],
                        LETTERS[index / base % base]);
}

static enum err add_order(struct history *h, size_t index) {
    const struct demo_order *o = h->order;
    bool cart = o->state == DEMO_CART, paid = was_paid(o);
    bool waits = o->state == DEMO_PENDING || o->state == DEMO_REPORTED;
    const char *code = cart ? NULL : code_of(h, index);
    enum err err = tx_exec(h->tx, demo_sql[DEMO_ADD_ORDER], V(h->ids->accounts[o->family]), V(code),
                           V(STATES[o->state].order), V(STATES[o->state].review), V(method_of(o)),
                           V(cart ? 0 : o->total_cents), V(o->placed_at - 4 * MINUTE),
                           V_OPT(!cart, o->placed_at), V_OPT(waits, o->placed_at + TRANSFER_TIME),
                           V_OPT(paid, o->paid_at));
    h->order_id = tx_last_id(h->tx);
    return err;
}

static enum err add_seats(struct history *h) {
    const struct demo_order *o = h->order;
    bool cart = o->state == DEMO_CART;
    bool held = strcmp(STATES[o->state].inscription, "held") == 0;
    int64_t until = cart ? h->plan->now + HOLD_TIME : o->placed_at + TRANSFER_TIME;
    enum err err = OK;
    for (size_t i = 0; !err && i < o->count; i++) {
        int workshop = o->seats[i].workshop;
        err = tx_exec(
            h->tx, demo_sql[DEMO_ADD_INSCRIPTION], V(h->order_id), V(h->ids->workshops[workshop]),
            V(h->ids->students[o->family][o->seats[i].child]), V(demo_plan_list_price(workshop)),
            V(demo_plan_price(workshop)), V(STATES[o->state].inscription), V_OPT(held, until),
            V(o->placed_at - 4 * MINUTE));
    }
    return err;
}

/* When the money came. */
static int64_t settled_at(const struct demo_order *o) {
    if (o->state == DEMO_OVERPAID)
        return o->placed_at + 2 * HOUR;
    return o->state == DEMO_LATE ? o->placed_at + TRANSFER_TIME + 5 * HOUR : o->paid_at;
}

static enum err add_payment(struct history *h) {
    const struct demo_order *o = h->order;
    if (!STATES[o->state].payment || !o->total_cents)
        return OK;
    const char *reference = o->card
                                ? arena_printf(h->arena, "%s%lld", slug_of(h->arena, &h->random),
                                               (long long)h->order_id)
                                : h->operation;
    int64_t amount = o->total_cents + (o->state == DEMO_OVERPAID ? 2000 : 0);
    return tx_exec(h->tx, demo_sql[DEMO_ADD_PAYMENT], V(h->order_id), V(method_of(o)), V(reference),
                   V(amount), V(STATES[o->state].payment), V(settled_at(o)), V(settled_at(o)));
}

/* Families that pay by transfer tell the operation number, now and then only the bank does. */
static enum err add_report(struct history *h) {
    const struct demo_order *o = h->order;
    bool by_transfer = method_of(o) && !o->card;
    bool paid = STATES[o->state].payment && demo_random_below(&h->random, 4) > 0;
    if (!by_transfer || (!paid && o->state != DEMO_REPORTED))
        return OK;
    int64_t at = o->state == DEMO_REPORTED ? o->placed_at + HOUR : settled_at(o) - 30 * MINUTE;
    return tx_exec(h->tx, demo_sql[DEMO_ADD_REPORT], V(h->order_id), V(h->operation), V(at));
}

static enum err add_one(struct history *h, size_t index) {
    h->order = &h->plan->orders[index];
    h->operation = arena_printf(h->arena, "%08d",
                                10000000 + (int)index * 7351 + demo_random_below(&h->random, 7000));
    enum err err = add_order(h, index);
    if (!err)
        err = add_seats(h);
    if (!err)
        err = add_payment(h);
    return err ? err : add_report(h);
}

/* ---- receipts ------------------------------------------------------------------------------- */

struct paid {
    int64_t at, order_id;
    enum demo_state state;
};

static int by_moment(const void *a, const void *b) {
    const struct paid *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return x->order_id < y->order_id ? -1 : 1;
}

static enum err add_receipts(struct tx *tx, struct arena *arena, struct paid *paid, size_t count) {
    struct settings settings;
    enum err err = setting_load(tx_db(tx), arena, &settings);
    if (count)
        qsort(paid, count, sizeof(*paid), by_moment);
    for (size_t i = 0; !err && i < count; i++) {
        struct order order;
        struct receipt receipt;
        err = order_any(tx_db(tx), arena, paid[i].order_id, paid[i].at, &order);
        if (!err)
            err = receipt_write_tx(tx, arena, &settings, &order, paid[i].at, &receipt);
    }
    return err;
}

/* Some families change their plans three days later, or yesterday; the money goes back the way it
 * came. In the order in which they were paid, so credit notes are in the order of their dates. */
static enum err refund(struct tx *tx, struct arena *arena, const struct demo_plan *plan,
                       const struct paid *paid, size_t count) {
    struct settings settings;
    enum err err = setting_load(tx_db(tx), arena, &settings);
    for (size_t i = 0; !err && i < count; i++) {
        struct order order;
        if (paid[i].state != DEMO_REFUNDED)
            continue;
        int64_t at = paid[i].at + 3 * DAY < plan->now ? paid[i].at + 3 * DAY : plan->now - HOUR;
        err = order_any(tx_db(tx), arena, paid[i].order_id, at, &order);
        if (err)
            break;
        bool *all = arena_array(arena, order.lines.count, sizeof(*all));
        for (size_t l = 0; l < order.lines.count; l++)
            all[l] = true;
        struct refund_seats seats = {
            .order = &order, .chosen = all, .way = {.method = order.method}};
        err = refund_seats_tx(tx, arena, &settings, &seats, at);
    }
    return err;
}

enum err demo_history_orders_tx(struct tx *tx, const struct demo_plan *plan,
                                const struct demo_ids *ids) {
    struct arena *arena = arena_create();
    struct history h = {.tx = tx, .arena = arena, .plan = plan, .ids = ids, .random = 104729};
    struct paid *paid = arena_array(arena, plan->count, sizeof(*paid));
    size_t paid_count = 0;
    enum err err = OK;
    for (size_t i = 0; !err && i < plan->count; i++) {
        err = add_one(&h, i);
        if (was_paid(h.order))
            paid[paid_count++] = (struct paid){h.order->paid_at, h.order_id, h.order->state};
    }
    if (!err)
        err = add_receipts(tx, arena, paid, paid_count);
    if (!err)
        err = refund(tx, arena, plan, paid, paid_count);
    arena_destroy(arena);
    return err;
}
