/* The line before something that only so many may do at a time: who goes next, and that nobody is
 * forgotten. */
#include "base/turns.h"
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEOPLE = 9, PARTIES = 3 };

static struct turns *turns;
static struct turns_party parties[PARTIES];
static _Atomic int order[PEOPLE], served, waiting;

struct person {
    int number, party;
    enum turns_line line;
};

static void *stand_in_line(void *argument) {
    const struct person *person = argument;
    atomic_fetch_add(&waiting, 1);
    turns_take(turns, person->line, &parties[person->party]);
    order[atomic_fetch_add(&served, 1)] = person->number;
    turns_give(turns);
    return NULL;
}

/* They come in the order of their numbers, while somebody else has the only turn. */
static void assert_order(struct person *people, int count, const int *expected) {
    pthread_t threads[PEOPLE];
    struct turns_party other = {0};
    memset(parties, 0, sizeof(parties));
    served = waiting = 0;
    turns = turns_create(1);
    turns_take(turns, TURNS_REST, &other);
    for (int i = 0; i < count; i++) {
        people[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, stand_in_line, &people[i]), 0);
        while (waiting <= i)
            usleep(1000);
        usleep(50 * 1000); /* it stands in the line now */
    }
    assert_int_equal(served, 0);
    turns_give(turns);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < count; i++)
        assert_int_equal(order[i], expected[i]);
    turns_destroy(turns);
}

static void parties_share_alike_and_each_goes_on_in_order(void **state) {
    (void)state;
    struct person people[] = {
        {.line = TURNS_REST, .party = 0}, {.line = TURNS_REST, .party = 0},
        {.line = TURNS_REST, .party = 0}, {.line = TURNS_REST, .party = 1},
        {.line = TURNS_REST, .party = 1}, {.line = TURNS_REST, .party = 2},
    };
    assert_order(people, 6, (const int[]){0, 3, 5, 1, 4, 2});
}

static void the_preferred_have_three_of_four_and_who_is_ahead_goes_first(void **state) {
    (void)state;
    struct person people[] = {
        {.line = TURNS_REST, .party = 0},      {.line = TURNS_REST, .party = 0},
        {.line = TURNS_PREFERRED, .party = 1}, {.line = TURNS_PREFERRED, .party = 1},
        {.line = TURNS_PREFERRED, .party = 1}, {.line = TURNS_PREFERRED, .party = 1},
        {.line = TURNS_PREFERRED, .party = 2}, {.line = TURNS_AHEAD, .party = 0},
        {.line = TURNS_AHEAD, .party = 2},
    };
    assert_order(people, 9, (const int[]){7, 8, 2, 6, 3, 0, 4, 5, 1});
}

static _Atomic int inside, most;

static void *come_again_and_again(void *argument) {
    const struct person *person = argument;
    for (int i = 0; i < 2000; i++) {
        turns_take(turns, person->line, &parties[person->party]);
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
    static struct person people[PEOPLE];
    pthread_t threads[PEOPLE];
    turns = turns_create(2);
    for (int i = 0; i < PEOPLE; i++) {
        people[i] = (struct person){i, i % PARTIES, i % TURNS_LINES};
        assert_int_equal(pthread_create(&threads[i], NULL, come_again_and_again, &people[i]), 0);
    }
    for (int i = 0; i < PEOPLE; i++)
        pthread_join(threads[i], NULL); /* all came to their end: nobody was forgotten */
    assert_in_range(most, 1, 2);
    turns_destroy(turns);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parties_share_alike_and_each_goes_on_in_order),
        cmocka_unit_test(the_preferred_have_three_of_four_and_who_is_ahead_goes_first),
        cmocka_unit_test(never_more_than_so_many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
