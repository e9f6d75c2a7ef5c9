/* The pass over the rows, block by block so that what is looked at again is still in the nearest
 * cache. Columns are read as wide as they lie in the file: a loop exists for every width, and does
 * one thing. */
#include "analytics/kernel.h"
#include <string.h>

/* After so many blocks at most a worker settles: a counter then holds less than 2^16 rows, of less
 * than 2^32 cents each. */
enum { BLOCK = 1024, SETTLE_BLOCKS = 63 };

/* Some values of a column: in the file, or those that were kept of them. */
struct values {
    const void *data;
    uint32_t width; /* 1, 2 or 4 bytes */
};

enum { WORKSHOP, STUDENT, PRICE, DISCOUNT, BRACKET, GROUP, VALUES };

struct block {
    size_t count;
    struct values of[VALUES]; /* only what somebody looks at */
    uint32_t day[BLOCK];
    uint32_t kept[VALUES][BLOCK];
};

#define INLINE static inline __attribute__((always_inline))

/* `width` is known where this is compiled. */
INLINE uint32_t at(const void *data, uint32_t width, size_t i) {
    return width == 1   ? ((const uint8_t *)data)[i]
           : width == 2 ? ((const uint16_t *)data)[i]
                        : ((const uint32_t *)data)[i];
}

/* Compiles `call` once for each width of `values`; it is WIDTH there. */
#define FOR_EACH_WIDTH(values, call)      \
    do {                                  \
        if ((values).width == 1) {        \
            enum { WIDTH = 1 };           \
            call;                         \
        } else if ((values).width == 2) { \
            enum { WIDTH = 2 };           \
            call;                         \
        } else {                          \
            enum { WIDTH = 4 };           \
            call;                         \
        }                                 \
    } while (0)

/* ---- loading --------------------------------------------------------------------------------- */

/* The day of every row of the block. */
static void load_days(const struct snapshot_source *source, uint64_t first, struct block *b) {
    struct snapshot_column starts = source->columns[DAY_FIRST];
    /* the last day that begins at or before `first` */
    uint64_t low = snapshot_lower_bound(starts, 1, starts.count - 1, first + 1) - 1;
    for (size_t i = 0; i < b->count; low++) {
        uint64_t end = snapshot_row_of_day(source, low + 1) - first;
        for (; i < b->count && i < end; i++)
            b->day[i] = (uint32_t)low;
    }
}

/* The reports that look at a column. */
static const struct {
    enum snapshot_section_id id;
    unsigned parts;
} COLUMNS[VALUES] = {
    [WORKSHOP] = {ROW_WORKSHOP, REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS},
    [STUDENT] = {ROW_STUDENT, REPORT_TOTALS},
    [PRICE] = {ROW_PRICE, ~(unsigned)REPORT_AGE_LEVEL},
    [DISCOUNT] = {ROW_DISCOUNT, REPORT_TOP_WORKSHOPS},
    [BRACKET] = {ROW_BRACKET, REPORT_AGE_LEVEL},
    [GROUP] = {ROW_GROUP, REPORT_COUNTRY_ROLE},
};

static void load(const struct kernel *k, const struct snapshot_source *source, uint64_t first,
                 size_t count, struct block *b) {
    b->count = count;
    for (size_t v = 0; v < VALUES; v++) {
        struct snapshot_column column = source->columns[COLUMNS[v].id];
        b->of[v] =
            (struct values){(const uint8_t *)column.data + first * column.width, column.width};
    }
    if (k->parts & REPORT_DAILY)
        load_days(source, first, b);
}

static void keep_values(struct block *b, size_t v, const uint16_t *rows, size_t count) {
    struct values values = b->of[v];
    for (size_t i = 0; i < count; i++)
        b->kept[v][i] = at(values.data, values.width, rows[i]);
    b->of[v] = (struct values){b->kept[v], 4};
}

/* Keeps the rows of wanted workshops that are not dead. */
static void keep(const struct kernel *k, const struct snapshot_source *source, uint64_t first,
                 struct block *b) {
    uint16_t rows[BLOCK] = {0};
    size_t kept = 0;
    struct values workshop = b->of[WORKSHOP];
    for (size_t i = 0; i < b->count; i++) {
        bool wanted = !k->wanted || k->wanted[at(workshop.data, workshop.width, i)];
        rows[kept] = (uint16_t)i;
        kept += wanted && !snapshot_bit(source->dead, first + i);
    }
    for (size_t v = 0; v < VALUES; v++)
        if (k->parts & COLUMNS[v].parts)
            keep_values(b, v, rows, kept);
    for (size_t i = 0; k->parts & REPORT_DAILY && i < kept; i++)
        b->day[i] = b->day[rows[i]];
    b->count = kept;
}

