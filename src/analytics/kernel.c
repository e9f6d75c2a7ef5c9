/* The pass over the rows. Columns are widened block by block into arrays that stay in the nearest
 * cache, so that the loops know one width only; every loop does one thing. */
#include "analytics/kernel.h"
#include <stdatomic.h>
#include <string.h>

enum { BLOCK = 2048 };

struct block {
    size_t count;
    uint32_t workshop[BLOCK], student[BLOCK], account[BLOCK], price[BLOCK], discount[BLOCK],
        age[BLOCK], day[BLOCK];
};

static void load(const struct kernel *k, const struct snapshot_source *source, uint64_t first,
                 size_t count, struct block *b) {
    static const struct {
        enum snapshot_section_id id;
        size_t offset;
        unsigned parts; /* reports that look at it */
    } COLUMNS[] = {
        {ROW_WORKSHOP, offsetof(struct block, workshop), REPORT_ALL},
        {ROW_PRICE, offsetof(struct block, price), REPORT_ALL},
        {ROW_STUDENT, offsetof(struct block, student), REPORT_TOTALS},
        {ROW_ACCOUNT, offsetof(struct block, account), REPORT_COHORTS | REPORT_COUNTRY_ROLE},
        {ROW_DISCOUNT, offsetof(struct block, discount), REPORT_TOP_WORKSHOPS},
        {ROW_AGE, offsetof(struct block, age), REPORT_AGE_LEVEL},
        {ROW_DAY, offsetof(struct block, day), REPORT_DAILY},
    };
    b->count = count;
    for (size_t i = 0; i < ARRAY_COUNT(COLUMNS); i++)
        if (k->parts & COLUMNS[i].parts)
            snapshot_widen(source->columns[COLUMNS[i].id], first, count,
                           (uint32_t *)((char *)b + COLUMNS[i].offset));
}

