/* Staff and the accounts of others: never above one's own role, never without an owner. */
#include "account_fixture.h"
#include "shop/account_admin.h"
#include <pthread.h>
#include <stdio.h>

static int64_t make(struct fixture *f, const char *email, const char *role) {
    int64_t id = fixture_account(f, email);
    fixture_sql(f, "UPDATE account SET staff_role = ?2 WHERE id = ?1", V(id), V(role));
    return id;
}

static enum account_error set_role(struct fixture *f, int64_t actor, int64_t id,
                                   enum staff_role role) {
    struct account_visit visit = account_fixture_visit();
    struct account_deed deed = {.visit = &visit, .actor_id = actor};
    struct account_result result;
    enum err err = account_admin_role(&f->shop, &deed, id, role, &result);
    if (err == ERR_NOT_FOUND) /* the actor is staff no more */
        return ACCOUNT_LOGIN_WRONG;
    assert_true(err == OK || err == ERR_REFUSED);
    assert_int_equal(err == ERR_REFUSED, result.errors[ACCOUNT_FIELD_FORM] != ACCOUNT_FINE);
    return result.errors[ACCOUNT_FIELD_FORM];
}

static void every_pair_of_roles_is_judged_alike(void **state) {
    struct fixture *f = *state;
    static const char *const ROLES[] = {NULL, "instructor", "desk", "manager", "owner"};
    make(f, "spare@school.pe", "owner");
    int64_t actor = make(f, "actor@school.pe", NULL), subject = make(f, "subject@school.pe", NULL);
    for (int mine = STAFF_INSTRUCTOR; mine <= STAFF_OWNER; mine++)
        for (int theirs = STAFF_NONE; theirs <= STAFF_OWNER; theirs++)
            for (int wanted = STAFF_NONE; wanted <= STAFF_OWNER; wanted++) {
                fixture_sql(f, "UPDATE account SET staff_role = ?2 WHERE id = ?1", V(actor),
                            V(ROLES[mine]));
                fixture_sql(f, "UPDATE account SET staff_role = ?2 WHERE id = ?1", V(subject),
                            V(ROLES[theirs]));
                enum account_error expected = theirs > mine ? ACCOUNT_ABOVE_YOU
                                              : wanted > mine && wanted != theirs
                                                  ? ACCOUNT_ROLE_ABOVE
                                                  : ACCOUNT_FINE;
                assert_int_equal(set_role(f, actor, subject, (enum staff_role)wanted), expected);
                int now = expected ? theirs : wanted;
                assert_int_equal(fixture_int(f,
                                             "SELECT staff_role IS ?2 FROM account "
                                             "WHERE id = ?1",
                                             V(subject), V(ROLES[now])),
                                 1);
            }
}

struct duel {
    struct fixture *f;
    int64_t actor, subject;
};

static void *fight(void *arg) {
    const struct duel *duel = arg;
    set_role(duel->f, duel->actor, duel->subject, STAFF_NONE);
    return NULL;
}

static void two_owners_who_remove_each_other_leave_one(void **state) {
    struct fixture *f = *state;
    int64_t a = make(f, "a@school.pe", "owner"), b = make(f, "b@school.pe", "owner");
    for (int round = 0; round < 20; round++) {
        fixture_sql(f, "UPDATE account SET staff_role = 'owner'");
        struct duel duels[] = {{f, a, b}, {f, b, a}};
        pthread_t threads[2];
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, fight, &duels[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        assert_int_equal(fixture_int(f, "SELECT count(*) FROM account "
                                        "WHERE staff_role = 'owner'"),
                         1);
    }
}

static void the_only_owner_stays_one(void **state) {
    struct fixture *f = *state;
    int64_t owner = make(f, "a@school.pe", "owner"), off = make(f, "b@school.pe", "owner");
    fixture_sql(f, "UPDATE account SET is_active = 0 WHERE id = ?1", V(off));
    assert_int_equal(set_role(f, owner, owner, STAFF_MANAGER), ACCOUNT_LAST_OWNER);
    fixture_sql(f, "UPDATE account SET is_active = 1 WHERE id = ?1", V(off));
    assert_int_equal(set_role(f, owner, owner, STAFF_MANAGER), ACCOUNT_FINE);
}

static void who_is_staff_no_more_does_nothing_more(void **state) {
    struct fixture *f = *state;
    int64_t ana = make(f, "a@example.org", NULL), desk = make(f, "d@school.pe", "manager");
    fixture_sql(f, "UPDATE account SET is_active = 0 WHERE id = ?1", V(desk));
    assert_int_equal(set_role(f, desk, ana, STAFF_INSTRUCTOR), ACCOUNT_LOGIN_WRONG);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit"), 0);
}

static void all_are_disabled_or_none(void **state) {
    struct fixture *f = *state;
    int64_t manager = make(f, "m@school.pe", "manager"), owner = make(f, "o@school.pe", "owner");
    const int64_t ids[] = {make(f, "a@example.org", NULL), owner, make(f, "b@example.org", NULL)};
    struct account_visit visit = account_fixture_visit();
    struct account_deed deed = {.visit = &visit, .actor_id = manager};
    struct account_result result;
    int64_t changed;
    assert_int_equal(account_admin_active(&f->shop, &deed, ids, 3, false, &changed, &result),
                     ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_ABOVE_YOU);
    assert_int_equal(changed, 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM account WHERE is_active = 0"), 0);
    deed.actor_id = owner;
    assert_int_equal(account_admin_active(&f->shop, &deed, &ids[1], 1, false, &changed, &result),
                     ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_YOURSELF);
    const int64_t two[] = {ids[0], ids[2]};
    assert_int_equal(account_admin_active(&f->shop, &deed, two, 2, false, &changed, &result), OK);
    assert_int_equal(changed, 2);
    assert_int_equal(account_admin_active(&f->shop, &deed, two, 2, false, &changed, &result), OK);
    assert_int_equal(changed, 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'disable'"), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(every_pair_of_roles_is_judged_alike),
        TEST(two_owners_who_remove_each_other_leave_one),
        TEST(the_only_owner_stays_one),
        TEST(who_is_staff_no_more_does_nothing_more),
        TEST(all_are_disabled_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
