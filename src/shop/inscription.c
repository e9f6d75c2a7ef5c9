/* The rules of taking, keeping and giving back a seat in the cart. What only reads is in
 * inscription_list.c; what payment does to seats is in order_settle.c. */
#include "shop/inscription.h"
#include "base/zone.h"
#include "shop/inscription_sql.h"
#include "shop/order.h"
#include "shop/setting.h"
#include "shop/shop.h"

/* One operation on its way into the writer and back. */
struct request {
    struct shop *shop;
    struct arena *arena;
    int64_t account_id, now;
    const char *workshop_slug, *key, *student_slug; /* as asked for, where the operation has them */
    int64_t id;
    struct inscription_result *result;
    const struct settings *settings; /* as of the transaction */
};

/* A student, what its account has, and its inscription in the workshop in question. */
struct asked {
    int64_t student_id;
    const char *student_slug, *first_name;
    struct date birth;
    int64_t cart_id; /* 0: no cart yet */
    int holds;       /* live ones of the account */
    int64_t id;      /* 0: none; then nothing below counts */
    int64_t order_id;
    enum inscription_status status;
    int64_t hold_until;
    int extensions;
    int64_t workshop_id;
};

static enum err read_asked(struct rows *rows, const struct request *r, struct asked *out) {
    bool found = rows_next(rows);
    *out = (struct asked){0};
    if (found) {
        *out = (struct asked){
            .student_id = rows_int(rows, 0),
            .student_slug = rows_text(rows, 1, r->arena),
            .first_name = rows_text(rows, 2, r->arena),
            .cart_id = rows_int(rows, 4),
            .holds = (int)rows_int(rows, 5),
            .id = rows_int(rows, 6),
            .order_id = rows_int(rows, 7),
            .hold_until = rows_int(rows, 9),
            .extensions = (int)rows_int(rows, 10),
            .workshop_id = rows_int(rows, 11),
        };
        (void)date_parse(rows_text(rows, 3, r->arena), &out->birth); /* checked when stored */
        if (out->id)
            out->status = inscription_read_status(rows, 8, r->arena, r->now);
    }
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static bool in_cart(const struct asked *a) {
    return a->order_id == a->cart_id;
}

static bool is_live(const struct asked *a) {
    return a->id && (a->status == INSCRIPTION_HELD || a->status == INSCRIPTION_CONFIRMED);
}

/* ---- telling -------------------------------------------------------------------------------- */

/* A transaction may run more than once: each run starts anew. */
static void begin(struct request *r, struct tx *tx) {
    *r->result = (struct inscription_result){.min_age = WORKSHOP_NONE, .max_age = WORKSHOP_NONE};
    r->settings = shop_settings(r->shop, tx_db(tx));
}

static struct date today(const struct request *r) {
    return zone_date(r->settings->zone, r->now);
}

static void tell(struct request *r, const struct workshop *w, const struct asked *a) {
    struct inscription_result *result = r->result;
    result->student_slug = a->student_slug;
    result->student_first_name = a->first_name;
    result->workshop_slug = w->slug;
    result->workshop_title = w->title;
    result->min_age = w->min_age;
    result->max_age = w->max_age;
    result->age_on = date_is_set(w->start) ? w->start : today(r);
    result->age = date_age(a->birth, result->age_on);
    result->sales_open_at = w->sales_open_at;
}

static enum err refuse(struct request *r, enum inscription_refusal refusal) {
    r->result->refusal = refusal;
    return ERR_REFUSED;
}

static enum err done(struct request *r, int64_t id, int64_t order_id, int64_t hold_until) {
    r->result->id = id;
    r->result->order_id = order_id;
    r->result->hold_until = hold_until;
    return OK;
}

/* ---- rules ---------------------------------------------------------------------------------- */

static enum inscription_refusal age_refusal(const struct request *r, const struct workshop *w,
                                            struct date birth) {
    switch (workshop_age_fits(w, birth, today(r), NULL)) {
    case WORKSHOP_AGE_FITS:
        break;
    case WORKSHOP_TOO_YOUNG:
        return INSCRIPTION_AGE_LOW;
    case WORKSHOP_TOO_OLD:
        return INSCRIPTION_AGE_HIGH;
    }
    return INSCRIPTION_OK;
}

/* Whether a seat may be asked for; whether there is one is decided by the statement that takes it.
 */
static enum inscription_refusal seat_refusal(const struct request *r, const struct workshop *w,
                                             const struct asked *a) {
    switch (workshop_for_sale(w, r->settings, r->now)) {
    case WORKSHOP_OPEN:
        break;
    case WORKSHOP_NOT_YET:
        return INSCRIPTION_NOT_OPEN_YET;
    case WORKSHOP_CLOSED:
        return INSCRIPTION_CLOSED;
    case WORKSHOP_FULL:
        return INSCRIPTION_FULL;
    }
    enum inscription_refusal refusal = age_refusal(r, w, a->birth);
    if (refusal)
        return refusal;
    if (a->holds >= r->settings->live_holds_per_account) {
        r->result->limit = r->settings->live_holds_per_account;
        return INSCRIPTION_TOO_MANY;
    }
    return INSCRIPTION_OK;
}

/* Seats whose hold has ended are free before the next one is counted. */
static enum err sweep(struct tx *tx, const struct request *r, int64_t workshop_id) {
    return tx_exec(tx, inscription_sql[INSCRIPTION_EXPIRE_DUE], V(workshop_id), V(r->now));
}

/* ---- taking a seat -------------------------------------------------------------------------- */

/* The outcome of a statement that takes a seat: it took one, found none, or met the rule "one live
 * inscription a student and workshop". */
static enum err taken(struct request *r, struct tx *tx, enum err err) {
    if (err == ERR_CONFLICT)
        return refuse(r, INSCRIPTION_ALREADY);
    if (err)
        return err;
    return tx_changes(tx) == 1 ? OK : refuse(r, INSCRIPTION_FULL);
}

static enum err take(struct request *r, struct tx *tx, const struct workshop *w,
                     const struct asked *a) {
    enum inscription_refusal refusal = seat_refusal(r, w, a);
    if (refusal)
        return refuse(r, refusal);
    enum err err = sweep(tx, r, w->id);
    if (err)
        return err;
    int64_t until = r->now + 60 * (int64_t)r->settings->hold_minutes;
    if (a->id && in_cart(a)) {
        err =
            taken(r, tx, tx_exec(tx, inscription_sql[INSCRIPTION_TAKE_AGAIN], V(a->id), V(until)));
        return err ? err : done(r, a->id, a->order_id, until);
    }
    int64_t cart_id = a->cart_id;
    if (!cart_id)
        err = order_create_cart_tx(tx, r->account_id, r->settings->currency, r->now, &cart_id);
    if (!err)
        err = taken(r, tx,
                    tx_exec(tx, inscription_sql[INSCRIPTION_TAKE], V(cart_id), V(a->student_id),
                            V(until), V(r->now), V(w->id)));
    return err ? err : done(r, tx_last_id(tx), cart_id, until);
}

static enum err find_asked(struct request *r, struct tx *tx, int64_t workshop_id,
                           struct asked *out) {
    return read_asked(db_query(tx_db(tx), inscription_sql[INSCRIPTION_ASKED], V(r->now),
                               V(r->account_id), V(r->student_slug), V(workshop_id)),
                      r, out);
}

static enum err hold_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct workshop w;
    struct asked a;
    begin(r, tx);
    enum err err = workshop_by_slug(tx_db(tx), r->arena, r->workshop_slug, r->key, r->now, &w);
    if (!err)
        err = find_asked(r, tx, w.id, &a);
    if (err)
        return err;
    tell(r, &w, &a);
    if (!is_live(&a))
        return take(r, tx, &w, &a);
    if (!in_cart(&a))
        return refuse(r, INSCRIPTION_ALREADY);
    r->result->was_in_cart = true;
    return done(r, a.id, a.order_id, a.hold_until);
}

