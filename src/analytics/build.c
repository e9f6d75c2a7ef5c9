/* Making a snapshot: the tables are read in the order they lie on disk, in one read transaction;
 * everything else (which order a row belongs to, on which day, in what order) happens in memory. */
#include "analytics/build.h"
#include "analytics/analytics_sql.h"
#include "analytics/snapshot_file.h"
#include "base/clock.h"
#include "base/log.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *add(struct build_list *list, size_t size) {
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 1024;
        list->items = realloc(list->items, list->room * size);
        if (!list->items) {
            log_error("out_of_memory", "bytes", "%llu", (unsigned long long)(list->room * size));
            abort();
        }
    }
    return (char *)list->items + list->count++ * size;
}

#define ADD(list, type) ((type *)add((list), sizeof(type)))

/* ---- ids ------------------------------------------------------------------------------------ */

static void ids_add(struct build *b, struct build_ids *ids, int64_t id) {
    const uint64_t *items = ids->list.items;
    b->disorder |= id < 0 || (ids->list.count && (uint64_t)id <= items[ids->list.count - 1]);
    *ADD(&ids->list, uint64_t) = (uint64_t)id;
}

static bool has_gap(const struct build_ids *ids) {
    const uint64_t *items = ids->list.items;
    uint64_t count = ids->list.count;
    return count && items[count - 1] - items[0] != count - 1;
}

/* A table by id while that takes little more room than the list itself. */
static void ids_index(struct build_ids *ids) {
    const uint64_t *items = ids->list.items;
    uint64_t last = ids->list.count ? items[ids->list.count - 1] : 0;
    if (!has_gap(ids) || last > ids->list.count * 8 + 65536)
        return;
    ids->table_size = last + 1;
    ids->table = malloc(ids->table_size * sizeof(*ids->table));
    if (!ids->table)
        abort();
    memset(ids->table, 0xff, ids->table_size * sizeof(*ids->table));
    for (uint64_t i = 0; i < ids->list.count; i++)
        ids->table[items[i]] = (uint32_t)i;
}

