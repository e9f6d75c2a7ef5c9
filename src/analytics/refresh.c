/* Refreshing a snapshot. The change log names the orders to look at again: all their rows of before
 * are dead, all their rows of now stand in the delta. A refresh continues the delta of the one
 * before, which it copies: what is pinned never changes. */
#include "analytics/refresh.h"
#include "analytics/analytics_sql.h"
#include "analytics/snapshot_file.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/workers.h"
#include <stdlib.h>
#include <string.h>

/* A delta larger than this and than one in so many rows of the base is worth a new base. */
enum { DELTA_MIN = 65536, DELTA_SHARE = 128 };

/* ---- the change log -------------------------------------------------------------------------- */

static void touch(struct refresh *r, uint64_t id, bool was_paid, int64_t paid_at) {
    r->touched = arena_grow(r->scratch, r->touched, r->touched_count, sizeof(*r->touched));
    r->touched[r->touched_count] = (struct touched){id, r->touched_count, was_paid, paid_at};
    r->touched_count++;
}

/* False: it names nothing. */
static bool read_change(struct refresh *r, struct rows *rows) {
    const char *entity = rows_text(rows, 2, r->row);
    uint64_t id = (uint64_t)rows_int(rows, 3);
    r->header.change_seq = (uint64_t)rows_int(rows, 0);
    r->header.epoch = rows_int(rows, 1);
    switch (entity ? entity[0] : '\0') {
    case 'o':
        touch(r, id, !rows_null(rows, 4), rows_int(rows, 4));
        break;
    case 's':
        refresh_add_id(r, &r->students, &r->student_count, id);
        break;
    case 'a':
        refresh_add_id(r, &r->accounts, &r->account_count, id);
        break;
    case 'w':
        refresh_add_id(r, &r->workshops, &r->workshop_count, id);
        break;
    case 't':
        refresh_add_id(r, &r->topics, &r->topic_count, id);
        break;
    default:
        return false;
    }
    return true;
}

static size_t changes(const struct refresh *r) {
    return r->touched_count + r->student_count + r->account_count + r->workshop_count;
}

static size_t limit(const struct refresh *r) {
    size_t share = r->base->header.rows / DELTA_SHARE;
    return share > DELTA_MIN ? share : DELTA_MIN;
}

/* The last change the snapshot contains must still be there, and be the same one. */
static enum err read_log(struct refresh *r) {
    uint64_t seq = r->header.change_seq;
    int64_t epoch = r->header.epoch;
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_CHANGES], V((int64_t)seq));
    bool same = rows_next(rows) && rows_int(rows, 0) == (int64_t)seq && rows_int(rows, 1) == epoch;
    bool sound = true;
    while (same && sound && changes(r) <= limit(r) && rows_next(rows)) {
        arena_reset(r->row);
        sound = read_change(r, rows);
    }
    enum err err = rows_end(rows);
    if (err || !sound)
        return err ? err : fact_damaged("change_log");
    return same && changes(r) <= limit(r) ? OK : ERR_CONFLICT;
}

/* Some orders that were paid, `sql` finds them by one number each. */
static enum err touch_orders_of(struct refresh *r, const char *sql, const uint64_t *ids,
                                size_t count) {
    enum err err = OK;
    for (size_t i = 0; !err && i < count; i++) {
        struct rows *rows = db_query(r->db, sql, V((int64_t)ids[i]));
        while (changes(r) <= limit(r) && rows_next(rows))
            touch(r, (uint64_t)rows_int(rows, 0), true, rows_int(rows, 1));
        err = rows_end(rows);
    }
    return err;
}

/* A birth date changes the bracket in every row of the student, a level in every row of the
 * workshop, a country the group in every row of the account. What an order's own change says of
 * before comes first. */
static enum err touch_orders(struct refresh *r) {
    enum err err =
        touch_orders_of(r, analytics_sql[ANALYTICS_STUDENT_ORDERS], r->students, r->student_count);
    if (!err)
        err = touch_orders_of(r, analytics_sql[ANALYTICS_ACCOUNT_ORDERS], r->accounts,
                              r->account_count);
    if (!err)
        err = touch_orders_of(r, analytics_sql[ANALYTICS_WORKSHOP_ORDERS], r->relevelled,
                              r->relevelled_count);
    return err ? err : changes(r) <= limit(r) ? OK : ERR_CONFLICT;
}

