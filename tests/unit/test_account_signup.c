/* Signing up: who needs to say what, what is written, and what a stranger learns. */
#include "account_fixture.h"
#include <pthread.h>
#include <string.h>

static enum err signup(struct fixture *f, const struct account_input *input,
                       struct account_result *result) {
    struct account_visit visit = account_fixture_visit();
    return account_signup(&f->shop, &visit, input, result);
}

/* Signs up and answers what is wrong with one field. */
static enum account_error error_of(struct fixture *f, const struct account_input *input,
                                   enum account_field field) {
    struct account_result result;
    enum err err = signup(f, input, &result);
    assert_int_equal(err, ERR_REFUSED);
    assert_string_equal(result.cookie.token, "");
    assert_non_null(account_error_text(result.errors[field]));
    return result.errors[field];
}

static int64_t accounts(struct fixture *f) {
    return fixture_int(f, "SELECT count(*) FROM account");
}

static void a_parent_signs_up_and_is_logged_in(void **state) {
    struct fixture *f = *state;
    struct session_cookie cookie;
    int64_t id = account_fixture_signup(f, "Rosa.Quispe@Example.org", &cookie);
    assert_true(account_fixture_session_lives(f, cookie.token, FIXTURE_NOW));
    assert_int_equal(cookie.max_age, 0);

    struct account account;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(account_find(db, f->arena, id, &account), OK);
    store_release(f->shop.store, db);
    assert_string_equal(account.email, "Rosa.Quispe@Example.org");
    assert_string_equal(account.first_name, "Rosa");
    assert_int_equal(account.role, ACCOUNT_PARENT);
    assert_int_equal(account.staff_role, STAFF_NONE);
    assert_true(account.is_active);
    assert_false(account.email_confirmed);
    assert_true(account.language_chosen);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM student"), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM consent"), 0);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM audit WHERE action = 'signup' AND "
                                 "actor_id = ?1 AND entity_id = ?1",
                                 V(id)),
                     1);
    const char *hash = fixture_text(f, "SELECT password_hash FROM account WHERE id = ?1", V(id));
    assert_memory_equal(hash, "$argon2id$", 10);
}

static void an_adult_student_is_their_own_first_student(void **state) {
    struct fixture *f = *state;
    struct account_input input = account_fixture_parent("ines@example.org");
    input.role = ACCOUNT_STUDENT;
    input.school = "PUCP";
    input.date_of_birth = "2008-03-02"; /* 18 today */
    struct account_result result;
    assert_int_equal(signup(f, &input, &result), OK);
    assert_int_equal(
        fixture_int(f,
                    "SELECT count(*) FROM student WHERE parent_id = ?1 AND is_self = 1 AND "
                    "first_name = 'Rosa' AND date_of_birth = '2008-03-02' AND school = 'PUCP'",
                    V(result.account_id)),
        1);
}

static void each_role_has_its_own_fields(void **state) {
    struct fixture *f = *state;
    struct account_input parent = account_fixture_parent("p@example.org");
    parent.phone = "";
    assert_int_equal(error_of(f, &parent, ACCOUNT_FIELD_PHONE), ACCOUNT_REQUIRED);

    struct account_input teacher = account_fixture_parent("t@example.org");
    teacher.role = ACCOUNT_TEACHER;
    assert_int_equal(error_of(f, &teacher, ACCOUNT_FIELD_SCHOOL), ACCOUNT_REQUIRED);

    struct account_input student = account_fixture_parent("s@example.org");
    student.role = ACCOUNT_STUDENT;
    assert_int_equal(error_of(f, &student, ACCOUNT_FIELD_SCHOOL), ACCOUNT_REQUIRED);
    assert_int_equal(error_of(f, &student, ACCOUNT_FIELD_DATE_OF_BIRTH), ACCOUNT_REQUIRED);
    student.school = "PUCP";
    student.date_of_birth = "2008-03-03"; /* 18 tomorrow */
    assert_int_equal(error_of(f, &student, ACCOUNT_FIELD_DATE_OF_BIRTH), ACCOUNT_NOT_ADULT);

    static const int ROLES[] = {0, 4, -1, 255};
    for (size_t i = 0; i < ARRAY_COUNT(ROLES); i++) {
        parent.role = ROLES[i];
        assert_int_equal(error_of(f, &parent, ACCOUNT_FIELD_ROLE), ACCOUNT_ROLE_UNKNOWN);
    }
    assert_int_equal(accounts(f), 0);
}

