/* Refreshing a snapshot. The change log names the orders to look at again: all their rows of before
 * are dead, all their rows of now stand in the delta. A refresh continues the delta of the one
 * before, which it copies: what is pinned never changes. */
#include "analytics/delta.h"
#include "analytics/analytics_sql.h"
#include "analytics/snapshot_file.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>

/* A delta larger than this and than one in so many rows of the base is worth a new base. */
enum { DELTA_MIN = 65536, DELTA_SHARE = 128 };

/* An order to look at again. */
struct touched {
    uint64_t id;
    size_t seen;     /* in what order: the first one tells what the base knows */
    bool was_paid;   /* before the change */
    int64_t paid_at; /* then */
};

/* What the database says of an inscription and its order, both paid for once. */
struct inscription {
    uint64_t order, account, workshop, student, price, list_price;
    int64_t paid_at;
    bool paid, confirmed; /* else refunded: the order, the inscription */
};

struct refresh {
    struct db *db;
    const struct snapshot_moment *moment;
    struct snapshot *base;
    const struct delta *before; /* NULL: this is the first one over its base */
    struct delta *d;
    struct snapshot_header header;
    struct arena *scratch, *row; /* `row`: reset with each */
    struct touched *touched;
    size_t touched_count;
    uint64_t *students, *accounts, *workshops, *topics; /* named by the log */
    size_t student_count, account_count, workshop_count, topic_count;
    uint64_t *relevelled; /* workshops that had another level */
    size_t relevelled_count;
    struct inscription *found; /* of the touched orders */
    size_t found_count;
    struct delta_row *rows; /* made of them */
    struct delta_back *backs;
    size_t row_count, back_count;
    struct fact_day day;
};

static uint64_t not_negative(int64_t value) {
    return value > 0 ? (uint64_t)value : 0;
}

/* ---- the change log -------------------------------------------------------------------------- */

static void touch(struct refresh *r, uint64_t id, bool was_paid, int64_t paid_at) {
    r->touched = arena_grow(r->scratch, r->touched, r->touched_count, sizeof(*r->touched));
    r->touched[r->touched_count] = (struct touched){id, r->touched_count, was_paid, paid_at};
    r->touched_count++;
}

static void add_id(struct refresh *r, uint64_t **ids, size_t *count, uint64_t id) {
    *ids = arena_grow(r->scratch, *ids, *count, sizeof(**ids));
    (*ids)[(*count)++] = id;
}

static void read_change(struct refresh *r, struct rows *rows) {
    const char *entity = rows_text(rows, 2, r->row);
    uint64_t id = (uint64_t)rows_int(rows, 3);
    r->header.change_seq = (uint64_t)rows_int(rows, 0);
    r->header.epoch = rows_int(rows, 1);
    switch (entity[0]) {
    case 'o':
        touch(r, id, !rows_null(rows, 4), rows_int(rows, 4));
        break;
    case 's':
        add_id(r, &r->students, &r->student_count, id);
        break;
    case 'a':
        add_id(r, &r->accounts, &r->account_count, id);
        break;
    case 'w':
        add_id(r, &r->workshops, &r->workshop_count, id);
        break;
    default:
        add_id(r, &r->topics, &r->topic_count, id);
    }
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
    while (same && changes(r) <= limit(r) && rows_next(rows)) {
        arena_reset(r->row);
        read_change(r, rows);
    }
    enum err err = rows_end(rows);
    return err ? err : same && changes(r) <= limit(r) ? OK : ERR_CONFLICT;
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

/* ---- dimensions ------------------------------------------------------------------------------ */

/* One that is not there any more has no rows either. */
static enum err read_workshop(struct refresh *r, uint64_t id) {
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_ONE_WORKSHOP], V((int64_t)id));
    if (rows_next(rows)) {
        struct delta_workshop now = {
            .id = id,
            .topic = delta_topic(r->d, not_negative(rows_int(rows, 1))),
            .level = (uint32_t)rows_int(rows, 2),
            .capacity =
                rows_null(rows, 3) ? SNAPSHOT_NO_CAPACITY : not_negative(rows_int(rows, 3)) + 1,
        };
        uint32_t known;
        if (delta_find(r->d, DELTA_WORKSHOP, id, &known) &&
            r->d->workshops[known].level != now.level)
            add_id(r, &r->relevelled, &r->relevelled_count, id);
        delta_put_workshop(r->d, now);
    }
    return rows_end(rows);
}

/* Of a student or an account that is not there any more nothing is known: who comes next may get
 * its id. */
static const uint32_t UNKNOWN = UINT32_MAX;

