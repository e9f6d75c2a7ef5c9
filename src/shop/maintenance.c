/* One round of what time alone brings about. Reads what is due first, so that an idle school writes
 * nothing; then writes it in short transactions, so that buyers never wait long behind it. */
#include "shop/maintenance.h"
#include "base/arena.h"
#include "base/log.h"
#include "shop/import.h"
#include "shop/link.h"
#include "shop/mail.h"
#include "shop/maintenance_sql.h"
#include "shop/order.h"
#include "shop/outbox.h"
#include "shop/payment.h"
#include "shop/session.h"
#include "shop/shop.h"

enum {
    BATCH = 200,              /* rows a transaction, and things of a kind a round */
    CHARGE_PATIENCE = 2 * 60, /* seconds before a charge without an answer is asked about */
    LINK_MEMORY = 7 * 86400,  /* an old link is known as such for a week */
};

struct lost_charge {
    const char *provider, *reference;
};

/* What a round found to do. */
struct due {
    bool holds, sessions, links, imports;
    int64_t *transfers; /* orders */
    size_t transfer_count;
    struct lost_charge *charges;
    size_t charge_count;
};

/* ---- reading -------------------------------------------------------------------------------- */

static enum err read_flags(struct db *db, int64_t now, struct due *due) {
    struct rows *rows = db_query(db, maintenance_sql[MAINTENANCE_DUE], V(now), V(now - LINK_MEMORY),
                                 V(now - IMPORT_KEPT_SECONDS));
    if (rows_next(rows)) {
        due->holds = rows_bool(rows, 0);
        due->sessions = rows_bool(rows, 1);
        due->links = rows_bool(rows, 2);
        due->imports = rows_bool(rows, 3);
    }
    return rows_end(rows);
}

static enum err read_transfers(struct db *db, struct arena *arena, int64_t now, struct due *due) {
    struct rows *rows = db_query(db, maintenance_sql[MAINTENANCE_TRANSFERS], V(now), V(BATCH));
    while (rows_next(rows)) {
        due->transfers =
            arena_grow(arena, due->transfers, due->transfer_count, sizeof(*due->transfers));
        due->transfers[due->transfer_count++] = rows_int(rows, 0);
    }
    return rows_end(rows);
}

static enum err read_charges(struct db *db, struct arena *arena, int64_t now, struct due *due) {
    struct rows *rows =
        db_query(db, maintenance_sql[MAINTENANCE_CHARGES], V(now - CHARGE_PATIENCE), V(BATCH));
    while (rows_next(rows)) {
        due->charges = arena_grow(arena, due->charges, due->charge_count, sizeof(*due->charges));
        due->charges[due->charge_count++] = (struct lost_charge){
            .provider = rows_text(rows, 0, arena), .reference = rows_text(rows, 1, arena)};
    }
    return rows_end(rows);
}

static enum err read_due(struct shop *shop, struct arena *arena, int64_t now, struct due *due) {
    *due = (struct due){0};
    struct db *db = store_reader(shop->store);
    enum err err = read_flags(db, now, due);
    if (!err)
        err = read_transfers(db, arena, now, due);
    if (!err)
        err = read_charges(db, arena, now, due);
    store_release(shop->store, db);
    return err;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* One piece of it on its way into the writer. */
struct piece {
    struct shop *shop;
    struct arena *arena;
    int64_t id, now;
    int64_t rows;
    bool done;
};

static enum err expire_holds_tx(struct tx *tx, void *arg) {
    struct piece *p = arg;
    enum err err = tx_exec(tx, maintenance_sql[MAINTENANCE_EXPIRE_HOLDS], V(p->now), V(BATCH));
    p->rows = tx_changes(tx);
    return err;
}

static enum err expire_holds(struct piece *p, struct maintenance_done *done) {
    do {
        enum err err = store_write(p->shop->store, expire_holds_tx, p);
        if (err)
            return err;
        done->holds += (int)p->rows;
    } while (p->rows == BATCH);
    return OK;
}

static enum err expire_transfer_tx(struct tx *tx, void *arg) {
    struct piece *p = arg;
    return order_expire_tx(p->shop, tx, p->arena, p->id, p->now, &p->done);
}

static void keep_first(enum err *first, enum err err) {
    if (!*first)
        *first = err;
}

/* One that fails does not keep the others waiting; it is tried again next round. */
static enum err expire_transfers(struct piece *p, const struct due *due,
                                 struct maintenance_done *done) {
    enum err first = OK;
    for (size_t i = 0; i < due->transfer_count; i++) {
        p->id = due->transfers[i];
        enum err err = store_write(p->shop->store, expire_transfer_tx, p);
        keep_first(&first, err);
        done->transfers += !err && p->done;
    }
    if (done->transfers)
        mail_notify(p->shop);
    return first;
}

static enum err ask_about_charge(struct piece *p, const struct lost_charge *charge,
                                 struct maintenance_done *done) {
    enum order_effect effect;
    const struct payment_provider *provider = payment_provider(charge->provider);
    if (!provider || !provider->lookup) {
        log_error("charge_without_provider", "provider", "%s", charge->provider);
        return OK;
    }
    enum payment_outcome outcome = provider->lookup(charge->reference);
    enum err err =
        payment_settle(p->shop, charge->provider, charge->reference, outcome, -1, p->now, &effect);
    done->charges += !err && effect != ORDER_EFFECT_NONE;
    return err;
}

static enum err end_sessions_tx(struct tx *tx, void *arg) {
    struct piece *p = arg;
    return session_sweep_tx(tx, p->now);
}

static enum err forget_links_tx(struct tx *tx, void *arg) {
    struct piece *p = arg;
    return link_sweep_tx(tx, p->now - LINK_MEMORY);
}

static enum err forget_imports_tx(struct tx *tx, void *arg) {
    struct piece *p = arg;
    return import_sweep_tx(tx, p->now);
}

/* Does all of it, whatever fails; answers the first failure. */
static enum err do_all(struct piece *p, const struct due *due, struct maintenance_done *done) {
    enum err first = OK;
    for (size_t i = 0; i < due->charge_count; i++)
        keep_first(&first, ask_about_charge(p, &due->charges[i], done));
    keep_first(&first, expire_transfers(p, due, done));
    if (due->holds)
        keep_first(&first, expire_holds(p, done));
    if (due->sessions)
        keep_first(&first, store_write(p->shop->store, end_sessions_tx, p));
    if (due->links)
        keep_first(&first, store_write(p->shop->store, forget_links_tx, p));
    keep_first(&first, outbox_sweep(p->shop, p->now));
    if (due->imports)
        keep_first(&first, store_write(p->shop->store, forget_imports_tx, p));
    return first;
}

enum err maintenance_run(struct shop *shop, int64_t now, struct maintenance_done *done) {
    struct due due;
    struct piece piece = {.shop = shop, .arena = arena_create(), .now = now};
    *done = (struct maintenance_done){0};
    enum err err = read_due(shop, piece.arena, now, &due);
    if (!err)
        err = do_all(&piece, &due, done);
    arena_destroy(piece.arena);
    return err;
}