static void today_is_the_schools_day(void **state) {
    struct fixture *f = *state;
    struct account_input input = account_fixture_parent("s@example.org");
    input.role = ACCOUNT_STUDENT;
    input.school = "PUCP";
    input.date_of_birth = "2008-03-03";
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.now = FIXTURE_NOW + 13 * HOUR_SECONDS; /* 3 March in UTC, still 2 March in Lima */
    assert_int_equal(account_signup(&f->shop, &visit, &input, &result), ERR_REFUSED);
    visit.now += HOUR_SECONDS + 1; /* 3 March in Lima */
    assert_int_equal(account_signup(&f->shop, &visit, &input, &result), OK);
}

static void bad_fields_are_told_one_by_one(void **state) {
    struct fixture *f = *state;
    char long_name[ACCOUNT_NAME_MAX * 2 + 3];
    for (size_t i = 0; i + 2 < sizeof(long_name); i += 2)
        memcpy(long_name + i, "ñ", 2);
    long_name[sizeof(long_name) - 1] = '\0';
    struct account_input input = account_fixture_parent("x@example.org");
    input.first_name = long_name;
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_FIRST_NAME), ACCOUNT_TOO_LONG);
    long_name[ACCOUNT_NAME_MAX * 2] = '\0'; /* exactly as long as may be, in characters */
    struct account_result result;
    assert_int_equal(signup(f, &input, &result), OK);

    input = account_fixture_parent("y@example.org");
    input.last_name = " \t ";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_LAST_NAME), ACCOUNT_REQUIRED);
    input.country = "XX";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_COUNTRY), ACCOUNT_COUNTRY_UNKNOWN);
    input.date_of_birth = "1899-12-31";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_DATE_OF_BIRTH), ACCOUNT_DATE_IMPLAUSIBLE);
    input.date_of_birth = "2026-03-03";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_DATE_OF_BIRTH), ACCOUNT_DATE_IMPLAUSIBLE);
    input.date_of_birth = "2010-02-30";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_DATE_OF_BIRTH), ACCOUNT_DATE_INVALID);
    input.password_again = OTHER_PASSWORD;
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_PASSWORD_AGAIN), ACCOUNT_PASSWORDS_DIFFER);
    input.password = "";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_PASSWORD), ACCOUNT_REQUIRED);
    input.password = "corto";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_PASSWORD), ACCOUNT_PASSWORD_SHORT);
    input.password = "contraseña123";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_PASSWORD), ACCOUNT_PASSWORD_COMMON);
    input.password = "rosa y sus zapatos";
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_PASSWORD), ACCOUNT_PASSWORD_PERSONAL);
    static const char *const PHONES[] = {"12345", "123456789012345678901", "987-CALL-ME", "+++---"};
    for (size_t i = 0; i < ARRAY_COUNT(PHONES); i++) {
        input.phone = PHONES[i];
        assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_PHONE), ACCOUNT_PHONE_INVALID);
    }
    assert_int_equal(accounts(f), 1);
}

