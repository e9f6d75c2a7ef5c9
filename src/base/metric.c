/* Counting, and writing what was counted. Numbers are put together by hand: a page holds thousands
 * of them, and it is asked for every few seconds. */
#include "base/metric.h"
#include <string.h>

const struct histogram_shape HISTOGRAM_DURATION = {
    .unit = 1000000,
    .count = 12,
    .bounds = {250, 500, 1000, 2500, 5000, 10000, 25000, 100000, 250000, 1000000, 2500000,
               10000000},
};

const struct histogram_shape HISTOGRAM_BATCH = {
    .unit = 1,
    .count = 9,
    .bounds = {1, 2, 4, 8, 16, 32, 64, 128, 256},
};

void histogram_add(struct histogram *histogram, const struct histogram_shape *shape,
                   uint64_t value) {
    size_t bucket = 0;
    while (bucket < shape->count && value > shape->bounds[bucket])
        bucket++;
    counter_add(&histogram->buckets[bucket < shape->count ? bucket : HISTOGRAM_BOUNDS_MAX], 1);
    counter_add(&histogram->sum, value);
}

uint64_t histogram_count(const struct histogram *histogram) {
    uint64_t count = 0;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS_MAX; i++)
        count += counter_read(&histogram->buckets[i]);
    return count;
}

void metric_family(struct buf *out, const char *name, enum metric_type type, const char *help) {
    static const char *const TYPES[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    buf_puts(out, "# HELP ");
    buf_puts(out, name);
    buf_putc(out, ' ');
    buf_puts(out, help);
    buf_puts(out, "\n# TYPE ");
    buf_puts(out, name);
    buf_putc(out, ' ');
    buf_puts(out, TYPES[type]);
    buf_putc(out, '\n');
}

/* "name_suffix{labels} ". */
static void put_name(struct buf *out, const char *name, const char *suffix, const char *labels) {
    buf_puts(out, name);
    buf_puts(out, suffix);
    if (*labels) {
        buf_putc(out, '{');
        buf_puts(out, labels);
        buf_putc(out, '}');
    }
    buf_putc(out, ' ');
}

/* Without zeros at the end: 1500 thousandths are 1.5, 2000 are 2. */
static void put_fraction(struct buf *out, uint64_t value, uint64_t unit) {
    buf_put_int(out, (long long)(value / unit));
    uint64_t rest = value % unit;
    if (rest == 0)
        return;
    buf_putc(out, '.');
    while (rest > 0) {
        rest *= 10;
        /* cppcheck-suppress zerodivcond ; a unit is never 0 */
        buf_putc(out, (char)('0' + rest / unit));
        rest %= unit;
    }
}

void metric_sample(struct buf *out, const char *name, const char *labels, int64_t value) {
    put_name(out, name, "", labels);
    buf_put_int(out, value);
    buf_putc(out, '\n');
}

void metric_fraction(struct buf *out, const char *name, const char *labels, uint64_t value,
                     uint64_t unit) {
    put_name(out, name, "", labels);
    put_fraction(out, value, unit);
    buf_putc(out, '\n');
}

static void put_bucket(struct buf *out, const char *name, const char *labels) {
    buf_puts(out, name);
    buf_puts(out, "_bucket{");
    buf_puts(out, labels);
    buf_puts(out, *labels ? ",le=\"" : "le=\"");
}

void metric_buckets(struct buf *out, const char *name, const char *labels,
                    const struct histogram_shape *shape, const struct histogram *histogram) {
    uint64_t count = 0;
    for (size_t i = 0; i < shape->count; i++) {
        count += counter_read(&histogram->buckets[i]);
        put_bucket(out, name, labels);
        put_fraction(out, shape->bounds[i], shape->unit);
        buf_puts(out, "\"} ");
        buf_put_int(out, (long long)count);
        buf_putc(out, '\n');
    }
    count += counter_read(&histogram->buckets[HISTOGRAM_BOUNDS_MAX]);
    put_bucket(out, name, labels);
    buf_puts(out, "+Inf\"} ");
    buf_put_int(out, (long long)count);
    buf_putc(out, '\n');
    put_name(out, name, "_sum", labels);
    put_fraction(out, counter_read(&histogram->sum), shape->unit);
    buf_putc(out, '\n');
    put_name(out, name, "_count", labels);
    buf_put_int(out, (long long)count);
    buf_putc(out, '\n');
}

void metric_gauge(struct buf *out, const char *name, const char *help, int64_t value) {
    metric_family(out, name, METRIC_GAUGE, help);
    metric_sample(out, name, "", value);
}

void metric_counter(struct buf *out, const char *name, const char *help, uint64_t value) {
    metric_family(out, name, METRIC_COUNTER, help);
    metric_sample(out, name, "", (int64_t)value);
}

void metric_label(struct buf *labels, const char *name, const char *value) {
    if (labels->len > 0)
        buf_putc(labels, ',');
    buf_puts(labels, name);
    buf_puts(labels, "=\"");
    for (const char *p = value; *p; p++) {
        if (*p == '\\' || *p == '"')
            buf_putc(labels, '\\');
        if (*p == '\n')
            buf_puts(labels, "\\n");
        else
            buf_putc(labels, *p);
    }
    buf_putc(labels, '"');
}
