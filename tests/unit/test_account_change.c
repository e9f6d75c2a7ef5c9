/* What the owner of an account changes: password, profile, language; and the end. */
#include "account_fixture.h"
#include <string.h>

static enum err change_password(struct fixture *f, int64_t id, const char *old, const char *new,
                                struct account_result *result) {
    struct account_visit visit = account_fixture_visit();
    struct account_input input = {.old_password = old, .password = new, .password_again = new};
    return account_change_password(&f->shop, &visit, id, &input, true, result);
}

static void a_new_password_ends_all_sessions_but_this(void **state) {
    struct fixture *f = *state;
    struct session_cookie here;
    int64_t id = account_fixture_signup(f, "ana@example.org", &here);
    struct account_result elsewhere, result;
    account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, &elsewhere);
    struct account_visit visit = account_fixture_visit();
    assert_int_equal(account_reset_request(&f->shop, &visit, "ana@example.org", &result), OK);
    assert_int_equal(change_password(f, id, GOOD_PASSWORD, OTHER_PASSWORD, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM one_time_link"), 0);
    assert_false(account_fixture_session_lives(f, here.token, FIXTURE_NOW));
    assert_false(account_fixture_session_lives(f, elsewhere.cookie.token, FIXTURE_NOW));
    assert_true(account_fixture_session_lives(f, result.cookie.token, FIXTURE_NOW));
    assert_int_equal(result.cookie.max_age, 30 * DAY_SECONDS);
    assert_int_equal(account_fixture_sessions(f, id), 1);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_CHANGED), 1);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_LOGIN_WRONG);
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_FINE);
}

static void the_old_password_is_asked(void **state) {
    struct fixture *f = *state;
    struct session_cookie here;
    int64_t id = account_fixture_signup(f, "ana@example.org", &here);
    struct account_result result;
    assert_int_equal(change_password(f, id, "", OTHER_PASSWORD, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_OLD_PASSWORD], ACCOUNT_REQUIRED);
    assert_int_equal(change_password(f, id, "no es esta", OTHER_PASSWORD, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_OLD_PASSWORD], ACCOUNT_PASSWORD_WRONG);
    assert_int_equal(change_password(f, id, GOOD_PASSWORD, GOOD_PASSWORD, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_PASSWORD], ACCOUNT_PASSWORD_SAME);
    assert_int_equal(change_password(f, id, GOOD_PASSWORD, "quispe flores", &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_PASSWORD], ACCOUNT_PASSWORD_PERSONAL);
    for (int i = 0; i < 9; i++)
        assert_int_equal(change_password(f, id, "no es esta", OTHER_PASSWORD, &result),
                         ERR_REFUSED);
    assert_int_equal(change_password(f, id, GOOD_PASSWORD, OTHER_PASSWORD, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_TOO_MANY);
    assert_true(account_fixture_session_lives(f, here.token, FIXTURE_NOW));
    assert_int_equal(change_password(f, id + 1, GOOD_PASSWORD, OTHER_PASSWORD, &result),
                     ERR_NOT_FOUND);
}

static void the_profile_follows_the_form(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_input input = account_fixture_parent("other@example.org");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    input.first_name = "  Rosa   María ";
    input.phone = "01 444 5566";
    input.country = "cl";
    input.date_of_birth = "1985-07-28";
    input.marketing = true;
    input.role = ACCOUNT_TEACHER;
    input.password = OTHER_PASSWORD;
    assert_int_equal(account_edit(&f->shop, &visit, id, &input, &result), OK);
    struct account account;
    struct consents consents;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(account_find(db, f->arena, id, &account), OK);
    assert_int_equal(consent_read(db, id, &consents), OK);
    store_release(f->shop.store, db);
    assert_string_equal(account.first_name, "Rosa María");
    assert_string_equal(account.phone, "01 444 5566");
    assert_string_equal(account.country, "CL");
    assert_int_equal(account.date_of_birth.year, 1985);
    assert_true(consents.of[CONSENT_MARKETING].granted);
    /* Not by this form: */
    assert_string_equal(account.email, "ana@example.org");
    assert_int_equal(account.role, ACCOUNT_PARENT);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_FINE);
    input.phone = NULL;
    assert_int_equal(account_edit(&f->shop, &visit, id, &input, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_PHONE], ACCOUNT_REQUIRED);
}

static void consents_are_kept_as_history(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_input input = account_fixture_parent("ana@example.org");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    static const bool WORDS[] = {true, true, false, false, true};
    for (size_t i = 0; i < ARRAY_COUNT(WORDS); i++) {
        input.marketing = WORDS[i];
        assert_int_equal(account_edit(&f->shop, &visit, id, &input, &result), OK);
    }
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM consent WHERE purpose = 'marketing'"), 3);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM consent WHERE purpose = 'photo'"), 0);
}

