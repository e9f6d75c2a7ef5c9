/* The first half of making a snapshot: reading the tables. Each is cut into parts by id, which
 * readers of the same moment take in turn; what they read is put together in the order of the ids,
 * so it does not show how many readers there were. */
#include "analytics/analytics_sql.h"
#include "analytics/build.h"
#include "base/array.h"
#include "base/workers.h"
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

static void *add(struct build_list *list, size_t size) {
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 1024;
        list->items = array_resize(list->items, list->room, size);
    }
    return (char *)list->items + list->count++ * size;
}

#define ADD(list, type) ((type *)add((list), sizeof(type)))

/* ---- ids ------------------------------------------------------------------------------------ */

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
    ids->table = array_resize(NULL, ids->table_size, sizeof(*ids->table));
    memset(ids->table, 0xff, ids->table_size * sizeof(*ids->table));
    for (uint64_t i = 0; i < ids->list.count; i++)
        ids->table[items[i]] = (uint32_t)i;
}

static uint32_t ids_search(const struct build_ids *ids, uint64_t id) {
    const uint64_t *items = ids->list.items;
    size_t at = array_lower_bound(items, ids->list.count, sizeof(*items), id);
    return at < ids->list.count && items[at] == id ? (uint32_t)at : BUILD_NO_NUMBER;
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

enum { IDS, ITEMS, BACKS, LISTS };

/* What is read of one part of a table; threads that count in neighbours must not share a line of
 * the cache. */
struct part {
    alignas(128) struct build *b;
    int64_t first, last; /* of the ids to be read */
    struct build_list lists[LISTS];
    struct fares fares;
    int64_t first_day, last_day;
    struct fact_day day;
    int64_t rows_read;
    bool damaged; /* there is what the schema does not let in */
    enum err err;
};

/* Reading is most of the time a build takes; the last tenth is left for the rest. */
static void count_row(struct part *p) {
    enum { STEP = 4096 };
    struct build *b = p->b;
    if (!b->progress || ++p->rows_read % STEP != 0)
        return;
    int64_t read = atomic_fetch_add(&b->rows_read, STEP) + STEP;
    int64_t permille = read * 900 / b->rows_total;
    atomic_store(b->progress, (int)(permille < 900 ? permille : 900));
}

static void add_id(struct part *p, int64_t id) {
    const uint64_t *ids = p->lists[IDS].items;
    p->damaged |= id < 0 || (p->lists[IDS].count && (uint64_t)id <= ids[p->lists[IDS].count - 1]);
    *ADD(&p->lists[IDS], uint64_t) = (uint64_t)id;
}

static void read_topic(const struct row *row, void *ctx) {
    add_id(ctx, row_int(row, 0));
}

static void read_workshop(const struct row *row, void *ctx) {
    struct part *p = ctx;
    uint32_t topic = ids_find(&p->b->topics, row_int(row, 1)), level;
    p->damaged |= !fact_level(row_int(row, 2), &level);
    add_id(p, row_int(row, 0));
    *ADD(&p->lists[ITEMS], struct build_workshop) =
        (struct build_workshop){.topic = topic == BUILD_NO_NUMBER ? 0 : topic,
                                .level = level,
                                .capacity = fact_number(row_int(row, 3))};
}

static void read_account(const struct row *row, void *ctx) {
    struct part *p = ctx;
    count_row(p);
    add_id(p, row_int(row, 0));
    *ADD(&p->lists[ITEMS], struct build_group) = (struct build_group){
        (uint16_t)fact_country(row_text(row, 1)), (uint8_t)fact_number(row_int(row, 2))};
}

static void read_student(const struct row *row, void *ctx) {
    struct part *p = ctx;
    uint32_t birth = 0;
    count_row(p);
    p->damaged |= !fact_birth(row_text(row, 1), &birth);
    add_id(p, row_int(row, 0));
    *ADD(&p->lists[ITEMS], uint32_t) = birth;
}

/* "" and damaged where the schema wants a text and there is none. */
static const char *read_word(struct part *p, const struct row *row, int column) {
    const char *text = row_text(row, column);
    p->damaged |= !text;
    return text ? text : "";
}

/* Orders that were paid once. */
static void read_order(const struct row *row, void *ctx) {
    struct part *p = ctx;
    count_row(p);
    const char *status = read_word(p, row, 3);
    bool paid = strcmp(status, "paid") == 0;
    if (!paid && strcmp(status, "refunded") != 0)
        return;
    uint32_t account = ids_find(&p->b->accounts, row_int(row, 1));
    if (account == BUILD_NO_NUMBER)
        return;
    int64_t day = fact_day(p->b->zone, row_int(row, 2), &p->day);
    p->first_day = day < p->first_day ? day : p->first_day;
    p->last_day = day > p->last_day ? day : p->last_day;
    add_id(p, row_int(row, 0));
    *ADD(&p->lists[ITEMS], struct build_order) =
        (struct build_order){.account = account, .day = (int32_t)day, .paid = paid};
}

static void read_inscription(const struct row *row, void *ctx) {
    struct part *p = ctx;
    struct build *b = p->b;
    count_row(p);
    const char *status = read_word(p, row, 5);
    bool confirmed = strcmp(status, "confirmed") == 0;
    if (!confirmed && strcmp(status, "refunded") != 0)
        return;
    uint32_t order = ids_find(&b->orders, row_int(row, 0));
    uint32_t workshop = ids_find(&b->workshops, row_int(row, 1));
    uint32_t student = ids_find(&b->students, row_int(row, 2));
    if (order == BUILD_NO_NUMBER || workshop == BUILD_NO_NUMBER || student == BUILD_NO_NUMBER)
        return;
    uint64_t price = fact_number(row_int(row, 3)), list = fact_number(row_int(row, 4));
    struct fare fare = {workshop, fact_cents(price), fact_discount(list, price)};
    if (!confirmed)
        *ADD(&p->lists[BACKS], struct build_back) =
            (struct build_back){order, workshop, fare.price};
    else if (((const struct build_order *)b->order.items)[order].paid)
        *ADD(&p->lists[ITEMS], struct build_fact) = (struct build_fact){
            .order = order, .student = student, .fare = fares_number(&p->fares, fare)};
}

/* ---- tables --------------------------------------------------------------------------------- */

/* Refers to those before it only. */
struct table {
    const char *name;
    int sql;
    db_row_fn *each;
    struct build_ids *ids;    /* NULL: rows have no number */
    struct build_list *items; /* by number; NULL: nothing but the id, or no number */
    size_t item_size;
    int64_t first, last; /* ids */
};

enum { TABLES = 6 };

struct reading {
    struct build *b;
    struct db *const *dbs;     /* worker i reads through connection i */
    const struct table *table; /* being read */
    struct part parts[BUILD_PARTS];
};

static void read_part(void *ctx, size_t index, int worker) {
    struct reading *r = ctx;
    struct part *p = &r->parts[index];
    p->err = db_scan(r->dbs[worker], analytics_sql[r->table->sql], r->table->each, p, V(p->first),
                     V(p->last));
}

/* The table's ids in equal steps; what is left over gets none. */
static void cut(struct reading *r) {
    int64_t first = r->table->first, last = r->table->last;
    int64_t step = (last - first) / BUILD_PARTS + 1;
    for (int64_t i = 0; i < BUILD_PARTS; i++) {
        bool any = i * step <= last - first;
        int64_t begin = any ? first + i * step : first + 1;
        r->parts[i] = (struct part){.b = r->b,
                                    .first = begin,
                                    .last = !any                  ? first
                                            : last - begin < step ? last
                                                                  : begin + step - 1,
                                    .first_day = INT64_MAX,
                                    .last_day = INT64_MIN};
    }
}

/* A list of every part, and where all of them come together. */
struct join {
    struct reading *r;
    int list;
    struct build_list *all;
    size_t size;
};

static void copy_part(void *ctx, size_t index, int worker) {
    const struct join *j = ctx;
    const struct build_list *part = &j->r->parts[index].lists[j->list];
    uint64_t before = 0;
    (void)worker;
    for (size_t i = 0; i < index; i++)
        before += j->r->parts[i].lists[j->list].count;
    if (part->count)
        memcpy((char *)j->all->items + before * j->size, part->items, part->count * j->size);
}

/* gcc's analyzer does not see that `all` outlives the call. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
static void join(struct reading *r, int list, struct build_list *all, size_t size) {
    struct join join = {r, list, all, size};
    for (size_t i = 0; i < BUILD_PARTS; i++)
        all->count += r->parts[i].lists[list].count;
    all->room = all->count;
    all->items = array_resize(NULL, all->count, size);
    workers_run(r->b->workers, BUILD_PARTS, copy_part, &join);
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        free(r->parts[i].lists[list].items);
        r->parts[i].lists[list] = (struct build_list){0};
    }
}
#pragma GCC diagnostic pop

/* Facts stay in their parts: nobody looks for one by number. */
static void keep_facts(struct reading *r) {
    struct build *b = r->b;
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        b->facts[i] = r->parts[i].lists[ITEMS];
        b->fact_count += b->facts[i].count;
        b->part_fares[i] = r->parts[i].fares;
    }
    join(r, BACKS, &b->backs, sizeof(struct build_back));
    fares_merge(b->part_fares, BUILD_PARTS, &b->fares, b->fare_numbers);
    struct build_order *orders = b->order.items;
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        struct build_fact *facts = b->facts[i].items;
        for (uint64_t f = 0; f < b->facts[i].count; f++)
            facts[f].place = orders[facts[f].order].rows++;
    }
}