static int by_id_seen(const void *a, const void *b) {
    const struct touched *x = a, *y = b;
    int order = (x->id > y->id) - (x->id < y->id);
    return order ? order : (x->seen > y->seen) - (x->seen < y->seen);
}

static void keep_first_of_each(struct refresh *r) {
    size_t kept = 0;
    if (r->touched_count)
        qsort(r->touched, r->touched_count, sizeof(*r->touched), by_id_seen);
    for (size_t i = 0; i < r->touched_count; i++)
        if (!kept || r->touched[kept - 1].id != r->touched[i].id)
            r->touched[kept++] = r->touched[i];
    r->touched_count = kept;
}

/* ---- what the base says no longer ------------------------------------------------------------ */

/* The orders of a day stand together, by id. */
static void kill_rows(struct refresh *r, const struct touched *t) {
    const struct snapshot_source *base = &r->base->sources[0];
    int64_t day = fact_day(r->moment->zone, t->paid_at, &r->day) - r->base->header.first_day;
    if (day < 0 || day >= r->base->header.days)
        return;
    uint64_t first = snapshot_row_of_day(base, (uint64_t)day);
    uint64_t end = snapshot_row_of_day(base, (uint64_t)day + 1);
    if (first == end)
        return;
    uint64_t order_end = end == base->rows ? base->orders : snapshot_order_of_row(base, end);
    uint64_t order = snapshot_lower_bound(base->columns[ORDER_ID],
                                          snapshot_order_of_row(base, first), order_end, t->id);
    if (order == order_end || snapshot_value(base->columns[ORDER_ID], order) != t->id)
        return;
    end = snapshot_value(base->columns[ORDER_FIRST], order + 1);
    for (uint64_t row = snapshot_value(base->columns[ORDER_FIRST], order); row < end; row++) {
        r->d->dead[row / 64] |= UINT64_C(1) << row % 64;
        r->d->dead_rows++;
    }
}

static void kill_backs(struct refresh *r, const struct touched *t) {
    struct snapshot_column orders = r->base->sources[0].columns[BACK_ORDER];
    uint64_t first = snapshot_lower_bound(orders, 0, orders.count, t->id);
    for (uint64_t i = first; i < orders.count && snapshot_value(orders, i) == t->id; i++)
        r->d->dead_backs[i / 64] |= UINT64_C(1) << i % 64;
}

static bool looked_at_before(const struct refresh *r, uint64_t id) {
    if (!r->before)
        return false;
    const struct delta *before = r->before;
    size_t at = array_lower_bound(before->orders, before->order_count, sizeof(*before->orders), id);
    return at < before->order_count && before->orders[at] == id;
}

/* Each of the touched orders once, and what the base says of it no longer counts. */
static enum err forget_orders(struct refresh *r) {
    keep_first_of_each(r);
    for (size_t i = 0; i < r->touched_count; i++) {
        const struct touched *t = &r->touched[i];
        if (looked_at_before(r, t->id))
            continue;
        if (t->was_paid)
            kill_rows(r, t);
        kill_backs(r, t);
    }
    return OK;
}

/* ---- putting together -------------------------------------------------------------------------
 */

