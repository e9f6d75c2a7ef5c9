/* Counting by many threads at a time, and the text format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/metric.h"
#include <cmocka.h>
#include <pthread.h>
#include <string.h>

static void assert_text(struct buf *out, const char *expected) {
    assert_string_equal(buf_text(out), expected);
    buf_free(out);
    *out = (struct buf){0};
}

static void a_value_falls_into_the_bucket_whose_bound_it_reaches(void **state) {
    (void)state;
    static const struct histogram_shape SHAPE = {.unit = 1, .count = 2, .bounds = {10, 20}};
    struct histogram h = {0};
    const uint64_t values[] = {0, 10, 11, 20, 21, UINT64_C(5000000000)};
    for (size_t i = 0; i < ARRAY_COUNT(values); i++)
        histogram_add(&h, &SHAPE, values[i]);
    struct buf out = {0};
    metric_buckets(&out, "pieces", "", &SHAPE, &h);
    assert_text(&out, "pieces_bucket{le=\"10\"} 2\npieces_bucket{le=\"20\"} 4\n"
                      "pieces_bucket{le=\"+Inf\"} 6\npieces_sum 5000000062\npieces_count 6\n");
    assert_int_equal(histogram_count(&h), 6);
}

static void durations_are_told_in_seconds(void **state) {
    (void)state;
    struct histogram h = {0};
    histogram_add(&h, &HISTOGRAM_DURATION, 1250);
    struct buf out = {0};
    metric_buckets(&out, "wait_seconds", "route=\"/\"", &HISTOGRAM_DURATION, &h);
    assert_non_null(strstr(buf_text(&out), "wait_seconds_bucket{route=\"/\",le=\"0.00025\"} 0\n"));
    assert_non_null(strstr(buf_text(&out), "wait_seconds_bucket{route=\"/\",le=\"0.001\"} 0\n"));
    assert_non_null(strstr(buf_text(&out), "wait_seconds_bucket{route=\"/\",le=\"0.0025\"} 1\n"));
    assert_non_null(strstr(buf_text(&out), "wait_seconds_bucket{route=\"/\",le=\"10\"} 1\n"));
    assert_non_null(strstr(buf_text(&out), "wait_seconds_sum{route=\"/\"} 0.00125\n"));
    buf_free(&out);
}

static void fractions_have_no_zeros_at_the_end(void **state) {
    (void)state;
    struct buf out = {0};
    metric_fraction(&out, "a", "", 0, 1000000);
    metric_fraction(&out, "a", "", 2000000, 1000000);
    metric_fraction(&out, "a", "", 1500000, 1000000);
    metric_fraction(&out, "a", "", 7, 1000000);
    metric_fraction(&out, "a", "", 999999, 1000000);
    assert_text(&out, "a 0\na 2\na 1.5\na 0.000007\na 0.999999\n");
}

static void a_label_may_hold_anything(void **state) {
    (void)state;
    struct buf labels = {0}, out = {0};
    metric_label(&labels, "a", "quote \" backslash \\ line\nend");
    metric_label(&labels, "b", "");
    metric_sample(&out, "m", buf_text(&labels), -3);
    assert_text(&out, "m{a=\"quote \\\" backslash \\\\ line\\nend\",b=\"\"} -3\n");
    buf_free(&labels);
}

static void a_single_metric_comes_with_its_head(void **state) {
    (void)state;
    struct buf out = {0};
    metric_gauge(&out, "room", "Seats left.", 4);
    metric_counter(&out, "sold_total", "Seats sold.", UINT64_C(1) << 40);
    assert_text(&out, "# HELP room Seats left.\n# TYPE room gauge\nroom 4\n"
                      "# HELP sold_total Seats sold.\n# TYPE sold_total counter\n"
                      "sold_total 1099511627776\n");
}

enum { THREADS = 4, ROUNDS = 20000 };

static void *add(void *arg) {
    struct histogram *h = arg;
    for (uint64_t i = 0; i < ROUNDS; i++)
        histogram_add(h, &HISTOGRAM_BATCH, i % 3);
    return NULL;
}

static void no_addition_is_lost(void **state) {
    (void)state;
    struct histogram h = {0};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add, &h), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(histogram_count(&h), THREADS * ROUNDS);
    uint64_t each = 0;
    for (uint64_t i = 0; i < ROUNDS; i++)
        each += i % 3;
    assert_int_equal(counter_read(&h.sum), THREADS * each);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_falls_into_the_bucket_whose_bound_it_reaches),
        cmocka_unit_test(durations_are_told_in_seconds),
        cmocka_unit_test(fractions_have_no_zeros_at_the_end),
        cmocka_unit_test(a_label_may_hold_anything),
        cmocka_unit_test(a_single_metric_comes_with_its_head),
        cmocka_unit_test(no_addition_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