static void join_parts(struct reading *r) {
    struct build *b = r->b;
    const struct table *t = r->table;
    if (t->ids) {
        join(r, IDS, &t->ids->list, sizeof(uint64_t));
        ids_index(t->ids);
    } else {
        keep_facts(r);
    }
    if (t->items)
        join(r, ITEMS, t->items, t->item_size);
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        struct part *p = &r->parts[i];
        b->first_day = p->first_day < b->first_day ? p->first_day : b->first_day;
        b->last_day = p->last_day > b->last_day ? p->last_day : b->last_day;
    }
}

static enum err read_table(struct reading *r, const struct table *table) {
    enum err err = OK;
    bool damaged = false;
    r->table = table;
    cut(r);
    workers_run(r->b->workers, BUILD_PARTS, read_part, r);
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        const struct part *p = &r->parts[i];
        err = err ? err : p->err;
        damaged |= p->damaged;
    }
    join_parts(r);
    return err ? err : damaged ? fact_damaged(table->name) : OK;
}

/* There are few groups. */
static void number_groups(struct build *b) {
    const struct build_group *accounts = b->account.items;
    b->account_group.items = array_resize(NULL, b->account.count, sizeof(uint16_t));
    for (uint64_t i = 0; i < b->account.count; i++) {
        const struct build_group *groups = b->group.items;
        uint64_t g = 0;
        while (g < b->group.count &&
               (groups[g].country != accounts[i].country || groups[g].role != accounts[i].role))
            g++;
        if (g == b->group.count)
            *ADD(&b->group, struct build_group) = accounts[i];
        *ADD(&b->account_group, uint16_t) = (uint16_t)g;
    }
}