static enum err read_birth(struct refresh *r, uint64_t id, uint32_t *birth) {
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_ONE_STUDENT], V((int64_t)id));
    *birth = UNKNOWN;
    if (rows_next(rows)) {
        arena_reset(r->row);
        *birth = (uint32_t)fact_birth(rows_text(rows, 0, r->row));
    }
    return rows_end(rows);
}

static enum err read_group(struct refresh *r, uint64_t id, uint32_t *group) {
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_ONE_ACCOUNT], V((int64_t)id));
    *group = UNKNOWN;
    if (rows_next(rows)) {
        arena_reset(r->row);
        *group = delta_group(r->d, fact_country(rows_text(rows, 0, r->row)),
                             not_negative(rows_int(rows, 1)));
    }
    return rows_end(rows);
}

typedef enum err read_value(struct refresh *r, uint64_t id, uint32_t *value);

/* Those that the log names and that have a number are read again. */
static enum err read_values(struct refresh *r, enum delta_dimension dimension, const uint64_t *ids,
                            size_t count, read_value *read, struct delta_values *values) {
    enum err err = OK;
    for (size_t i = 0; !err && i < count; i++) {
        uint32_t known, value;
        if (!delta_find(r->d, dimension, ids[i], &known))
            continue;
        err = read(r, ids[i], &value);
        delta_set(r->d, values, known, value);
    }
    return err;
}

/* What is known is not read again. */
static enum err value_of(struct refresh *r, uint64_t id, uint32_t number, read_value *read,
                         struct delta_values *values, enum snapshot_section_id section,
                         uint32_t *value) {
    if (delta_get(r->d, values, section, number, value) && *value != UNKNOWN)
        return OK;
    enum err err = read(r, id, value);
    delta_set(r->d, values, number, *value);
    return err;
}

static enum err birth_of(struct refresh *r, uint64_t id, uint32_t student, uint32_t *birth) {
    return value_of(r, id, student, read_birth, &r->d->birth, STUDENT_BORN, birth);
}

static enum err group_of(struct refresh *r, uint64_t id, uint32_t account, uint32_t *group) {
    return value_of(r, id, account, read_group, &r->d->account_group, ACCOUNT_GROUP, group);
}

static enum err read_dimensions(struct refresh *r) {
    enum err err = OK;
    for (size_t i = 0; i < r->topic_count; i++)
        delta_topic(r->d, r->topics[i]);
    for (size_t i = 0; !err && i < r->workshop_count; i++)
        err = read_workshop(r, r->workshops[i]);
    if (!err)
        err =
            read_values(r, DELTA_STUDENT, r->students, r->student_count, read_birth, &r->d->birth);
    if (!err)
        err = read_values(r, DELTA_ACCOUNT, r->accounts, r->account_count, read_group,
                          &r->d->account_group);
    return err;
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
    struct snapshot_column orders = {before->orders, sizeof(*before->orders), before->order_count};
    uint64_t at = snapshot_lower_bound(orders, 0, orders.count, id);
    return at < orders.count && before->orders[at] == id;
}

/* ---- what is true now -------------------------------------------------------------------------
 */

static void find(const struct row *row, void *ctx) {
    struct refresh *r = ctx;
    r->found = arena_grow(r->scratch, r->found, r->found_count, sizeof(*r->found));
    r->found[r->found_count++] = (struct inscription){
        .order = not_negative(row_int(row, 0)),
        .account = not_negative(row_int(row, 1)),
        .paid_at = row_int(row, 2),
        .paid = row_int(row, 3),
        .workshop = not_negative(row_int(row, 4)),
        .student = not_negative(row_int(row, 5)),
        .price = not_negative(row_int(row, 6)),
        .list_price = not_negative(row_int(row, 7)),
        .confirmed = row_int(row, 8),
    };
}

/* What was sold since has ids one after the other: they are asked for together. */
static enum err find_inscriptions(struct refresh *r) {
    enum err err = OK;
    for (size_t i = 0, end; !err && i < r->touched_count; i = end) {
        end = i + 1;
        while (end < r->touched_count && r->touched[end].id == r->touched[end - 1].id + 1)
            end++;
        err = db_scan(r->db, analytics_sql[ANALYTICS_ORDER_ROWS], find, r,
                      V((int64_t)r->touched[i].id), V((int64_t)r->touched[end - 1].id));
    }
    return err;
}

/* What an order gives to all of its rows. */
struct sale {
    uint32_t account, day;
    uint64_t date; /* of the day: fact_date */
    uint16_t group;
};

/* False: it lies before the first day, or too far behind it. */
static bool take_day(struct refresh *r, int64_t paid_at, struct sale *sale) {
    int64_t local = fact_day(r->moment->zone, paid_at, &r->day);
    int64_t day = local - r->header.first_day;
    if (day < 0 || day >= UINT16_MAX)
        return false;
    if (day >= r->header.days)
        r->header.days = (int32_t)day + 1;
    sale->day = (uint32_t)day;
    sale->date = fact_date_of_day(local);
    return true;
}

