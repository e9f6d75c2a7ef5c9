/* The line before something that only so many may do at a time: who goes next, and that nobody is
 * forgotten. */
#include "base/turns.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEOPLE = 6 };

static struct turns *turns;
static _Atomic int order[PEOPLE], served, waiting;

struct person {
    int number, weight;
};

static void *stand_in_line(void *argument) {
    const struct person *person = argument;
    atomic_fetch_add(&waiting, 1);
    turns_take(turns, person->weight);
    order[atomic_fetch_add(&served, 1)] = person->number;
    turns_give(turns);
    return NULL;
}

static void the_lightest_goes_first_then_who_came_first(void **state) {
    (void)state;
    static struct person people[PEOPLE] = {{0, 9}, {1, 3}, {2, 3}, {3, 1}, {4, 9}, {5, 1}};
    static const int expected[PEOPLE] = {3, 5, 1, 2, 0, 4};
    pthread_t threads[PEOPLE];
    turns = turns_create(1);
    turns_take(turns, 100);
    for (int i = 0; i < PEOPLE; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, stand_in_line, &people[i]), 0);
        while (waiting <= i)
            usleep(1000);
        usleep(50 * 1000); /* it stands in the line now */
    }
    assert_int_equal(served, 0);
    turns_give(turns);
    for (int i = 0; i < PEOPLE; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(order[i], expected[i]);
    turns_destroy(turns);
}

static _Atomic int inside, most;

static void *come_again_and_again(void *argument) {
    const struct person *person = argument;
    for (int i = 0; i < 2000; i++) {
        turns_take(turns, person->weight);
        int now = atomic_fetch_add(&inside, 1) + 1, seen = most;
        while (now > seen && !atomic_compare_exchange_weak(&most, &seen, now))
            ;
        atomic_fetch_sub(&inside, 1);
        turns_give(turns);
    }
    return NULL;
}

static void never_more_than_so_many_at_once(void **state) {
    (void)state;
    static struct person people[PEOPLE] = {{0, 1}, {1, 2}, {2, 3}, {3, 1}, {4, 2}, {5, 3}};
    pthread_t threads[PEOPLE];
    turns = turns_create(2);
    for (int i = 0; i < PEOPLE; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, come_again_and_again, &people[i]), 0);
    for (int i = 0; i < PEOPLE; i++)
        pthread_join(threads[i], NULL); /* all came to their end: nobody was forgotten */
    assert_in_range(most, 1, 2);
    turns_destroy(turns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lightest_goes_first_then_who_came_first),
        cmocka_unit_test(never_more_than_so_many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
