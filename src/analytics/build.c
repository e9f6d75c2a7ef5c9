/* Making a snapshot: the tables are read in the order they lie on disk, in one read transaction;
 * everything else (which order a row belongs to, on which day, in what order) happens in memory. */
#include "analytics/analytics_sql.h"
#include "analytics/fact.h"
#include "analytics/snapshot_file.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/zone.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { NO_INDEX = UINT32_MAX };

/* A growing list of numbers. */
struct numbers {
    uint64_t *items;
    uint64_t count, room;
};

/* Ids in ascending order, and from an id to its dense number. */
struct ids {
    struct numbers list;
    uint32_t *table; /* by id, where ids are dense enough */
    uint64_t table_size;
};

/* What the inscriptions table says, in its own order. */
struct fact {
    uint32_t order, workshop, student, price, discount;
};

struct build {
    struct db *db;
    const struct zone *zone;
    struct arena *arena;
    struct ids topics, workshops, accounts, students, orders;
    struct numbers workshop_topic, workshop_level, workshop_capacity;
    struct numbers account_group, group_country, group_role;
    struct numbers birth;                    /* year × 512 + month × 32 + day, by student */
    struct numbers order_account, order_day; /* days since 1970 */
    struct numbers order_paid;               /* 1: paid, 0: refunded */
    struct numbers order_rows;               /* confirmed inscriptions of each */
    struct fact *facts, *backs;
    uint64_t fact_count, fact_room, back_count, back_room;
    int64_t first_day, days;
    uint64_t change_seq;
    int64_t epoch;
    atomic_int *progress;
    int64_t rows_read, rows_total; /* rows_total: about */
    struct numbers sections[SNAPSHOT_SECTIONS];
};

static void *grow(void *items, uint64_t count, uint64_t *room, size_t size) {
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : 1024;
    void *more = realloc(items, *room * size);
    if (!more) {
        log_error("out_of_memory", "bytes", "%llu", (unsigned long long)(*room * size));
        abort();
    }
    return more;
}

static void add(struct numbers *list, uint64_t value) {
    list->items = grow(list->items, list->count, &list->room, sizeof(*list->items));
    list->items[list->count++] = value;
}

static void reserve(struct numbers *list, uint64_t count) {
    list->items = calloc(count ? count : 1, sizeof(*list->items));
    if (!list->items)
        abort();
    list->count = list->room = count;
}

/* ---- ids ------------------------------------------------------------------------------------ */

/* A table by id while that takes little more room than the list itself. */
static void ids_index(struct ids *ids) {
    uint64_t last = ids->list.count ? ids->list.items[ids->list.count - 1] : 0;
    if (last > ids->list.count * 8 + 65536)
        return;
    ids->table_size = last + 1;
    ids->table = malloc(ids->table_size * sizeof(*ids->table));
    if (!ids->table)
        abort();
    memset(ids->table, 0xff, ids->table_size * sizeof(*ids->table));
    for (uint64_t i = 0; i < ids->list.count; i++)
        ids->table[ids->list.items[i]] = (uint32_t)i;
}

static uint32_t ids_find(const struct ids *ids, uint64_t id) {
    if (ids->table)
        return id < ids->table_size ? ids->table[id] : NO_INDEX;
    uint64_t low = 0, high = ids->list.count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (ids->list.items[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->list.count && ids->list.items[low] == id ? (uint32_t)low : NO_INDEX;
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Reading is most of the time a build takes; the last tenth is left for the rest. */
static bool next(struct build *b, struct rows *rows) {
    if (b->progress && ++b->rows_read % 4096 == 0 && b->rows_total > 0) {
        int64_t permille = b->rows_read * 900 / b->rows_total;
        atomic_store(b->progress, (int)(permille < 900 ? permille : 900));
    }
    return rows_next(rows);
}

static uint64_t number(struct rows *rows, int column) {
    int64_t value = rows_int(rows, column);
    return value > 0 ? (uint64_t)value : 0;
}

static enum err read_change(struct build *b) {
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_LAST_CHANGE]);
    if (rows_next(rows)) {
        b->change_seq = number(rows, 0);
        b->epoch = rows_int(rows, 1);
    }
    return rows_end(rows);
}

static enum err read_topics(struct build *b) {
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_TOPICS]);
    while (rows_next(rows))
        add(&b->topics.list, number(rows, 0));
    ids_index(&b->topics);
    return rows_end(rows);
}

static enum err read_workshops(struct build *b) {
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_WORKSHOPS]);
    while (rows_next(rows)) {
        uint32_t topic = ids_find(&b->topics, number(rows, 1));
        add(&b->workshops.list, number(rows, 0));
        add(&b->workshop_topic, topic == NO_INDEX ? 0 : topic);
        add(&b->workshop_level, number(rows, 2));
        add(&b->workshop_capacity, rows_null(rows, 3) ? SNAPSHOT_NO_CAPACITY : number(rows, 3) + 1);
    }
    ids_index(&b->workshops);
    return rows_end(rows);
}

