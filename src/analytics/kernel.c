/* The pass over the rows, block by block so that what is looked at again is still in the nearest
 * cache. Columns are read as wide as they lie in the file: a loop exists for every width, and does
 * one thing. */
#include "analytics/kernel.h"
#include <string.h>

enum { BLOCK = 1024, SETTLE_BLOCKS = KERNEL_SETTLED / BLOCK };

/* Some values of a column: in the file, or those that were kept of them. */
struct values {
    const void *data;
    uint32_t width; /* 1, 2 or 4 bytes */
};

enum { FARE, STUDENT, PRICE, BRACKET, GROUP, VALUES };

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
    [FARE] = {ROW_FARE, KERNEL_FARES},
    [STUDENT] = {ROW_STUDENT, REPORT_TOTALS},
    [PRICE] = {ROW_PRICE, ~(unsigned)(KERNEL_FARES | REPORT_AGE_LEVEL)},
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

/* Keeps the rows of wanted fares that are not dead. */
static void keep(const struct kernel *k, const struct kernel_piece *piece, uint64_t first,
                 struct block *b) {
    const uint8_t *wanted = piece->wanted;
    uint16_t rows[BLOCK] = {0};
    size_t kept = 0;
    struct values fare = b->of[FARE];
    for (size_t i = 0; i < b->count; i++) {
        bool passes = !wanted || wanted[at(fare.data, fare.width, i)];
        rows[kept] = (uint16_t)i;
        kept += passes && !snapshot_bit(piece->source->dead, first + i);
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
                     const void *values, uint32_t value_width, size_t count) {
    uint64_t *const a = lanes[0], *const b = lanes[1], *const c = lanes[2], *const d = lanes[3];
    size_t i = 0;
    for (; i + KERNEL_LANES <= count; i += KERNEL_LANES) {
        a[at(keys, key_width, i)] += ONE_MORE + at(values, value_width, i);
        b[at(keys, key_width, i + 1)] += ONE_MORE + at(values, value_width, i + 1);
        c[at(keys, key_width, i + 2)] += ONE_MORE + at(values, value_width, i + 2);
        d[at(keys, key_width, i + 3)] += ONE_MORE + at(values, value_width, i + 3);
    }
    for (; i < count; i++)
        a[at(keys, key_width, i)] += ONE_MORE + at(values, value_width, i);
}

INLINE void add_by_key(uint64_t *const lanes[KERNEL_LANES], const void *keys, uint32_t key_width,
                       struct values values, size_t count) {
    FOR_EACH_WIDTH(values, add_loop(lanes, keys, key_width, values.data, WIDTH, count));
}

static void add_each(uint64_t *const lanes[KERNEL_LANES], struct values keys, struct values values,
                     size_t count) {
    FOR_EACH_WIDTH(keys, add_by_key(lanes, keys.data, WIDTH, values, count));
}

INLINE void meet_loop(const void *data, uint32_t width, size_t count, struct kernel_lanes *lanes) {
    uint32_t lowest = lanes->lowest, highest = lanes->highest;
    for (size_t i = 0; i < count; i++) {
        uint32_t fare = at(data, width, i);
        lowest = fare < lowest ? fare : lowest;
        highest = fare > highest ? fare : highest;
    }
    lanes->lowest = lowest;
    lanes->highest = highest;
}

static void meet_fares(struct values fares, size_t count, struct kernel_lanes *lanes) {
    FOR_EACH_WIDTH(fares, meet_loop(fares.data, WIDTH, count, lanes));
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

/* Where a bracket is one byte, two rows at a time are one number of two: half the additions. */
static void count_pairs(struct kernel_lanes *lanes, const uint8_t *brackets, size_t count) {
    uint32_t *const a = lanes->pair[0], *const b = lanes->pair[1];
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        a[brackets[i] | brackets[i + 1] << 8]++;
        b[brackets[i + 2] | brackets[i + 3] << 8]++;
    }
    for (; i < count; i++)
        lanes->bracket[0][brackets[i]]++;
}

static void count_brackets(struct kernel_lanes *lanes, struct values brackets, size_t count) {
    if (brackets.width == 1)
        count_pairs(lanes, brackets.data, count);
    else
        count_each(lanes->bracket, brackets, count);
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
    if (k->parts & KERNEL_FARES) {
        meet_fares(b->of[FARE], b->count, &t->lanes);
        count_each(t->lanes.fare, b->of[FARE], b->count);
    }
    if (k->parts & REPORT_AGE_LEVEL)
        count_brackets(&t->lanes, b->of[BRACKET], b->count);
    if (k->parts & REPORT_COUNTRY_ROLE)
        add_each(t->lanes.group, b->of[GROUP], b->of[PRICE], b->count);
    if (k->parts & REPORT_DAILY)
        count_days(b, t->day);
}

/* Empties a counter. */
static struct kernel_sum take(uint64_t *counter) {
    struct kernel_sum sold = {*counter >> KERNEL_COUNT_SHIFT, *counter & (ONE_MORE - 1)};
    *counter = 0;
    return sold;
}

static uint64_t take_fare(struct kernel_lanes *lanes, uint64_t fare) {
    uint64_t count = 0;
    for (size_t lane = 0; lane < KERNEL_LANES; lane++) {
        count += lanes->fare[lane][fare];
        lanes->fare[lane][fare] = 0;
    }
    return count;
}

static void settle_fares(const struct kernel *k, const struct kernel_piece *piece,
                         struct kernel_tally *t) {
    const struct snapshot_column *c = piece->source->columns;
    struct kernel_sum *topics = t->month_topic + (uint64_t)piece->month * k->topics;
    for (uint64_t fare = t->lanes.lowest; fare <= t->lanes.highest; fare++) {
        uint64_t count = take_fare(&t->lanes, fare);
        if (!count)
            continue;
        uint64_t workshop = snapshot_value(c[FARE_WORKSHOP], fare);
        uint64_t revenue = count * snapshot_value(c[FARE_PRICE], fare);
        struct kernel_sum *topic = &topics[k->workshop_topic[workshop]];
        topic->count += count;
        topic->revenue += revenue;
        t->workshop[workshop].count += count;
        t->workshop[workshop].revenue += revenue;
        t->workshop[workshop].discount += count * snapshot_value(c[FARE_DISCOUNT], fare);
    }
    t->lanes.lowest = UINT32_MAX;
    t->lanes.highest = 0;
}

/* What stands in the lanes, all of one piece, goes to where it is kept. */
static void settle(const struct kernel *k, const struct kernel_piece *piece,
                   struct kernel_tally *t) {
    if (k->parts & KERNEL_FARES)
        settle_fares(k, piece, t);
    for (size_t lane = 0; k->parts & REPORT_COUNTRY_ROLE && lane < KERNEL_LANES; lane++)
        for (uint32_t g = 0; g < k->groups; g++) {
            struct kernel_sum sold = take(&t->lanes.group[lane][g]);
            t->group[g].count += sold.count;
            t->group[g].revenue += sold.revenue;
        }
}

/* Counts of rows do not overflow: there are fewer than 2^32. */
void kernel_settle_brackets(struct kernel *k) {
    for (size_t w = 0; k->parts & REPORT_AGE_LEVEL && w < k->worker_count; w++) {
        const struct kernel_lanes *lanes = &k->tallies[w].lanes;
        uint64_t *brackets = k->tallies[w].bracket;
        for (size_t lane = 0; lane < KERNEL_LANES; lane++)
            for (uint32_t i = 0; i < k->brackets; i++)
                brackets[i] += lanes->bracket[lane][i];
        for (size_t lane = 0; lane < KERNEL_PAIR_LANES; lane++)
            for (uint32_t next = 0; next < k->brackets && next <= UINT8_MAX; next++)
                for (uint32_t i = 0; i < k->brackets && i <= UINT8_MAX; i++) {
                    uint32_t count = lanes->pair[lane][i | next << 8];
                    brackets[i] += count;
                    brackets[next] += count;
                }
    }
}

static void count_rows(const struct kernel *k, const struct kernel_piece *piece,
                       struct kernel_tally *tally) {
    struct block block;
    size_t unsettled = 0;
    for (uint64_t row = piece->first; row < piece->end; row += BLOCK) {
        size_t count = piece->end - row < BLOCK ? (size_t)(piece->end - row) : BLOCK;
        load(k, piece->source, row, count, &block);
        if (piece->wanted || kernel_any_dead(piece->source, row, row + count))
            keep(k, piece, row, &block);
        count_block(k, &block, tally);
        if (++unsettled < SETTLE_BLOCKS)
            continue;
        settle(k, piece, tally);
        unsettled = 0;
    }
    if (unsettled)
        settle(k, piece, tally);
}

void kernel_piece(void *ctx, size_t index, int worker) {
    struct kernel *k = ctx;
    if (k->parts & ~(unsigned)KERNEL_ORDERS)
        count_rows(k, &k->pieces[index], &k->tallies[worker]);
    if (k->parts & KERNEL_ORDERS)
        kernel_orders(ctx, index, worker);
}
