/* Figures for Prometheus: counters and histograms that many threads add to without a lock, and the
 * text format they are told in (Prometheus exposition format 0.0.4).
 *
 * Each part of the program owns its figures as fields of its own structs; site/metrics.c asks for
 * all of them and writes the page. Adding is one relaxed atomic addition, three for a histogram,
 * and orders nothing: a reader may see one figure a moment before another. Any thread. */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/buf.h"
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* Only ever grows. Zeroed memory is one that has counted nothing. */
struct counter {
    _Atomic uint64_t value;
};

static inline void counter_add(struct counter *counter, uint64_t more) {
    atomic_fetch_add_explicit(&counter->value, more, memory_order_relaxed);
}

static inline uint64_t counter_read(const struct counter *counter) {
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

enum { HISTOGRAM_BOUNDS_MAX = 12 };

/* What a histogram counts: whole units, which `unit` of them make one of the page's base units
 * (1,000,000 for microseconds told as seconds, 1 for things that are counted). */
struct histogram_shape {
    uint64_t unit;
    size_t count;                          /* of bounds, ascending */
    uint64_t bounds[HISTOGRAM_BOUNDS_MAX]; /* the largest value of each bucket */
};

/* How long an answer takes, and how long until a commit is durable: 250 µs to 10 s. */
extern const struct histogram_shape HISTOGRAM_DURATION;
/* How many at a time: 1 to 256. */
extern const struct histogram_shape HISTOGRAM_BATCH;

/* Zeroed memory is one that has counted nothing. */
struct histogram {
    struct counter buckets[HISTOGRAM_BOUNDS_MAX + 1]; /* the last one: larger than every bound */
    struct counter sum;
};

void histogram_add(struct histogram *histogram, const struct histogram_shape *shape,
                   uint64_t value);
uint64_t histogram_count(const struct histogram *histogram);

/* ---- the page ---------------------------------------------------------------------------------
 */

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* HELP and TYPE of a metric; its samples follow at once. `help` is one sentence without a line
 * break or backslash. */
void metric_family(struct buf *out, const char *name, enum metric_type type, const char *help);

/* One sample. `labels` is "" or what stands between the braces, made by metric_label. */
void metric_sample(struct buf *out, const char *name, const char *labels, int64_t value);
/* The same in thousandths or millionths: 1500 and 1000 is 1.5. `unit` is a power of ten, the value
 * not negative. */
void metric_fraction(struct buf *out, const char *name, const char *labels, uint64_t value,
                     uint64_t unit);
void metric_buckets(struct buf *out, const char *name, const char *labels,
                    const struct histogram_shape *shape, const struct histogram *histogram);

/* A metric with one sample, HELP and TYPE included. */
void metric_gauge(struct buf *out, const char *name, const char *help, int64_t value);
void metric_counter(struct buf *out, const char *name, const char *help, uint64_t value);

/* Appends name="value", with a comma before it if `labels` holds some already. The value is escaped
 * as the format says. */
void metric_label(struct buf *labels, const char *name, const char *value);

#endif
