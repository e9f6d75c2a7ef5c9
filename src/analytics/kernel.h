/* One pass over the rows, shared by all reports; not for others than report.c. kernel.c counts
 * rows, kernel_orders.c counts orders.
 *
 * A piece is a run of rows that begins with an order and does not cross a month's end, so that what
 * is counted by month or by order needs no look at its neighbours. Every worker counts into a tally
 * of its own; report.c adds the tallies up. */
#ifndef ANALYTICS_KERNEL_H
#define ANALYTICS_KERNEL_H

#include "analytics/report.h"
#include <stdatomic.h>

enum {
    KERNEL_MONTHS = UINT16_MAX / 28 + 2, /* no snapshot has more */
};

/* Order values are counted in buckets that grow with the value: exact below 2^EXACT, then 2^STEP of
 * them for every power of two. */
enum {
    KERNEL_EXACT = 17,
    KERNEL_STEP = 11,
    KERNEL_BUCKETS = (1 << KERNEL_EXACT) + (32 - KERNEL_EXACT) * (1 << KERNEL_STEP),
};

static inline uint32_t kernel_bucket(uint32_t value) {
    if (value < 1U << KERNEL_EXACT)
        return value;
    uint32_t power = 31U - (uint32_t)__builtin_clz(value); /* at least EXACT */
    return (1U << KERNEL_EXACT) + ((power - KERNEL_EXACT) << KERNEL_STEP) +
           (value >> (power - KERNEL_STEP)) - (1U << KERNEL_STEP);
}

struct kernel_sum {
    uint64_t count, revenue;
};

struct kernel_workshop {
    uint64_t revenue, discount, count;
};

/* Neighbouring rows often have the same key, so neighbours count into different lanes: no
 * addition waits for the one before. A lane is a whole list of counters, one a key. */
enum { KERNEL_LANES = 4, KERNEL_PAIR_LANES = 2, KERNEL_PAIRS = 1 << 16 };

/* A counter holds a count and a sum of cents in one number, so that a row is one addition: the
 * count in the high 16 bits. Workers empty it after so many rows, of less than 2^32 cents each. */
enum { KERNEL_COUNT_SHIFT = 48, KERNEL_SETTLED = 63 * 1024 };

/* What a worker counts: fares and groups of the piece at hand, brackets of all its pieces. A report
 * that is not wanted has none. */
struct kernel_lanes {
    uint32_t *fare[KERNEL_LANES];      /* counts */
    uint64_t *group[KERNEL_LANES];     /* count and revenue */
    uint32_t *bracket[KERNEL_LANES];   /* counts */
    uint32_t *pair[KERNEL_PAIR_LANES]; /* counts of two neighbours, by bracket and 256 × the next */
    uint32_t lowest, highest;          /* fares that were met; none: lowest > highest */
};

/* What a worker has counted; in memory that is zero and costs nothing before it is touched. */
struct kernel_tally {
    struct kernel_lanes lanes;
    struct kernel_sum totals;
    struct kernel_sum *month_topic;   /* [month × topics + topic] */
    struct kernel_workshop *workshop; /* by workshop */
    uint64_t *students;               /* one bit each */
    struct kernel_sum *group;
    uint64_t *bracket;
    uint64_t *day;          /* revenue by day */
    uint32_t *order_bucket; /* orders: there are fewer than 2^32 */
    uint64_t *active;       /* one bit an account and month: [month × account_words + word] */
    uint64_t *cells;        /* of the cohorts: [first month × months + month] */
};

/* A piece: rows [first, end) of orders [order, order_end) of a source, all in `month`. */
struct kernel_piece {
    const struct snapshot_source *source;
    const uint8_t *wanted; /* by fare of the source: passes the filter; NULL: all do */
    uint64_t first, end, order, order_end;
    uint32_t month;
};

/* The values of one bucket, gathered when a rank lies in it and it holds more than one value. */
struct kernel_pick {
    uint32_t bucket;
    uint32_t *values; /* in any order; NULL: orders are counted, not gathered */
    atomic_size_t count;
};

struct kernel {
    struct arena *arena;
    unsigned parts;
    uint32_t fares; /* of the source that has most */
    uint32_t workshops, topics, months, groups, brackets, days;
    uint64_t students, account_words; /* 64 accounts a word */
    const uint32_t *workshop_topic;   /* widened */
    const uint8_t *wanted;            /* by workshop: passes the filter; NULL: all do */
    struct kernel_pick pick;
    struct kernel_piece *pieces;
    size_t piece_count;
    struct kernel_tally *tallies; /* one a worker */
    size_t worker_count;
};

/* Reports that look at orders, the others look at rows; of these, those that look at fares. */
enum {
    KERNEL_ORDERS = REPORT_COHORTS | REPORT_ORDER_VALUE,
    KERNEL_FARES = REPORT_MONTH_TOPIC | REPORT_TOP_WORKSHOPS,
};

/* Jobs for workers_run, ctx a struct kernel: a piece of the rows; the orders of a piece alone;
 * then, for the cohorts, a run of KERNEL_WORDS words of the accounts' bits. */
enum { KERNEL_WORDS = 512 };
void kernel_piece(void *ctx, size_t piece, int worker);
void kernel_orders(void *ctx, size_t piece, int worker);
void kernel_cohorts(void *ctx, size_t run, int worker);

/* Once all pieces are done: what was counted of brackets goes to where it is kept. */
void kernel_settle_brackets(struct kernel *k);

/* Whether a row of [first, end) may be dead: a neighbour's bit counts too. end > first. */
static inline bool kernel_any_dead(const struct snapshot_source *source, uint64_t first,
                                   uint64_t end) {
    if (!source->dead)
        return false;
    uint64_t any = source->dead[first / 64] >> first % 64;
    for (uint64_t word = first / 64 + 1; word <= (end - 1) / 64; word++)
        any |= source->dead[word];
    return any != 0; /* a neighbour's bit in the last word costs a look at every row, no more */
}

#endif
