/* Telephone numbers made ready to dial. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/phone.h"

#include <cmocka.h>

static void with_the_code_of_the_country(void **state) {
    struct arena *a = *state = arena_create();
    assert_string_equal(phone_international(a, "987 654 321", "PE"), "51987654321");
    assert_string_equal(phone_international(a, "+51 987-654-321", "US"), "51987654321");
    assert_string_equal(phone_international(a, "(+34) 612 345 678", NULL), "34612345678");
    assert_string_equal(phone_international(a, "0034 612345678", "PE"), "34612345678");
    assert_string_equal(phone_international(a, "099 123 456", "EC"), "59399123456");
    assert_null(phone_international(a, "987 654 321", "ZZ"));
    assert_null(phone_international(a, "987 654 321", NULL));
    assert_null(phone_international(a, "12345", "PE"));
    assert_null(phone_international(a, NULL, "PE"));
    arena_destroy(a);
}

static void to_dial(void **state) {
    struct arena *a = *state = arena_create();
    assert_string_equal(phone_dial(a, "987 654 321", "PE"), "+51987654321");
    assert_string_equal(phone_dial(a, "987 654 321", NULL), "987654321");
    assert_null(phone_dial(a, "no", "PE"));
    assert_null(phone_dial(a, NULL, NULL));
    arena_destroy(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_the_code_of_the_country),
        cmocka_unit_test(to_dial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
