/* What is done again and again: at once, when its time has come, sooner when hurried, and never
 * after the end. */
#include "base/clock.h"
#include "base/ticker.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

struct clockwork {
    int every_ms;
    _Atomic int ticks;
};

static int tick(void *arg) {
    struct clockwork *clockwork = arg;
    atomic_fetch_add(&clockwork->ticks, 1);
    return clockwork->every_ms;
}

/* Microseconds until there were `count`. */
static int64_t await(struct clockwork *clockwork, int count) {
    int64_t began = clock_monotonic_us();
    while (clockwork->ticks < count)
        usleep(1000);
    return clock_monotonic_us() - began;
}

static void ticks_at_once_and_then_in_its_time(void **state) {
    (void)state;
    struct clockwork clockwork = {.every_ms = 60};
    struct ticker *ticker = ticker_start(tick, &clockwork);
    assert_non_null(ticker);
    await(&clockwork, 1);
    assert_true(await(&clockwork, 4) > 150 * 1000);
    ticker_stop(ticker);
}

static void a_hurried_tick_comes_sooner(void **state) {
    (void)state;
    struct clockwork clockwork = {.every_ms = 3600 * 1000};
    struct ticker *ticker = ticker_start(tick, &clockwork);
    for (int i = 1; i <= 20; i++) {
        await(&clockwork, i); /* for ever, if it were not hurried */
        usleep(5000);
        ticker_hurry(ticker);
    }
    await(&clockwork, 21);
    ticker_stop(ticker);
}

static void after_the_end_comes_none(void **state) {
    (void)state;
    struct clockwork clockwork = {.every_ms = 1};
    ticker_stop(NULL);
    for (int i = 0; i < 50; i++) {
        struct ticker *ticker = ticker_start(tick, &clockwork);
        ticker_hurry(ticker);
        ticker_stop(ticker);
        int ticks = clockwork.ticks;
        assert_true(ticks > i);
        usleep(2000);
        assert_int_equal(clockwork.ticks, ticks);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ticks_at_once_and_then_in_its_time),
        cmocka_unit_test(a_hurried_tick_comes_sooner),
        cmocka_unit_test(after_the_end_comes_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