/* The dense number of a country and role; there are few of them. */
static uint64_t group_of(struct build *b, uint64_t country, uint64_t role) {
    for (uint64_t i = b->group_country.count; i-- > 0;)
        if (b->group_country.items[i] == country && b->group_role.items[i] == role)
            return i;
    add(&b->group_country, country);
    add(&b->group_role, role);
    return b->group_country.count - 1;
}

static enum err read_accounts(struct build *b) {
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_ACCOUNTS]);
    while (next(b, rows)) {
        arena_reset(b->arena);
        const char *text = rows_text(rows, 1, b->arena);
        uint64_t country = fact_country(text);
        add(&b->accounts.list, number(rows, 0));
        add(&b->account_group, group_of(b, country, number(rows, 2)));
    }
    ids_index(&b->accounts);
    return rows_end(rows);
}

static enum err read_students(struct build *b) {
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_STUDENTS]);
    while (next(b, rows)) {
        add(&b->students.list, number(rows, 0));
        add(&b->birth, fact_date(number(rows, 1), number(rows, 2), number(rows, 3)));
    }
    ids_index(&b->students);
    return rows_end(rows);
}

static enum err read_orders(struct build *b) {
    struct fact_day cache = {0};
    int64_t last_day = INT64_MIN;
    b->first_day = INT64_MAX;
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_ORDERS]);
    while (next(b, rows)) {
        uint32_t account = ids_find(&b->accounts, number(rows, 1));
        if (account == NO_INDEX)
            continue;
        int64_t day = fact_day(b->zone, rows_int(rows, 2), &cache);
        add(&b->orders.list, number(rows, 0));
        add(&b->order_account, account);
        add(&b->order_day, (uint64_t)day);
        add(&b->order_paid, rows_bool(rows, 3));
        b->first_day = day < b->first_day ? day : b->first_day;
        last_day = day > last_day ? day : last_day;
    }
    b->days = b->orders.list.count ? last_day - b->first_day + 1 : 0;
    b->first_day = b->orders.list.count ? b->first_day : 0;
    ids_index(&b->orders);
    reserve(&b->order_rows, b->orders.list.count);
    return rows_end(rows);
}

static void add_fact(struct fact **list, uint64_t *count, uint64_t *room, struct fact fact) {
    *list = grow(*list, *count, room, sizeof(**list));
    (*list)[(*count)++] = fact;
}

static enum err read_inscriptions(struct build *b) {
    struct rows *rows = db_query(b->db, analytics_sql[ANALYTICS_INSCRIPTIONS]);
    while (next(b, rows)) {
        uint64_t price = number(rows, 3), list = number(rows, 4);
        struct fact fact = {.order = ids_find(&b->orders, number(rows, 0)),
                            .workshop = ids_find(&b->workshops, number(rows, 1)),
                            .student = ids_find(&b->students, number(rows, 2)),
                            .price = fact_cents(price),
                            .discount = fact_cents(list > price ? list - price : 0)};
        if (fact.order == NO_INDEX || fact.workshop == NO_INDEX || fact.student == NO_INDEX)
            continue;
        if (!rows_bool(rows, 5)) {
            add_fact(&b->backs, &b->back_count, &b->back_room, fact);
        } else if (b->order_paid.items[fact.order]) {
            add_fact(&b->facts, &b->fact_count, &b->fact_room, fact);
            b->order_rows.items[fact.order]++;
        }
    }
    return rows_end(rows);
}

/* ---- arranging ------------------------------------------------------------------------------ */