/* ---- what is counted ------------------------------------------------------------------------ */

INLINE uint64_t sum_loop(const void *data, uint32_t width, size_t first, size_t end) {
    uint64_t all = 0;
    for (size_t i = first; i < end; i++)
        all += at(data, width, i);
    return all;
}

static uint64_t sum(struct values values, size_t first, size_t end) {
    uint64_t all;
    FOR_EACH_WIDTH(values, all = sum_loop(values.data, WIDTH, first, end));
    return all;
}

INLINE void set_loop(const void *data, uint32_t width, size_t count, uint64_t *bits) {
    for (size_t i = 0; i < count; i++) {
        uint32_t number = at(data, width, i);
        bits[number / 64] |= UINT64_C(1) << number % 64;
    }
}

static void set_bits(struct values numbers, size_t count, uint64_t *bits) {
    FOR_EACH_WIDTH(numbers, set_loop(numbers.data, WIDTH, count, bits));
}

static const uint64_t ONE_MORE = UINT64_C(1) << KERNEL_COUNT_SHIFT;

/* One row after the other into the lanes in turn; what a block has over goes into the first. */
INLINE void add_loop(uint64_t *const lanes[KERNEL_LANES], const void *keys, uint32_t key_width,
                     const void *values, uint32_t value_width, size_t count, uint64_t one) {
    uint64_t *const a = lanes[0], *const b = lanes[1], *const c = lanes[2], *const d = lanes[3];
    size_t i = 0;
    for (; i + KERNEL_LANES <= count; i += KERNEL_LANES) {
        a[at(keys, key_width, i)] += one + at(values, value_width, i);
        b[at(keys, key_width, i + 1)] += one + at(values, value_width, i + 1);
        c[at(keys, key_width, i + 2)] += one + at(values, value_width, i + 2);
        d[at(keys, key_width, i + 3)] += one + at(values, value_width, i + 3);
    }
    for (; i < count; i++)
        a[at(keys, key_width, i)] += one + at(values, value_width, i);
}

INLINE void add_by_key(uint64_t *const lanes[KERNEL_LANES], const void *keys, uint32_t key_width,
                       struct values values, size_t count, uint64_t one) {
    FOR_EACH_WIDTH(values, add_loop(lanes, keys, key_width, values.data, WIDTH, count, one));
}

static void add_each(uint64_t *const lanes[KERNEL_LANES], struct values keys, struct values values,
                     size_t count, uint64_t one) {
    FOR_EACH_WIDTH(keys, add_by_key(lanes, keys.data, WIDTH, values, count, one));
}

INLINE void meet_loop(const void *data, uint32_t width, size_t count, struct kernel_lanes *lanes) {
    uint32_t lowest = lanes->lowest, highest = lanes->highest;
    for (size_t i = 0; i < count; i++) {
        uint32_t workshop = at(data, width, i);
        lowest = workshop < lowest ? workshop : lowest;
        highest = workshop > highest ? workshop : highest;
    }
    lanes->lowest = lowest;
    lanes->highest = highest;
}

static void meet_workshops(struct values workshops, size_t count, struct kernel_lanes *lanes) {
    FOR_EACH_WIDTH(workshops, meet_loop(workshops.data, WIDTH, count, lanes));
}

INLINE void count_loop(uint32_t *const lanes[KERNEL_LANES], const void *keys, uint32_t width,
                       size_t count) {
    uint32_t *const a = lanes[0], *const b = lanes[1], *const c = lanes[2], *const d = lanes[3];
    size_t i = 0;
    for (; i + KERNEL_LANES <= count; i += KERNEL_LANES) {
        a[at(keys, width, i)]++;
        b[at(keys, width, i + 1)]++;
        c[at(keys, width, i + 2)]++;
        d[at(keys, width, i + 3)]++;
    }
    for (; i < count; i++)
        a[at(keys, width, i)]++;
}

static void count_each(uint32_t *const lanes[KERNEL_LANES], struct values keys, size_t count) {
    FOR_EACH_WIDTH(keys, count_loop(lanes, keys.data, WIDTH, count));
}

/* Rows stand in the order of their days: a day is a run of rows, and most blocks are of one day. */
static void count_days(const struct block *b, uint64_t *days) {
    for (size_t i = 0, end; i < b->count; i = end) {
        uint32_t day = b->day[i];
        end = b->day[b->count - 1] == day ? b->count : i + 1;
        while (end < b->count && b->day[end] == day)
            end++;
        days[day] += sum(b->of[PRICE], i, end);
    }
}

/* ---- a piece -------------------------------------------------------------------------------- */

