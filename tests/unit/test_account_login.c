/* Logging in: equal answers and equal time for strangers, limits that bound guessing and do not
 * lock a family out. */
#include "account_fixture.h"
#include "base/clock.h"
#include <pthread.h>
#include <string.h>

static void the_right_password_lets_in(void **state) {
    struct fixture *f = *state;
    struct session_cookie first;
    int64_t id = account_fixture_signup(f, "ana@example.org", &first);
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.old_token = first.token;
    assert_int_equal(
        account_login(&f->shop, &visit, " ANA@example.org ", GOOD_PASSWORD, true, &result), OK);
    assert_int_equal(result.account_id, id);
    assert_int_equal(result.cookie.max_age, 30 * DAY_SECONDS);
    assert_string_not_equal(result.cookie.token, first.token);
    assert_true(account_fixture_session_lives(f, result.cookie.token, FIXTURE_NOW));
    assert_false(account_fixture_session_lives(f, first.token, FIXTURE_NOW)); /* rotated */
    assert_int_equal(fixture_int(f, "SELECT last_seen_at FROM account"), FIXTURE_NOW);
}

static void strangers_hear_one_answer(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    account_fixture_signup(f, "off@example.org", NULL);
    int64_t closed = account_fixture_signup(f, "gone@example.org", NULL);
    fixture_account(f, "nopassword@example.org");
    assert_int_equal(account_set_active(&f->shop, "off@example.org", false, FIXTURE_NOW), OK);
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    assert_int_equal(account_close(&f->shop, &visit, closed, GOOD_PASSWORD, &result), OK);

    static const char *const WHO[] = {
        "nobody@example.org", "off@example.org", "gone@example.org", "nopassword@example.org", "",
        "nonsense",           "closed:3"};
    for (size_t i = 0; i < ARRAY_COUNT(WHO); i++)
        assert_int_equal(account_fixture_login(f, WHO[i], GOOD_PASSWORD, NULL),
                         ACCOUNT_LOGIN_WRONG);
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_LOGIN_WRONG);
    assert_int_equal(account_fixture_login(f, "ana@example.org", "", NULL), ACCOUNT_LOGIN_WRONG);
    assert_int_equal(account_fixture_login(f, "ana@example.org", NULL, NULL), ACCOUNT_LOGIN_WRONG);
    char endless[2000];
    memset(endless, 'x', sizeof(endless));
    endless[sizeof(endless) - 1] = '\0';
    assert_int_equal(account_fixture_login(f, "ana@example.org", endless, NULL),
                     ACCOUNT_LOGIN_WRONG);
}

/* The time is one password hash for everybody; without one it would be a hundredth. */
static void strangers_wait_alike(void **state) {
    struct fixture *f = *state;
    enum { TRIES = 5 };
    account_fixture_signup(f, "ana@example.org", NULL);
    int64_t least_known = INT64_MAX, least_unknown = INT64_MAX;
    for (int i = 0; i < TRIES; i++) {
        int64_t a = clock_monotonic_us();
        account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL);
        int64_t b = clock_monotonic_us();
        account_fixture_login(f, "nobody@example.org", OTHER_PASSWORD, NULL);
        int64_t c = clock_monotonic_us();
        least_known = b - a < least_known ? b - a : least_known;
        least_unknown = c - b < least_unknown ? c - b : least_unknown;
    }
    assert_true(least_unknown > least_known / 4);
    assert_true(least_unknown < least_known * 4);
}

static void an_account_has_so_many_failures(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    static const char *const WHO[] = {"ana@example.org", "nobody@example.org"};
    for (size_t who = 0; who < ARRAY_COUNT(WHO); who++) { /* known or not: the same */
        for (int i = 0; i < 10; i++)
            assert_int_equal(account_fixture_login(f, WHO[who], OTHER_PASSWORD, NULL),
                             ACCOUNT_LOGIN_WRONG);
        struct account_result result;
        assert_int_equal(account_fixture_login(f, WHO[who], GOOD_PASSWORD, &result),
                         ACCOUNT_TOO_MANY);
        assert_in_range(result.retry_after, 1, 660);
    }
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.now += 11 * 60; /* it does not last */
    assert_int_equal(
        account_login(&f->shop, &visit, "ana@example.org", GOOD_PASSWORD, false, &result), OK);
}

static void success_never_counts_and_starts_anew(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    for (int i = 0; i < 15; i++)
        assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                         ACCOUNT_FINE);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 9; i++)
            account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL);
        assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                         ACCOUNT_FINE);
    }
}

static void an_address_has_so_many_failures(void **state) {
    struct fixture *f = *state;
    static const uint8_t HOUSE[16] = {1}, OTHER_HOUSE[16] = {2};
    fixture_setting(f, "failed_logins_per_address", "6");
    account_fixture_signup(f, "ana@example.org", NULL);
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.address_key = HOUSE;
    for (int i = 0; i < 6; i++)
        assert_int_equal(account_login(&f->shop, &visit,
                                       arena_printf(f->arena, "a%d@example.org", i), "x", false,
                                       &result),
                         ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_LOGIN_WRONG);
    assert_int_equal(
        account_login(&f->shop, &visit, "ana@example.org", GOOD_PASSWORD, false, &result),
        ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_TOO_MANY);
    visit.address_key = OTHER_HOUSE;
    assert_int_equal(
        account_login(&f->shop, &visit, "ana@example.org", GOOD_PASSWORD, false, &result), OK);
}

