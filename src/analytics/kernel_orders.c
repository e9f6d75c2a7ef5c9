/* What orders are worth: an order is a run of rows. Counted by buckets of values; where a rank lies
 * in a bucket of several values, a second pass gathers those. */
#include "analytics/kernel.h"

enum { BLOCK = 2048 };

/* Sums beyond 32 bits are clipped. */
static uint32_t clip(uint64_t sum) {
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

/* Some orders whose rows fit into a block, widened. */
struct order_block {
    uint32_t start[BLOCK + 1], price[BLOCK], workshop[BLOCK];
    uint64_t before[BLOCK + 1]; /* what all rows before cost */
};

/* Where the orders of a piece go. */
struct order_sums {
    struct kernel *k;
    const struct kernel_piece *piece;
    uint64_t *buckets;
};

static void put_sum(const struct order_sums *o, uint64_t sum) {
    struct kernel_pick *pick = &o->k->pick;
    uint32_t value = clip(sum), bucket = kernel_bucket(value);
    if (!pick->values)
        o->buckets[bucket]++;
    else if (bucket == pick->bucket)
        pick->values[atomic_fetch_add_explicit(&pick->count, 1, memory_order_relaxed)] = value;
}

/* One order of more rows than a block holds. */
static void sum_large(const struct order_sums *o, uint64_t first, uint64_t end) {
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
    if (any)
        put_sum(o, sum);
}

/* Orders [i, end) of a block of which every row counts: an order is worth what stands before its
 * end less what stands before its begin. */
static void sum_whole(const struct order_sums *o, struct order_block *b, size_t i, size_t end) {
    uint32_t base = b->start[i], rows = b->start[end] - base;
    uint64_t all = 0;
    for (uint32_t row = 0; row < rows; row++) {
        b->before[row] = all;
        all += b->price[row];
    }
    b->before[rows] = all;
    for (; i < end; i++)
        put_sum(o, b->before[b->start[i + 1] - base] - b->before[b->start[i] - base]);
}

/* Orders [i, end) of a block, of which some rows do not count. */
static void sum_some(const struct order_sums *o, struct order_block *b, size_t i, size_t end) {
    const struct snapshot_source *source = o->piece->source;
    const uint8_t *wanted = o->k->wanted;
    uint32_t base = b->start[i];
    for (; i < end; i++) {
        uint64_t sum = 0;
        bool any = false;
        if (snapshot_bit(source->dead, b->start[i]))
            continue;
        for (uint32_t row = b->start[i] - base; row < b->start[i + 1] - base; row++) {
            if (wanted && !wanted[b->workshop[row]])
                continue;
            sum += b->price[row];
            any = true;
        }
        if (any)
            put_sum(o, sum);
    }
}

/* Orders [i, end) of the block, whose rows are loaded here. */
static void sum_block(const struct order_sums *o, struct order_block *b, size_t i, size_t end) {
    const struct snapshot_source *source = o->piece->source;
    uint32_t base = b->start[i];
    size_t rows = b->start[end] - base;
    snapshot_widen(source->columns[ROW_PRICE], base, rows, b->price);
    if (o->k->wanted)
        snapshot_widen(source->columns[ROW_WORKSHOP], base, rows, b->workshop);
    if (o->k->wanted || kernel_any_dead(source, base, base + rows))
        sum_some(o, b, i, end);
    else
        sum_whole(o, b, i, end);
}

void kernel_orders(void *ctx, size_t index, int worker) {
    struct kernel *k = ctx;
    const struct kernel_piece *piece = &k->pieces[index];
    const struct order_sums o = {k, piece, k->tallies[worker].order_bucket};
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
                sum_block(&o, &b, i, end);
            else
                sum_large(&o, b.start[i], b.start[end++ + 1]);
        }
    }
}
