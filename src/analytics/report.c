/* Reports: preparing the pass over the rows, and making answers of what it counted. */
#include "analytics/report.h"
#include "analytics/kernel.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PIECE_ROWS = KERNEL_SETTLED };

static void *zeros(struct arena *arena, uint64_t count, size_t size) {
    return arena_array(arena, count ? count : 1, size);
}

/* ---- preparing ------------------------------------------------------------------------------ */

struct run {
    struct kernel k;
    const struct snapshot *snapshot;
    struct workers *workers;
    const struct report_filter *filter;
    struct arena *arena; /* of the answer */
    struct report *out;
    void *tallies; /* the memory of all tallies */
    size_t tallies_size;
    uint32_t *month_of_day; /* counted from the first day's month */
    int first_month;        /* year × 12 + month − 1 */
    uint32_t first_day, end_day;
};

static int month_number(struct date date) {
    return date.year * 12 + date.month - 1;
}

static void read_calendar(struct run *r) {
    const struct snapshot_header *h = snapshot_header(r->snapshot);
    r->k.days = (uint32_t)h->days;
    r->month_of_day = zeros(r->k.arena, r->k.days, sizeof(*r->month_of_day));
    r->first_month = month_number(date_from_days(h->first_day));
    for (uint32_t d = 0; d < r->k.days; d++)
        r->month_of_day[d] =
            (uint32_t)(month_number(date_from_days(h->first_day + (int64_t)d)) - r->first_month);
    r->k.months = r->k.days ? r->month_of_day[r->k.days - 1] + 1 : 0;
    int64_t from = date_is_set(r->filter->from) ? date_to_days(r->filter->from) - h->first_day : 0;
    int64_t end =
        date_is_set(r->filter->to) ? date_to_days(r->filter->to) - h->first_day + 1 : h->days;
    from = from < 0 ? 0 : from > h->days ? h->days : from;
    end = end < from ? from : end > h->days ? h->days : end;
    r->first_day = (uint32_t)from;
    r->end_day = (uint32_t)end;
}

static void read_dimensions(struct run *r) {
    struct kernel *k = &r->k;
    struct snapshot_column topic = snapshot_column(r->snapshot, WORKSHOP_TOPIC);
    k->workshops = (uint32_t)topic.count;
    k->topics = (uint32_t)snapshot_column(r->snapshot, TOPIC_ID).count;
    k->groups = (uint32_t)snapshot_column(r->snapshot, GROUP_COUNTRY).count;
    k->brackets = (uint32_t)snapshot_column(r->snapshot, BRACKET_AGE).count;
    k->students = snapshot_column(r->snapshot, STUDENT_ID).count;
    k->account_words = snapshot_column(r->snapshot, ACCOUNT_ID).count / 64 + 1;
    uint32_t *topics = zeros(k->arena, k->workshops, sizeof(*topics));
    for (uint32_t w = 0; w < k->workshops; w++)
        topics[w] = (uint32_t)snapshot_value(topic, w);
    k->workshop_topic = topics;
}

static void read_filter(struct run *r) {
    const struct report_filter *f = r->filter;
    struct kernel *k = &r->k;
    if (!f->topic_id && !f->level)
        return;
    struct snapshot_column ids = snapshot_column(r->snapshot, TOPIC_ID);
    struct snapshot_column levels = snapshot_column(r->snapshot, WORKSHOP_LEVEL);
    uint8_t *passes = zeros(k->arena, k->workshops, 1);
    for (uint32_t w = 0; w < k->workshops; w++)
        passes[w] =
            (!f->topic_id || snapshot_value(ids, k->workshop_topic[w]) == (uint64_t)f->topic_id) &&
            (!f->level || snapshot_value(levels, w) == (uint64_t)f->level);
    k->wanted = passes;
}

