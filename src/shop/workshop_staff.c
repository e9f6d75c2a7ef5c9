/* Putting workshops on sale and away, copying them, their private links. */
#include "shop/workshop_staff.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "shop/audit.h"
#include "shop/person.h"
#include "shop/shop.h"
#include "shop/workshop_staff_sql.h"

enum { REPEAT_SECONDS = 60, KEY_BYTES = 18 };

_Static_assert((KEY_BYTES * 4 + 2) / 3 + 1 <= WORKSHOP_KEY_SIZE, "a key must fit");

const char *workshop_refusal_english(enum workshop_refusal refusal) {
    static const char *const TEXTS[] = {
        [WORKSHOP_FINE] = NULL,
        [WORKSHOP_WAS_CANCELLED] = N_("“{title}” was called off and cannot be sold again. Make a "
                                      "copy of it instead."),
        [WORKSHOP_WAS_ARCHIVED] = N_("“{title}” is archived. Bring it back first."),
        [WORKSHOP_HAS_PEOPLE] = N_("“{title}” is still to come and has people enrolled. Call it "
                                   "off instead, so that they are told."),
        [WORKSHOP_DATES_REVERSED] = N_("The last day comes before the first."),
        [WORKSHOP_NO_DATE] = N_("Please give the first day."),
        [WORKSHOP_NOT_PRIVATE] = N_("Only a private workshop has a private link."),
    };
    return TEXTS[refusal];
}

void workshop_make_key(char key[WORKSHOP_KEY_SIZE]) {
    uint8_t random[KEY_BYTES];
    secret_random(random, sizeof(random));
    secret_base64(random, sizeof(random), key);
}

/* ---- reading -------------------------------------------------------------------------------- */

static struct workshop_staff read_workshop(struct rows *rows, struct arena *arena) {
    struct workshop_staff w = {.id = rows_int(rows, 0),
                               .slug = rows_text(rows, 1, arena),
                               .title = rows_text(rows, 2, arena),
                               .active = rows_bool(rows, 3),
                               .private = rows_bool(rows, 4),
                               .private_key = rows_text(rows, 5, arena),
                               .archived = !rows_null(rows, 6),
                               .cancelled = !rows_null(rows, 7),
                               .capacity = rows_null(rows, 8) ? -1 : rows_int(rows, 8),
                               .confirmed = rows_int(rows, 9),
                               .held = rows_int(rows, 10),
                               .start = person_read_date(rows, 11, arena),
                               .end = person_read_date(rows, 12, arena),
                               .sales_open_at = rows_int(rows, 13),
                               .sales_close_at = rows_int(rows, 14)};
    w.left = w.capacity < 0 ? -1 : w.capacity - w.confirmed - w.held;
    return w;
}

