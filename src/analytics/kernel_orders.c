/* The pass over the orders, each a run of rows: what they are worth, and who was active when.
 * Values are counted by buckets; where a rank lies in a bucket of several values, a second pass
 * gathers those. */
#include "analytics/kernel.h"

enum { BLOCK = 2048 };

/* Some orders whose rows fit into a block, widened. */
struct order_block {
    uint32_t start[BLOCK + 1], account[BLOCK], price[BLOCK], fare[BLOCK];
    uint64_t before[BLOCK + 1]; /* what all rows before cost */
};

/* Where the orders of a piece go. */
struct order_sums {
    struct kernel *k;
    const struct kernel_piece *piece;
    uint32_t *buckets; /* NULL: values do not count */
    uint64_t *active;  /* of the piece's month; NULL: nor do accounts */
};

/* Sums beyond 32 bits are clipped. */
static uint32_t clip(uint64_t sum) {
    return sum < UINT32_MAX ? (uint32_t)sum : UINT32_MAX;
}

static void put_sum(const struct order_sums *o, uint64_t sum) {
    struct kernel_pick *pick = &o->k->pick;
    uint32_t value = clip(sum), bucket = kernel_bucket(value);
    if (!pick->values)
        o->buckets[bucket]++;
    else if (bucket == pick->bucket)
        pick->values[atomic_fetch_add_explicit(&pick->count, 1, memory_order_relaxed)] = value;
}

static void put_account(const struct order_sums *o, uint32_t account) {
    o->active[account / 64] |= UINT64_C(1) << account % 64;
}

static void put_order(const struct order_sums *o, uint32_t account, uint64_t sum) {
    if (o->buckets)
        put_sum(o, sum);
    if (o->active)
        put_account(o, account);
}