/* The same by fare of a source. */
static const uint8_t *wanted_fares(struct kernel *k, const struct snapshot_source *source) {
    struct snapshot_column workshops = source->columns[FARE_WORKSHOP];
    if (workshops.count > k->fares)
        k->fares = (uint32_t)workshops.count;
    if (!k->wanted)
        return NULL;
    uint8_t *passes = zeros(k->arena, workshops.count, 1);
    for (uint64_t fare = 0; fare < workshops.count; fare++)
        passes[fare] = k->wanted[snapshot_value(workshops, fare)];
    return passes;
}

static void add_piece(struct kernel *k, struct kernel_piece piece) {
    k->pieces = arena_grow(k->arena, k->pieces, k->piece_count, sizeof(*k->pieces));
    k->pieces[k->piece_count++] = piece;
}

/* Cuts the rows of one month into pieces that begin with an order. */
static void cut_month(struct run *r, struct kernel_piece rest) {
    const struct snapshot_source *source = rest.source;
    struct snapshot_column starts = source->columns[ORDER_FIRST];
    rest.order = snapshot_order_of_row(source, rest.first);
    while (rest.first < rest.end) {
        struct kernel_piece piece = rest;
        if (rest.end - rest.first > PIECE_ROWS)
            piece.end =
                snapshot_value(starts, snapshot_order_of_row(source, rest.first + PIECE_ROWS));
        if (piece.end <= rest.first) /* one order larger than a piece */
            piece.end = rest.end;
        piece.order_end =
            piece.end == source->rows ? source->orders : snapshot_order_of_row(source, piece.end);
        add_piece(&r->k, piece);
        rest.first = piece.end;
        rest.order = piece.order_end;
    }
}

static void cut(struct run *r, const struct snapshot_source *source) {
    const uint8_t *wanted = wanted_fares(&r->k, source);
    uint64_t row = snapshot_row_of_day(source, r->first_day);
    for (uint32_t day = r->first_day; day < r->end_day;) {
        uint32_t month = r->month_of_day[day], next = day;
        while (next < r->end_day && r->month_of_day[next] == month)
            next++;
        uint64_t end = snapshot_row_of_day(source, next);
        cut_month(
            r, (struct kernel_piece){
                   .source = source, .wanted = wanted, .first = row, .end = end, .month = month});
        row = end;
        day = next;
    }
}

/* ---- tallies ----------------------------------------------------------------------------------
 *
 * They come from the system in one piece, as large pages of zeros where it has them: thousands of
 * small ones would cost more than the counting. What no row reaches is never touched. */

/* Memory to be handed out; without a base it is only measured how much that will be. */
struct memory {
    const struct kernel *k;
    uint8_t *base;
    size_t used;
};

/* NULL for reports that nobody asked for. */
static void *wanted(struct memory *m, unsigned parts, uint64_t count, size_t size) {
    if (!(m->k->parts & parts))
        return NULL;
    void *memory = m->base ? m->base + m->used : NULL;
    m->used += (count * size + SNAPSHOT_ALIGN) / SNAPSHOT_ALIGN * SNAPSHOT_ALIGN;
    return memory;
}

static struct kernel_lanes lay_out_lanes(struct memory *m) {
    const struct kernel *k = m->k;
    struct kernel_lanes lanes = {.lowest = UINT32_MAX};
    for (size_t i = 0; i < KERNEL_LANES; i++) {
        lanes.fare[i] = wanted(m, KERNEL_FARES, k->fares, sizeof(uint32_t));
        lanes.group[i] = wanted(m, REPORT_COUNTRY_ROLE, k->groups, sizeof(uint64_t));
        lanes.bracket[i] = wanted(m, REPORT_AGE_LEVEL, k->brackets, sizeof(uint32_t));
        if (i < KERNEL_PAIR_LANES)
            lanes.pair[i] = wanted(m, REPORT_AGE_LEVEL, KERNEL_PAIRS, sizeof(uint32_t));
        m->used += 3 * (size_t)SNAPSHOT_ALIGN; /* lanes must not lie 4 KB apart: the processor would
                                                  take one for the other */
    }
    return lanes;
}