/* ERR_CONFLICT: its day does not fit. */
static enum err begin_sale(struct refresh *r, const struct inscription *first, struct sale *sale) {
    sale->account = delta_number(r->d, DELTA_ACCOUNT, first->account);
    if (!take_day(r, first->paid_at, sale))
        return ERR_CONFLICT;
    uint32_t group;
    enum err err = group_of(r, first->account, sale->account, &group);
    sale->group = (uint16_t)group;
    return err;
}

static enum err add_row(struct refresh *r, const struct sale *sale, const struct inscription *i,
                        uint32_t workshop) {
    uint32_t student = delta_number(r->d, DELTA_STUDENT, i->student), birth;
    enum err err = birth_of(r, i->student, student, &birth);
    if (err)
        return err;
    r->rows = arena_grow(r->scratch, r->rows, r->row_count, sizeof(*r->rows));
    r->rows[r->row_count++] = (struct delta_row){
        .order = i->order,
        .day = sale->day,
        .workshop = workshop,
        .student = student,
        .account = sale->account,
        .price = fact_cents(i->price),
        .discount = fact_cents(i->list_price > i->price ? i->list_price - i->price : 0),
        .group = sale->group,
        .bracket = fact_bracket(&r->d->brackets, fact_age(birth, sale->date),
                                r->d->workshops[workshop].level),
    };
    return OK;
}

static void add_back(struct refresh *r, const struct sale *sale, const struct inscription *i,
                     uint32_t workshop) {
    r->backs = arena_grow(r->scratch, r->backs, r->back_count, sizeof(*r->backs));
    r->backs[r->back_count++] =
        (struct delta_back){i->order, sale->day, workshop, fact_cents(i->price)};
}

static enum err take_inscriptions(struct refresh *r) {
    struct sale sale = {0};
    enum err err = OK;
    for (size_t n = 0; !err && n < r->found_count; n++) {
        const struct inscription *i = &r->found[n];
        uint32_t workshop;
        if (n == 0 || i->order != r->found[n - 1].order)
            err = begin_sale(r, i, &sale);
        if (err || !delta_find(r->d, DELTA_WORKSHOP, i->workshop, &workshop))
            continue;
        if (!i->confirmed)
            add_back(r, &sale, i, workshop);
        else if (i->paid)
            err = add_row(r, &sale, i, workshop);
    }
    return err;
}

static void forget_orders(struct refresh *r) {
    for (size_t i = 0; i < r->touched_count; i++) {
        const struct touched *t = &r->touched[i];
        if (looked_at_before(r, t->id))
            continue;
        if (t->was_paid)
            kill_rows(r, t);
        kill_backs(r, t);
    }
}

/* ---- putting together -------------------------------------------------------------------------
 */

static int by_day_order(const void *a, const void *b) {
    const struct delta_row *x = a, *y = b;
    int order = (x->day > y->day) - (x->day < y->day);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static bool is_touched(const struct refresh *r, uint64_t id) {
    size_t low = 0, high = r->touched_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r->touched[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->touched_count && r->touched[low].id == id;
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

/* ---- begin and end ----------------------------------------------------------------------------
 */

static void begin(struct refresh *r, struct snapshot *current) {
    r->base = current->base ? current->base : current;
    r->before = current->delta;
    r->header = current->header;
    r->scratch = arena_create();
    r->row = arena_create();
    r->d = delta_begin(r->base, r->before);
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

enum err snapshot_refresh(struct db *db, const struct snapshot_moment *moment,
                          struct snapshot *current, struct snapshot **out) {
    *out = NULL;
    if (strcmp(current->header.zone, moment->zone_name) != 0 || current->header.days == 0)
        return ERR_CONFLICT;
    static enum err (*const STEPS[])(struct refresh *) = {read_log, read_dimensions, touch_orders};
    struct refresh r = {.db = db, .moment = moment};
    int64_t begin_us = clock_monotonic_us();
    enum err err = OK;
    begin(&r, current);
    for (size_t i = 0; !err && i < ARRAY_COUNT(STEPS); i++)
        err = STEPS[i](&r);
    if (!err) {
        keep_first_of_each(&r);
        forget_orders(&r);
        err = find_inscriptions(&r);
    }
    if (!err)
        err = take_inscriptions(&r);
    if (!err) {
        merge_rows(&r);
        merge_backs(&r);
        merge_orders(&r);
        if (r.d->row_count + r.d->dead_rows > limit(&r))
            err = ERR_CONFLICT;
    }
    if (err)
        delta_destroy(r.d);
    else
        *out = finish(&r, begin_us);
    arena_destroy(r.scratch);
    arena_destroy(r.row);
    return err;
}
