/* Heavy work in a line: the order, the bound, and who loses patience. */
#include "base/chores.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { LINE = 4 };

static struct chores *chores;
static _Atomic int order[LINE], done, arrived;
static _Atomic bool held;

static void note(void *arg) {
    order[atomic_fetch_add(&done, 1)] = *(const int *)arg;
}

static void hold(void *arg) {
    note(arg);
    while (held)
        usleep(1000);
}

static void *ask(void *arg) {
    const int *number = arg;
    atomic_fetch_add(&arrived, 1);
    enum err err = chores_do(chores, *number == 0 ? hold : note, arg, 60);
    return (void *)(intptr_t)err;
}

static void wait_for(const _Atomic int *count, int value) {
    while (*count < value)
        usleep(1000);
    usleep(50 * 1000); /* and on to where it waits */
}

static void first_come_first_served_and_no_more_than_the_line_holds(void **state) {
    (void)state;
    static int numbers[LINE + 1] = {0, 1, 2, 3, 4};
    pthread_t threads[LINE];
    void *result;
    chores = chores_create(1, LINE);
    held = true;
    for (int i = 0; i < LINE; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &numbers[i]), 0);
        wait_for(&arrived, i + 1);
    }
    assert_int_equal(done, 1);
    assert_int_equal(chores_do(chores, note, &numbers[LINE], 60), ERR_BUSY);
    held = false;
    for (int i = 0; i < LINE; i++) {
        pthread_join(threads[i], &result);
        assert_int_equal((intptr_t)result, OK);
        assert_int_equal(order[i], i);
    }
    assert_int_equal(done, LINE);
}

static void who_loses_patience_leaves_the_line_whole(void **state) {
    (void)state;
    static int numbers[3] = {0, 1, 2};
    pthread_t holder, other;
    void *result;
    chores = chores_create(1, LINE);
    done = arrived = 0;
    held = true;
    assert_int_equal(pthread_create(&holder, NULL, ask, &numbers[0]), 0);
    wait_for(&done, 1);
    assert_int_equal(chores_do(chores, note, &numbers[1], 0), ERR_BUSY);
    assert_int_equal(pthread_create(&other, NULL, ask, &numbers[2]), 0);
    wait_for(&arrived, 2);
    held = false;
    pthread_join(holder, &result);
    pthread_join(other, &result);
    assert_int_equal((intptr_t)result, OK);
    assert_int_equal(done, 2);
    assert_int_equal(order[1], 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_first_served_and_no_more_than_the_line_holds),
        cmocka_unit_test(who_loses_patience_leaves_the_line_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
