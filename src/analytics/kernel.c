/* The pass over the rows. Columns are widened block by block into arrays that stay in the nearest
 * cache, so that the loops know one width only; every loop does one thing. */
#include "analytics/kernel.h"
#include <stdlib.h>
#include <string.h>

/* After so many blocks at most a worker settles: a lane then holds less than 2^16 rows, of less
 * than 2^32 cents each. */
enum { BLOCK = 1024, SETTLE_BLOCKS = 63 };

struct block {
    size_t count;
    uint32_t workshop[BLOCK], student[BLOCK], account[BLOCK], price[BLOCK], discount[BLOCK],
        age[BLOCK], day[BLOCK], group[BLOCK];
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
        {ROW_PRICE, offsetof(struct block, price), ~(unsigned)(REPORT_AGE_LEVEL | REPORT_COHORTS)},
        {ROW_STUDENT, offsetof(struct block, student), REPORT_TOTALS},
        {ROW_ACCOUNT, offsetof(struct block, account), REPORT_COHORTS | REPORT_COUNTRY_ROLE},
        {ROW_DISCOUNT, offsetof(struct block, discount), REPORT_TOP_WORKSHOPS},
        {ROW_AGE, offsetof(struct block, age), REPORT_AGE_LEVEL},
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
        b->account[kept] = b->account[i];
        b->price[kept] = b->price[i];
        b->discount[kept] = b->discount[i];
        b->age[kept] = b->age[i];
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

/* One row after the other into the lanes in turn; what a block has over goes into the first. */
static void add_each(uint64_t *restrict lanes, const uint32_t *keys, const uint32_t *values,
                     size_t count, uint64_t one) {
    size_t i = 0;
    for (; i + KERNEL_LANES <= count; i += KERNEL_LANES)
        for (size_t lane = 0; lane < KERNEL_LANES; lane++)
            lanes[(size_t)keys[i + lane] * KERNEL_LANES + lane] += one + values[i + lane];
    for (; i < count; i++)
        lanes[(size_t)keys[i] * KERNEL_LANES] += one + values[i];
}

static const uint64_t ONE_MORE = UINT64_C(1) << KERNEL_COUNT_SHIFT;

static void meet_workshops(const struct block *b, struct kernel_lanes *lanes) {
    uint32_t lowest = lanes->lowest, highest = lanes->highest;
    for (size_t i = 0; i < b->count; i++) {
        lowest = b->workshop[i] < lowest ? b->workshop[i] : lowest;
        highest = b->workshop[i] > highest ? b->workshop[i] : highest;
    }
    lanes->lowest = lowest;
    lanes->highest = highest;
}

static void count_ages(const struct kernel *k, const struct block *b, uint32_t *restrict lanes) {
    const uint8_t *levels = k->workshop_level;
    size_t i = 0;
    for (; i + KERNEL_LANES <= b->count; i += KERNEL_LANES)
        for (size_t lane = 0; lane < KERNEL_LANES; lane++)
            lanes[(b->age[i + lane] * KERNEL_LEVELS + levels[b->workshop[i + lane]]) *
                      KERNEL_LANES +
                  lane]++;
    for (; i < b->count; i++)
        lanes[(b->age[i] * KERNEL_LEVELS + levels[b->workshop[i]]) * KERNEL_LANES]++;
}

static void count_groups(const struct kernel *k, struct block *b, uint64_t *lanes) {
    const uint8_t *one = k->account_group.data;
    const uint16_t *two = k->account_group.data;
    if (k->account_group.width == 1)
        for (size_t i = 0; i < b->count; i++)
            b->group[i] = one[b->account[i]];
    else
        for (size_t i = 0; i < b->count; i++)
            b->group[i] = two[b->account[i]];
    add_each(lanes, b->group, b->price, b->count, ONE_MORE);
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

static void mark_active(const struct kernel *k, const struct block *b, uint64_t **bits) {
    if (!*bits)
        *bits = calloc(k->accounts / 64 + 1, sizeof(**bits));
    if (!*bits)
        abort(); /* as arenas do */
    set_bits(b->account, b->count, *bits);
}

/* ---- a piece -------------------------------------------------------------------------------- */

static void count_block(const struct kernel *k, struct block *b, struct kernel_tally *t,
                        uint32_t month) {
    if (k->parts & REPORT_TOTALS) {
        t->totals.count += b->count;
        t->totals.revenue += sum(b->price, b->count);
        set_bits(b->student, b->count, t->students);
    }
    if (k->parts & (REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS)) {
        meet_workshops(b, &t->lanes);
        add_each(t->lanes.sold, b->workshop, b->price, b->count, ONE_MORE);
    }
    if (k->parts & REPORT_TOP_WORKSHOPS)
        add_each(t->lanes.discount, b->workshop, b->discount, b->count, 0);
    if (k->parts & REPORT_AGE_LEVEL)
        count_ages(k, b, t->lanes.age_level);
    if (k->parts & REPORT_COUNTRY_ROLE)
        count_groups(k, b, t->lanes.group);
    if (k->parts & REPORT_DAILY)
        count_days(b, t->day);
    if (k->parts & REPORT_COHORTS)
        mark_active(k, b, &t->active[month]);
}

/* Empties the lanes of a key. */
static struct kernel_sum take(uint64_t *lanes) {
    struct kernel_sum all = {0};
    for (size_t lane = 0; lane < KERNEL_LANES; lane++) {
        all.count += lanes[lane] >> KERNEL_COUNT_SHIFT;
        all.revenue += lanes[lane] & (ONE_MORE - 1);
        lanes[lane] = 0;
    }
    return all;
}

static void settle_workshops(const struct kernel *k, struct kernel_tally *t, uint32_t month) {
    for (uint64_t w = t->lanes.lowest; w <= t->lanes.highest; w++) {
        struct kernel_sum sold = take(t->lanes.sold + w * KERNEL_LANES);
        if (!sold.count)
            continue;
        struct kernel_sum *topic =
            &t->month_topic[(uint64_t)month * k->topics + k->workshop_topic[w]];
        topic->count += sold.count;
        topic->revenue += sold.revenue;
        t->workshop[w].count += sold.count;
        t->workshop[w].revenue += sold.revenue;
        for (size_t lane = 0; k->parts & REPORT_TOP_WORKSHOPS && lane < KERNEL_LANES; lane++) {
            t->workshop[w].discount += t->lanes.discount[w * KERNEL_LANES + lane];
            t->lanes.discount[w * KERNEL_LANES + lane] = 0;
        }
    }
    t->lanes.lowest = UINT32_MAX;
    t->lanes.highest = 0;
}

/* What stands in the lanes, all of one month, goes to where it is kept. */
static void settle(const struct kernel *k, struct kernel_tally *t, uint32_t month) {
    if (k->parts & (REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS))
        settle_workshops(k, t, month);
    for (uint32_t g = 0; k->parts & REPORT_COUNTRY_ROLE && g < k->groups; g++) {
        struct kernel_sum sold = take(t->lanes.group + (size_t)g * KERNEL_LANES);
        t->group[g].count += sold.count;
        t->group[g].revenue += sold.revenue;
    }
    if (!(k->parts & REPORT_AGE_LEVEL))
        return;
    for (size_t i = 0; i < (size_t)KERNEL_AGES * KERNEL_LEVELS; i++)
        for (size_t lane = 0; lane < KERNEL_LANES; lane++)
            t->age_level[i] += t->lanes.age_level[i * KERNEL_LANES + lane];
    memset(t->lanes.age_level, 0,
           sizeof(*t->lanes.age_level) * KERNEL_AGES * KERNEL_LEVELS * KERNEL_LANES);
}

void kernel_piece(void *ctx, size_t index, int worker) {
    struct kernel *k = ctx;
    const struct kernel_piece *piece = &k->pieces[index];
    struct kernel_tally *tally = &k->tallies[worker];
    struct block block;
    bool rows = (k->parts & ~(unsigned)REPORT_ORDER_VALUE) != 0;
    size_t unsettled = 0;
    for (uint64_t row = piece->first; rows && row < piece->end; row += BLOCK) {
        size_t count = piece->end - row < BLOCK ? (size_t)(piece->end - row) : BLOCK;
        load(k, piece->source, row, count, &block);
        if (k->wanted || kernel_any_dead(piece->source, row, row + count))
            keep(k, piece->source, row, &block);
        count_block(k, &block, tally, piece->month);
        if (++unsettled < SETTLE_BLOCKS)
            continue;
        settle(k, tally, piece->month);
        unsettled = 0;
    }
    if (unsettled)
        settle(k, tally, piece->month);
    if (k->parts & REPORT_ORDER_VALUE)
        kernel_orders(ctx, index, worker);
}

/* ---- cohorts --------------------------------------------------------------------------------- */

/* Who of 64 accounts was active in a month, as all workers saw it. */
static uint64_t active_in(const struct kernel *k, uint32_t month, uint64_t word) {
    uint64_t active = 0;
    for (size_t i = 0; i < k->worker_count; i++)
        if (k->tallies[i].active[month])
            active |= k->tallies[i].active[month][word];
    return active;
}

/* Walks the months in order over some accounts: who is new belongs to the month's cohort, and
 * everybody active counts in the row of the own one. */
void kernel_cohorts(void *ctx, size_t run, int worker) {
    struct kernel *k = ctx;
    uint64_t *cells = k->tallies[worker].cells;
    uint64_t words = k->accounts / 64 + 1, begin = (uint64_t)run * KERNEL_WORDS;
    uint64_t end = begin + KERNEL_WORDS < words ? begin + KERNEL_WORDS : words;
    uint16_t first[64];
    for (uint64_t w = begin; w < end; w++) {
        uint64_t seen = 0;
        for (uint32_t m = 0; m < k->months; m++) {
            uint64_t active = active_in(k, m, w);
            for (uint64_t new = active & ~seen; new; new &= new - 1)
                first[__builtin_ctzll(new)] = (uint16_t)m;
            seen |= active;
            for (; active; active &= active - 1)
                cells[(uint64_t)first[__builtin_ctzll(active)] * k->months + m]++;
        }
    }
}
