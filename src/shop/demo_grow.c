/* A demonstration with as many workshops and inscriptions as a load test wants: dull rows, but
 * consistent ones, so that every page and every check works on them. */
#include "base/zone.h"
#include "shop/demo.h"
#include "shop/demo_plan.h"
#include "shop/demo_sql.h"
#include "shop/order.h"
#include "shop/receipt.h"
#include "shop/topic.h"

enum {
    DAY = 24 * 3600,
    FIRST_START = 100, /* days from now, behind the demonstration's own */
    START_DAYS = 300,  /* over which the new ones start */
    HISTORY_DAYS = 730,
    WORKSHOP_DAYS = 28,
    A_STEP = 4,          /* inscriptions of a step: two orders for two children */
    STEPS_A_WRITE = 200, /* so that others get to write meanwhile */
    SEATS_A_WORKSHOP = 4000,
    PAST_WORKSHOPS_MIN = 10,
};

struct growth {
    int64_t now;
    struct settings settings;
    struct topics topics;
    struct arena *arena;   /* for all of it */
    struct arena *scratch; /* for one step */
    int64_t workshops, inscriptions;

    struct workshop *past; /* in which everybody was */
    int64_t past_count;
    int64_t *accounts, *students; /* by step: the account, the first of its two children */
    int64_t steps, lag;           /* a family buys, and again `lag` steps later */
    int64_t first_account;        /* number in made-up addresses */
    int64_t next;                 /* step, or workshop, where the next transaction goes on */
    int64_t left;                 /* inscriptions */
};

/* ---- workshops ------------------------------------------------------------------------------ */

static enum err add_workshop(struct tx *tx, struct growth *g, const char *kind, int64_t number,
                             struct date start, bool limited, struct workshop *out) {
    const struct demo_workshop *d = &demo_workshops[number % DEMO_WORKSHOPS];
    char first[DATE_TEXT_SIZE], last[DATE_TEXT_SIZE];
    date_format(start, first);
    date_format(date_add_days(start, WORKSHOP_DAYS), last);
    const char *title = arena_printf(g->arena, "%s, grupo %lld", d->title, (long long)number);
    enum err err = tx_exec(
        tx, demo_sql[DEMO_ADD_WORKSHOP],
        V(arena_printf(g->scratch, "%s-%lld", kind, (long long)number)),
        V(g->topics.items[(size_t)number % g->topics.count].id), V(title), V(d->description),
        V(d->bring), V_NULL, V((int64_t)d->price * 100), V_OPT(d->discount >= 0, d->discount * 100),
        V_OPT(d->min_age >= 0, d->min_age), V_OPT(d->max_age >= 0, d->max_age), V(d->place),
        V((const char *)first), V((const char *)last), V_NULL, V_NULL, V(d->weekdays), V(d->start),
        V(d->end), V(WORKSHOP_DAYS / 7), V(d->level), V_OPT(limited, 30), V(false), V_NULL, V_NULL,
        V(g->now - HISTORY_DAYS * DAY));
    *out = (struct workshop){
        .id = tx_last_id(tx),
        .title = title,
        .place = d->place,
        .start = start,
        .end = date_add_days(start, WORKSHOP_DAYS),
        .weekdays = d->weekdays,
        .start_minute = d->start,
        .end_minute = d->end,
        .price_cents = (int64_t)d->price * 100,
        .price_now_cents = (int64_t)(d->discount >= 0 ? d->discount : d->price) * 100,
    };
    return err;
}

static struct date today_of(const struct growth *g) {
    return zone_date(g->settings.zone, g->now);
}

static enum err upcoming_tx(struct tx *tx, void *arg) {
    struct growth *g = arg;
    int64_t last, done = g->next;
    enum err err = db_int(tx_db(tx), demo_sql[DEMO_LAST_WORKSHOP], &last);
    for (int i = 0; !err && i < STEPS_A_WRITE && done < g->workshops; i++, done++) {
        struct workshop added;
        struct date start = date_add_days(today_of(g), FIRST_START + done % START_DAYS);
        arena_reset(g->scratch);
        err = add_workshop(tx, g, "grupo", last + 1 + i, start, true, &added);
    }
    return err;
}

