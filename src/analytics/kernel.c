/* The pass over the rows. Columns are widened block by block into arrays that stay in the nearest
 * cache, so that the loops know one width only; every loop does one thing. */
#include "analytics/kernel.h"
#include <string.h>

/* After so many blocks at most a worker settles: a counter then holds less than 2^16 rows, of less
 * than 2^32 cents each. */
enum { BLOCK = 1024, SETTLE_BLOCKS = 63 };

struct block {
    size_t count;
    uint32_t workshop[BLOCK], student[BLOCK], price[BLOCK], discount[BLOCK], age[BLOCK],
        group[BLOCK], day[BLOCK];
};

/* The day of every row of the block. */
static void load_days(const struct snapshot_source *source, uint64_t first, struct block *b) {
    struct snapshot_column starts = source->columns[DAY_FIRST];
    uint64_t low = 0, high = starts.count - 1; /* the last day that begins at or before `first` */
    while (low + 1 < high) {
        uint64_t middle = low + (high - low) / 2;
        if (snapshot_value(starts, middle) <= first)
            low = middle;
        else
            high = middle;
    }
    for (size_t i = 0; i < b->count; low++) {
        uint64_t end = snapshot_row_of_day(source, low + 1) - first;
        for (; i < b->count && i < end; i++)
            b->day[i] = (uint32_t)low;
    }
}

static void load(const struct kernel *k, const struct snapshot_source *source, uint64_t first,
                 size_t count, struct block *b) {
    static const struct {
        enum snapshot_section_id id;
        size_t offset;
        unsigned parts; /* reports that look at it */
    } COLUMNS[] = {
        {ROW_WORKSHOP, offsetof(struct block, workshop),
         REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS | REPORT_AGE_LEVEL},
        {ROW_PRICE, offsetof(struct block, price), ~(unsigned)REPORT_AGE_LEVEL},
        {ROW_STUDENT, offsetof(struct block, student), REPORT_TOTALS},
        {ROW_DISCOUNT, offsetof(struct block, discount), REPORT_TOP_WORKSHOPS},
        {ROW_AGE, offsetof(struct block, age), REPORT_AGE_LEVEL},
        {ROW_GROUP, offsetof(struct block, group), REPORT_COUNTRY_ROLE},
    };
    b->count = count;
    for (size_t i = 0; i < ARRAY_COUNT(COLUMNS); i++)
        if (k->parts & COLUMNS[i].parts || (k->wanted && COLUMNS[i].id == ROW_WORKSHOP))
            snapshot_widen(source->columns[COLUMNS[i].id], first, count,
                           (uint32_t *)((char *)b + COLUMNS[i].offset));
    if (k->parts & REPORT_DAILY)
        load_days(source, first, b);
}

/* Keeps the rows of wanted workshops that are not dead. */
static void keep(const struct kernel *k, const struct snapshot_source *source, uint64_t first,
                 struct block *b) {
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++) {
        if ((k->wanted && !k->wanted[b->workshop[i]]) || snapshot_bit(source->dead, first + i))
            continue;
        b->workshop[kept] = b->workshop[i];
        b->student[kept] = b->student[i];
        b->price[kept] = b->price[i];
        b->discount[kept] = b->discount[i];
        b->age[kept] = b->age[i];
        b->group[kept] = b->group[i];
        b->day[kept] = b->day[i];
        kept++;
    }
    b->count = kept;
}

/* ---- what is counted ------------------------------------------------------------------------ */

static uint64_t sum(const uint32_t *values, size_t count) {
    uint64_t all = 0;
    for (size_t i = 0; i < count; i++)
        all += values[i];
    return all;
}

static void set_bits(const uint32_t *numbers, size_t count, uint64_t *bits) {
    for (size_t i = 0; i < count; i++)
        bits[numbers[i] / 64] |= UINT64_C(1) << numbers[i] % 64;
}

static const uint64_t ONE_MORE = UINT64_C(1) << KERNEL_COUNT_SHIFT;

/* One row after the other into the lanes in turn; what a block has over goes into the first. */
static void add_each(uint64_t *const lanes[KERNEL_LANES], const uint32_t *keys,
                     const uint32_t *values, size_t count) {
    uint64_t *const a = lanes[0], *const b = lanes[1], *const c = lanes[2], *const d = lanes[3];
    size_t i = 0;
    for (; i + KERNEL_LANES <= count; i += KERNEL_LANES) {
        a[keys[i]] += ONE_MORE + values[i];
        b[keys[i + 1]] += ONE_MORE + values[i + 1];
        c[keys[i + 2]] += ONE_MORE + values[i + 2];
        d[keys[i + 3]] += ONE_MORE + values[i + 3];
    }
    for (; i < count; i++)
        a[keys[i]] += ONE_MORE + values[i];
}