static void addresses_are_checked(void **state) {
    struct fixture *f = *state;
    static const char *const BAD[] = {
        "ana",
        "ana@",
        "@example.org",
        "ana@example",
        "a@b@example.org",
        "a b@c.org",
        ".ana@c.org",
        "ana.@c.org",
        "a..b@c.org",
        "ana@-c.org",
        "ana@c-.org",
        "ana@c..org",
        "ana@.c.org",
        "ana@c.org.",
        "ana@1.2.3.4",
        "<ana@c.org>",
        "ana@c.org,b@c.org",
        "\"a b\"@c.org",
        "ana@[1.2.3.4]",
        "ana\x01@",
    };
    static const char *const GOOD[] = {
        "a@b.pe", "ana+taller@c.org", "o'brien@c.co.uk", "josé@c.pe", "a_b-c.d@x1-y2.example.org",
    };
    struct account_input input = account_fixture_parent("");
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_EMAIL), ACCOUNT_REQUIRED);
    for (size_t i = 0; i < ARRAY_COUNT(BAD); i++) {
        input.email = BAD[i];
        assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_EMAIL), ACCOUNT_EMAIL_INVALID);
    }
    char longest[ACCOUNT_EMAIL_MAX + 2];
    memset(longest, 'a', sizeof(longest));
    memcpy(longest + 60, "@", 1);
    for (size_t i = 100; i < sizeof(longest); i += 40)
        longest[i] = '.';
    longest[ACCOUNT_EMAIL_MAX + 1] = '\0';
    input.email = longest;
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_EMAIL), ACCOUNT_TOO_LONG);
    longest[ACCOUNT_EMAIL_MAX] = '\0';
    struct account_result result;
    assert_int_equal(signup(f, &input, &result), OK);
    for (size_t i = 0; i < ARRAY_COUNT(GOOD); i++) {
        input.email = GOOD[i];
        assert_int_equal(signup(f, &input, &result), OK);
    }
}

static void accepted_texts_become_rows(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "INSERT INTO legal_text (purpose, version, body, published_at) VALUES "
                   "('terms', 1, 'old', 1), ('terms', 2, 'new', 2), ('privacy', 1, 'text', 1)");
    struct account_input input = account_fixture_parent("ana@example.org");
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_TERMS), ACCOUNT_TERMS_REQUIRED);
    input.terms = true;
    input.photo = true;
    struct account_result result;
    assert_int_equal(signup(f, &input, &result), OK);
    struct consents consents;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(consent_read(db, result.account_id, &consents), OK);
    store_release(f->shop.store, db);
    assert_true(consents.of[CONSENT_TERMS].granted);
    assert_int_equal(consents.of[CONSENT_TERMS].version, 2);
    assert_int_equal(consents.of[CONSENT_TERMS].at, FIXTURE_NOW);
    assert_int_equal(consents.of[CONSENT_PRIVACY].version, 1);
    assert_true(consents.of[CONSENT_PHOTO].granted);
    assert_false(consents.of[CONSENT_MARKETING].granted);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM consent"), 3);
}

static void a_taken_address_is_refused(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_input input = account_fixture_parent("ANA@example.org");
    input.password = input.password_again = OTHER_PASSWORD;
    assert_int_equal(error_of(f, &input, ACCOUNT_FIELD_EMAIL), ACCOUNT_EMAIL_TAKEN);
    /* Much later not even the right password lets in by this door. */
    struct account_input same = account_fixture_parent("ana@example.org");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.now += HOUR_SECONDS;
    assert_int_equal(account_signup(&f->shop, &visit, &same, &result), ERR_REFUSED);
    assert_int_equal(result.errors[ACCOUNT_FIELD_EMAIL], ACCOUNT_EMAIL_TAKEN);
    assert_int_equal(accounts(f), 1);
    assert_int_equal(account_fixture_sessions(f, id), 1);
}

static void a_double_click_logs_in(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_input again = account_fixture_parent("ana@example.org");
    struct account_result result;
    assert_int_equal(signup(f, &again, &result), OK);
    assert_int_equal(result.account_id, id);
    assert_true(account_fixture_session_lives(f, result.cookie.token, FIXTURE_NOW));
    assert_int_equal(accounts(f), 1);
}

struct racer {
    struct fixture *f;
    const char *password;
    enum err err;
    struct account_result result;
};

static void *race(void *arg) {
    struct racer *racer = arg;
    struct account_input input = account_fixture_parent("race@example.org");
    input.password = input.password_again = racer->password;
    racer->err = signup(racer->f, &input, &racer->result);
    return NULL;
}