static uint32_t ids_search(const struct build_ids *ids, uint64_t id) {
    const uint64_t *items = ids->list.items;
    uint64_t low = 0, high = ids->list.count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (items[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->list.count && items[low] == id ? (uint32_t)low : BUILD_NO_NUMBER;
}

/* After ids_index. */
static uint32_t ids_find(const struct build_ids *ids, int64_t id) {
    const uint64_t *items = ids->list.items;
    if (ids->table)
        return (uint64_t)id < ids->table_size ? ids->table[id] : BUILD_NO_NUMBER;
    if (!ids->list.count || has_gap(ids))
        return ids_search(ids, (uint64_t)id);
    uint64_t number = (uint64_t)id - items[0];
    return number < ids->list.count ? (uint32_t)number : BUILD_NO_NUMBER;
}

/* ---- reading -------------------------------------------------------------------------------- */

static uint64_t number(const struct row *row, int column) {
    int64_t value = row_int(row, column);
    return value > 0 ? (uint64_t)value : 0;
}

/* Reading is most of the time a build takes; the last tenth is left for the rest. */
static void count_row(struct build *b) {
    if (!b->progress || ++b->rows_read % 4096 != 0 || b->rows_total <= 0)
        return;
    int64_t permille = b->rows_read * 900 / b->rows_total;
    atomic_store(b->progress, (int)(permille < 900 ? permille : 900));
}

static void read_topic(const struct row *row, void *ctx) {
    struct build *b = ctx;
    ids_add(b, &b->topics, row_int(row, 0));
}

static void read_workshop(const struct row *row, void *ctx) {
    struct build *b = ctx;
    uint32_t topic = ids_find(&b->topics, row_int(row, 1));
    ids_add(b, &b->workshops, row_int(row, 0));
    *ADD(&b->workshop, struct build_workshop) =
        (struct build_workshop){.topic = topic == BUILD_NO_NUMBER ? 0 : topic,
                                .level = (uint32_t)row_int(row, 2),
                                .capacity = number(row, 3)};
}

/* The dense number of a country and role; there are few of them. */
static uint16_t group_of(struct build *b, uint32_t country, uint32_t role) {
    const struct build_group *groups = b->group.items;
    for (uint64_t i = 0; i < b->group.count; i++)
        if (groups[i].country == country && groups[i].role == role)
            return (uint16_t)i;
    *ADD(&b->group, struct build_group) = (struct build_group){country, role};
    return (uint16_t)(b->group.count - 1);
}

static void read_account(const struct row *row, void *ctx) {
    struct build *b = ctx;
    count_row(b);
    ids_add(b, &b->accounts, row_int(row, 0));
    *ADD(&b->account_group, uint16_t) =
        group_of(b, (uint32_t)fact_country(row_text(row, 1)), (uint32_t)number(row, 2));
}

static void read_student(const struct row *row, void *ctx) {
    struct build *b = ctx;
    count_row(b);
    ids_add(b, &b->students, row_int(row, 0));
    uint32_t birth = (uint32_t)fact_birth(row_text(row, 1));
    *ADD(&b->birth, uint32_t) = birth;
    b->birth_bits |= birth;
}

/* Orders that were paid once. */
static void read_order(const struct row *row, void *ctx) {
    struct build *b = ctx;
    count_row(b);
    const char *status = row_text(row, 3);
    bool paid = strcmp(status, "paid") == 0;
    if (!paid && strcmp(status, "refunded") != 0)
        return;
    uint32_t account = ids_find(&b->accounts, row_int(row, 1));
    if (account == BUILD_NO_NUMBER)
        return;
    int64_t day = fact_day(b->zone, row_int(row, 2), &b->day);
    b->first_day = day < b->first_day ? day : b->first_day;
    b->last_day = day > b->last_day ? day : b->last_day;
    ids_add(b, &b->orders, row_int(row, 0));
    *ADD(&b->order, struct build_order) =
        (struct build_order){.account = account, .day = (int32_t)day, .paid = paid};
}

static void read_inscription(const struct row *row, void *ctx) {
    struct build *b = ctx;
    count_row(b);
    const char *status = row_text(row, 5);
    bool confirmed = strcmp(status, "confirmed") == 0;
    if (!confirmed && strcmp(status, "refunded") != 0)
        return;
    uint64_t price = number(row, 3), list = number(row, 4);
    struct build_fact fact = {.order = ids_find(&b->orders, row_int(row, 0)),
                              .workshop = ids_find(&b->workshops, row_int(row, 1)),
                              .student = ids_find(&b->students, row_int(row, 2)),
                              .price = fact_cents(price),
                              .discount = fact_cents(list > price ? list - price : 0)};
    if (fact.order == BUILD_NO_NUMBER || fact.workshop == BUILD_NO_NUMBER ||
        fact.student == BUILD_NO_NUMBER)
        return;
    if (!confirmed) {
        *ADD(&b->backs, struct build_fact) = fact;
        return;
    }
    struct build_order *order = (struct build_order *)b->order.items + fact.order;
    if (!order->paid)
        return;
    order->rows++;
    b->price_bits |= fact.price;
    b->discount_bits |= fact.discount;
    *ADD(&b->facts, struct build_fact) = fact;
}

static enum err read_change(struct db *db, struct snapshot_header *header) {
    struct rows *rows = db_query(db, analytics_sql[ANALYTICS_LAST_CHANGE]);
    if (rows_next(rows)) {
        header->change_seq = (uint64_t)rows_int(rows, 0);
        header->epoch = rows_int(rows, 1);
    }
    return rows_end(rows);
}

static enum err read_tables(struct db *db, struct build *b) {
    const struct {
        int sql;
        db_row_fn *each;
        struct build_ids *ids;
    } TABLES[] = {
        {ANALYTICS_TOPICS, read_topic, &b->topics},
        {ANALYTICS_WORKSHOPS, read_workshop, &b->workshops},
        {ANALYTICS_ACCOUNTS, read_account, &b->accounts},
        {ANALYTICS_STUDENTS, read_student, &b->students},
        {ANALYTICS_ORDERS, read_order, &b->orders},
        {ANALYTICS_INSCRIPTIONS, read_inscription, NULL},
    };
    enum err err = db_int(db, analytics_sql[ANALYTICS_SIZE], &b->rows_total);
    for (size_t i = 0; !err && i < ARRAY_COUNT(TABLES); i++) {
        err = db_scan(db, analytics_sql[TABLES[i].sql], TABLES[i].each, b);
        if (TABLES[i].ids)
            ids_index(TABLES[i].ids);
    }
    if (err)
        return err;
    return b->disorder                                                        ? ERR_INTERNAL
           : b->orders.list.count && b->last_day - b->first_day >= UINT16_MAX ? ERR_INVALID
                                                                              : OK;
}

/* ---- all ------------------------------------------------------------------------------------ */

static void build_free(struct build *b) {
    struct build_ids *const ids[] = {&b->topics, &b->workshops, &b->accounts, &b->students,
                                     &b->orders};
    struct build_list *const lists[] = {&b->workshop, &b->account_group, &b->birth, &b->order,
                                        &b->group,    &b->facts,         &b->backs};
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
        free(ids[i]->list.items);
        free(ids[i]->table);
    }
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++)
        free(lists[i]->items);
}

enum err snapshot_build(struct db *db, const struct snapshot_moment *moment, const char *path,
                        atomic_int *progress) {
    int64_t begin_us = clock_monotonic_us();
    struct build b = {
        .zone = moment->zone, .first_day = INT64_MAX, .last_day = INT64_MIN, .progress = progress};
    struct snapshot_header header = {.as_of = moment->now};
    snprintf(header.zone, sizeof(header.zone), "%s", moment->zone_name);
    enum err err = read_change(db, &header);
    if (!err)
        err = read_tables(db, &b);
    if (!err)
        err = build_write(&b, &header, begin_us, path);
    if (err)
        LOG_FIELDS(LOG_ERROR, "snapshot_not_made", LOG_INT("err", (int)err),
                   LOG_INT("first_day", b.first_day), LOG_INT("last_day", b.last_day));
    build_free(&b);
    return err;
}