/* ---- what is in the cart -------------------------------------------------------------------- */

/* The own inscription that is asked about, with its workshop. */
static enum err find_own(struct request *r, struct tx *tx, struct asked *a, struct workshop *w) {
    struct db *db = tx_db(tx);
    enum err err = read_asked(
        db_query(db, inscription_sql[INSCRIPTION_OWN], V(r->now), V(r->account_id), V(r->id)), r,
        a);
    if (!err)
        err = workshop_by_id(db, r->arena, a->workshop_id, r->now, w);
    if (!err)
        tell(r, w, a);
    return err;
}

static enum err rehold_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct workshop w;
    struct asked a;
    begin(r, tx);
    enum err err = find_own(r, tx, &a, &w);
    if (err)
        return err;
    if (!in_cart(&a) || (a.status != INSCRIPTION_HELD && a.status != INSCRIPTION_EXPIRED))
        return refuse(r, INSCRIPTION_LOCKED);
    if (a.status == INSCRIPTION_EXPIRED)
        return take(r, tx, &w, &a);
    r->result->was_in_cart = true;
    return done(r, a.id, a.order_id, a.hold_until);
}

static enum err extend_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct workshop w;
    struct asked a;
    begin(r, tx);
    enum err err = find_own(r, tx, &a, &w);
    if (err)
        return err;
    if (!in_cart(&a) || (a.status != INSCRIPTION_HELD && a.status != INSCRIPTION_EXPIRED))
        return refuse(r, INSCRIPTION_LOCKED);
    if (a.status == INSCRIPTION_EXPIRED)
        return take(r, tx, &w, &a);
    if (a.extensions >= INSCRIPTION_EXTENSIONS_MAX) {
        r->result->limit = INSCRIPTION_EXTENSIONS_MAX;
        return refuse(r, INSCRIPTION_EXTENDED_OUT);
    }
    int64_t until = a.hold_until + 60 * (int64_t)r->settings->extension_minutes;
    err = tx_exec(tx, inscription_sql[INSCRIPTION_EXTEND], V(a.id), V(until));
    return err ? err : done(r, a.id, a.order_id, until);
}