static bool any_dead(const struct snapshot_source *source, uint64_t first, uint64_t end) {
    if (!source->dead)
        return false;
    uint64_t any = source->dead[first / 64] >> first % 64;
    for (uint64_t word = first / 64 + 1; word <= (end - 1) / 64; word++)
        any |= source->dead[word];
    return any != 0; /* a neighbour's bit in the last word costs a look at every row, no more */
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

static void count_students(const struct block *b, uint64_t *bits) {
    for (size_t i = 0; i < b->count; i++)
        bits[b->student[i] / 64] |= UINT64_C(1) << b->student[i] % 64;
}

static void count_workshops(const struct block *b, struct kernel_workshop *workshops) {
    for (size_t i = 0; i < b->count; i++) {
        struct kernel_workshop *w = &workshops[b->workshop[i]];
        w->revenue += b->price[i];
        w->count++;
    }
}

static void count_discounts(const struct block *b, struct kernel_workshop *workshops) {
    for (size_t i = 0; i < b->count; i++)
        workshops[b->workshop[i]].discount += b->discount[i];
}

static void count_ages(const struct kernel *k, const struct block *b, uint64_t *age_level) {
    for (size_t i = 0; i < b->count; i++)
        age_level[b->age[i] * KERNEL_LEVELS + k->workshop_level[b->workshop[i]]]++;
}

static void count_groups(const struct kernel *k, const struct block *b, struct kernel_sum *groups) {
    const uint8_t *one = k->account_group.data;
    const uint16_t *two = k->account_group.data;
    bool narrow = k->account_group.width == 1;
    for (size_t i = 0; i < b->count; i++) {
        uint32_t account = b->account[i];
        struct kernel_sum *g = &groups[narrow ? one[account] : two[account]];
        g->revenue += b->price[i];
        g->count++;
    }
}

static void count_days(const struct block *b, uint64_t *days) {
    for (size_t i = 0; i < b->count; i++)
        days[b->day[i]] += b->price[i];
}

/* Workers may be at work in the same month: a bit is set at once, and only where it is not yet. */
static void mark_active(const struct block *b, uint64_t *bits) {
    for (size_t i = 0; i < b->count; i++) {
        uint64_t bit = UINT64_C(1) << b->account[i] % 64;
        _Atomic uint64_t *word = (_Atomic uint64_t *)&bits[b->account[i] / 64];
        if (!(atomic_load_explicit(word, memory_order_relaxed) & bit))
            atomic_fetch_or_explicit(word, bit, memory_order_relaxed);
    }
}

/* ---- orders --------------------------------------------------------------------------------- */

/* One more than the sum, so that 0 is left for "nothing passed"; sums beyond 32 bits are clipped.
 */
static uint32_t stored_sum(uint64_t sum) {
    return sum < UINT32_MAX - 1 ? (uint32_t)sum + 1 : UINT32_MAX;
}

/* Some orders whose rows fit into a block, widened. */
struct order_block {
    uint32_t start[BLOCK + 1], price[BLOCK], workshop[BLOCK];
};

/* Where the orders of a piece go. */
struct order_sums {
    const struct kernel *k;
    const struct kernel_piece *piece;
    uint64_t *buckets;
};

static void put_sum(const struct order_sums *o, uint64_t order, uint64_t sum, bool any) {
    uint32_t stored = any ? stored_sum(sum) : 0;
    o->k->order_value[o->piece->value + order - o->piece->order] = stored;
    if (any)
        o->buckets[kernel_bucket(stored - 1)]++;
}

/* One order of more rows than a block holds. */
static void sum_large(const struct order_sums *o, uint64_t order, uint64_t first, uint64_t end) {
    const struct snapshot_source *source = o->piece->source;
    struct snapshot_column price = source->columns[ROW_PRICE];
    struct snapshot_column workshop = source->columns[ROW_WORKSHOP];
    uint64_t sum = 0;
    bool any = false;
    for (uint64_t row = first; row < end; row++)
        if ((!o->k->wanted || o->k->wanted[snapshot_value(workshop, row)]) &&
            !snapshot_bit(source->dead, row)) {
            sum += snapshot_value(price, row);
            any = true;
        }
    put_sum(o, order, sum, any);
}

/* Orders first + [i, end) of the block, whose rows are loaded here. */
static void sum_block(const struct order_sums *o, struct order_block *b, uint64_t first, size_t i,
                      size_t end) {
    const struct snapshot_source *source = o->piece->source;
    const uint8_t *wanted = o->k->wanted;
    uint32_t base = b->start[i];
    size_t rows = b->start[end] - base;
    snapshot_widen(source->columns[ROW_PRICE], base, rows, b->price);
    if (wanted)
        snapshot_widen(source->columns[ROW_WORKSHOP], base, rows, b->workshop);
    for (; i < end; i++) {
        uint64_t sum = 0;
        bool dead = snapshot_bit(source->dead, b->start[i]), any = !wanted && !dead;
        for (uint32_t row = b->start[i] - base; !dead && row < b->start[i + 1] - base; row++) {
            if (wanted && !wanted[b->workshop[row]])
                continue;
            sum += b->price[row];
            any = true;
        }
        put_sum(o, first + i, sum, any);
    }
}

static void sum_orders(const struct order_sums *o) {
    const struct kernel_piece *piece = o->piece;
    struct snapshot_column starts = piece->source->columns[ORDER_FIRST];
    struct order_block b;
    for (uint64_t order = piece->order; order < piece->order_end; order += BLOCK) {
        uint64_t left = piece->order_end - order;
        size_t count = left < BLOCK ? (size_t)left : BLOCK, end;
        snapshot_widen(starts, order, count + 1, b.start);
        for (size_t i = 0; i < count; i = end) {
            for (end = i; end < count && b.start[end + 1] - b.start[i] <= BLOCK;)
                end++;
            if (end > i)
                sum_block(o, &b, order, i, end);
            else
                sum_large(o, order + end++, b.start[i], b.start[i + 1]);
        }
    }
}

/* ---- a piece -------------------------------------------------------------------------------- */

static void count_block(struct kernel *k, const struct block *b, struct kernel_tally *t,
                        uint32_t month) {
    if (k->parts & (REPORT_TOTALS | REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS))
        count_workshops(b, t->scratch);
    if (k->parts & REPORT_TOTALS)
        count_students(b, t->students);
    if (k->parts & REPORT_TOP_WORKSHOPS)
        count_discounts(b, t->scratch);
    if (k->parts & REPORT_AGE_LEVEL)
        count_ages(k, b, t->age_level);
    if (k->parts & REPORT_COUNTRY_ROLE)
        count_groups(k, b, t->group);
    if (k->parts & REPORT_DAILY)
        count_days(b, t->day);
    if (k->parts & REPORT_COHORTS)
        mark_active(b, k->active[month]);
}

/* What the piece sold by workshop, added to its month's topics and to the whole. */
static void settle(const struct kernel *k, struct kernel_tally *t, uint32_t month) {
    for (uint32_t w = 0; w < k->workshops; w++) {
        const struct kernel_workshop *from = &t->scratch[w];
        if (!from->count)
            continue;
        struct kernel_sum *topic =
            &t->month_topic[(uint64_t)month * k->topics + k->workshop_topic[w]];
        topic->count += from->count;
        topic->revenue += from->revenue;
        t->workshop[w].count += from->count;
        t->workshop[w].revenue += from->revenue;
        t->workshop[w].discount += from->discount;
    }
    memset(t->scratch, 0, k->workshops * sizeof(*t->scratch));
}

void kernel_piece(void *ctx, size_t index, int worker) {
    struct kernel *k = ctx;
    const struct kernel_piece *piece = &k->pieces[index];
    struct kernel_tally *tally = &k->tallies[worker];
    struct block block;
    bool rows = (k->parts & ~(unsigned)REPORT_ORDER_VALUE) != 0;
    for (uint64_t row = piece->first; rows && row < piece->end; row += BLOCK) {
        size_t count = piece->end - row < BLOCK ? (size_t)(piece->end - row) : BLOCK;
        load(k, piece->source, row, count, &block);
        if (k->wanted || any_dead(piece->source, row, row + count))
            keep(k, piece->source, row, &block);
        count_block(k, &block, tally, piece->month);
    }
    if (k->parts & REPORT_ORDER_VALUE)
        sum_orders(&(struct order_sums){k, piece, tally->order_bucket});
    if (k->parts & (REPORT_TOTALS | REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS))
        settle(k, tally, piece->month);
}

/* ---- cohorts --------------------------------------------------------------------------------- */

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
            uint64_t active = k->active[m][w];
            for (uint64_t new = active & ~seen; new; new &= new - 1)
                first[__builtin_ctzll(new)] = (uint16_t)m;
            seen |= active;
            for (; active; active &= active - 1)
                cells[(uint64_t)first[__builtin_ctzll(active)] * k->months + m]++;
        }
    }
}
