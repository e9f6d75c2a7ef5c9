/* The eight reports over a snapshot. Sums are integers and are merged in a fixed order, so answers
 * do not depend on how many threads worked. Money is cents; an average is rounded to the nearest
 * cent, half up; a quantile is the value of rank ⌈q·n⌉. */
#ifndef ANALYTICS_REPORT_H
#define ANALYTICS_REPORT_H

#include "analytics/snapshot.h"
#include "base/arena.h"
#include "base/date.h"
#include "base/workers.h"
#include <stdbool.h>
#include <stdint.h>

enum { REPORT_TOP = 20, REPORT_MOVING_DAYS = 7 };

/* What counts. All zero: everything. */
struct report_filter {
    struct date from, to; /* local days, both included; unset: no limit */
    int64_t topic_id;     /* 0: any */
    int level;            /* 0: any */
};

struct report_totals {
    uint64_t inscriptions, students, revenue_cents, refunded_cents;
};

struct report_month_topic {
    int month; /* year × 12 + month − 1 */
    int64_t topic_id;
    uint64_t count, revenue_cents;
};

struct report_workshop {
    int64_t workshop_id;
    uint64_t count, revenue_cents, mean_discount_cents;
    int64_t capacity; /* -1: no limit; the fill rate is count / capacity */
};

struct report_age_level {
    int age, level; /* level 0: none */
    uint64_t count;
};

struct report_cohort {
    int first_month, months_since;
    uint64_t accounts;
};

struct report_day {
    struct date day;
    uint64_t revenue_cents, average_7d_cents;
};

struct report_group {
    char country[3]; /* "": none */
    int role;
    uint64_t count, revenue_cents;
};

struct report_order_value {
    uint64_t orders, median_cents, p95_cents;
};

/* Rows sorted by their keys, top workshops by revenue, then id; rows with a count of 0 left out. */
struct report {
    struct report_totals totals;
    struct report_month_topic *month_topic;
    size_t month_topic_count;
    struct report_workshop *top;
    size_t top_count;
    struct report_age_level *age_level;
    size_t age_level_count;
    struct report_cohort *cohorts;
    size_t cohort_count;
    struct report_day *daily;
    size_t daily_count;
    struct report_group *groups;
    size_t group_count;
    struct report_order_value order_value;
    struct date from, to; /* what was asked, or the first and last day with revenue; may be unset */
    int64_t duration_us;
};

/* Which reports are wanted, added up. */
enum report_part {
    REPORT_TOTALS = 1,
    REPORT_MONTH_TOPIC = 2,
    REPORT_TOP_WORKSHOPS = 4,
    REPORT_AGE_LEVEL = 8,
    REPORT_COHORTS = 16,
    REPORT_DAILY = 32,
    REPORT_COUNTRY_ROLE = 64,
    REPORT_ORDER_VALUE = 128,
    REPORT_ALL = 255,
};

/* Runs them; lists live in the arena. Any thread; the workers are shared. */
void report_run(const struct snapshot *snapshot, struct workers *workers,
                const struct report_filter *filter, unsigned parts, struct arena *arena,
                struct report *out);

/* The object that `taller analytics --json` prints and analytics_result.results holds. */
struct buf;
void report_json(const struct snapshot *snapshot, const struct report *report, struct buf *out);

#endif