static void add_deals(kernel_pair *const lanes[KERNEL_LANES], const struct block *block) {
    kernel_pair *const a = lanes[0], *const b = lanes[1], *const c = lanes[2], *const d = lanes[3];
    kernel_pair deals[BLOCK];
    const uint32_t *keys = block->workshop;
    size_t i = 0;
    for (; i < block->count; i++)
        deals[i] = (kernel_pair){ONE_MORE + block->price[i], block->discount[i]};
    for (i = 0; i + KERNEL_LANES <= block->count; i += KERNEL_LANES) {
        a[keys[i]] += deals[i];
        b[keys[i + 1]] += deals[i + 1];
        c[keys[i + 2]] += deals[i + 2];
        d[keys[i + 3]] += deals[i + 3];
    }
    for (; i < block->count; i++)
        a[keys[i]] += deals[i];
}

static void meet_workshops(const struct block *b, struct kernel_lanes *lanes) {
    uint32_t lowest = lanes->lowest, highest = lanes->highest;
    for (size_t i = 0; i < b->count; i++) {
        lowest = b->workshop[i] < lowest ? b->workshop[i] : lowest;
        highest = b->workshop[i] > highest ? b->workshop[i] : highest;
    }
    lanes->lowest = lowest;
    lanes->highest = highest;
}

static void count_ages(const struct kernel *k, const struct block *block,
                       uint32_t *const lanes[KERNEL_LANES]) {
    uint32_t *const a = lanes[0], *const b = lanes[1], *const c = lanes[2], *const d = lanes[3];
    const uint8_t *levels = k->workshop_level;
    const uint32_t *ages = block->age, *workshops = block->workshop;
    size_t i = 0;
    for (; i + KERNEL_LANES <= block->count; i += KERNEL_LANES) {
        a[ages[i] * SNAPSHOT_LEVELS + levels[workshops[i]]]++;
        b[ages[i + 1] * SNAPSHOT_LEVELS + levels[workshops[i + 1]]]++;
        c[ages[i + 2] * SNAPSHOT_LEVELS + levels[workshops[i + 2]]]++;
        d[ages[i + 3] * SNAPSHOT_LEVELS + levels[workshops[i + 3]]]++;
    }
    for (; i < block->count; i++)
        a[ages[i] * SNAPSHOT_LEVELS + levels[workshops[i]]]++;
}

/* Rows stand in the order of their days: a day is a run of rows, and most blocks are of one day. */
static void count_days(const struct block *b, uint64_t *days) {
    for (size_t i = 0, end; i < b->count; i = end) {
        uint32_t day = b->day[i];
        end = b->day[b->count - 1] == day ? b->count : i + 1;
        while (end < b->count && b->day[end] == day)
            end++;
        days[day] += sum(b->price + i, end - i);
    }
}

/* ---- a piece -------------------------------------------------------------------------------- */

static void count_block(const struct kernel *k, const struct block *b, struct kernel_tally *t) {
    if (k->parts & REPORT_TOTALS) {
        t->totals.count += b->count;
        t->totals.revenue += sum(b->price, b->count);
        set_bits(b->student, b->count, t->students);
    }
    if (k->parts & (REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS))
        meet_workshops(b, &t->lanes);
    if (k->parts & REPORT_TOP_WORKSHOPS)
        add_deals(t->lanes.deal, b);
    else if (k->parts & REPORT_MONTH_TOPIC)
        add_each(t->lanes.sold, b->workshop, b->price, b->count);
    if (k->parts & REPORT_AGE_LEVEL)
        count_ages(k, b, t->lanes.age_level);
    if (k->parts & REPORT_COUNTRY_ROLE)
        add_each(t->lanes.group, b->group, b->price, b->count);
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
        uint64_t sold;
        if (lanes->deal[0]) {
            kernel_pair *deal = &lanes->deal[lane][workshop];
            sold = (*deal)[0];
            all.discount += (*deal)[1];
            *deal = (kernel_pair){0};
        } else {
            sold = lanes->sold[lane][workshop];
            lanes->sold[lane][workshop] = 0;
        }
        struct kernel_sum sum = take(&sold);
        all.count += sum.count;
        all.revenue += sum.revenue;
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
        uint32_t *counts = t->lanes.age_level[lane];
        for (size_t i = 0; i < (size_t)KERNEL_AGES * SNAPSHOT_LEVELS; i++)
            t->age_level[i] += counts[i];
        memset(counts, 0, sizeof(*counts) * KERNEL_AGES * SNAPSHOT_LEVELS);
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
