/* The table of permissions, as a school would say it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "shop/permission.h"

#include <cmocka.h>

static void families_may_nothing(void **state) {
    (void)state;
    for (int p = 0; p < PERMISSION_COUNT; p++)
        assert_false(permission_granted(STAFF_NONE, (enum permission)p));
}

static void an_owner_may_everything(void **state) {
    (void)state;
    for (int p = 0; p < PERMISSION_COUNT; p++)
        assert_true(permission_granted(STAFF_OWNER, (enum permission)p));
}

/* Whoever is higher may all that a lower one may. */
static void rights_grow_with_the_role(void **state) {
    (void)state;
    for (int p = 0; p < PERMISSION_COUNT; p++)
        for (int role = STAFF_INSTRUCTOR; role < STAFF_OWNER; role++)
            if (permission_granted((enum staff_role)role, (enum permission)p))
                assert_true(permission_granted((enum staff_role)(role + 1), (enum permission)p));
}

static void the_desk_sells_but_sets_nothing(void **state) {
    (void)state;
    assert_true(permission_granted(STAFF_DESK, MAY_SETTLE_ORDERS));
    assert_true(permission_granted(STAFF_DESK, MAY_SEE_PEOPLE));
    assert_false(permission_granted(STAFF_DESK, MAY_CHANGE_SETTINGS));
    assert_false(permission_granted(STAFF_DESK, MAY_EXPORT_PEOPLE));
    assert_false(permission_granted(STAFF_DESK, MAY_GRANT_ROLES));
}

static void an_instructor_sees_workshops_only(void **state) {
    (void)state;
    assert_true(permission_granted(STAFF_INSTRUCTOR, MAY_SEE_WORKSHOPS));
    assert_true(permission_granted(STAFF_INSTRUCTOR, MAY_TAKE_ATTENDANCE));
    assert_false(permission_granted(STAFF_INSTRUCTOR, MAY_SEE_ORDERS));
    assert_false(permission_granted(STAFF_INSTRUCTOR, MAY_SEE_PEOPLE));
    assert_true(permission_own_only(STAFF_INSTRUCTOR));
    assert_false(permission_own_only(STAFF_DESK));
}

static void nobody_is_over_somebody_higher(void **state) {
    (void)state;
    assert_true(permission_over(STAFF_OWNER, STAFF_OWNER));
    assert_true(permission_over(STAFF_MANAGER, STAFF_DESK));
    assert_false(permission_over(STAFF_MANAGER, STAFF_OWNER));
    assert_false(permission_over(STAFF_DESK, STAFF_MANAGER));
}

static void every_right_has_a_name(void **state) {
    (void)state;
    for (int p = 0; p < PERMISSION_COUNT; p++)
        assert_non_null(permission_name((enum permission)p));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(families_may_nothing),
        cmocka_unit_test(an_owner_may_everything),
        cmocka_unit_test(rights_grow_with_the_role),
        cmocka_unit_test(the_desk_sells_but_sets_nothing),
        cmocka_unit_test(an_instructor_sees_workshops_only),
        cmocka_unit_test(nobody_is_over_somebody_higher),
        cmocka_unit_test(every_right_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