enum err workshop_staff_find(struct db *db, struct arena *arena, int64_t id, int64_t own,
                             int64_t now, struct workshop_staff *out) {
    struct rows *rows = db_query(db, workshop_staff_sql[STAFF_WORKSHOP_ONE], V(id), V(own), V(now));
    bool found = rows_next(rows);
    *out = found ? read_workshop(rows, arena) : (struct workshop_staff){0};
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static void add_choice(struct workshop_choices *out, struct arena *arena, int64_t id,
                       const char *name) {
    out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
    out->items[out->count++] = (struct workshop_choice){id, name};
}

enum err workshop_topics(struct db *db, struct arena *arena, struct workshop_choices *out) {
    *out = (struct workshop_choices){0};
    struct rows *rows = db_query(db, workshop_staff_sql[STAFF_WORKSHOP_TOPICS]);
    while (rows_next(rows))
        add_choice(out, arena, rows_int(rows, 0), rows_text(rows, 1, arena));
    return rows_end(rows);
}

enum err workshop_teachers(struct db *db, struct arena *arena, struct workshop_choices *out) {
    *out = (struct workshop_choices){0};
    struct rows *rows = db_query(db, workshop_staff_sql[STAFF_WORKSHOP_STAFF]);
    while (rows_next(rows))
        add_choice(
            out, arena, rows_int(rows, 0),
            arena_printf(arena, "%s %s", rows_text(rows, 1, arena), rows_text(rows, 2, arena)));
    return rows_end(rows);
}

enum err workshop_others(struct db *db, struct arena *arena, int64_t id, struct date today,
                         struct workshop_choices *out) {
    char day[DATE_TEXT_SIZE];
    date_format(today, day);
    *out = (struct workshop_choices){0};
    struct rows *rows = db_query(db, workshop_staff_sql[STAFF_WORKSHOP_OTHERS], V(id), V(day));
    while (rows_next(rows)) {
        const char *title = rows_text(rows, 1, arena), *start = rows_text(rows, 2, arena);
        add_choice(out, arena, rows_int(rows, 0),
                   start ? arena_printf(arena, "%s (%s)", title, start) : title);
    }
    return rows_end(rows);
}

/* ---- one operation -------------------------------------------------------------------------- */

struct request {
    struct shop *shop;
    struct arena *arena;
    int64_t actor_id, id, now;
    enum workshop_move move;
    const int64_t *ids;
    size_t count;
    const char *start_date, *end_date;
    struct workshop_result *result;
};

static enum err refuse(struct request *r, enum workshop_refusal refusal,
                       const struct workshop_staff *workshop) {
    *r->result = (struct workshop_result){.refusal = refusal, .title = workshop->title};
    return ERR_REFUSED;
}

/* ---- on sale and away ----------------------------------------------------------------------- */

static const struct {
    int sql;
    const char *action, *field, *before, *after; /* as the trail has it; NULL: the moment */
} MOVES[] = {
    [WORKSHOP_ACTIVATE] = {STAFF_WORKSHOP_ACTIVATE, "activate", "active", "0", "1"},
    [WORKSHOP_DEACTIVATE] = {STAFF_WORKSHOP_DEACTIVATE, "deactivate", "active", "1", "0"},
    [WORKSHOP_ARCHIVE] = {STAFF_WORKSHOP_ARCHIVE, "archive", "archived", "0", "1"},
    [WORKSHOP_RESTORE] = {STAFF_WORKSHOP_RESTORE, "restore", "archived", "1", "0"},
};

static bool over(const struct workshop_staff *w, struct date today) {
    struct date last = date_is_set(w->end) ? w->end : w->start;
    return date_is_set(last) && date_compare(last, today) < 0;
}

static enum workshop_refusal hindrance(const struct request *r, const struct workshop_staff *w,
                                       struct date today) {
    if (r->move == WORKSHOP_ACTIVATE && w->cancelled)
        return WORKSHOP_WAS_CANCELLED;
    if (r->move == WORKSHOP_ACTIVATE && w->archived)
        return WORKSHOP_WAS_ARCHIVED;
    if (r->move == WORKSHOP_ARCHIVE && !w->archived && !w->cancelled && w->confirmed + w->held &&
        !over(w, today))
        return WORKSHOP_HAS_PEOPLE;
    return WORKSHOP_FINE;
}

static enum err move_one(struct tx *tx, struct request *r, int64_t id, struct date today) {
    struct workshop_staff workshop;
    enum err err = workshop_staff_find(tx_db(tx), r->arena, id, 0, r->now, &workshop);
    if (err)
        return err;
    enum workshop_refusal refusal = hindrance(r, &workshop, today);
    if (refusal)
        return refuse(r, refusal, &workshop);
    bool dated = r->move == WORKSHOP_ARCHIVE;
    err = dated ? tx_exec(tx, workshop_staff_sql[STAFF_WORKSHOP_ARCHIVE], V(id), V(r->now))
                : tx_exec(tx, workshop_staff_sql[MOVES[r->move].sql], V(id));
    if (err || tx_changes(tx) == 0)
        return err;
    r->result->done++;
    const struct audit_field field = {.name = MOVES[r->move].field,
                                      .before = MOVES[r->move].before,
                                      .after = MOVES[r->move].after};
    return audit_change_tx(tx, r->actor_id, MOVES[r->move].action, "workshop", id, &field, 1);
}

static enum err move_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct date today = zone_date(shop_settings(r->shop, tx_db(tx))->zone, r->now);
    *r->result = (struct workshop_result){0};
    enum err err = OK;
    for (size_t i = 0; !err && i < r->count; i++)
        err = move_one(tx, r, r->ids[i], today);
    return err;
}

enum err workshop_move(struct shop *shop, struct arena *arena, int64_t actor_id,
                       enum workshop_move move, const int64_t *ids, size_t count, int64_t now,
                       struct workshop_result *result) {
    struct request r = {.shop = shop,
                        .arena = arena,
                        .actor_id = actor_id,
                        .now = now,
                        .move = move,
                        .ids = ids,
                        .count = count,
                        .result = result};
    return store_write(shop->store, move_tx, &r);
}

