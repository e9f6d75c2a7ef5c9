/* See account_fixture.h. */
#include "account_fixture.h"

struct account_input account_fixture_parent(const char *email) {
    return (struct account_input){
        .email = email,
        .password = GOOD_PASSWORD,
        .password_again = GOOD_PASSWORD,
        .first_name = "Rosa",
        .last_name = "Quispe Flores",
        .country = "PE",
        .role = ACCOUNT_PARENT,
        .phone = "+51 987 654 321",
    };
}

struct account_visit account_fixture_visit(void) {
    return (struct account_visit){.now = FIXTURE_NOW, .language = LANG_EN};
}

int64_t account_fixture_signup(struct fixture *f, const char *email,
                               struct session_cookie *cookie) {
    struct account_input input = account_fixture_parent(email);
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    assert_int_equal(account_signup(&f->shop, &visit, &input, &result), OK);
    if (cookie)
        *cookie = result.cookie;
    return fixture_int(f, "SELECT max(id) FROM account WHERE email = ?1", V(email));
}

enum account_error account_fixture_login(struct fixture *f, const char *email, const char *password,
                                         struct account_result *result) {
    struct account_visit visit = account_fixture_visit();
    struct account_result unused;
    result = result ? result : &unused;
    enum err err = account_login(&f->shop, &visit, email, password, false, result);
    assert_true(err == OK || err == ERR_REFUSED);
    assert_int_equal(err == OK, result->errors[ACCOUNT_FIELD_FORM] == ACCOUNT_FINE);
    assert_int_equal(err == OK, result->cookie.token[0] != '\0');
    return result->errors[ACCOUNT_FIELD_FORM];
}

bool account_fixture_session_lives(struct fixture *f, const char *token, int64_t now) {
    struct session session;
    struct db *db = store_reader(f->shop.store);
    enum err err = session_find(db, f->arena, token, now, &session);
    store_release(f->shop.store, db);
    assert_true(err == OK || err == ERR_NOT_FOUND);
    return err == OK;
}

int64_t account_fixture_sessions(struct fixture *f, int64_t account_id) {
    return fixture_int(f, "SELECT count(*) FROM session WHERE account_id = ?1", V(account_id));
}
