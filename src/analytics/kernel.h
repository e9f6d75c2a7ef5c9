/* One pass over the rows, shared by all reports; not for others than report.c.
 *
 * A piece is a run of rows that begins with an order and does not cross a month's end, so that what
 * is counted by month or by order needs no look at its neighbours. Every worker counts into a tally
 * of its own; report.c adds the tallies up. */
#ifndef ANALYTICS_KERNEL_H
#define ANALYTICS_KERNEL_H

#include "analytics/report.h"

enum { KERNEL_LEVELS = 4, KERNEL_AGES = 256 };

/* Order values are counted in buckets that grow with the value: exact below 2^EXACT, then 2^STEP of
 * them for every power of two. */
enum {
    KERNEL_EXACT = 12,
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

/* What a worker has counted. */
struct kernel_tally {
    struct kernel_sum *month_topic;   /* [month × topics + topic] */
    struct kernel_workshop *workshop; /* by workshop, over everything */
    struct kernel_workshop *scratch;  /* by workshop, of the piece at hand */
    uint64_t *age_level;              /* [age × KERNEL_LEVELS + level] */
    uint64_t *students;               /* one bit each */
    struct kernel_sum *group;
    uint64_t *day; /* revenue by day */
    uint64_t *order_bucket;
    uint64_t *cells; /* of the cohorts: [first month × months + month] */
};

/* A piece: rows [first, end) of orders [order, order_end) of a source, all in `month`. */
struct kernel_piece {
    const struct snapshot_source *source;
    uint64_t first, end, order, order_end;
    uint64_t value; /* where the value of its first order goes */
    uint32_t month;
};

struct kernel {
    struct arena *arena;
    unsigned parts;
    uint32_t workshops, topics, months, groups, days;
    uint64_t students, accounts;
    const uint32_t *workshop_topic; /* widened */
    const uint8_t *workshop_level;
    struct snapshot_column account_group; /* of 1 or 2 bytes */
    const uint8_t *wanted;                /* by workshop: passes the filter; NULL: all do */
    uint64_t **active;                    /* [month]: one bit an account, set by any worker */
    uint32_t *order_value; /* by order of the pieces: its sum plus one; 0: nothing passed */
    uint64_t orders;       /* of all pieces */
    struct kernel_piece *pieces;
    size_t piece_count;
    struct kernel_tally *tallies; /* one a worker */
};

/* Jobs for workers_run, ctx a struct kernel: a piece of the rows; then, for the cohorts, a run of
 * KERNEL_WORDS words of the accounts' bits. */
enum { KERNEL_WORDS = 4096 };
void kernel_piece(void *ctx, size_t piece, int worker);
void kernel_cohorts(void *ctx, size_t run, int worker);

#endif
