/* Time: the clock's, the server's CPU time, percentiles. */
#include "client.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

_Noreturn void fail(const char *format, ...) {
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

static double microseconds(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0)
        fail("a process of the server has ended");
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double now_us(void) {
    return microseconds(CLOCK_MONOTONIC);
}

/* Another process's CPU clock: to the nanosecond, where /proc/PID/stat counts in ticks of 10 ms. */
double cpu_us(const struct options *options) {
    double sum = 0;
    for (int i = 0; i < options->pid_count; i++) {
        clockid_t clock;
        if (clock_getcpuclockid(options->pids[i], &clock) != 0)
            fail("no process %d", options->pids[i]);
        sum += microseconds(clock);
    }
    return sum;
}

void samples_add(struct samples *samples, double us) {
    if (samples->count == samples->cap) {
        samples->cap = samples->cap ? samples->cap * 2 : 4096;
        samples->us = realloc(samples->us, samples->cap * sizeof(*samples->us));
        if (!samples->us)
            fail("out of memory");
    }
    samples->us[samples->count++] = us;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double samples_quantile(struct samples *samples, double q) {
    if (samples->count == 0)
        return 0;
    qsort(samples->us, samples->count, sizeof(*samples->us), compare);
    size_t rank = (size_t)(q * (double)samples->count);
    return samples->us[rank < samples->count ? rank : samples->count - 1];
}