/* Where each order's rows begin: by day, then by id. Orders without a row are left out. */
static uint64_t *place_orders(struct build *b) {
    struct numbers by_day = {0};
    reserve(&by_day, (uint64_t)b->days + 1);
    uint64_t orders = b->orders.list.count;
    for (uint64_t i = 0; i < orders; i++)
        if (b->order_rows.items[i])
            by_day.items[(int64_t)b->order_day.items[i] - b->first_day + 1]++;
    for (uint64_t d = 1; d < by_day.count; d++)
        by_day.items[d] += by_day.items[d - 1];
    uint64_t kept = by_day.items[by_day.count - 1];
    uint32_t *sorted = calloc(kept ? kept : 1, sizeof(*sorted));
    uint64_t *begin = malloc((orders ? orders : 1) * sizeof(*begin));
    if (!sorted || !begin)
        abort();
    for (uint64_t i = 0; i < orders; i++)
        if (b->order_rows.items[i])
            sorted[by_day.items[(int64_t)b->order_day.items[i] - b->first_day]++] = (uint32_t)i;
    reserve(&b->sections[ORDER_ID], kept);
    reserve(&b->sections[ORDER_FIRST], kept + 1);
    reserve(&b->sections[DAY_FIRST], (uint64_t)b->days + 1);
    uint64_t *day_first = b->sections[DAY_FIRST].items;
    uint64_t row = 0;
    for (uint64_t i = 0; i < kept; i++) {
        b->sections[ORDER_ID].items[i] = b->orders.list.items[sorted[i]];
        b->sections[ORDER_FIRST].items[i] = begin[sorted[i]] = row;
        row += b->order_rows.items[sorted[i]];
        day_first[(int64_t)b->order_day.items[sorted[i]] - b->first_day + 1] = row;
    }
    for (int64_t d = 1; d <= b->days; d++) /* a day without rows begins where the next one does */
        day_first[d] = day_first[d] ? day_first[d] : day_first[d - 1];
    b->sections[ORDER_FIRST].items[kept] = row;
    free(sorted);
    free(by_day.items);
    return begin;
}

/* fact_date of every day there is. */
static uint64_t *calendar(const struct build *b) {
    uint64_t *days = calloc(b->days > 0 ? (size_t)b->days : 1, sizeof(*days));
    if (!days)
        abort();
    for (int64_t d = 0; d < b->days; d++) {
        struct date date = date_from_days(b->first_day + d);
        days[d] = fact_date((uint64_t)date.year, (uint64_t)date.month, (uint64_t)date.day);
    }
    return days;
}

