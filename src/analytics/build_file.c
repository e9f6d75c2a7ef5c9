/* The second half of making a snapshot: what was read is put in order, straight into the file. */
#include "analytics/build.h"
#include "analytics/snapshot_file.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/workers.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- where everything lies -------------------------------------------------------------------
 */

struct layout {
    struct snapshot_section sections[SNAPSHOT_SECTIONS];
    uint64_t size; /* of the file */
    uint8_t *map;
};

static uint32_t width_for(uint64_t most) {
    return most <= UINT8_MAX ? 1 : most <= UINT16_MAX ? 2 : most <= UINT32_MAX ? 4 : 8;
}

static void describe(struct layout *l, enum snapshot_section_id id, uint64_t count, uint64_t most) {
    uint64_t offset = (l->size + SNAPSHOT_ALIGN - 1) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
    uint32_t width = width_for(most);
    l->sections[id] = (struct snapshot_section){id, width, offset, count};
    l->size = offset + count * width;
}

/* The largest number of so many. */
static uint64_t last_of(uint64_t count) {
    return count ? count - 1 : 0;
}

static uint64_t last_id(const struct build_ids *ids) {
    return ids->list.count ? ((const uint64_t *)ids->list.items)[ids->list.count - 1] : 0;
}

static uint64_t capacity_bits(const struct build *b) {
    const struct build_workshop *workshops = b->workshop.items;
    uint64_t bits = 0;
    for (uint64_t i = 0; i < b->workshop.count; i++)
        bits |= workshops[i].capacity;
    return bits;
}

static uint32_t back_price_bits(const struct build *b) {
    const struct build_back *backs = b->backs.items;
    uint32_t bits = 0;
    for (uint64_t i = 0; i < b->backs.count; i++)
        bits |= backs[i].price;
    return bits;
}

static uint32_t birth_bits(const struct build *b) {
    const uint32_t *births = b->birth.items;
    uint32_t bits = 0;
    for (uint64_t i = 0; i < b->birth.count; i++)
        bits |= births[i];
    return bits;
}

/* Of prices and of discounts. */
static struct fare fare_bits(const struct build *b) {
    struct fare bits = {0};
    for (uint32_t i = 0; i < b->fares.count; i++) {
        bits.price |= b->fares.items[i].price;
        bits.discount |= b->fares.items[i].discount;
    }
    return bits;
}

static uint64_t orders_with_rows(const struct build *b) {
    const struct build_order *orders = b->order.items;
    uint64_t count = 0;
    for (uint64_t i = 0; i < b->order.count; i++)
        count += orders[i].rows > 0;
    return count;
}

/* Every bracket that rows may have, by age, then by level: the ages that students had on any day,
 * at most a year too many of each. */
static void number_brackets(const struct build *b, struct fact_brackets *brackets) {
    const uint32_t *birth = b->birth.items;
    uint64_t first_date = fact_date_of_day(b->first_day);
    uint32_t years = fact_age(first_date, fact_date_of_day(b->last_day)) + 1, left = 0;
    bool begins[SNAPSHOT_AGES] = {false};
    for (uint64_t i = 0; i < b->birth.count; i++)
        begins[fact_age(birth[i], first_date)] = true;
    *brackets = (struct fact_brackets){.count = 0};
    for (uint32_t age = 0; age < SNAPSHOT_AGES; age++) {
        left = begins[age] ? years + 1 : left - (left > 0);
        for (uint32_t level = 0; left && level < SNAPSHOT_LEVELS; level++)
            fact_bracket(brackets, age, level);
    }
}