static enum err change_student_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct workshop w;
    struct asked now_has, shall_have;
    begin(r, tx);
    enum err err = find_own(r, tx, &now_has, &w);
    if (!err)
        err = find_asked(r, tx, w.id, &shall_have);
    if (err)
        return err;
    tell(r, &w, &shall_have);
    if (!in_cart(&now_has))
        return refuse(r, INSCRIPTION_LOCKED);
    if (now_has.status != INSCRIPTION_HELD)
        return refuse(r, INSCRIPTION_ENDED);
    if (now_has.student_id == shall_have.student_id)
        return done(r, now_has.id, now_has.order_id, now_has.hold_until);
    if (is_live(&shall_have))
        return refuse(r, in_cart(&shall_have) ? INSCRIPTION_IN_CART : INSCRIPTION_ALREADY);
    enum inscription_refusal refusal = age_refusal(r, &w, shall_have.birth);
    if (refusal)
        return refuse(r, refusal);
    err = sweep(tx, r, w.id); /* a lapsed hold of that student may still be written as held */
    if (!err)
        err =
            tx_exec(tx, inscription_sql[INSCRIPTION_GIVE], V(now_has.id), V(shall_have.student_id));
    return err ? err : done(r, now_has.id, now_has.order_id, now_has.hold_until);
}

static enum err remove_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct workshop w;
    struct asked a;
    begin(r, tx);
    enum err err = find_own(r, tx, &a, &w);
    if (err)
        return err;
    if (!in_cart(&a))
        return refuse(r, INSCRIPTION_LOCKED);
    if (a.status == INSCRIPTION_HELD || a.status == INSCRIPTION_EXPIRED)
        err = tx_exec(tx, inscription_sql[INSCRIPTION_REMOVE], V(a.id));
    return err ? err : done(r, a.id, a.order_id, 0);
}

/* ---- operations ----------------------------------------------------------------------------- */

/* Counted behind the transaction, which may run more than once. */
static enum err run(struct request *r, store_fn *fn) {
    enum err err = store_write(r->shop->store, fn, r);
    if (err == ERR_REFUSED && r->result->refusal == INSCRIPTION_FULL)
        counter_add(&r->shop->counters.seats_refused, 1);
    return err;
}

enum err inscription_hold(struct shop *shop, struct arena *arena, int64_t account_id,
                          const char *workshop_slug, const char *key, const char *student_slug,
                          int64_t now, struct inscription_result *result) {
    struct request r = {.shop = shop,
                        .arena = arena,
                        .account_id = account_id,
                        .workshop_slug = workshop_slug,
                        .key = key,
                        .student_slug = student_slug,
                        .now = now,
                        .result = result};
    return run(&r, hold_tx);
}

enum err inscription_rehold(struct shop *shop, struct arena *arena, int64_t account_id, int64_t id,
                            int64_t now, struct inscription_result *result) {
    struct request r = {shop, arena, account_id, now, .id = id, .result = result};
    return run(&r, rehold_tx);
}

enum err inscription_extend(struct shop *shop, struct arena *arena, int64_t account_id, int64_t id,
                            int64_t now, struct inscription_result *result) {
    struct request r = {shop, arena, account_id, now, .id = id, .result = result};
    return run(&r, extend_tx);
}

enum err inscription_change_student(struct shop *shop, struct arena *arena, int64_t account_id,
                                    int64_t id, const char *student_slug, int64_t now,
                                    struct inscription_result *result) {
    struct request r = {
        shop, arena, account_id, now, .id = id, .student_slug = student_slug, .result = result};
    return run(&r, change_student_tx);
}

enum err inscription_remove(struct shop *shop, struct arena *arena, int64_t account_id, int64_t id,
                            int64_t now, struct inscription_result *result) {
    struct request r = {shop, arena, account_id, now, .id = id, .result = result};
    return run(&r, remove_tx);
}
