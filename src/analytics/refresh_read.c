/* What is true now of what changed: dimensions by one statement each, orders in runs of ids, by two
 * threads where there are many. */
#include "analytics/analytics_sql.h"
#include "analytics/refresh.h"
#include "base/workers.h"

/* ---- dimensions ------------------------------------------------------------------------------ */

/* One that is not there any more has no rows either. */
static enum err read_workshop(struct refresh *r, uint64_t id) {
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_ONE_WORKSHOP], V((int64_t)id));
    bool sound = true;
    if (rows_next(rows)) {
        struct delta_workshop now = {
            .id = id,
            .topic = delta_topic(r->d, fact_number(rows_int(rows, 1))),
            .capacity =
                rows_null(rows, 3) ? SNAPSHOT_NO_CAPACITY : fact_number(rows_int(rows, 3)) + 1,
        };
        uint32_t known;
        sound = fact_level(rows_int(rows, 2), &now.level);
        if (delta_find(r->d, DELTA_WORKSHOP, id, &known) &&
            r->d->workshops[known].level != now.level)
            refresh_add_id(r, &r->relevelled, &r->relevelled_count, id);
        delta_put_workshop(r->d, now);
    }
    enum err err = rows_end(rows);
    return err ? err : sound ? OK : fact_damaged("workshop");
}

/* Of a student or an account that is not there any more nothing is known: who comes next may get
 * its id. */
static const uint32_t UNKNOWN = UINT32_MAX;

static enum err read_birth(struct refresh *r, uint64_t id, uint32_t *birth) {
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_ONE_STUDENT], V((int64_t)id));
    bool sound = true;
    *birth = UNKNOWN;
    if (rows_next(rows)) {
        arena_reset(r->row);
        sound = fact_birth(rows_text(rows, 0, r->row), birth);
    }
    enum err err = rows_end(rows);
    return err ? err : sound ? OK : fact_damaged("student");
}

static enum err read_group(struct refresh *r, uint64_t id, uint32_t *group) {
    struct rows *rows = db_query(r->db, analytics_sql[ANALYTICS_ONE_ACCOUNT], V((int64_t)id));
    *group = UNKNOWN;
    if (rows_next(rows)) {
        arena_reset(r->row);
        *group = delta_group(r->d, fact_country(rows_text(rows, 0, r->row)),
                             fact_number(rows_int(rows, 1)));
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

enum err refresh_read_dimensions(struct refresh *r) {
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

/* ---- what is true now -------------------------------------------------------------------------
 */

static void find(const struct row *row, void *ctx) {
    struct share *s = ctx;
    s->found = arena_grow(s->arena, s->found, s->found_count, sizeof(*s->found));
    s->found[s->found_count++] = (struct inscription){
        .order = fact_number(row_int(row, 0)),
        .account = fact_number(row_int(row, 1)),
        .paid_at = row_int(row, 2),
        .paid = row_int(row, 3),
        .workshop = fact_number(row_int(row, 4)),
        .student = fact_number(row_int(row, 5)),
        .price = fact_number(row_int(row, 6)),
        .list_price = fact_number(row_int(row, 7)),
        .confirmed = row_int(row, 8),
    };
}

/* Whether an order follows the one before it in the table too: what was sold since does. */
static bool follows(const struct touched *touched, size_t i) {
    return i > 0 && touched[i].id == touched[i - 1].id + 1;
}

/* Orders that follow one another are asked for together. */
static void find_share(void *ctx, size_t index, int worker) {
    struct share *s = &((struct refresh *)ctx)->shares[index];
    const struct touched *t = s->touched;
    (void)worker;
    for (size_t i = 0, end; !s->err && i < s->touched_count; i = end) {
        for (end = i + 1; end < s->touched_count && follows(t, end);)
            end++;
        s->err = db_scan(s->db, analytics_sql[ANALYTICS_ORDER_ROWS], find, s, V((int64_t)t[i].id),
                         V((int64_t)t[end - 1].id));
    }
}

/* To be looked for, an order costs several times as much as one that follows it. */
static size_t cost(const struct touched *touched, size_t i) {
    return follows(touched, i) ? 1 : 8;
}

/* Shares of about the same cost. */
static void share_out(struct refresh *r, size_t shares) {
    size_t all = 0, before = 0, first = 0;
    for (size_t i = 0; i < r->touched_count; i++)
        all += cost(r->touched, i);
    for (size_t n = 0; n < shares; n++) {
        size_t end = first;
        while (end < r->touched_count && before < all * (n + 1) / shares)
            before += cost(r->touched, end++);
        r->shares[n].touched = r->touched + first;
        r->shares[n].touched_count = end - first;
        first = end;
    }
}

/* A few orders are found before another thread has woken up. */
static enum err find_inscriptions(struct refresh *r) {
    enum { WORTH_SHARING = 128 };
    size_t shares = r->touched_count < WORTH_SHARING ? 1 : r->share_count;
    enum err err = OK;
    share_out(r, shares);
    if (shares > 1)
        workers_run(r->workers, shares, find_share, r);
    else
        find_share(r, 0, 0);
    for (size_t i = 0; i < shares; i++)
        err = err ? err : r->shares[i].err;
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
        .discount = fact_discount(i->list_price, i->price),
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

static enum err take_inscriptions(struct refresh *r, const struct share *s) {
    struct sale sale = {0};
    enum err err = OK;
    for (size_t n = 0; !err && n < s->found_count; n++) {
        const struct inscription *i = &s->found[n];
        uint32_t workshop;
        if (n == 0 || i->order != s->found[n - 1].order)
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

enum err refresh_read_orders(struct refresh *r) {
    enum err err = find_inscriptions(r);
    for (size_t i = 0; !err && i < r->share_count; i++)
        err = take_inscriptions(r, &r->shares[i]);
    return err;
}