static void an_adult_student_stays_one_person(void **state) {
    struct fixture *f = *state;
    struct account_input input = account_fixture_parent("ines@example.org");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    input.role = ACCOUNT_STUDENT;
    input.school = "PUCP";
    input.date_of_birth = "1990-05-05";
    assert_int_equal(account_signup(&f->shop, &visit, &input, &result), OK);
    int64_t id = result.account_id;
    input.first_name = "Inés";
    input.school = "UNI";
    input.date_of_birth = "1990-06-06";
    assert_int_equal(account_edit(&f->shop, &visit, id, &input, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM student WHERE first_name = 'Inés' AND "
                                    "school = 'UNI' AND date_of_birth = '1990-06-06'"),
                     1);
    input.date_of_birth = "2010-06-06";
    assert_int_equal(account_edit(&f->shop, &visit, id, &input, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_DATE_OF_BIRTH], ACCOUNT_NOT_ADULT);
}

static void the_language_is_remembered(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    assert_int_equal(account_set_language(&f->shop, id, LANG_ES), OK);
    struct account account;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(account_find(db, f->arena, id, &account), OK);
    store_release(f->shop.store, db);
    assert_int_equal(account.language, LANG_ES);
    struct account_visit visit = account_fixture_visit(); /* at an English page */
    struct account_result result;
    assert_int_equal(account_reset_request(&f->shop, &visit, "ana@example.org", &result), OK);
    fixture_flush(f);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox WHERE subject LIKE '% es'"), 1);
}

static int64_t fill_cart(struct fixture *f, int64_t account_id, const char *status) {
    int64_t student = fixture_student(f, account_id, "Sofía", "2018-01-01");
    int64_t workshop = fixture_workshop(f, "robotica", 18000, 5);
    int64_t order =
        fixture_sql(f, "INSERT INTO orders (account_id, status, created_at) VALUES (?1, ?2, ?3)",
                    V(account_id), V(status), V(FIXTURE_NOW));
    fixture_sql(f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, "
                "price_cents, status, hold_until) VALUES (?1, ?2, ?3, 18000, 18000, 'held', ?4)",
                V(order), V(workshop), V(student), V(FIXTURE_NOW + HOUR_SECONDS));
    return workshop;
}

static enum err close_account(struct fixture *f, int64_t id, const char *password,
                              struct account_result *result) {
    struct account_visit visit = account_fixture_visit();
    return account_close(&f->shop, &visit, id, password, result);
}

static void closing_gives_up_the_cart_and_frees_the_address(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie;
    int64_t id = account_fixture_signup(f, "ana@example.org", &cookie);
    int64_t workshop = fill_cart(f, id, "cart");
    struct account_result result;
    assert_int_equal(close_account(f, id, OTHER_PASSWORD, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_OLD_PASSWORD], ACCOUNT_PASSWORD_WRONG);
    assert_int_equal(close_account(f, id, NULL, &result), ERR_REFUSED);
    assert_int_equal(close_account(f, id, GOOD_PASSWORD, &result), OK);
    assert_false(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW));
    assert_int_equal(fixture_int(f, "SELECT seats_taken FROM workshop WHERE id = ?1", V(workshop)),
                     0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders WHERE status = 'cart'"), 0);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM account WHERE id = ?1 AND is_active = 0 "
                                 "AND closed_at = ?2 AND password_hash IS NULL",
                                 V(id), V(FIXTURE_NOW)),
                     1);
    assert_int_equal(fixture_mails(f, MAIL_ACCOUNT_CLOSED), 1);
    assert_int_equal(close_account(f, id, GOOD_PASSWORD, &result), ERR_NOT_FOUND);
    int64_t again = account_fixture_signup(f, "ana@example.org", NULL);
    assert_int_not_equal(again, id);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM account WHERE email = 'ana@example.org'"),
                     2);
}

static void closing_waits_for_open_orders(void **state) {
    struct fixture *f = *state;
    static const char *const OPEN[] = {"pending", "review"};
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    fill_cart(f, id, "pending");
    for (size_t i = 0; i < ARRAY_COUNT(OPEN); i++) {
        struct account_result result;
        fixture_sql(f, "UPDATE orders SET status = ?1", V(OPEN[i]));
        assert_int_equal(close_account(f, id, GOOD_PASSWORD, &result), ERR_REFUSED);
        assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_ORDER_OPEN);
    }
    assert_int_equal(fixture_int(f, "SELECT is_active FROM account"), 1);
    assert_int_equal(fixture_int(f, "SELECT seats_taken FROM workshop"), 1);
}

static void the_last_owner_stays(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    account_fixture_signup(f, "eva@example.org", NULL);
    assert_int_equal(account_staff_role(&f->shop, "ana@example.org", STAFF_OWNER, FIXTURE_NOW), OK);
    struct account_result result;
    assert_int_equal(close_account(f, id, GOOD_PASSWORD, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_LAST_OWNER);
    assert_int_equal(account_staff_role(&f->shop, "eva@example.org", STAFF_OWNER, FIXTURE_NOW), OK);
    assert_int_equal(close_account(f, id, GOOD_PASSWORD, &result), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_new_password_ends_all_sessions_but_this),
        TEST(the_old_password_is_asked),
        TEST(the_profile_follows_the_form),
        TEST(consents_are_kept_as_history),
        TEST(an_adult_student_stays_one_person),
        TEST(the_language_is_remembered),
        TEST(closing_gives_up_the_cart_and_frees_the_address),
        TEST(closing_waits_for_open_orders),
        TEST(the_last_owner_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