static enum account_error log_in_from(struct fixture *f, const char *browser, const char *email,
                                      const char *password) {
    static const uint8_t HOUSE[16] = {1};
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.address_key = HOUSE;
    visit.browser = browser;
    enum err err = account_login(&f->shop, &visit, email, password, false, &result);
    assert_true(err == OK || err == ERR_REFUSED);
    assert_int_equal(strlen(result.browser), err ? 0 : KNOWN_BROWSER_SIZE - 1);
    return result.errors[ACCOUNT_FIELD_FORM];
}

/* Whoever guesses at the same address, or at the same account, keeps nobody out whose browser has
 * been in; and a browser's own guesses end like anybody's, without a word to the others. */
static void a_known_browser_counts_by_itself(void **state) {
    struct fixture *f = *state;
    struct account_visit visit = account_fixture_visit();
    struct account_result first;
    fixture_setting(f, "failed_logins_per_address", "20");
    account_fixture_signup(f, "ana@example.org", NULL);
    account_fixture_signup(f, "eva@example.org", NULL);
    assert_int_equal(
        account_login(&f->shop, &visit, "Ana@example.org", GOOD_PASSWORD, false, &first), OK);
    const char *known = first.browser;
    for (int i = 0; i < 10; i++)
        log_in_from(f, NULL, "ana@example.org", OTHER_PASSWORD);
    for (int i = 0; i < 10; i++)
        log_in_from(f, known, "eva@example.org", OTHER_PASSWORD); /* it is unknown to Eva */
    assert_int_equal(log_in_from(f, NULL, "ana@example.org", GOOD_PASSWORD), ACCOUNT_TOO_MANY);
    assert_int_equal(log_in_from(f, known, "eva@example.org", GOOD_PASSWORD), ACCOUNT_TOO_MANY);
    char forged[KNOWN_BROWSER_SIZE];
    memcpy(forged, known, sizeof(forged));
    for (size_t i = 0; i < KNOWN_BROWSER_SIZE - 2; i++) { /* the last letter's low bits are none */
        forged[i] = forged[i] == 'A' ? 'B' : 'A';
        assert_int_equal(log_in_from(f, forged, "ana@example.org", GOOD_PASSWORD),
                         ACCOUNT_TOO_MANY);
        forged[i] = known[i];
    }
    assert_int_equal(log_in_from(f, known, "ANA@example.org", GOOD_PASSWORD), ACCOUNT_FINE);
    for (int i = 0; i < 10; i++)
        assert_int_equal(log_in_from(f, known, "ana@example.org", OTHER_PASSWORD),
                         ACCOUNT_LOGIN_WRONG);
    assert_int_equal(log_in_from(f, known, "ana@example.org", GOOD_PASSWORD), ACCOUNT_TOO_MANY);
}

struct guess {
    struct fixture *f;
    const char *password;
    enum account_error error;
};

static void *guess(void *arg) {
    struct guess *g = arg;
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    /* A slow machine may turn somebody away from the line before the hash: they come again. */
    while (account_login(&g->f->shop, &visit, "ana@example.org", g->password, false, &result) ==
           ERR_BUSY)
        ;
    g->error = result.errors[ACCOUNT_FIELD_FORM];
    return NULL;
}

/* Many at once are no way around the limit: nothing is let in once too many have failed. */
static void guessing_in_parallel_ends_too(void **state) {
    struct fixture *f = *state;
    enum { GUESSES = 24 };
    account_fixture_signup(f, "ana@example.org", NULL);
    pthread_t threads[GUESSES];
    struct guess guesses[GUESSES];
    for (int i = 0; i < GUESSES; i++) {
        guesses[i] = (struct guess){.f = f, .password = "equivocado siempre"};
        assert_int_equal(pthread_create(&threads[i], NULL, guess, &guesses[i]), 0);
    }
    for (int i = 0; i < GUESSES; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_TOO_MANY);
}

static void many_of_one_family_come_in_at_once(void **state) {
    struct fixture *f = *state;
    enum { VISITORS = 12 };
    account_fixture_signup(f, "ana@example.org", NULL);
    pthread_t threads[VISITORS];
    struct guess guesses[VISITORS];
    for (int i = 0; i < VISITORS; i++) {
        guesses[i] = (struct guess){.f = f, .password = GOOD_PASSWORD};
        assert_int_equal(pthread_create(&threads[i], NULL, guess, &guesses[i]), 0);
    }
    for (int i = 0; i < VISITORS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(guesses[i].error, ACCOUNT_FINE);
    }
}

static void an_unproven_address_waits_for_its_link(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    fixture_setting(f, "confirm_email", "1");
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_LOGIN_WRONG); /* a stranger does not learn it */
    assert_int_equal(fixture_mails(f, MAIL_CONFIRM_EMAIL), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                         ACCOUNT_UNCONFIRMED);
    assert_int_equal(fixture_mails(f, MAIL_CONFIRM_EMAIL), 3); /* and no more than three links */

    const char *token = fixture_mail_token(f, "/accounts/confirm-email/");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    assert_int_equal(account_confirm(&f->shop, &visit, token, &result), OK);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, NULL),
                     ACCOUNT_FINE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_right_password_lets_in),
        TEST(strangers_hear_one_answer),
        TEST(strangers_wait_alike),
        TEST(an_account_has_so_many_failures),
        TEST(success_never_counts_and_starts_anew),
        TEST(an_address_has_so_many_failures),
        TEST(a_known_browser_counts_by_itself),
        TEST(guessing_in_parallel_ends_too),
        TEST(many_of_one_family_come_in_at_once),
        TEST(an_unproven_address_waits_for_its_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