/* ---- copies --------------------------------------------------------------------------------- */

/* The same time of day, as many days later as the first day is; unset where one of them is. */
static struct value shifted(const struct zone *zone, const struct workshop_staff *old,
                            struct date start, int64_t at) {
    if (!at || !date_is_set(old->start))
        return V_NULL;
    struct local_time t = zone_local(zone, at);
    int64_t days = date_to_days(start) - date_to_days(old->start);
    return value_int(zone_utc(zone, date_add_days(t.date, days), t.hour, t.minute));
}

static enum err insert_copy(struct tx *tx, struct request *r, const struct workshop_staff *old,
                            struct date start) {
    const struct zone *zone = shop_settings(r->shop, tx_db(tx))->zone;
    char key[WORKSHOP_KEY_SIZE];
    const char *slug;
    workshop_make_key(key);
    enum err err = workshop_slug_propose(tx_db(tx), r->arena, old->title, r->start_date, 0, &slug);
    if (!err)
        err =
            tx_exec(tx, workshop_staff_sql[STAFF_WORKSHOP_COPY], V(old->id), V(slug),
                    V(r->start_date), V(r->end_date), shifted(zone, old, start, old->sales_open_at),
                    shifted(zone, old, start, old->sales_close_at), V(key), V(r->now));
    if (err)
        return err;
    r->result->id = tx_last_id(tx);
    r->result->done = 1;
    err = tx_exec(tx, workshop_staff_sql[STAFF_WORKSHOP_COPY_INSTRUCTORS], V(old->id),
                  V(r->result->id));
    const struct audit_field field = {.name = "copy_of",
                                      .after = arena_printf(r->arena, "%lld", (long long)old->id)};
    return err ? err
               : audit_change_tx(tx, r->actor_id, "create", "workshop", r->result->id, &field, 1);
}

static enum err copy_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    struct workshop_staff old;
    struct date start, end;
    *r->result = (struct workshop_result){0};
    enum err err = workshop_staff_find(tx_db(tx), r->arena, r->id, 0, r->now, &old);
    if (err)
        return err;
    if (!date_parse(r->start_date, &start))
        return refuse(r, WORKSHOP_NO_DATE, &old);
    if (r->end_date && (!date_parse(r->end_date, &end) || date_compare(end, start) < 0))
        return refuse(r, WORKSHOP_DATES_REVERSED, &old);
    err = db_int(tx_db(tx), workshop_staff_sql[STAFF_WORKSHOP_COPIED], &r->result->id, V(r->id),
                 V(r->start_date), V(r->end_date ? r->end_date : ""), V(r->now - REPEAT_SECONDS));
    r->result->repeated = err == OK;
    return err == ERR_NOT_FOUND ? insert_copy(tx, r, &old, start) : err;
}

enum err workshop_copy(struct shop *shop, struct arena *arena, int64_t actor_id, int64_t id,
                       const char *start_date, const char *end_date, int64_t now,
                       struct workshop_result *result) {
    struct request r = {.shop = shop,
                        .arena = arena,
                        .actor_id = actor_id,
                        .id = id,
                        .now = now,
                        .start_date = start_date ? start_date : "",
                        .end_date = end_date,
                        .result = result};
    return store_write(shop->store, copy_tx, &r);
}

/* ---- the private link ----------------------------------------------------------------------- */

static enum err renew_tx(struct tx *tx, void *arg) {
    struct request *r = arg;
    char key[WORKSHOP_KEY_SIZE];
    int64_t id;
    *r->result = (struct workshop_result){0};
    workshop_make_key(key);
    enum err err = tx_exec(tx, workshop_staff_sql[STAFF_WORKSHOP_NEW_KEY], V(r->id), V(key));
    if (err)
        return err;
    if (tx_changes(tx) == 0) {
        err = db_int(tx_db(tx), workshop_staff_sql[STAFF_WORKSHOP_SEATS], &id, V(r->id));
        r->result->refusal = WORKSHOP_NOT_PRIVATE;
        return err ? err : ERR_REFUSED;
    }
    r->result->done = 1;
    return audit_write_tx(tx, r->actor_id, "renew_link", "workshop", r->id, NULL);
}

enum err workshop_renew_key(struct shop *shop, int64_t actor_id, int64_t id,
                            struct workshop_result *result) {
    struct request r = {.shop = shop, .actor_id = actor_id, .id = id, .result = result};
    return store_write(shop->store, renew_tx, &r);
}
