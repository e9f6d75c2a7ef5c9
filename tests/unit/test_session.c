/* Sessions: found by their cookie, prolonged by use, ended for good. */
#include "account_fixture.h"
#include <string.h>

static enum err find(struct fixture *f, const char *token, int64_t now, struct session *session) {
    struct db *db = store_reader(f->shop.store);
    enum err err = session_find(db, f->arena, token, now, session);
    store_release(f->shop.store, db);
    return err;
}

struct creation {
    int64_t account_id;
    bool remember;
    const char *old_token;
    struct session_cookie cookie;
};

static enum err create_tx(struct tx *tx, void *arg) {
    struct creation *c = arg;
    return session_create_tx(tx, c->account_id, c->remember, c->old_token, FIXTURE_NOW, &c->cookie);
}

static struct session_cookie create(struct fixture *f, int64_t account_id, bool remember,
                                    const char *old_token) {
    struct creation creation = {account_id, remember, old_token, {.max_age = -1}};
    assert_int_equal(store_write(f->shop.store, create_tx, &creation), OK);
    return creation.cookie;
}

static void a_session_tells_who_is_asking(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_account(f, "Ana@example.org");
    fixture_sql(f, "UPDATE account SET staff_role = 'desk', language = 'es', role = 2");
    struct session_cookie cookie = create(f, id, false, NULL);
    struct session session;
    assert_int_equal(find(f, cookie.token, FIXTURE_NOW, &session), OK);
    assert_int_equal(session.account_id, id);
    assert_string_equal(session.email, "Ana@example.org");
    assert_string_equal(session.first_name, "Ana");
    assert_string_equal(session.last_name, "Torres");
    assert_int_equal(session.role, ACCOUNT_TEACHER);
    assert_int_equal(session.staff_role, STAFF_DESK);
    assert_true(session.language_chosen);
    assert_int_equal(session.language, LANG_ES);
    assert_int_equal(strlen(session.csrf_token), SECRET_TOKEN_SIZE - 1);
    assert_string_not_equal(session.csrf_token, cookie.token);
    assert_false(session.remember);
    assert_false(session.renew);
    assert_int_equal(session.max_age, 0);
}

static void the_database_does_not_know_the_cookie(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie = create(f, fixture_account(f, "a@example.org"), false, NULL);
    uint8_t hash[SECRET_HASH_SIZE];
    secret_hash(NULL, cookie.token, strlen(cookie.token), hash);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM session WHERE token_hash = ?1",
                                 V_BLOB(hash, sizeof(hash))),
                     1);
}

static void nonsense_is_nobody(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie = create(f, fixture_account(f, "a@example.org"), false, NULL);
    struct session session;
    static const char *const NONSENSE[] = {NULL, "", "x", "' OR 1=1 --",
                                           "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < ARRAY_COUNT(NONSENSE); i++)
        assert_int_equal(find(f, NONSENSE[i], FIXTURE_NOW, &session), ERR_NOT_FOUND);
    char longer[SECRET_TOKEN_SIZE + 1];
    snprintf(longer, sizeof(longer), "%sA", cookie.token);
    assert_int_equal(find(f, longer, FIXTURE_NOW, &session), ERR_NOT_FOUND);
}

static void a_plain_session_ends_twelve_hours_after_its_last_use(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie = create(f, fixture_account(f, "a@example.org"), false, NULL);
    int64_t now = FIXTURE_NOW;
    assert_true(account_fixture_session_lives(f, cookie.token, now + 12 * HOUR_SECONDS - 1));
    assert_false(account_fixture_session_lives(f, cookie.token, now + 12 * HOUR_SECONDS));
    now += 11 * HOUR_SECONDS;
    session_touch(&f->shop, cookie.token, now);
    fixture_flush(f);
    assert_true(account_fixture_session_lives(f, cookie.token, now + 12 * HOUR_SECONDS - 1));
    assert_false(account_fixture_session_lives(f, cookie.token, now + 12 * HOUR_SECONDS));
}

static void use_is_noted_once_in_ten_minutes(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_account(f, "a@example.org");
    struct session_cookie cookie = create(f, id, true, NULL);
    struct session session;
    int64_t now = FIXTURE_NOW + 599;
    assert_int_equal(find(f, cookie.token, now, &session), OK);
    assert_false(session.renew);
    session_touch(&f->shop, cookie.token, now);
    fixture_flush(f);
    assert_int_equal(fixture_int(f, "SELECT seen_at FROM session"), FIXTURE_NOW);
    now++;
    assert_int_equal(find(f, cookie.token, now, &session), OK);
    assert_true(session.renew);
    assert_int_equal(session.max_age, 30 * DAY_SECONDS);
    for (int i = 0; i < 3; i++) /* several requests may have seen it old */
        session_touch(&f->shop, cookie.token, now + i);
    session_touch(&f->shop, "nonsense", now);
    fixture_flush(f);
    assert_int_equal(fixture_int(f, "SELECT seen_at FROM session"), now);
    assert_int_equal(fixture_int(f, "SELECT last_seen_at FROM account WHERE id = ?1", V(id)), now);
    assert_int_equal(find(f, cookie.token, now, &session), OK);
    assert_false(session.renew);
}

static void a_remembered_session_ends_after_ninety_days(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie = create(f, fixture_account(f, "a@example.org"), true, NULL);
    assert_int_equal(cookie.max_age, 30 * DAY_SECONDS);
    int64_t now = FIXTURE_NOW;
    for (int week = 0; week < 12; week++) {
        now += 7 * DAY_SECONDS;
        assert_true(account_fixture_session_lives(f, cookie.token, now));
        session_touch(&f->shop, cookie.token, now);
        fixture_flush(f);
    }
    struct session session;
    assert_int_equal(find(f, cookie.token, now, &session), OK);
    assert_int_equal(session.max_age, 6 * DAY_SECONDS); /* day 84 */
    assert_true(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW + 90 * DAY_SECONDS - 1));
    assert_false(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW + 90 * DAY_SECONDS));
}