/* One order of more rows than a block holds. */
static void count_large(const struct order_sums *o, uint32_t account, uint64_t first,
                        uint64_t end) {
    const struct snapshot_source *source = o->piece->source;
    struct snapshot_column price = source->columns[ROW_PRICE];
    struct snapshot_column fare = source->columns[ROW_FARE];
    const uint8_t *wanted = o->piece->wanted;
    uint64_t sum = 0;
    bool any = false;
    for (uint64_t row = first; row < end; row++)
        if ((!wanted || wanted[snapshot_value(fare, row)]) && !snapshot_bit(source->dead, row)) {
            sum += snapshot_value(price, row);
            any = true;
        }
    if (any)
        put_order(o, account, sum);
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

static void count_whole(const struct order_sums *o, struct order_block *b, size_t i, size_t end) {
    for (size_t order = i; o->active && order < end; order++)
        put_account(o, b->account[order]);
    if (o->buckets)
        sum_whole(o, b, i, end);
}

/* Orders [i, end) of a block, of which some rows do not count. */
static void count_some(const struct order_sums *o, struct order_block *b, size_t i, size_t end) {
    const struct snapshot_source *source = o->piece->source;
    const uint8_t *wanted = o->piece->wanted;
    uint32_t base = b->start[i];
    for (; i < end; i++) {
        uint64_t sum = 0;
        bool any = false;
        if (snapshot_bit(source->dead, b->start[i]))
            continue;
        for (uint32_t row = b->start[i] - base; row < b->start[i + 1] - base; row++) {
            if (wanted && !wanted[b->fare[row]])
                continue;
            sum += b->price[row];
            any = true;
        }
        if (any)
            put_order(o, b->account[i], sum);
    }
}

/* Orders [i, end) of the block, whose rows are loaded here as far as they are looked at. */
static void count_block(const struct order_sums *o, struct order_block *b, size_t i, size_t end) {
    const struct snapshot_source *source = o->piece->source;
    uint32_t base = b->start[i];
    size_t rows = b->start[end] - base;
    bool whole = !o->piece->wanted && !kernel_any_dead(source, base, base + rows);
    if (o->buckets || !whole)
        snapshot_widen(source->columns[ROW_PRICE], base, rows, b->price);
    if (o->piece->wanted)
        snapshot_widen(source->columns[ROW_FARE], base, rows, b->fare);
    if (whole)
        count_whole(o, b, i, end);
    else
        count_some(o, b, i, end);
}

static struct order_sums begin(struct kernel *k, const struct kernel_piece *piece, int worker) {
    struct kernel_tally *t = &k->tallies[worker];
    bool pick = k->pick.values != NULL;
    return (struct order_sums){.k = k,
                               .piece = piece,
                               .buckets = k->parts & REPORT_ORDER_VALUE ? t->order_bucket : NULL,
                               .active = k->parts & REPORT_COHORTS && !pick
                                             ? t->active + piece->month * k->account_words
                                             : NULL};
}

static size_t block_size(const struct kernel_piece *piece, uint64_t order) {
    uint64_t left = piece->order_end - order;
    return left < BLOCK ? (size_t)left : BLOCK;
}

/* The buyers of a piece of which every order counts. */
static void count_accounts(const struct order_sums *o) {
    const struct kernel_piece *piece = o->piece;
    struct snapshot_column accounts = piece->source->columns[ORDER_ACCOUNT];
    uint32_t account[BLOCK];
    for (uint64_t order = piece->order; order < piece->order_end; order += BLOCK) {
        size_t count = block_size(piece, order);
        snapshot_widen(accounts, order, count, account);
        for (size_t i = 0; i < count; i++)
            put_account(o, account[i]);
    }
}

void kernel_orders(void *ctx, size_t index, int worker) {
    struct kernel *k = ctx;
    const struct kernel_piece *piece = &k->pieces[index];
    struct order_sums o = begin(k, piece, worker);
    const struct snapshot_column *c = piece->source->columns;
    struct order_block b;
    if (o.active && !piece->wanted && !piece->source->dead) {
        count_accounts(&o);
        o.active = NULL;
    }
    for (uint64_t order = piece->order; (o.active || o.buckets) && order < piece->order_end;
         order += BLOCK) {
        size_t count = block_size(piece, order), end;
        snapshot_widen(c[ORDER_FIRST], order, count + 1, b.start);
        if (o.active)
            snapshot_widen(c[ORDER_ACCOUNT], order, count, b.account);
        for (size_t i = 0; i < count; i = end) {
            for (end = i; end < count && b.start[end + 1] - b.start[i] <= BLOCK;)
                end++;
            if (end > i)
                count_block(&o, &b, i, end);
            else
                count_large(&o, o.active ? b.account[i] : 0, b.start[i], b.start[end++ + 1]);
        }
    }
}

/* ---- cohorts --------------------------------------------------------------------------------- */

/* Who of 64 accounts was active in a month, as all workers saw it. */
static uint64_t active_in(const struct kernel *k, uint32_t month, uint64_t word) {
    uint64_t active = 0;
    for (size_t i = 0; i < k->worker_count; i++)
        active |= k->tallies[i].active[month * k->account_words + word];
    return active;
}

/* Of 64 accounts: who is new in a month belongs to its cohort, and counts in the row of that cohort
 * in every later month of activity. Accounts are numbered as they came, so that the 64 are of few
 * cohorts. */
static void count_word(const struct kernel *k, uint64_t word, uint64_t *cells) {
    uint64_t active[KERNEL_MONTHS], seen = 0;
    for (uint32_t m = 0; m < k->months; m++)
        active[m] = active_in(k, m, word);
    for (uint32_t first = 0; first < k->months; first++) {
        uint64_t cohort = active[first] & ~seen;
        seen |= cohort;
        for (uint32_t m = first; cohort && m < k->months; m++)
            cells[(uint64_t)first * k->months + m] +=
                (uint64_t)__builtin_popcountll(cohort & active[m]);
    }
}

void kernel_cohorts(void *ctx, size_t run, int worker) {
    struct kernel *k = ctx;
    uint64_t begin = (uint64_t)run * KERNEL_WORDS, end = begin + KERNEL_WORDS;
    for (uint64_t w = begin; w < end && w < k->account_words; w++)
        count_word(k, w, k->tallies[worker].cells);
}