static void count_block(const struct kernel *k, const struct block *b, struct kernel_tally *t) {
    if (k->parts & REPORT_TOTALS) {
        t->totals.count += b->count;
        t->totals.revenue += sum(b->of[PRICE], 0, b->count);
        set_bits(b->of[STUDENT], b->count, t->students);
    }
    if (k->parts & (REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS)) {
        meet_workshops(b->of[WORKSHOP], b->count, &t->lanes);
        add_each(t->lanes.sold, b->of[WORKSHOP], b->of[PRICE], b->count, ONE_MORE);
    }
    if (k->parts & REPORT_TOP_WORKSHOPS)
        add_each(t->lanes.discount, b->of[WORKSHOP], b->of[DISCOUNT], b->count, 0);
    if (k->parts & REPORT_AGE_LEVEL)
        count_each(t->lanes.bracket, b->of[BRACKET], b->count);
    if (k->parts & REPORT_COUNTRY_ROLE)
        add_each(t->lanes.group, b->of[GROUP], b->of[PRICE], b->count, ONE_MORE);
    if (k->parts & REPORT_DAILY)
        count_days(b, t->day);
}

/* Empties a counter. */
static struct kernel_sum take(uint64_t *counter) {
    struct kernel_sum sold = {*counter >> KERNEL_COUNT_SHIFT, *counter & (ONE_MORE - 1)};
    *counter = 0;
    return sold;
}

static struct kernel_workshop take_workshop(struct kernel_lanes *lanes, uint64_t workshop) {
    struct kernel_workshop all = {0};
    for (size_t lane = 0; lane < KERNEL_LANES; lane++) {
        struct kernel_sum sold = take(&lanes->sold[lane][workshop]);
        all.count += sold.count;
        all.revenue += sold.revenue;
        if (!lanes->discount[lane])
            continue;
        all.discount += lanes->discount[lane][workshop];
        lanes->discount[lane][workshop] = 0;
    }
    return all;
}

static void settle_workshops(const struct kernel *k, struct kernel_tally *t, uint32_t month) {
    for (uint64_t w = t->lanes.lowest; w <= t->lanes.highest; w++) {
        struct kernel_workshop sold = take_workshop(&t->lanes, w);
        if (!sold.count)
            continue;
        struct kernel_sum *topic =
            &t->month_topic[(uint64_t)month * k->topics + k->workshop_topic[w]];
        topic->count += sold.count;
        topic->revenue += sold.revenue;
        t->workshop[w].count += sold.count;
        t->workshop[w].revenue += sold.revenue;
        t->workshop[w].discount += sold.discount;
    }
    t->lanes.lowest = UINT32_MAX;
    t->lanes.highest = 0;
}

/* What stands in the lanes, all of one month, goes to where it is kept. */
static void settle(const struct kernel *k, struct kernel_tally *t, uint32_t month) {
    if (k->parts & (REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS))
        settle_workshops(k, t, month);
    for (size_t lane = 0; k->parts & REPORT_COUNTRY_ROLE && lane < KERNEL_LANES; lane++)
        for (uint32_t g = 0; g < k->groups; g++) {
            struct kernel_sum sold = take(&t->lanes.group[lane][g]);
            t->group[g].count += sold.count;
            t->group[g].revenue += sold.revenue;
        }
    for (size_t lane = 0; k->parts & REPORT_AGE_LEVEL && lane < KERNEL_LANES; lane++) {
        uint32_t *counts = t->lanes.bracket[lane];
        for (uint32_t i = 0; i < k->brackets; i++)
            t->bracket[i] += counts[i];
        memset(counts, 0, sizeof(*counts) * k->brackets);
    }
}

static void count_rows(const struct kernel *k, const struct kernel_piece *piece,
                       struct kernel_tally *tally) {
    struct block block;
    size_t unsettled = 0;
    for (uint64_t row = piece->first; row < piece->end; row += BLOCK) {
        size_t count = piece->end - row < BLOCK ? (size_t)(piece->end - row) : BLOCK;
        load(k, piece->source, row, count, &block);
        if (k->wanted || kernel_any_dead(piece->source, row, row + count))
            keep(k, piece->source, row, &block);
        count_block(k, &block, tally);
        if (++unsettled < SETTLE_BLOCKS)
            continue;
        settle(k, tally, piece->month);
        unsettled = 0;
    }
    if (unsettled)
        settle(k, tally, piece->month);
}

void kernel_piece(void *ctx, size_t index, int worker) {
    struct kernel *k = ctx;
    if (k->parts & ~(unsigned)KERNEL_ORDERS)
        count_rows(k, &k->pieces[index], &k->tallies[worker]);
    if (k->parts & KERNEL_ORDERS)
        kernel_orders(ctx, index, worker);
}
