/* Proving an address, and the way back in for who forgot the password. */
#include "account_fixture.h"
#include "shop/link.h"
#include <pthread.h>
#include <string.h>

static enum err ask_reset(struct fixture *f, const char *email, struct account_result *result) {
    struct account_visit visit = account_fixture_visit();
    enum err err = account_reset_request(&f->shop, &visit, email, result);
    fixture_flush(f);
    return err;
}

static const char *reset_token(struct fixture *f, const char *email) {
    struct account_result result;
    assert_int_equal(ask_reset(f, email, &result), OK);
    return fixture_mail_token(f, FIXTURE_BASE_URL "/accounts/password/reset/key/");
}

static enum err reset(struct fixture *f, const char *token, const char *password, int64_t now,
                      struct account_result *result) {
    struct account_visit visit = account_fixture_visit();
    visit.now = now;
    struct account_input input = {.password = password, .password_again = password};
    return account_reset(&f->shop, &visit, token, &input, result);
}

static enum err check(struct fixture *f, const char *token, int64_t now) {
    struct db *db = store_reader(f->shop.store);
    enum err err = account_reset_check(db, token, now);
    store_release(f->shop.store, db);
    return err;
}

static void a_link_sets_a_new_password(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie;
    int64_t id = account_fixture_signup(f, "ana@example.org", &cookie);
    const char *token = reset_token(f, "ANA@example.org");
    assert_int_equal(check(f, token, FIXTURE_NOW), OK);
    struct account_result result;
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW, &result), OK);
    assert_int_equal(result.account_id, id);
    assert_string_equal(result.cookie.token, ""); /* the person logs in with it */
    assert_false(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW));
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_CHANGED), 1);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_LOGIN_WRONG);
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_FINE);
    assert_int_equal(fixture_int(f, "SELECT email_confirmed_at FROM account"), FIXTURE_NOW);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'password_reset'"),
                     1);
}

static void a_link_works_once_and_for_an_hour(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    struct account_result result;
    const char *old = reset_token(f, "ana@example.org");
    const char *token = reset_token(f, "ana@example.org"); /* the older one is void now */
    assert_int_equal(reset(f, old, OTHER_PASSWORD, FIXTURE_NOW, &result), ERR_NOT_FOUND);
    assert_int_equal(check(f, token, FIXTURE_NOW + 3600), ERR_NOT_FOUND);
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW + 3600, &result), ERR_NOT_FOUND);
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW + 3599, &result), OK);
    assert_int_equal(check(f, token, FIXTURE_NOW + 3599), ERR_NOT_FOUND);
    assert_int_equal(reset(f, token, GOOD_PASSWORD, FIXTURE_NOW + 3599, &result), ERR_NOT_FOUND);
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_FINE);
    static const char *const NONSENSE[] = {"", "x", "'; DROP TABLE account; --"};
    for (size_t i = 0; i < ARRAY_COUNT(NONSENSE); i++)
        assert_int_equal(check(f, NONSENSE[i], FIXTURE_NOW), ERR_NOT_FOUND);
}

static void a_double_click_is_told_the_same(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    const char *token = reset_token(f, "ana@example.org");
    struct account_result result;
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW, &result), OK);
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW + 2, &result), OK);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_CHANGED), 1);
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW + 61, &result), ERR_NOT_FOUND);
}

static void a_bad_new_password_leaves_the_link(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    const char *token = reset_token(f, "ana@example.org");
    struct account_result result;
    assert_int_equal(reset(f, token, "rosa y su gato", FIXTURE_NOW, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_PASSWORD], ACCOUNT_PASSWORD_PERSONAL);
    assert_int_equal(reset(f, token, OTHER_PASSWORD, FIXTURE_NOW, &result), OK);
}

struct racer {
    struct fixture *f;
    const char *token, *password;
    enum err err;
};

static void *race(void *arg) {
    struct racer *racer = arg;
    struct account_result result;
    racer->err = reset(racer->f, racer->token, racer->password, FIXTURE_NOW, &result);
    return NULL;
}