/* In the order of the sections' ids. */
static void lay_out(const struct build *b, uint64_t days, const struct fact_brackets *brackets,
                    struct layout *l) {
    uint64_t rows = b->fact_count, orders = orders_with_rows(b), backs = b->backs.count;
    uint64_t workshops = b->workshop.count, groups = b->group.count;
    struct fare bits = fare_bits(b);
    l->size = sizeof(struct snapshot_header) + sizeof(l->sections);
    describe(l, DAY_FIRST, days + 1, rows);
    describe(l, ROW_FARE, rows, last_of(b->fares.count));
    describe(l, ROW_STUDENT, rows, last_of(b->students.list.count));
    describe(l, ROW_PRICE, rows, bits.price);
    describe(l, ROW_BRACKET, rows, last_of(brackets->count));
    describe(l, ROW_GROUP, rows, last_of(groups));
    describe(l, ORDER_ID, orders, last_id(&b->orders));
    describe(l, ORDER_FIRST, orders + 1, rows);
    describe(l, ORDER_ACCOUNT, orders, last_of(b->accounts.list.count));
    describe(l, BACK_DAY, backs, last_of(days));
    describe(l, BACK_WORKSHOP, backs, last_of(workshops));
    describe(l, BACK_PRICE, backs, back_price_bits(b));
    describe(l, BACK_ORDER, backs, last_id(&b->orders));
    describe(l, FARE_WORKSHOP, b->fares.count, last_of(workshops));
    describe(l, FARE_PRICE, b->fares.count, bits.price);
    describe(l, FARE_DISCOUNT, b->fares.count, bits.discount);
    describe(l, WORKSHOP_ID, workshops, last_id(&b->workshops));
    describe(l, WORKSHOP_TOPIC, workshops, last_of(b->topics.list.count));
    describe(l, WORKSHOP_LEVEL, workshops, SNAPSHOT_LEVELS - 1);
    describe(l, WORKSHOP_CAPACITY, workshops, capacity_bits(b));
    describe(l, TOPIC_ID, b->topics.list.count, last_id(&b->topics));
    describe(l, STUDENT_ID, b->students.list.count, last_id(&b->students));
    describe(l, STUDENT_BORN, b->students.list.count, birth_bits(b));
    describe(l, ACCOUNT_ID, b->accounts.list.count, last_id(&b->accounts));
    describe(l, ACCOUNT_GROUP, b->accounts.list.count, last_of(groups));
    describe(l, GROUP_COUNTRY, groups, UINT16_MAX);
    describe(l, GROUP_ROLE, groups, UINT8_MAX);
    describe(l, BRACKET_AGE, brackets->count, SNAPSHOT_AGES - 1);
    describe(l, BRACKET_LEVEL, brackets->count, SNAPSHOT_LEVELS - 1);
}

/* A section to be written. */
struct column {
    uint8_t *data;
    uint32_t width;
};

static struct column column(const struct layout *l, enum snapshot_section_id id) {
    return (struct column){l->map + l->sections[id].offset, l->sections[id].width};
}

static void put(struct column column, uint64_t i, uint64_t value) {
    switch (column.width) {
    case 1:
        column.data[i] = (uint8_t)value;
        break;
    case 2:
        ((uint16_t *)column.data)[i] = (uint16_t)value;
        break;
    case 4:
        ((uint32_t *)column.data)[i] = (uint32_t)value;
        break;
    default:
        ((uint64_t *)column.data)[i] = value;
    }
}

/* What goes where. */
struct filling {
    struct build *b;
    const struct layout *layout;
    const struct fact_brackets *brackets;
    uint64_t days;
};

/* ---- filling it ------------------------------------------------------------------------------ */

/* The orders that have rows by day, then by id: their numbers. */
static uint32_t *sort_orders(const struct build *b, uint64_t days) {
    const struct build_order *orders = b->order.items;
    uint64_t *next = array_zeros(days + 1, sizeof(*next));
    for (uint64_t i = 0; i < b->order.count; i++)
        next[orders[i].day - b->first_day + 1] += orders[i].rows > 0;
    for (uint64_t day = 1; day <= days; day++)
        next[day] += next[day - 1];
    uint32_t *sorted = array_zeros(next[days], sizeof(*sorted));
    for (uint64_t i = 0; i < b->order.count; i++)
        if (orders[i].rows)
            sorted[next[orders[i].day - b->first_day]++] = (uint32_t)i;
    free(next);
    return sorted;
}

/* Accounts and students are met in no order: what is looked at so many steps later is asked for
 * now. */
enum { AHEAD = 16 };

/* From now on an order's `rows` is its first row. */
static void put_orders(const struct filling *f) {
    struct build *b = f->b;
    const struct layout *l = f->layout;
    struct build_order *orders = b->order.items;
    const uint16_t *groups = b->account_group.items;
    const uint64_t *ids = b->orders.list.items;
    struct column day_first = column(l, DAY_FIRST), id = column(l, ORDER_ID);
    struct column first = column(l, ORDER_FIRST), account = column(l, ORDER_ACCOUNT);
    uint32_t *sorted = sort_orders(b, f->days);
    uint64_t count = l->sections[ORDER_ID].count, row = 0, day = 0;
    for (uint64_t i = 0; i < count; i++) {
        struct build_order *order = &orders[sorted[i]];
        if (i + AHEAD < count)
            __builtin_prefetch(&groups[orders[sorted[i + AHEAD]].account]);
        for (; (int64_t)day <= order->day - b->first_day; day++)
            put(day_first, day, row);
        put(id, i, ids[sorted[i]]);
        put(first, i, row);
        put(account, i, order->account);
        order->group = groups[order->account];
        uint32_t rows = order->rows;
        order->rows = (uint32_t)row;
        row += rows;
    }
    put(first, count, row);
    for (; day <= f->days; day++)
        put(day_first, day, row);
    free(sorted);
}

