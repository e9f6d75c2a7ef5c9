/* Fares: equal ones have one number, however many there are; merged lists say the same. */
#include "analytics/fares.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct fare some(uint32_t i) {
    return (struct fare){i % 97, 1000 + i % 31 * 50, i % 7 * 100};
}

static void equal_fares_have_one_number(void **state) {
    (void)state;
    enum { ALL = 97 * 31 * 7 };
    struct fares fares = {0};
    for (uint32_t i = 0; i < ALL; i++)
        assert_int_equal(fares_number(&fares, some(i)), i);
    for (uint32_t i = 0; i < 2 * ALL; i++)
        assert_int_equal(fares_number(&fares, some(i)), i % ALL);
    assert_int_equal(fares.count, ALL);
    assert_int_equal(fares_number(&fares, (struct fare){UINT32_MAX, UINT32_MAX, UINT32_MAX}), ALL);
    assert_int_equal(fares_number(&fares, (struct fare){0}), ALL + 1);
    fares_free(&fares);
    assert_int_equal(fares.count, 0);
}

static void merged_lists_are_in_order_and_lead_back(void **state) {
    (void)state;
    enum { LISTS = 3 };
    struct fares lists[LISTS] = {{0}}, all = {0};
    uint32_t *numbers[LISTS];
    for (uint32_t i = 0; i < 4000; i++) /* the last list stays empty */
        fares_number(&lists[i * i % 2], some(i * 7919));
    fares_merge(lists, LISTS, &all, numbers);
    for (uint32_t i = 1; i < all.count; i++) {
        struct fare a = all.items[i - 1], b = all.items[i];
        assert_true(a.workshop < b.workshop ||
                    (a.workshop == b.workshop &&
                     (a.price < b.price || (a.price == b.price && a.discount < b.discount))));
    }
    for (size_t list = 0; list < LISTS; list++) {
        for (uint32_t n = 0; n < lists[list].count; n++)
            assert_memory_equal(&all.items[numbers[list][n]], &lists[list].items[n],
                                sizeof(struct fare));
        free(numbers[list]);
        fares_free(&lists[list]);
    }
    fares_free(&all);
}

static void no_lists_make_none(void **state) {
    (void)state;
    struct fares none = {0}, all = {0};
    uint32_t *numbers;
    fares_merge(&none, 1, &all, &numbers);
    assert_int_equal(all.count, 0);
    free(numbers);
    fares_free(&all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_fares_have_one_number),
        cmocka_unit_test(merged_lists_are_in_order_and_lead_back),
        cmocka_unit_test(no_lists_make_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