static void logging_out_ends_one(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_account(f, "a@example.org");
    struct session_cookie here = create(f, id, false, NULL), there = create(f, id, false, NULL);
    assert_int_equal(session_end(&f->shop, here.token), OK);
    assert_int_equal(session_end(&f->shop, here.token), OK);
    assert_int_equal(session_end(&f->shop, "nonsense"), OK);
    assert_int_equal(session_end(&f->shop, NULL), OK);
    assert_false(account_fixture_session_lives(f, here.token, FIXTURE_NOW));
    assert_true(account_fixture_session_lives(f, there.token, FIXTURE_NOW));
}

static void a_new_session_replaces_the_browsers_old_one(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_account(f, "a@example.org");
    struct session_cookie old = create(f, id, false, NULL), new = create(f, id, false, old.token);
    assert_false(account_fixture_session_lives(f, old.token, FIXTURE_NOW));
    assert_true(account_fixture_session_lives(f, new.token, FIXTURE_NOW));
}

static enum err sweep_tx(struct tx *tx, void *arg) {
    enum err err = session_sweep_tx(tx, FIXTURE_NOW + 13 * HOUR_SECONDS);
    *(int64_t *)arg = tx_changes(tx);
    return err;
}

static void old_sessions_are_swept(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_account(f, "a@example.org"), swept;
    create(f, id, false, NULL);
    create(f, id, false, NULL);
    create(f, id, true, NULL);
    assert_int_equal(store_write(f->shop.store, sweep_tx, &swept), OK);
    assert_int_equal(swept, 2);
    assert_int_equal(account_fixture_sessions(f, id), 1);
}

static void staff_roles_have_names(void **state) {
    (void)state;
    for (int i = STAFF_INSTRUCTOR; i <= STAFF_OWNER; i++) {
        enum staff_role role = STAFF_NONE;
        assert_true(session_staff_role_parse(session_staff_role_name((enum staff_role)i), &role));
        assert_int_equal(role, i);
    }
    enum staff_role role = STAFF_DESK;
    assert_null(session_staff_role_name(STAFF_NONE));
    assert_false(session_staff_role_parse("boss", &role));
    assert_false(session_staff_role_parse(NULL, &role));
    assert_int_equal(role, STAFF_DESK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_session_tells_who_is_asking),
        TEST(the_database_does_not_know_the_cookie),
        TEST(nonsense_is_nobody),
        TEST(a_plain_session_ends_twelve_hours_after_its_last_use),
        TEST(use_is_noted_once_in_ten_minutes),
        TEST(a_remembered_session_ends_after_ninety_days),
        TEST(logging_out_ends_one),
        TEST(a_new_session_replaces_the_browsers_old_one),
        TEST(old_sessions_are_swept),
        cmocka_unit_test(staff_roles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
