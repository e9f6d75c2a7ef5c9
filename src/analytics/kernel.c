/* The pass over the rows. Columns are widened block by block into arrays that stay in the nearest
 * cache, so that the loops know one width only; every loop does one thing. */
#include "analytics/kernel.h"
#include <stdatomic.h>
#include <string.h>

enum { BLOCK = 2048 };

struct block {
    size_t count;
    uint32_t workshop[BLOCK], student[BLOCK], account[BLOCK], price[BLOCK], discount[BLOCK],
        age[BLOCK], day[BLOCK], row[BLOCK];
};

static void load(const struct kernel *k, uint64_t first, size_t count, struct block *b) {
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
            snapshot_widen(snapshot_column(k->snapshot, COLUMNS[i].id), first, count,
                           (uint32_t *)((char *)b + COLUMNS[i].offset));
}

/* Keeps the rows of wanted workshops; `row` remembers where they stood. */
static void keep_wanted(const struct kernel *k, struct block *b) {
    size_t kept = 0;
    for (size_t i = 0; i < b->count; i++) {
        if (!k->wanted[b->workshop[i]])
            continue;
        b->row[kept] = (uint32_t)i;
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
    for (size_t i = 0; i < b->count; i++) {
        struct kernel_sum *g = &groups[k->account_group[b->account[i]]];
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

/* Where the walk over the orders of a piece has come to. */
struct orders {
    struct snapshot_column first;
    uint64_t order;
};

static uint32_t clipped(uint64_t value) {
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

static void sum_orders(const struct kernel *k, const struct block *b, uint64_t first_row,
                       struct orders *walk) {
    for (size_t i = 0; i < b->count; i++) {
        uint64_t row = first_row + (k->wanted ? b->row[i] : i);
        while (snapshot_value(walk->first, walk->order + 1) <= row)
            walk->order++;
        uint64_t at = walk->order - k->first_order;
        k->order_value[at] = clipped((uint64_t)k->order_value[at] + b->price[i]);
        k->order_seen[at] = 1;
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
    struct orders walk = {snapshot_column(k->snapshot, ORDER_FIRST), piece->order};
    struct block block;
    for (uint64_t row = piece->first; row < piece->end; row += BLOCK) {
        size_t count = piece->end - row < BLOCK ? (size_t)(piece->end - row) : BLOCK;
        load(k, row, count, &block);
        if (k->wanted)
            keep_wanted(k, &block);
        count_block(k, &block, tally, piece->month);
        if (k->parts & REPORT_ORDER_VALUE)
            sum_orders(k, &block, row, &walk);
    }
    if (k->parts & (REPORT_TOTALS | REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS))
        settle(k, tally, piece->month);
}