static void two_at_once_make_one_account(void **state) {
    struct fixture *f = *state;
    enum { RACERS = 6 };
    struct racer racers[RACERS];
    pthread_t threads[RACERS];
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){
            .f = f, .password = arena_printf(f->arena, "bosque %d con niebla", 1000 + i * 37)};
        assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    int won = 0;
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].err == OK;
        if (racers[i].err != OK)
            assert_int_equal(racers[i].result.errors[ACCOUNT_FIELD_EMAIL], ACCOUNT_EMAIL_TAKEN);
    }
    assert_int_equal(won, 1);
    assert_int_equal(accounts(f), 1);
}

static void with_confirmation_a_link_comes_first(void **state) {
    struct fixture *f = *state;
    fixture_setting(f, "confirm_email", "1");
    struct account_input input = account_fixture_parent("ana@example.org");
    struct account_result result;
    assert_int_equal(signup(f, &input, &result), OK);
    assert_true(result.confirm);
    assert_string_equal(result.cookie.token, "");
    assert_int_equal(fixture_mails(f, MAIL_CONFIRM_EMAIL), 1);
    assert_int_equal(f->mails_announced, 1);
    const char *token = fixture_mail_token(f, FIXTURE_BASE_URL "/accounts/confirm-email/");
    assert_int_equal(strlen(token), SECRET_TOKEN_SIZE - 1);
}

static void with_confirmation_a_taken_address_looks_new(void **state) {
    struct fixture *f = *state;
    account_fixture_signup(f, "ana@example.org", NULL);
    fixture_setting(f, "confirm_email", "1");
    struct account_input known = account_fixture_parent("ana@example.org");
    struct account_input unknown = account_fixture_parent("new@example.org");
    struct account_result known_result, unknown_result;
    known.password = known.password_again = OTHER_PASSWORD;
    assert_int_equal(signup(f, &known, &known_result), OK);
    assert_int_equal(signup(f, &unknown, &unknown_result), OK);
    assert_memory_equal(known_result.errors, unknown_result.errors, sizeof(known_result.errors));
    assert_true(known_result.confirm && unknown_result.confirm);
    assert_int_equal(known_result.account_id, unknown_result.account_id);
    assert_string_equal(known_result.cookie.token, unknown_result.cookie.token);
    assert_int_equal(fixture_mails(f, MAIL_ALREADY_MEMBER), 1);
    assert_int_equal(account_fixture_login(f, "ana@example.org", OTHER_PASSWORD, NULL),
                     ACCOUNT_LOGIN_WRONG);
}

static void an_address_has_so_many_signups(void **state) {
    struct fixture *f = *state;
    static const uint8_t HOUSE[16] = {1}, OTHER_HOUSE[16] = {2};
    fixture_setting(f, "signups_per_address", "3");
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    visit.address_key = HOUSE;
    struct account_input bad = account_fixture_parent("no address");
    for (int i = 0; i < 5; i++) /* what is filled in wrongly does not count */
        assert_int_equal(account_signup(&f->shop, &visit, &bad, &result), ERR_REFUSED);
    for (int i = 0; i < 4; i++) {
        struct account_input input =
            account_fixture_parent(arena_printf(f->arena, "a%d@example.org", i));
        assert_int_equal(account_signup(&f->shop, &visit, &input, &result),
                         i < 3 ? OK : ERR_REFUSED);
    }
    assert_int_equal(result.errors[ACCOUNT_FIELD_FORM], ACCOUNT_TOO_MANY);
    assert_in_range(result.retry_after, 1, 660);
    struct account_input input = account_fixture_parent("last@example.org");
    visit.address_key = OTHER_HOUSE;
    assert_int_equal(account_signup(&f->shop, &visit, &input, &result), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_parent_signs_up_and_is_logged_in),
        TEST(an_adult_student_is_their_own_first_student),
        TEST(each_role_has_its_own_fields),
        TEST(today_is_the_schools_day),
        TEST(bad_fields_are_told_one_by_one),
        TEST(addresses_are_checked),
        TEST(accepted_texts_become_rows),
        TEST(a_taken_address_is_refused),
        TEST(a_double_click_logs_in),
        TEST(two_at_once_make_one_account),
        TEST(with_confirmation_a_link_comes_first),
        TEST(with_confirmation_a_taken_address_looks_new),
        TEST(an_address_has_so_many_signups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