static struct kernel_tally lay_out_tally(struct memory *m) {
    const struct kernel *k = m->k;
    uint64_t months = k->months, month_topics = months * k->topics;
    struct kernel_tally tally = {.lanes = lay_out_lanes(m)};
    tally.month_topic = wanted(m, KERNEL_FARES, month_topics, sizeof(struct kernel_sum));
    tally.workshop = wanted(m, KERNEL_FARES, k->workshops, sizeof(struct kernel_workshop));
    tally.students = wanted(m, REPORT_TOTALS, k->students / 64 + 1, sizeof(uint64_t));
    tally.group = wanted(m, REPORT_COUNTRY_ROLE, k->groups, sizeof(struct kernel_sum));
    tally.bracket = wanted(m, REPORT_AGE_LEVEL, k->brackets, sizeof(uint64_t));
    tally.day = wanted(m, REPORT_DAILY, k->days, sizeof(uint64_t));
    tally.order_bucket = wanted(m, REPORT_ORDER_VALUE, KERNEL_BUCKETS, sizeof(uint32_t));
    tally.active = wanted(m, REPORT_COHORTS, months * k->account_words, sizeof(uint64_t));
    tally.cells = wanted(m, REPORT_COHORTS, months * months, sizeof(uint64_t));
    return tally;
}

static size_t lay_out_tallies(struct kernel *k, uint8_t *base) {
    struct memory memory = {.k = k, .base = base};
    for (size_t i = 0; i < k->worker_count; i++)
        k->tallies[i] = lay_out_tally(&memory);
    return memory.used;
}