/* They end before today, so that the catalogue does not list them. */
static enum err past_tx(struct tx *tx, void *arg) {
    struct growth *g = arg;
    int64_t last;
    enum err err = db_int(tx_db(tx), demo_sql[DEMO_LAST_WORKSHOP], &last);
    for (int64_t i = 0; !err && i < g->past_count; i++) {
        int64_t days_ago = HISTORY_DAYS - i * (HISTORY_DAYS - 2 * WORKSHOP_DAYS) / g->past_count;
        arena_reset(g->scratch);
        err = add_workshop(tx, g, "pasado", last + 1 + i, date_add_days(today_of(g), -days_ago),
                           false, &g->past[i]);
    }
    return err;
}

/* ---- families and orders -------------------------------------------------------------------- */

static enum err add_family(struct tx *tx, struct growth *g, int64_t step, int64_t at) {
    const struct demo_family *f = &demo_families[step % DEMO_FAMILIES];
    enum err err = tx_exec(tx, demo_sql[DEMO_ADD_ACCOUNT],
                           V(arena_printf(g->scratch, "familia.%lld@example.com",
                                          (long long)(g->first_account + step))),
                           V_NULL, V(f->first_name), V(f->surname), V(f->country), V(f->role),
                           V("900 000 000"), V(f->role == 1 ? NULL : f->school),
                           V(f->role == 3 ? "1999-05-05" : NULL), V_NULL, V(at));
    g->accounts[step] = tx_last_id(tx);
    for (int64_t child = 0; !err && child < 2; child++) {
        struct date birth =
            date_add_days((struct date){2010, 1, 1}, (step * 37 + child * 700) % 4000);
        char text[DATE_TEXT_SIZE];
        date_format(birth, text);
        const char *slug = arena_printf(g->scratch, "familia-%lld-%lld",
                                        (long long)g->accounts[step], (long long)child);
        err = tx_exec(tx, demo_sql[DEMO_ADD_STUDENT], V(slug), V(g->accounts[step]),
                      V(child ? "Sol" : "Luz"), V(f->surname), V((const char *)text), V(f->school),
                      V(false), V(at));
        if (child == 0)
            g->students[step] = tx_last_id(tx);
    }
    return err;
}

/* One family's order as receipts want to see it. */
static struct order compose(struct growth *g, int64_t family, int64_t at,
                            const struct workshop *workshop) {
    const struct demo_family *f = &demo_families[family % DEMO_FAMILIES];
    size_t count = g->left < 2 ? 1 : 2;
    struct inscription *lines = arena_array(g->scratch, count, sizeof(*lines));
    for (size_t i = 0; i < count; i++)
        lines[i] = (struct inscription){
            .student_id = g->students[family] + (int64_t)i,
            .student_first_name = i ? "Sol" : "Luz",
            .student_last_name = f->surname,
            .list_price_cents = workshop->price_cents,
            .price_cents = workshop->price_now_cents,
            .workshop = *workshop,
        };
    return (struct order){
        .account_id = g->accounts[family],
        .method = workshop->price_now_cents ? "transfer" : NULL,
        .total_cents = workshop->price_now_cents * (int64_t)count,
        .currency = g->settings.currency,
        .paid_at = at,
        .lines = {.items = lines, .count = count},
        .first_name = f->first_name,
        .last_name = f->surname,
        .has_language = true,
        .language = LANG_ES,
    };
}

static enum err insert_order(struct tx *tx, struct growth *g, struct order *o) {
    enum err err = tx_exec(tx, demo_sql[DEMO_ADD_ORDER], V(o->account_id), V_NULL, V("paid"),
                           V_NULL, V(o->method), V(o->total_cents), V(o->paid_at), V(o->paid_at),
                           V_NULL, V(o->paid_at));
    o->id = tx_last_id(tx);
    for (size_t i = 0; !err && i < o->lines.count; i++) {
        const struct inscription *line = &o->lines.items[i];
        err = tx_exec(tx, demo_sql[DEMO_ADD_INSCRIPTION], V(o->id), V(line->workshop.id),
                      V(line->student_id), V(line->list_price_cents), V(line->price_cents),
                      V("confirmed"), V_NULL, V(o->paid_at));
    }
    if (!err && o->total_cents)
        err = tx_exec(tx, demo_sql[DEMO_ADD_PAYMENT], V(o->id), V(o->method),
                      V(arena_printf(g->scratch, "G%lld", (long long)o->id)), V(o->total_cents),
                      V("succeeded"), V(o->paid_at), V(o->paid_at));
    return err;
}