static int by_day_order(const void *a, const void *b) {
    const struct delta_row *x = a, *y = b;
    int order = (x->day > y->day) - (x->day < y->day);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static bool is_touched(const struct refresh *r, uint64_t id) {
    size_t at = array_lower_bound(r->touched, r->touched_count, sizeof(*r->touched), id);
    return at < r->touched_count && r->touched[at].id == id;
}

/* The rows of before that still hold, and those read now, in order. */
static void merge_rows(struct refresh *r) {
    struct delta *d = r->d;
    size_t old = r->before ? r->before->row_count : 0, at = 0;
    if (r->row_count)
        qsort(r->rows, r->row_count, sizeof(*r->rows), by_day_order);
    d->rows = arena_array(d->arena, old + r->row_count, sizeof(*d->rows));
    for (size_t i = 0; i < old; i++) {
        const struct delta_row *row = &r->before->rows[i];
        if (is_touched(r, row->order))
            continue;
        while (at < r->row_count && by_day_order(&r->rows[at], row) < 0)
            d->rows[d->row_count++] = r->rows[at++];
        d->rows[d->row_count++] = *row;
    }
    while (at < r->row_count)
        d->rows[d->row_count++] = r->rows[at++];
}

static void merge_backs(struct refresh *r) {
    struct delta *d = r->d;
    size_t old = r->before ? r->before->back_count : 0;
    d->backs = arena_array(d->arena, old + r->back_count, sizeof(*d->backs));
    for (size_t i = 0; i < old; i++)
        if (!is_touched(r, r->before->backs[i].order))
            d->backs[d->back_count++] = r->before->backs[i];
    if (r->back_count)
        memcpy(d->backs + d->back_count, r->backs, r->back_count * sizeof(*d->backs));
    d->back_count += r->back_count;
}

static void merge_orders(struct refresh *r) {
    struct delta *d = r->d;
    size_t old = r->before ? r->before->order_count : 0, i = 0, t = 0;
    d->orders = arena_array(d->arena, old + r->touched_count, sizeof(*d->orders));
    while (i < old || t < r->touched_count) {
        uint64_t a = i < old ? r->before->orders[i] : UINT64_MAX;
        uint64_t b = t < r->touched_count ? r->touched[t].id : UINT64_MAX;
        d->orders[d->order_count++] = a < b ? a : b;
        i += a <= b;
        t += b <= a;
    }
}

/* ERR_CONFLICT: that is more than a delta holds. */
static enum err merge(struct refresh *r) {
    merge_rows(r);
    merge_backs(r);
    merge_orders(r);
    return r->d->row_count + r->d->dead_rows > limit(r) ? ERR_CONFLICT : OK;
}

/* ---- begin and end ----------------------------------------------------------------------------
 */

static void begin(struct refresh *r, struct store *store, struct snapshot *current) {
    struct db *dbs[STORE_READERS];
    r->share_count = store_readers(store, dbs, (size_t)workers_count(r->workers));
    for (size_t i = 0; i < r->share_count; i++)
        r->shares[i] = (struct share){.db = dbs[i], .arena = arena_create()};
    r->db = dbs[0];
    r->base = current->base ? current->base : current;
    r->before = current->delta;
    r->header = current->header;
    r->scratch = arena_create();
    r->row = arena_create();
    r->d = delta_begin(r->base, r->before);
}

static void end(struct refresh *r, struct store *store) {
    for (size_t i = 0; i < r->share_count; i++) {
        store_release(store, r->shares[i].db);
        arena_destroy(r->shares[i].arena);
    }
    arena_destroy(r->scratch);
    arena_destroy(r->row);
}

static struct snapshot *finish(struct refresh *r, int64_t begin_us) {
    struct snapshot *after = calloc(1, sizeof(*after));
    if (!after)
        abort();
    delta_columns(r->d, after);
    r->header.as_of = r->moment->now;
    r->header.rows = r->base->header.rows - r->d->dead_rows + r->d->row_count;
    r->header.build_us = clock_monotonic_us() - begin_us;
    after->references = 1;
    after->header = r->header;
    after->base = snapshot_pin(r->base);
    after->delta = r->d;
    after->sources[0] = r->base->sources[0];
    after->sources[0].dead = r->d->dead;
    after->sources[0].dead_backs = r->d->dead_backs;
    return after;
}

enum err snapshot_refresh(struct store *store, struct workers *workers,
                          const struct snapshot_moment *moment, struct snapshot *current,
                          struct snapshot **out) {
    *out = NULL;
    if (strcmp(current->header.zone, moment->zone_name) != 0 || current->header.days == 0)
        return ERR_CONFLICT;
    static enum err (*const STEPS[])(struct refresh *) = {
        read_log, refresh_read_dimensions, touch_orders, forget_orders, refresh_read_orders, merge,
    };
    struct refresh r = {.workers = workers, .moment = moment};
    int64_t begin_us = clock_monotonic_us();
    enum err err = OK;
    begin(&r, store, current);
    for (size_t i = 0; !err && i < ARRAY_COUNT(STEPS); i++)
        err = STEPS[i](&r);
    if (err)
        delta_destroy(r.d);
    else
        *out = finish(&r, begin_us);
    end(&r, store);
    return err;
}