static void of_two_at_once_one_wins(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    const char *token = reset_token(f, "ana@example.org");
    struct racer racers[] = {{.f = f, .token = token, .password = "molino de papel azul"},
                             {.f = f, .token = token, .password = "puente sobre la niebla"}};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_not_equal(racers[0].err == OK, racers[1].err == OK);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_CHANGED), 1);
    const char *winner = racers[racers[0].err == OK ? 0 : 1].password;
    assert_int_equal(account_fixture_login(f, "ana@example.org", winner, NULL), ACCOUNT_FINE);
}

static void two_clicks_at_once_are_told_the_same(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    struct racer racer = {
        .f = f, .token = reset_token(f, "ana@example.org"), .password = OTHER_PASSWORD};
    struct racer other = racer;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, race, &other), 0);
    race(&racer);
    pthread_join(thread, NULL);
    assert_int_equal(racer.err, OK);
    assert_int_equal(other.err, OK);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_CHANGED), 1);
}

static void strangers_hear_one_answer(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    account_fixture_signup(f, "off@example.org", NULL);
    assert_int_equal(account_set_active(&f->shop, "off@example.org", false, FIXTURE_NOW), OK);
    struct account_result known, unknown;
    assert_int_equal(ask_reset(f, "ana@example.org", &known), OK);
    assert_int_equal(f->mails_announced, 1);
    assert_int_equal(ask_reset(f, "nobody@example.org", &unknown), OK);
    assert_memory_equal(known.errors, unknown.errors, sizeof(known.errors));
    assert_int_equal(known.account_id, unknown.account_id);
    assert_int_equal(ask_reset(f, "off@example.org", &unknown), OK);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_RESET), 1);
    assert_int_equal(ask_reset(f, "not an address", &unknown), ERR_REFUSED);
    assert_int_equal(unknown.errors[ACCOUNT_FIELD_EMAIL], ACCOUNT_EMAIL_INVALID);
}

static void a_mailbox_is_not_flooded(void **state) {
    struct fixture *f = *state;
    static const uint8_t HOUSE[16] = {1};
    account_fixture_signup(f, "ana@example.org", NULL);
    struct account_result result;
    for (int i = 0; i < 6; i++)
        assert_int_equal(ask_reset(f, "ana@example.org", &result), OK);
    assert_int_equal(fixture_mails(f, MAIL_PASSWORD_RESET), 3);
    struct account_visit visit = account_fixture_visit();
    visit.address_key = HOUSE;
    enum err err = OK;
    int tries = 0;
    for (; err == OK && tries < 400; tries++)
        err = account_reset_request(&f->shop, &visit,
                                    arena_printf(f->arena, "a%d@example.org", tries), &result);
    assert_int_equal(err, ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_TOO_MANY);
    assert_int_equal(tries, 301);
}

static void a_reset_lifts_the_login_limit(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    for (int i = 0; i < 10; i++)
        account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_TOO_MANY);
    struct account_result result;
    assert_int_equal(
        reset(f, reset_token(f, "ana@example.org"), OTHER_PASSWORD, FIXTURE_NOW, &result), OK);
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_FINE);
}

static void a_confirmation_can_be_clicked_twice(void **state) {
    struct fixture *f = *state;
    fixture_setting(f, "confirm_email", "1");
    account_fixture_signup(f, "ana@example.org", NULL);
    const char *token = fixture_mail_token(f, "/accounts/confirm-email/");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    assert_int_equal(check(f, token, FIXTURE_NOW), ERR_NOT_FOUND); /* it is no reset link */
    assert_int_equal(account_confirm(&f->shop, &visit, "nonsense", &result), ERR_NOT_FOUND);
    assert_int_equal(account_confirm(&f->shop, &visit, token, &result), OK);
    visit.now += 5;
    assert_int_equal(account_confirm(&f->shop, &visit, token, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT email_confirmed_at FROM account"), FIXTURE_NOW);
    visit.now += LINK_CONFIRM_SECONDS;
    assert_int_equal(account_confirm(&f->shop, &visit, token, &result), ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_link_sets_a_new_password),      TEST(a_link_works_once_and_for_an_hour),
        TEST(a_double_click_is_told_the_same), TEST(a_bad_new_password_leaves_the_link),
        TEST(of_two_at_once_one_wins),         TEST(two_clicks_at_once_are_told_the_same),
        TEST(strangers_hear_one_answer),       TEST(a_mailbox_is_not_flooded),
        TEST(a_reset_lifts_the_login_limit),   TEST(a_confirmation_can_be_clicked_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