static enum err buy(struct tx *tx, struct growth *g, int64_t family, int64_t at,
                    const struct workshop *workshop) {
    struct receipt receipt;
    if (g->left <= 0)
        return OK;
    struct order order = compose(g, family, at, workshop);
    enum err err = insert_order(tx, g, &order);
    if (!err)
        err = receipt_write_tx(tx, g->scratch, &g->settings, &order, at, &receipt);
    g->left -= (int64_t)order.lines.count;
    return err;
}

/* A new family buys, and one that bought `lag` steps ago comes back for another workshop. */
static enum err add_step(struct tx *tx, struct growth *g, int64_t step) {
    int64_t span = (int64_t)(HISTORY_DAYS - 1) * DAY;
    int64_t at = g->now - span - DAY / 2 + span / g->steps * step;
    int64_t here = step * g->past_count / g->steps;
    arena_reset(g->scratch);
    enum err err = add_family(tx, g, step, at - DAY);
    if (!err)
        err = buy(tx, g, step, at, &g->past[here]);
    if (!err && step >= g->lag)
        err = buy(tx, g, step - g->lag, at + 60, &g->past[(here + 1) % g->past_count]);
    return err;
}

/* Sets what it changes in `g` from the copy it was given, as it may run twice. */
struct batch {
    struct growth *growth;
    int64_t left;
};

static enum err steps_tx(struct tx *tx, void *arg) {
    struct batch *batch = arg;
    struct growth *g = batch->growth;
    enum err err = OK;
    g->left = batch->left;
    for (int64_t i = 0; !err && i < STEPS_A_WRITE && g->next + i < g->steps && g->left > 0; i++)
        err = add_step(tx, g, g->next + i);
    return err;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static enum err prepare(struct shop *shop, struct growth *g) {
    struct db *db = store_reader(shop->store);
    enum err err = setting_load(db, g->arena, &g->settings);
    if (!err)
        err = topic_list(db, g->arena, &g->topics);
    if (!err)
        err = db_int(db, demo_sql[DEMO_LAST_ACCOUNT], &g->first_account);
    store_release(shop->store, db);
    if (!err && (!g->settings.demo || g->topics.count == 0))
        err = ERR_REFUSED;
    return err;
}

static enum err add_upcoming(struct shop *shop, struct growth *g) {
    enum err err = OK;
    for (g->next = 0; !err && g->next < g->workshops; g->next += STEPS_A_WRITE)
        err = store_write(shop->store, upcoming_tx, g);
    return err;
}

static enum err add_history(struct shop *shop, struct growth *g) {
    /* Every step but the first `lag` holds four inscriptions, those hold two. */
    g->steps = g->inscriptions * 10 / (A_STEP * 9) + 2;
    g->lag = g->steps / 5 + 1;
    g->past_count = g->inscriptions / SEATS_A_WORKSHOP + PAST_WORKSHOPS_MIN;
    g->past = arena_array(g->arena, (size_t)g->past_count, sizeof(*g->past));
    g->accounts = arena_array(g->arena, (size_t)g->steps, sizeof(*g->accounts));
    g->students = arena_array(g->arena, (size_t)g->steps, sizeof(*g->students));
    enum err err = store_write(shop->store, past_tx, g);
    g->left = g->inscriptions;
    for (g->next = 0; !err && g->next < g->steps && g->left > 0; g->next += STEPS_A_WRITE) {
        struct batch batch = {g, g->left};
        err = store_write(shop->store, steps_tx, &batch);
    }
    return err;
}

enum err demo_grow(struct shop *shop, int64_t now, int64_t workshops, int64_t inscriptions) {
    struct growth g = {
        .now = now,
        .arena = arena_create(),
        .scratch = arena_create(),
        .workshops = workshops,
        .inscriptions = inscriptions,
    };
    enum err err = prepare(shop, &g);
    if (!err)
        err = add_upcoming(shop, &g);
    if (!err && inscriptions > 0)
        err = add_history(shop, &g);
    arena_destroy(g.scratch);
    arena_destroy(g.arena);
    return err;
}
