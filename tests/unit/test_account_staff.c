/* Accounts managed from the shell: each deed is in the trail, and ends the sessions it should. */
#include "account_fixture.h"

/* The newest deed of the shell, with its fields: "role staff_role - desk". */
static const char *trail(struct fixture *f) {
    return fixture_text(f,
                        "SELECT action || coalesce((SELECT string_agg(' ' || field || ' ' ||"
                        " coalesce(before, '-') || ' ' || coalesce(after, '-'), '' ORDER BY field)"
                        " FROM audit_value WHERE audit_id = audit.id), '') FROM audit"
                        " WHERE actor_id IS NULL ORDER BY id DESC LIMIT 1");
}

static void an_owner_is_made_with_an_address_and_a_password(void **state) {
    struct fixture *f = *state;
    struct account_input input = {.email = "Head@School.pe", .password = GOOD_PASSWORD};
    struct account_result result;
    assert_int_equal(account_staff_create(&f->shop, &input, STAFF_OWNER, FIXTURE_NOW, &result), OK);
    struct account account;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(account_find(db, f->arena, result.account_id, &account), OK);
    store_release(f->shop.store, db);
    assert_int_equal(account.staff_role, STAFF_OWNER);
    assert_string_equal(account.first_name, "Head");
    assert_true(account.email_confirmed);
    assert_string_equal(trail(f), "create email - Head@School.pe staff_role - owner");
    fixture_setting(f, "confirm_email", "1");
    assert_int_equal(account_fixture_login(f, "head@school.pe", GOOD_PASSWORD, NULL), ACCOUNT_FINE);

    assert_int_equal(account_staff_create(&f->shop, &input, STAFF_DESK, FIXTURE_NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_EMAIL], ACCOUNT_EMAIL_TAKEN);
    input = (struct account_input){.email = "nobody", .password = "short"};
    assert_int_equal(account_staff_create(&f->shop, &input, STAFF_DESK, FIXTURE_NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_EMAIL], ACCOUNT_EMAIL_INVALID);
    assert_int_equal(result.errors[ACCOUNT_FIELD_PASSWORD], ACCOUNT_PASSWORD_SHORT);
}

static void a_password_is_set(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_result result;
    assert_int_equal(
        account_staff_password(&f->shop, "ANA@example.org", OTHER_PASSWORD, FIXTURE_NOW, &result),
        OK);
    assert_int_equal(account_fixture_sessions(f, id), 0);
    assert_string_equal(trail(f), "password");
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_FINE);
    assert_int_equal(
        account_staff_password(&f->shop, "no@example.org", OTHER_PASSWORD, FIXTURE_NOW, &result),
        ERR_NOT_FOUND);
    assert_int_equal(
        account_staff_password(&f->shop, "ana@example.org", "password123", FIXTURE_NOW, &result),
        ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_PASSWORD], ACCOUNT_PASSWORD_COMMON);
}

static void a_role_is_given_and_taken(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    assert_int_equal(account_staff_role(&f->shop, "ana@example.org", STAFF_DESK, FIXTURE_NOW), OK);
    assert_string_equal(fixture_text(f, "SELECT staff_role FROM account"), "desk");
    assert_string_equal(trail(f), "role staff_role - desk");
    assert_int_equal(account_fixture_sessions(f, id), 0);
    assert_int_equal(account_staff_role(&f->shop, "ana@example.org", STAFF_NONE, FIXTURE_NOW), OK);
    assert_string_equal(trail(f), "role staff_role desk -");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM account WHERE staff_role IS NULL"), 1);
    assert_int_equal(account_staff_role(&f->shop, "no@example.org", STAFF_DESK, FIXTURE_NOW),
                     ERR_NOT_FOUND);
}

static void a_disabled_account_is_out_at_once(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie;
    account_fixture_signup(f, "ana@example.org", &cookie);
    assert_int_equal(account_set_active(&f->shop, "ana@example.org", false, FIXTURE_NOW), OK);
    assert_false(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW));
    assert_string_equal(trail(f), "disable is_active 1 0");
    assert_int_equal(account_set_active(&f->shop, "ana@example.org", true, FIXTURE_NOW), OK);
    assert_false(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW));
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_FINE);
    /* From outside, by the sqlite3 shell, it works for the very next request too. */
    struct account_result result;
    account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, &result);
    fixture_sql(f, "UPDATE account SET is_active = 0");
    assert_false(account_fixture_session_lives(f, result.cookie.token, FIXTURE_NOW));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_owner_is_made_with_an_address_and_a_password),
        TEST(a_password_is_set),
        TEST(a_role_is_given_and_taken),
        TEST(a_disabled_account_is_out_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