static int by_order(const void *a, const void *b) {
    const struct fact *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static void place_backs(struct build *b) {
    if (b->back_count)
        qsort(b->backs, b->back_count, sizeof(*b->backs), by_order);
    for (uint64_t i = 0; i < b->back_count; i++) {
        const struct fact *back = &b->backs[i];
        add(&b->sections[BACK_DAY], b->order_day.items[back->order] - (uint64_t)b->first_day);
        add(&b->sections[BACK_WORKSHOP], back->workshop);
        add(&b->sections[BACK_PRICE], back->price);
        add(&b->sections[BACK_ORDER], b->orders.list.items[back->order]);
    }
}

static void place_rows(struct build *b) {
    uint64_t *next = place_orders(b), *days = calendar(b);
    for (int id = ROW_WORKSHOP; id <= ROW_AGE; id++)
        reserve(&b->sections[id], b->fact_count);
    for (uint64_t i = 0; i < b->fact_count; i++) {
        const struct fact *fact = &b->facts[i];
        uint64_t row = next[fact->order]++;
        uint64_t day = b->order_day.items[fact->order] - (uint64_t)b->first_day;
        b->sections[ROW_WORKSHOP].items[row] = fact->workshop;
        b->sections[ROW_STUDENT].items[row] = fact->student;
        b->sections[ROW_ACCOUNT].items[row] = b->order_account.items[fact->order];
        b->sections[ROW_PRICE].items[row] = fact->price;
        b->sections[ROW_DISCOUNT].items[row] = fact->discount;
        b->sections[ROW_AGE].items[row] = fact_age(b->birth.items[fact->student], days[day]);
    }
    free(next);
    free(days);
}

static void place_dimensions(struct build *b) {
    b->sections[WORKSHOP_ID] = b->workshops.list;
    b->sections[WORKSHOP_TOPIC] = b->workshop_topic;
    b->sections[WORKSHOP_LEVEL] = b->workshop_level;
    b->sections[WORKSHOP_CAPACITY] = b->workshop_capacity;
    b->sections[TOPIC_ID] = b->topics.list;
    b->sections[STUDENT_ID] = b->students.list;
    b->sections[ACCOUNT_ID] = b->accounts.list;
    b->sections[ACCOUNT_GROUP] = b->account_group;
    b->sections[GROUP_COUNTRY] = b->group_country;
    b->sections[GROUP_ROLE] = b->group_role;
}

/* ---- writing -------------------------------------------------------------------------------- */

static uint32_t width_of(const struct numbers *list) {
    uint64_t most = 0;
    for (uint64_t i = 0; i < list->count; i++)
        most |= list->items[i];
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : most <= UINT32_MAX ? 4 : 8;
}

static void narrow(const struct numbers *list, uint32_t width, uint8_t *out) {
    for (uint64_t i = 0; i < list->count; i++)
        memcpy(out + i * width, &list->items[i], width); /* little-endian */
}

static uint64_t aligned(uint64_t offset) {
    return (offset + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
}

/* Where everything lies; answers the size of the file. */
static uint64_t lay_out(const struct build *b, struct snapshot_section *sections) {
    uint64_t offset =
        sizeof(struct snapshot_header) + SNAPSHOT_SECTIONS * sizeof(struct snapshot_section);
    for (uint32_t i = 0; i < SNAPSHOT_SECTIONS; i++) {
        offset = aligned(offset);
        sections[i] = (struct snapshot_section){.id = i,
                                                .width = width_of(&b->sections[i]),
                                                .offset = offset,
                                                .count = b->sections[i].count};
        offset += sections[i].count * sections[i].width;
    }
    return offset;
}

static void fill(const struct build *b, const struct snapshot_header *header,
                 const struct snapshot_section *sections, uint8_t *map) {
    struct snapshot_header *h = (struct snapshot_header *)map;
    *h = *header;
    memcpy(map + sizeof(*h), sections, SNAPSHOT_SECTIONS * sizeof(*sections));
    for (int i = 0; i < SNAPSHOT_SECTIONS; i++)
        narrow(&b->sections[i], sections[i].width, map + sections[i].offset);
    snapshot_checksum(h, map + sizeof(*h), h->file_size - sizeof(*h), h->checksum);
}

/* Written beside and renamed; the folder is synced, so that a crash leaves the old or the new. */
static enum err put_in_place(int fd, const char *beside, const char *path) {
    if (fsync(fd) != 0 || rename(beside, path) != 0)
        return ERR_IO;
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0)
        close(dir);
    return synced ? OK : ERR_IO;
}

static enum err write_file(const struct build *b, struct snapshot_header *header,
                           const char *path) {
    struct snapshot_section sections[SNAPSHOT_SECTIONS];
    char beside[4096];
    header->file_size = lay_out(b, sections);
    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
        return ERR_INVALID;
    int fd = open(beside, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return ERR_IO;
    /* Room is taken now: a disk that is full says so here and not by a signal in the middle. */
    int full = posix_fallocate(fd, 0, (off_t)header->file_size);
    enum err err = full == 0 ? OK : full == ENOSPC ? ERR_FULL : ERR_IO;
    uint8_t *map = MAP_FAILED;
    if (!err) {
        map = mmap(NULL, header->file_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        err = map == MAP_FAILED ? ERR_IO : OK;
    }
    if (!err) {
        fill(b, header, sections, map);
        munmap(map, header->file_size);
        err = put_in_place(fd, beside, path);
    }
    close(fd);
    if (err)
        unlink(beside);
    return err;
}

static void build_free(struct build *b) {
    place_dimensions(b); /* so that every list is owned by its section */
    for (int i = 0; i < SNAPSHOT_SECTIONS; i++)
        free(b->sections[i].items);
    struct ids *const ids[] = {&b->topics, &b->workshops, &b->accounts, &b->students, &b->orders};
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++)
        free(ids[i]->table);
    free(b->orders.list.items);
    free(b->birth.items);
    free(b->order_account.items);
    free(b->order_day.items);
    free(b->order_paid.items);
    free(b->order_rows.items);
    free(b->facts);
    free(b->backs);
    arena_destroy(b->arena);
}

static enum err read_tables(struct build *b) {
    static enum err (*const READ[])(struct build *) = {
        read_change,   read_topics, read_workshops,   read_accounts,
        read_students, read_orders, read_inscriptions};
    enum err err = db_int(b->db, analytics_sql[ANALYTICS_SIZE], &b->rows_total);
    for (size_t i = 0; !err && i < ARRAY_COUNT(READ); i++)
        err = READ[i](b);
    return !err && b->days > UINT16_MAX ? ERR_INVALID : err;
}

enum err snapshot_build(struct db *db, const struct snapshot_moment *moment, const char *path,
                        atomic_int *progress) {
    struct build b = {
        .db = db, .zone = moment->zone, .arena = arena_create(), .progress = progress};
    int64_t begin = clock_monotonic_us();
    enum err err = read_tables(&b);
    if (!err) {
        place_rows(&b);
        place_backs(&b);
        place_dimensions(&b);
        struct snapshot_header header = {.version = SNAPSHOT_VERSION,
                                         .sections = SNAPSHOT_SECTIONS,
                                         .rows = b.fact_count,
                                         .change_seq = b.change_seq,
                                         .epoch = b.epoch,
                                         .as_of = moment->now,
                                         .build_us = clock_monotonic_us() - begin,
                                         .first_day = (int32_t)b.first_day,
                                         .days = (int32_t)b.days};
        memcpy(header.magic, SNAPSHOT_MAGIC, sizeof(header.magic));
        snprintf(header.zone, sizeof(header.zone), "%s", moment->zone_name);
        err = write_file(&b, &header, path);
    }
    build_free(&b);
    if (err)
        LOG_FIELDS(LOG_ERROR, "snapshot_not_made", LOG_INT("err", (int)err),
                   LOG_INT("days", b.days));
    return err;
}
