/* The second factor: set up, asked for, each code once, also by two at the same moment. */
#include "account_fixture.h"
#include "shop/second_factor.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static struct account_visit visit_with(const char *token, int64_t now) {
    struct account_visit visit = account_fixture_visit();
    visit.old_token = token;
    visit.now = now;
    return visit;
}

static const char *code_at(struct fixture *f, int64_t account, int64_t now) {
    struct second_factor factor;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(second_factor_find(db, account, &factor), OK);
    store_release(f->shop.store, db);
    return arena_printf(f->arena, "%06u", totp_code(factor.secret, now / TOTP_STEP_SECONDS));
}

/* Somebody with the factor on since a minute ago; their recovery codes. */
static int64_t make_guarded(struct fixture *f, second_factor_code codes[SECOND_FACTOR_CODES]) {
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL), then = FIXTURE_NOW - 60;
    struct account_visit visit = visit_with(NULL, then);
    struct account_result result;
    assert_int_equal(second_factor_begin(&f->shop, id), OK);
    assert_int_equal(
        second_factor_enable(&f->shop, &visit, id, code_at(f, id, then), codes, &result), OK);
    return id;
}

/* The cookie of a browser that has given the password. */
static struct session_cookie give_password(struct fixture *f) {
    struct account_result result;
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, &result),
                     ACCOUNT_FINE);
    assert_true(result.awaits_code);
    assert_false(account_fixture_session_lives(f, result.cookie.token, FIXTURE_NOW));
    return result.cookie;
}

static enum err type_code(struct fixture *f, const char *token, const char *code,
                          struct account_result *result) {
    struct account_visit visit = visit_with(token, FIXTURE_NOW);
    return second_factor_login(&f->shop, &visit, code, result);
}

static void a_code_turns_half_a_login_into_a_session(void **state) {
    struct fixture *f = *state;
    second_factor_code codes[SECOND_FACTOR_CODES];
    int64_t id = make_guarded(f, codes);
    struct session_cookie half = give_password(f);
    struct account_result result;
    assert_int_equal(type_code(f, half.token, "000000x", &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_CODE], ACCOUNT_CODE_WRONG);
    assert_int_equal(type_code(f, half.token, code_at(f, id, FIXTURE_NOW), &result), OK);
    assert_true(account_fixture_session_lives(f, result.cookie.token, FIXTURE_NOW));
    assert_string_not_equal(result.cookie.token, half.token);
    assert_int_equal(type_code(f, half.token, codes[0], &result), ERR_NOT_FOUND);
    assert_int_equal(type_code(f, "nonsense", codes[0], &result), ERR_NOT_FOUND);
    assert_int_equal(type_code(f, NULL, codes[0], &result), ERR_NOT_FOUND);
}

struct racer {
    struct fixture *f;
    const char *token, *code;
    enum err err;
};

static void *race(void *arg) {
    struct racer *racer = arg;
    struct account_result result;
    racer->err = type_code(racer->f, racer->token, racer->code, &result);
    return NULL;
}

static int winners(struct fixture *f, const char *code) {
    enum { RACERS = 6 };
    struct session_cookie cookies[RACERS];
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    int won = 0;
    for (int i = 0; i < RACERS; i++) {
        cookies[i] = give_password(f);
        racers[i] = (struct racer){.f = f, .token = cookies[i].token, .code = code};
    }
    for (int i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].err == OK;
    }
    return won;
}

static void of_many_with_one_code_one_gets_in(void **state) {
    struct fixture *f = *state;
    second_factor_code codes[SECOND_FACTOR_CODES];
    fixture_setting(f, "failed_logins_per_account", "100");
    int64_t id = make_guarded(f, codes);
    assert_int_equal(winners(f, code_at(f, id, FIXTURE_NOW)), 1);
    assert_int_equal(winners(f, codes[7]), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM recovery_code WHERE used_at IS NULL"),
                     SECOND_FACTOR_CODES - 1);
}

static void proving_it_again_makes_the_session_fresh(void **state) {
    struct fixture *f = *state;
    second_factor_code codes[SECOND_FACTOR_CODES];
    int64_t id = make_guarded(f, codes);
    struct session_cookie half = give_password(f);
    struct account_result result;
    assert_int_equal(type_code(f, half.token, codes[0], &result), OK);
    const char *token = arena_strdup(f->arena, result.cookie.token);
    fixture_sql(f, "UPDATE session SET confirmed_at = 1");
    struct account_visit visit = visit_with(token, FIXTURE_NOW);
    assert_int_equal(second_factor_prove(&f->shop, &visit, id, "", "12", &result), ERR_REFUSED);
    assert_int_equal(second_factor_prove(&f->shop, &visit, id, "wrong", "", &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_OLD_PASSWORD], ACCOUNT_PASSWORD_WRONG);
    assert_int_equal(second_factor_prove(&f->shop, &visit, id, "", "", &result), ERR_REFUSED);
    assert_int_equal(fixture_int(f, "SELECT max(confirmed_at) FROM session"), 1);
    assert_int_equal(second_factor_prove(&f->shop, &visit, id, GOOD_PASSWORD, "", &result), OK);
    assert_int_equal(fixture_int(f, "SELECT max(confirmed_at) FROM session"), FIXTURE_NOW);
    fixture_sql(f, "UPDATE session SET confirmed_at = 1");
    assert_int_equal(second_factor_prove(&f->shop, &visit, id, "", codes[1], &result), OK);
    assert_int_equal(fixture_int(f, "SELECT max(confirmed_at) FROM session"), FIXTURE_NOW);
}

static void begun_but_never_proven_asks_nobody(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_result result;
    second_factor_code codes[SECOND_FACTOR_CODES];
    struct account_visit visit = visit_with(NULL, FIXTURE_NOW);
    assert_int_equal(second_factor_enable(&f->shop, &visit, id, "123456", codes, &result),
                     ERR_CONFLICT);
    assert_int_equal(second_factor_begin(&f->shop, id), OK);
    const char *code = code_at(f, id, FIXTURE_NOW);
    assert_int_equal(second_factor_begin(&f->shop, id), OK); /* keeps the secret */
    assert_string_equal(code_at(f, id, FIXTURE_NOW), code);
    assert_int_equal(second_factor_renew_codes(&f->shop, &visit, id, codes), ERR_CONFLICT);
    assert_int_equal(account_fixture_login(f, "ana@example.org", GOOD_PASSWORD, &result),
                     ACCOUNT_FINE);
    assert_false(result.awaits_code);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_code_turns_half_a_login_into_a_session),
        TEST(of_many_with_one_code_one_gets_in),
        TEST(proving_it_again_makes_the_session_fresh),
        TEST(begun_but_never_proven_asks_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