static void make_tallies(struct run *r) {
    struct kernel *k = &r->k;
    k->worker_count = (size_t)workers_count(r->workers);
    k->tallies = zeros(k->arena, k->worker_count, sizeof(*k->tallies));
    r->tallies_size = lay_out_tallies(k, NULL);
    r->tallies = mmap(NULL, r->tallies_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (r->tallies == MAP_FAILED)
        abort(); /* as arenas do */
    madvise(r->tallies, r->tallies_size, MADV_HUGEPAGE);
    lay_out_tallies(k, r->tallies);
}

static void drop_tallies(const struct run *r) {
    munmap(r->tallies, r->tallies_size);
}

static void add_up(uint64_t *sum, const uint64_t *more, uint64_t count) {
    for (uint64_t i = 0; sum && i < count; i++)
        sum[i] += more[i];
}

/* Adds all tallies to the first one; sums are made of 64-bit counters only. */
static void merge(struct run *r) {
    struct kernel *k = &r->k;
    struct kernel_tally *sum = &k->tallies[0];
    for (int i = 1; i < workers_count(r->workers); i++) {
        const struct kernel_tally *t = &k->tallies[i];
        sum->totals.count += t->totals.count;
        sum->totals.revenue += t->totals.revenue;
        add_up((uint64_t *)sum->month_topic, (const uint64_t *)t->month_topic,
               (uint64_t)k->months * k->topics * sizeof(struct kernel_sum) / sizeof(uint64_t));
        add_up((uint64_t *)sum->workshop, (const uint64_t *)t->workshop,
               (uint64_t)k->workshops * sizeof(struct kernel_workshop) / sizeof(uint64_t));
        add_up((uint64_t *)sum->group, (const uint64_t *)t->group,
               (uint64_t)k->groups * sizeof(struct kernel_sum) / sizeof(uint64_t));
        add_up(sum->bracket, t->bracket, k->brackets);
        add_up(sum->day, t->day, k->days);
        for (uint32_t bucket = 0; sum->order_bucket && bucket < KERNEL_BUCKETS; bucket++)
            sum->order_bucket[bucket] += t->order_bucket[bucket];
        for (uint64_t n = 0; sum->students && n <= k->students / 64; n++)
            sum->students[n] |= t->students[n];
    }
}

/* ---- answers -------------------------------------------------------------------------------- */

static uint64_t refunded(const struct run *r, const struct snapshot_source *source) {
    struct snapshot_column day = source->columns[BACK_DAY];
    uint64_t cents = 0;
    for (uint64_t i = 0; i < day.count; i++) {
        uint64_t d = snapshot_value(day, i);
        if (d >= r->first_day && d < r->end_day && !snapshot_bit(source->dead_backs, i) &&
            (!r->k.wanted || r->k.wanted[snapshot_value(source->columns[BACK_WORKSHOP], i)]))
            cents += snapshot_value(source->columns[BACK_PRICE], i);
    }
    return cents;
}

static void answer_totals(struct run *r) {
    const struct kernel *k = &r->k;
    struct report_totals *totals = &r->out->totals;
    totals->inscriptions = k->tallies[0].totals.count;
    totals->revenue_cents = k->tallies[0].totals.revenue;
    for (uint64_t i = 0; i <= k->students / 64; i++)
        totals->students += (uint64_t)__builtin_popcountll(k->tallies[0].students[i]);
    const struct snapshot_source *sources;
    size_t count = snapshot_sources(r->snapshot, &sources);
    for (size_t i = 0; i < count; i++)
        totals->refunded_cents += refunded(r, &sources[i]);
}

static int by_month_topic(const void *a, const void *b) {
    const struct report_month_topic *x = a, *y = b;
    int order = (x->month > y->month) - (x->month < y->month);
    return order ? order : (x->topic_id > y->topic_id) - (x->topic_id < y->topic_id);
}

static void answer_month_topic(struct run *r) {
    const struct kernel *k = &r->k;
    struct snapshot_column ids = snapshot_column(r->snapshot, TOPIC_ID);
    struct report *out = r->out;
    for (uint32_t m = 0; m < k->months; m++)
        for (uint32_t t = 0; t < k->topics; t++) {
            const struct kernel_sum *sum = &k->tallies[0].month_topic[(uint64_t)m * k->topics + t];
            if (!sum->count)
                continue;
            out->month_topic = arena_grow(r->arena, out->month_topic, out->month_topic_count,
                                          sizeof(*out->month_topic));
            out->month_topic[out->month_topic_count++] = (struct report_month_topic){
                r->first_month + (int)m, (int64_t)snapshot_value(ids, t), sum->count, sum->revenue};
        }
    if (out->month_topic_count)
        qsort(out->month_topic, out->month_topic_count, sizeof(*out->month_topic), by_month_topic);
}

static int by_revenue(const void *a, const void *b) {
    const struct report_workshop *x = a, *y = b;
    if (x->revenue_cents != y->revenue_cents)
        return x->revenue_cents < y->revenue_cents ? 1 : -1;
    return (x->workshop_id > y->workshop_id) - (x->workshop_id < y->workshop_id);
}

/* Rounded to the nearest, half up. */
static uint64_t mean(uint64_t sum, uint64_t count) {
    return (sum * 2 + count) / (count * 2);
}

static void answer_top(struct run *r) {
    const struct kernel *k = &r->k;
    struct snapshot_column ids = snapshot_column(r->snapshot, WORKSHOP_ID);
    struct snapshot_column capacity = snapshot_column(r->snapshot, WORKSHOP_CAPACITY);
    struct report_workshop *all = zeros(k->arena, k->workshops, sizeof(*all));
    size_t count = 0;
    for (uint32_t w = 0; w < k->workshops; w++) {
        const struct kernel_workshop *sum = &k->tallies[0].workshop[w];
        if (!sum->count)
            continue;
        all[count] = (struct report_workshop){
            .workshop_id = (int64_t)snapshot_value(ids, w),
            .count = sum->count,
            .revenue_cents = sum->revenue,
            .mean_discount_cents = mean(sum->discount, sum->count),
            .capacity = (int64_t)snapshot_value(capacity, w) - 1,
        };
        count++;
    }
    if (count)
        qsort(all, count, sizeof(*all), by_revenue);
    r->out->top_count = count < REPORT_TOP ? count : REPORT_TOP;
    r->out->top = zeros(r->arena, r->out->top_count, sizeof(*all));
    memcpy(r->out->top, all, r->out->top_count * sizeof(*all));
}

static void answer_ages(struct run *r) {
    struct snapshot_column ages = snapshot_column(r->snapshot, BRACKET_AGE);
    struct snapshot_column levels = snapshot_column(r->snapshot, BRACKET_LEVEL);
    uint64_t counts[SNAPSHOT_AGES][SNAPSHOT_LEVELS] = {{0}};
    for (uint32_t b = 0; b < r->k.brackets; b++)
        counts[snapshot_value(ages, b)][snapshot_value(levels, b)] += r->k.tallies[0].bracket[b];
    struct report *out = r->out;
    for (int age = 0; age < SNAPSHOT_AGES; age++)
        for (int level = 0; level < SNAPSHOT_LEVELS; level++) {
            uint64_t count = counts[age][level];
            if (!count)
                continue;
            out->age_level =
                arena_grow(r->arena, out->age_level, out->age_level_count, sizeof(*out->age_level));
            out->age_level[out->age_level_count++] = (struct report_age_level){age, level, count};
        }
}

static void answer_cohorts(struct run *r) {
    struct kernel *k = &r->k;
    struct report *out = r->out;
    uint64_t cells = (uint64_t)k->months * k->months;
    workers_run(r->workers, (k->account_words + KERNEL_WORDS - 1) / KERNEL_WORDS, kernel_cohorts,
                k);
    for (int i = 1; i < workers_count(r->workers); i++)
        add_up(k->tallies[0].cells, k->tallies[i].cells, cells);
    for (uint32_t first = 0; first < k->months; first++)
        for (uint32_t m = first; m < k->months; m++) {
            uint64_t count = k->tallies[0].cells[(uint64_t)first * k->months + m];
            if (!count)
                continue;
            out->cohorts =
                arena_grow(r->arena, out->cohorts, out->cohort_count, sizeof(*out->cohorts));
            out->cohorts[out->cohort_count++] =
                (struct report_cohort){r->first_month + (int)first, (int)(m - first), count};
        }
}

static void answer_daily(struct run *r) {
    const uint64_t *day = r->k.tallies[0].day;
    uint32_t first = 0, end = r->k.days;
    while (first < end && !day[first])
        first++;
    while (end > first && !day[end - 1])
        end--;
    r->out->daily_count = end - first;
    r->out->daily = zeros(r->arena, r->out->daily_count, sizeof(*r->out->daily));
    uint64_t window = 0;
    for (uint32_t d = first; d < end; d++) {
        window += day[d];
        if (d >= first + REPORT_MOVING_DAYS)
            window -= day[d - REPORT_MOVING_DAYS];
        r->out->daily[d - first] = (struct report_day){
            date_from_days(snapshot_header(r->snapshot)->first_day + (int64_t)d), day[d],
            mean(window, REPORT_MOVING_DAYS)};
    }
}

static int by_group(const void *a, const void *b) {
    const struct report_group *x = a, *y = b;
    int order = strcmp(x->country, y->country);
    return order ? order : x->role - y->role;
}

static void answer_groups(struct run *r) {
    struct snapshot_column country = snapshot_column(r->snapshot, GROUP_COUNTRY);
    struct snapshot_column role = snapshot_column(r->snapshot, GROUP_ROLE);
    struct report *out = r->out;
    out->groups = zeros(r->arena, r->k.groups, sizeof(*out->groups));
    for (uint32_t g = 0; g < r->k.groups; g++) {
        const struct kernel_sum *sum = &r->k.tallies[0].group[g];
        uint64_t code = snapshot_value(country, g);
        if (sum->count)
            out->groups[out->group_count++] =
                (struct report_group){.country = {(char)(code & 255), (char)(code >> 8 & 255)},
                                      .role = (int)snapshot_value(role, g),
                                      .count = sum->count,
                                      .revenue_cents = sum->revenue};
    }
    if (out->group_count)
        qsort(out->groups, out->group_count, sizeof(*out->groups), by_group);
}

/* ---- the value of a rank -------------------------------------------------------------------- */

static int by_value(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* The buckets say in which of them the rank lies; only its values are gathered and sorted, and a
 * bucket of one value needs not even that. */
static uint32_t value_of_rank(struct run *r, uint64_t rank) {
    struct kernel *k = &r->k;
    const uint32_t *buckets = k->tallies[0].order_bucket;
    uint32_t bucket = 0;
    while (rank > buckets[bucket])
        rank -= buckets[bucket++];
    if (bucket < 1U << KERNEL_EXACT)
        return bucket;
    k->pick.bucket = bucket;
    k->pick.values = zeros(k->arena, buckets[bucket], sizeof(*k->pick.values));
    atomic_store(&k->pick.count, 0);
    workers_run(r->workers, k->piece_count, kernel_orders, k);
    qsort(k->pick.values, atomic_load(&k->pick.count), sizeof(*k->pick.values), by_value);
    return k->pick.values[rank - 1];
}

static void answer_orders(struct run *r) {
    const struct kernel *k = &r->k;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < KERNEL_BUCKETS; i++)
        seen += k->tallies[0].order_bucket[i];
    if (seen)
        r->out->order_value =
            (struct report_order_value){.orders = seen,
                                        .median_cents = value_of_rank(r, (seen + 1) / 2),
                                        .p95_cents = value_of_rank(r, (seen * 95 + 99) / 100)};
}

/* ---- all ------------------------------------------------------------------------------------ */

void report_run(const struct snapshot *snapshot, struct workers *workers,
                const struct report_filter *filter, unsigned parts, struct arena *arena,
                struct report *out) {
    static const struct {
        unsigned part;
        void (*answer)(struct run *);
    } ANSWERS[] = {
        {REPORT_TOTALS, answer_totals},       {REPORT_MONTH_TOPIC, answer_month_topic},
        {REPORT_TOP_WORKSHOPS, answer_top},   {REPORT_AGE_LEVEL, answer_ages},
        {REPORT_COHORTS, answer_cohorts},     {REPORT_DAILY, answer_daily},
        {REPORT_COUNTRY_ROLE, answer_groups}, {REPORT_ORDER_VALUE, answer_orders},
    };
    int64_t begin = clock_monotonic_us();
    struct arena *scratch = arena_create();
    struct run r = {.k = {.arena = scratch, .parts = parts},
                    .snapshot = snapshot,
                    .workers = workers,
                    .filter = filter,
                    .arena = arena,
                    .out = out};
    *out = (struct report){.from = filter->from, .to = filter->to};
    read_calendar(&r);
    read_dimensions(&r);
    read_filter(&r);
    const struct snapshot_source *sources;
    size_t count = snapshot_sources(snapshot, &sources);
    for (size_t i = 0; i < count; i++)
        cut(&r, &sources[i]);
    make_tallies(&r);
    workers_run(workers, r.k.piece_count, kernel_piece, &r.k);
    kernel_settle_brackets(&r.k);
    merge(&r);
    for (size_t i = 0; i < ARRAY_COUNT(ANSWERS); i++)
        if (parts & ANSWERS[i].part)
            ANSWERS[i].answer(&r);
    drop_tallies(&r);
    arena_destroy(scratch);
    out->duration_us = clock_monotonic_us() - begin;
}