/* fact_date of every day there is. */
static uint32_t *calendar(const struct build *b, uint64_t days) {
    uint32_t *dates = array_zeros(days, sizeof(*dates));
    for (uint64_t d = 0; d < days; d++)
        dates[d] = (uint32_t)fact_date_of_day(b->first_day + (int64_t)d);
    return dates;
}

/* The level of every fare. */
static uint8_t *levels_of(const struct build *b) {
    const struct build_workshop *workshops = b->workshop.items;
    uint8_t *levels = array_zeros(b->fares.count, sizeof(*levels));
    for (uint32_t i = 0; i < b->fares.count; i++)
        levels[i] = (uint8_t)workshops[b->fares.items[i].workshop].level;
    return levels;
}

/* Where the rows go, and what is looked up for them. */
struct rows_out {
    const struct build *b;
    const struct fact_brackets *brackets;
    uint32_t *dates; /* of days */
    uint8_t *levels; /* of fares */
    struct column fare, student, price, bracket, group;
};

static void put_part(void *ctx, size_t part, int worker) {
    const struct rows_out copy = *(const struct rows_out *)ctx, *out = &copy;
    const struct build *b = out->b;
    const struct build_fact *facts = b->facts[part].items;
    const struct build_order *orders = b->order.items;
    const uint32_t *birth = b->birth.items, *fare_numbers = b->fare_numbers[part];
    uint64_t count = b->facts[part].count;
    (void)worker;
    for (uint64_t i = 0; i < count; i++) {
        const struct build_fact *fact = &facts[i];
        if (i + AHEAD < count)
            __builtin_prefetch(&birth[facts[i + AHEAD].student]);
        const struct build_order *order = &orders[fact->order];
        uint32_t age = fact_age(birth[fact->student], out->dates[order->day - b->first_day]);
        uint32_t fare = fare_numbers[fact->fare];
        uint64_t row = (uint64_t)order->rows + fact->place;
        put(out->fare, row, fare);
        put(out->student, row, fact->student);
        put(out->price, row, b->fares.items[fare].price);
        put(out->bracket, row, out->brackets->number[age][out->levels[fare]] - 1U);
        put(out->group, row, order->group);
    }
}

static void put_rows(const struct filling *f) {
    const struct build *b = f->b;
    const struct layout *l = f->layout;
    struct rows_out out = {
        .b = b,
        .brackets = f->brackets,
        .dates = calendar(b, f->days),
        .levels = levels_of(b),
        .fare = column(l, ROW_FARE),
        .student = column(l, ROW_STUDENT),
        .price = column(l, ROW_PRICE),
        .bracket = column(l, ROW_BRACKET),
        .group = column(l, ROW_GROUP),
    };
    workers_run(b->workers, BUILD_PARTS, put_part, &out);
    free(out.levels);
    free(out.dates);
}

static int by_order(const void *a, const void *b) {
    const struct build_back *x = a, *y = b;
    return (x->order > y->order) - (x->order < y->order);
}

static void put_backs(const struct filling *f) {
    const struct build *b = f->b;
    const struct layout *l = f->layout;
    struct build_back *backs = b->backs.items;
    const struct build_order *orders = b->order.items;
    const uint64_t *ids = b->orders.list.items;
    if (b->backs.count)
        qsort(backs, b->backs.count, sizeof(*backs), by_order);
    for (uint64_t i = 0; i < b->backs.count; i++) {
        put(column(l, BACK_DAY), i, (uint64_t)(orders[backs[i].order].day - b->first_day));
        put(column(l, BACK_WORKSHOP), i, backs[i].workshop);
        put(column(l, BACK_PRICE), i, backs[i].price);
        put(column(l, BACK_ORDER), i, ids[backs[i].order]);
    }
}

static void put_ids(const struct build_ids *ids, struct column column) {
    const uint64_t *items = ids->list.items;
    for (uint64_t i = 0; i < ids->list.count; i++)
        put(column, i, items[i]);
}