static enum err read_change(struct db *db, struct snapshot_header *header) {
    struct rows *rows = db_query(db, analytics_sql[ANALYTICS_LAST_CHANGE]);
    if (rows_next(rows)) {
        header->change_seq = (uint64_t)rows_int(rows, 0);
        header->epoch = rows_int(rows, 1);
    }
    return rows_end(rows);
}

/* Ids are never negative: who wrote one is not one of ours. Of ids far apart, no table has all. */
static enum err read_ends(struct db *db, struct build *b, struct table tables[TABLES]) {
    const int64_t IDS_MAX = INT64_C(1) << 40;
    const char *negative = NULL;
    struct rows *rows = db_query(db, analytics_sql[ANALYTICS_ENDS]);
    for (struct table *t = tables; !negative && t < tables + TABLES && rows_next(rows); t++) {
        t->first = rows_int(rows, 0);
        t->last = rows_int(rows, 1);
        negative = t->first < 0 ? t->name : NULL;
        if (!negative)
            b->rows_total += (t->last - t->first < IDS_MAX ? t->last - t->first : IDS_MAX) + 1;
    }
    enum err err = rows_end(rows);
    return err ? err : negative ? fact_damaged(negative) : OK;
}

enum err build_read(struct build *b, struct db *const *dbs, struct snapshot_header *header) {
    /* in the order of ANALYTICS_ENDS */
    struct table tables[TABLES] = {
        {.name = "topic", .sql = ANALYTICS_TOPICS, .each = read_topic, .ids = &b->topics},
        {.name = "workshop",
         .sql = ANALYTICS_WORKSHOPS,
         .each = read_workshop,
         .ids = &b->workshops,
         .items = &b->workshop,
         .item_size = sizeof(struct build_workshop)},
        {.name = "account",
         .sql = ANALYTICS_ACCOUNTS,
         .each = read_account,
         .ids = &b->accounts,
         .items = &b->account,
         .item_size = sizeof(struct build_group)},
        {.name = "student",
         .sql = ANALYTICS_STUDENTS,
         .each = read_student,
         .ids = &b->students,
         .items = &b->birth,
         .item_size = sizeof(uint32_t)},
        {.name = "orders",
         .sql = ANALYTICS_ORDERS,
         .each = read_order,
         .ids = &b->orders,
         .items = &b->order,
         .item_size = sizeof(struct build_order)},
        {.name = "inscription", .sql = ANALYTICS_INSCRIPTIONS, .each = read_inscription},
    };
    struct reading r = {.b = b, .dbs = dbs};
    enum err err = read_change(dbs[0], header);
    if (!err)
        err = read_ends(dbs[0], b, tables);
    for (size_t i = 0; !err && i < TABLES; i++)
        err = read_table(&r, &tables[i]);
    number_groups(b);
    return err                                                                ? err
           : b->orders.list.count && b->last_day - b->first_day >= UINT16_MAX ? ERR_INVALID
                                                                              : OK;
}
