/* Counting events over a sliding window, in a table that never grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/ratelimit.h"
#include "base/secret.h"

#include <cmocka.h>
#include <pthread.h>

enum { WINDOW = 600, STEP = WINDOW / 12, MAX = 10, START = 1000000200 };

static int64_t wait_of(struct ratelimit *limiter, int key, int64_t now) {
    return ratelimit_wait(limiter, &key, sizeof(key), now, MAX);
}

static int64_t count(struct ratelimit *limiter, int key, int64_t now) {
    return ratelimit_count(limiter, &key, sizeof(key), now);
}

static void up_to_the_limit_nobody_waits(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    for (int i = 0; i < MAX; i++) {
        assert_int_equal(wait_of(limiter, 1, START), 0);
        assert_int_equal(count(limiter, 1, START), i + 1);
    }
    assert_int_equal(wait_of(limiter, 1, START), WINDOW + STEP); /* START begins a step */
    assert_int_equal(wait_of(limiter, 2, START), 0);             /* another key is another matter */
    ratelimit_destroy(limiter);
}

static void the_wait_is_what_it_says(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    for (int i = 0; i < MAX; i++) /* one a minute */
        count(limiter, 1, START + i * 60);
    int64_t now = START + 9 * 60;
    int64_t wait = wait_of(limiter, 1, now);
    assert_in_range(wait, 1, WINDOW);
    assert_true(wait_of(limiter, 1, now + wait - 1) > 0);
    assert_int_equal(wait_of(limiter, 1, now + wait), 0);
    /* Never more than MAX within a window: the first event has left it by then. */
    assert_true(now + wait >= START + WINDOW);
    assert_true(now + wait <= START + WINDOW + STEP);
    count(limiter, 1, now + wait);
    assert_true(wait_of(limiter, 1, now + wait) > 0); /* and only the first one */
    ratelimit_destroy(limiter);
}

static void all_is_forgotten_after_a_window(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    for (int i = 0; i < 100; i++)
        count(limiter, 1, START);
    assert_int_equal(wait_of(limiter, 1, START + WINDOW + STEP), 0);
    assert_int_equal(count(limiter, 1, START + WINDOW + STEP), 1);
    ratelimit_forget(limiter, &(int){1}, sizeof(int));
    assert_int_equal(count(limiter, 1, START + WINDOW + STEP), 1);
    ratelimit_forget(limiter, &(int){7}, sizeof(int)); /* unknown: nothing to do */
    ratelimit_destroy(limiter);
}

static void a_clock_that_steps_back_frees_nobody(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    for (int i = 0; i < MAX; i++)
        count(limiter, 1, START);
    assert_true(wait_of(limiter, 1, START - 3600) > 0);
    assert_true(count(limiter, 1, START - 3600) > MAX);
    ratelimit_destroy(limiter);
}

static void a_flood_of_keys_does_not_free_one_at_its_limit(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    for (int i = 0; i < MAX; i++)
        count(limiter, 1, START);
    for (int key = 1000; key < 101000; key++)
        count(limiter, key, START);
    assert_true(wait_of(limiter, 1, START) > 0);
    ratelimit_destroy(limiter);
}

static void a_limit_of_zero_never_opens(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    int key = 1;
    assert_true(ratelimit_wait(limiter, &key, sizeof(key), START, 0) > 0);
    count(limiter, key, START);
    assert_true(ratelimit_wait(limiter, &key, sizeof(key), START, 0) > 0);
    ratelimit_destroy(limiter);
}

static int64_t take(struct ratelimit *limiter, int key, int64_t now) {
    return ratelimit_take(limiter, &key, sizeof(key), now, MAX);
}

static void what_is_taken_counts_and_can_be_given_back(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    ratelimit_give_back(limiter, &(int){1}, sizeof(int)); /* unknown: nothing to do */
    for (int i = 0; i < MAX; i++)
        assert_int_equal(take(limiter, 1, START), 0);
    for (int i = 0; i < 3; i++) /* refused ones count nothing */
        assert_int_equal(take(limiter, 1, START + STEP), WINDOW);
    ratelimit_give_back(limiter, &(int){1}, sizeof(int));
    assert_int_equal(take(limiter, 1, START + STEP), 0);
    assert_true(take(limiter, 1, START + STEP) > 0);
    for (int i = 0; i < MAX + 3; i++)
        ratelimit_give_back(limiter, &(int){1}, sizeof(int));
    assert_int_equal(count(limiter, 1, START + STEP), 1); /* never less than none */
    ratelimit_destroy(limiter);
}

enum { THREADS = 4, EACH = 2000 };

static void *take_all(void *arg) {
    int64_t taken = 0;
    for (int i = 0; i < EACH; i++)
        taken += take(arg, 1, START) == 0;
    return (void *)(intptr_t)taken;
}

static void of_many_at_once_no_more_pass(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    pthread_t threads[THREADS];
    intptr_t sum = 0;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, take_all, limiter), 0);
    for (int i = 0; i < THREADS; i++) {
        void *taken;
        pthread_join(threads[i], &taken);
        sum += (intptr_t)taken;
    }
    assert_int_equal(sum, MAX);
    ratelimit_destroy(limiter);
}

static void *hammer(void *arg) {
    for (int i = 0; i < EACH; i++)
        count(arg, i % 3, START);
    return NULL;
}

static void threads_lose_no_event(void **state) {
    (void)state;
    struct ratelimit *limiter = ratelimit_create(WINDOW, 64);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hammer, limiter), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    int64_t sum = 0;
    for (int key = 0; key < 3; key++)
        sum += count(limiter, key, START) - 1;
    assert_int_equal(sum, THREADS * EACH);
    ratelimit_destroy(limiter);
}

static int setup(void **state) {
    (void)state;
    return secret_setup(1, 8) == OK ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(up_to_the_limit_nobody_waits),
        cmocka_unit_test(the_wait_is_what_it_says),
        cmocka_unit_test(all_is_forgotten_after_a_window),
        cmocka_unit_test(a_clock_that_steps_back_frees_nobody),
        cmocka_unit_test(a_flood_of_keys_does_not_free_one_at_its_limit),
        cmocka_unit_test(a_limit_of_zero_never_opens),
        cmocka_unit_test(what_is_taken_counts_and_can_be_given_back),
        cmocka_unit_test(of_many_at_once_no_more_pass),
        cmocka_unit_test(threads_lose_no_event),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