static void put_dimensions(const struct filling *f) {
    const struct build *b = f->b;
    const struct layout *l = f->layout;
    const struct fact_brackets *brackets = f->brackets;
    const struct build_workshop *workshops = b->workshop.items;
    const struct build_group *groups = b->group.items;
    for (uint64_t i = 0; i < b->workshop.count; i++) {
        put(column(l, WORKSHOP_TOPIC), i, workshops[i].topic);
        put(column(l, WORKSHOP_LEVEL), i, workshops[i].level);
        put(column(l, WORKSHOP_CAPACITY), i, workshops[i].capacity);
    }
    for (uint64_t i = 0; i < b->fares.count; i++) {
        put(column(l, FARE_WORKSHOP), i, b->fares.items[i].workshop);
        put(column(l, FARE_PRICE), i, b->fares.items[i].price);
        put(column(l, FARE_DISCOUNT), i, b->fares.items[i].discount);
    }
    for (uint64_t i = 0; i < b->group.count; i++) {
        put(column(l, GROUP_COUNTRY), i, groups[i].country);
        put(column(l, GROUP_ROLE), i, groups[i].role);
    }
    for (uint64_t i = 0; i < brackets->count; i++) {
        put(column(l, BRACKET_AGE), i, brackets->of[i].age);
        put(column(l, BRACKET_LEVEL), i, brackets->of[i].level);
    }
    for (uint64_t i = 0; i < b->birth.count; i++)
        put(column(l, STUDENT_BORN), i, ((const uint32_t *)b->birth.items)[i]);
    for (uint64_t i = 0; i < b->account_group.count; i++)
        put(column(l, ACCOUNT_GROUP), i, ((const uint16_t *)b->account_group.items)[i]);
    put_ids(&b->workshops, column(l, WORKSHOP_ID));
    put_ids(&b->topics, column(l, TOPIC_ID));
    put_ids(&b->students, column(l, STUDENT_ID));
    put_ids(&b->accounts, column(l, ACCOUNT_ID));
}

/* What is put without looking at what another one put. */
static void put_beside(void *ctx, size_t piece, int worker) {
    const struct filling *f = ctx;
    (void)worker;
    switch (piece) {
    case 0:
        put_orders(f);
        break;
    case 1:
        put_backs(f);
        break;
    default:
        put_dimensions(f);
    }
}

static void fill(struct filling *f, struct snapshot_header *header, int64_t begin_us) {
    const struct layout *l = f->layout;
    uint8_t content[SECRET_DIGEST_SIZE];
    memcpy(l->map + sizeof(*header), l->sections, sizeof(l->sections));
    workers_run(f->b->workers, 3, put_beside, f);
    put_rows(f);
    snapshot_digest(l->map + sizeof(*header), l->size - sizeof(*header), f->b->workers, content);
    header->build_us = clock_monotonic_us() - begin_us;
    snapshot_checksum(header, content, header->checksum);
    memcpy(l->map, header, sizeof(*header));
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Renamed; the folder is synced, so that a crash leaves the old or the new. */
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

/* The file beside, empty and ours alone: a server and a command may build at the same time, and the
 * second one waits. What it waited for has been renamed meanwhile, so it looks again. */
static int open_beside(const char *beside) {
    for (;;) {
        struct stat mine, there;
        int fd = open(beside, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd < 0)
            return -1;
        bool locked = flock(fd, LOCK_EX) == 0 && fstat(fd, &mine) == 0;
        bool current = locked && stat(beside, &there) == 0 && mine.st_ino == there.st_ino;
        if (current && ftruncate(fd, 0) == 0)
            return fd;
        close(fd);
        if (current || !locked)
            return -1;
    }
}

/* Room is taken now: a disk that is full says so here and not by a signal in the middle. */
static enum err map_new(int fd, struct layout *l) {
    int full = posix_fallocate(fd, 0, (off_t)l->size);
    if (full != 0)
        return full == ENOSPC ? ERR_FULL : ERR_IO;
    void *map = mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    l->map = map;
    return map == MAP_FAILED ? ERR_IO : OK;
}

static void head(const struct build *b, const struct layout *l, struct snapshot_header *header) {
    memcpy(header->magic, SNAPSHOT_MAGIC, sizeof(header->magic));
    header->version = SNAPSHOT_VERSION;
    header->sections = SNAPSHOT_SECTIONS;
    header->file_size = l->size;
    header->rows = b->fact_count;
}

enum err build_write(struct build *b, struct snapshot_header *header, int64_t begin_us,
                     const char *path) {
    char beside[4096];
    if (snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
        return ERR_INVALID;
    if (!b->order.count)
        b->first_day = b->last_day = 0;
    header->first_day = (int32_t)b->first_day;
    header->days = b->order.count ? (int32_t)(b->last_day - b->first_day + 1) : 0;
    struct fact_brackets brackets;
    struct layout layout;
    number_brackets(b, &brackets);
    lay_out(b, (uint64_t)header->days, &brackets, &layout);
    head(b, &layout, header);
    int fd = open_beside(beside);
    if (fd < 0)
        return ERR_IO;
    enum err err = map_new(fd, &layout);
    if (!err) {
        struct filling filling = {b, &layout, &brackets, (uint64_t)header->days};
        fill(&filling, header, begin_us);
        munmap(layout.map, layout.size);
        err = put_in_place(fd, beside, path);
    }
    if (err)
        unlink(beside);
    close(fd); /* and with it goes the lock */
    return err;
}
