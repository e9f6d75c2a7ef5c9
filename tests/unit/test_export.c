/* A person's own data as JSON: all of theirs, nothing of others, no secrets. */
#include "account_fixture.h"
#include "shop/export.h"
#include "shop/student.h"
#include <cJSON.h>
#include <string.h>

static char *export_text(struct fixture *f, int64_t id) {
    struct buf out = {0};
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(export_account(db, id, FIXTURE_NOW, &out), OK);
    store_release(f->shop.store, db);
    char *text = arena_strdup(f->arena, buf_text(&out));
    buf_free(&out);
    return text;
}

static const char *text_of(const cJSON *object, const char *name) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int count_of(const cJSON *root, const char *name) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, name);
    assert_true(cJSON_IsArray(list));
    return cJSON_GetArraySize(list);
}

static const cJSON *first_of(const cJSON *root, const char *name) {
    return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(root, name), 0);
}

/* Ana buys a workshop for Sofía and pays it. */
static void buy(struct fixture *f, int64_t account) {
    int64_t student = fixture_student(f, account, "Sofía", "2018-05-20");
    int64_t workshop = fixture_workshop(f, "robotica", 18000, 5);
    int64_t order =
        fixture_sql(f,
                    "INSERT INTO orders (account_id, status, code, total_cents, "
                    "created_at, paid_at) VALUES (?1, 'paid', 'TAL-AAAA', 18000, ?2, ?2)",
                    V(account), V(FIXTURE_NOW));
    fixture_sql(
        f,
        "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, "
        "price_cents, status, created_at) VALUES (?1, ?2, ?3, 20000, 18000, 'confirmed', ?4)",
        V(order), V(workshop), V(student), V(FIXTURE_NOW));
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status, "
                "created_at) VALUES (?1, 'transfer', 'OP-1', 18000, 'succeeded', ?2)",
                V(order), V(FIXTURE_NOW));
    fixture_sql(
        f, "INSERT INTO payment_report (order_id, operation, created_at) VALUES (?1, '123', ?2)",
        V(order), V(FIXTURE_NOW));
    fixture_sql(
        f,
        "INSERT INTO receipt (number, order_id, issued_at, language, currency, total_cents, "
        "tax_rate_bp, method, buyer_name, school_name) "
        "VALUES (1, ?1, ?2, 'es', 'PEN', 18000, 0, 'transfer', 'Rosa Quispe', 'Sol')",
        V(order), V(FIXTURE_NOW));
    fixture_sql(f, "INSERT INTO receipt_line (receipt_number, student_name, title, "
                   "list_price_cents, price_cents) VALUES (1, 'Sofía Torres', 'R', 20000, 18000)");
}

static void all_of_ones_own_is_there(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    struct account_visit visit = account_fixture_visit();
    struct account_result result;
    struct account_input input = account_fixture_parent("ana@example.org");
    input.photo = true;
    assert_int_equal(account_edit(&f->shop, &visit, id, &input, &result), OK);
    assert_int_equal(account_reset_request(&f->shop, &visit, "ana@example.org", &result), OK);
    fixture_flush(f);
    buy(f, id);
    cJSON *root = cJSON_Parse(export_text(f, id));
    assert_non_null(root);
    assert_string_equal(text_of(root, "exported_at"), "2026-03-02T15:00:00Z");
    const cJSON *account = cJSON_GetObjectItemCaseSensitive(root, "account");
    assert_string_equal(text_of(account, "email"), "ana@example.org");
    assert_string_equal(text_of(account, "created_at"), "2026-03-02T15:00:00Z");
    assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(account, "school")));
    assert_string_equal(text_of(first_of(root, "consents"), "purpose"), "photo");
    assert_string_equal(text_of(first_of(root, "students"), "first_name"), "Sofía");
    assert_string_equal(text_of(first_of(root, "orders"), "code"), "TAL-AAAA");
    const cJSON *inscription = first_of(root, "inscriptions");
    assert_string_equal(text_of(inscription, "workshop"), "Workshop robotica");
    assert_int_equal(cJSON_GetObjectItemCaseSensitive(inscription, "price_cents")->valueint, 18000);
    assert_string_equal(text_of(first_of(root, "payments"), "reference"), "OP-1");
    assert_string_equal(text_of(first_of(root, "payment_reports"), "operation"), "123");
    assert_string_equal(text_of(first_of(root, "receipts"), "buyer_name"), "Rosa Quispe");
    assert_string_equal(text_of(first_of(root, "receipt_lines"), "student_name"), "Sofía Torres");
    assert_int_equal(count_of(root, "mails"), 1);
    assert_int_equal(count_of(root, "sessions"), 1);
    assert_string_equal(text_of(first_of(root, "account_trail"), "action"), "signup");
    cJSON_Delete(root);
}

static void nothing_of_others_and_no_secret_is_there(void **state) {
    struct fixture *f = *state;
    int64_t ana = account_fixture_signup(f, "ana@example.org", NULL);
    int64_t eva = account_fixture_signup(f, "eva@example.org", NULL);
    buy(f, eva);
    char *text = export_text(f, ana);
    static const char *const FORBIDDEN[] = {"eva@",  "Sofía", "TAL-AAAA", "argon2",
                                            "token", "csrf",  "hash",     "password"};
    for (size_t i = 0; i < ARRAY_COUNT(FORBIDDEN); i++)
        assert_null(strstr(text, FORBIDDEN[i]));
    cJSON *root = cJSON_Parse(text);
    static const char *const EMPTY[] = {"students", "orders",   "inscriptions",
                                        "payments", "receipts", "receipt_lines"};
    for (size_t i = 0; i < ARRAY_COUNT(EMPTY); i++)
        assert_int_equal(count_of(root, EMPTY[i]), 0);
    cJSON_Delete(root);
    struct buf out = {0};
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(export_account(db, 999, FIXTURE_NOW, &out), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static void wide_integers_stay_whole(void **state) {
    struct fixture *f = *state;
    int64_t id = account_fixture_signup(f, "ana@example.org", NULL);
    fixture_sql(f,
                "INSERT INTO orders (account_id, status, total_cents, created_at) "
                "VALUES (?1, 'cancelled', 9007199254740993, -1)", /* 2^53 + 1 */
                V(id));
    char *text = export_text(f, id);
    assert_non_null(strstr(text, "9007199254740993"));
    assert_non_null(strstr(text, "1969-12-31T23:59:59Z"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(all_of_ones_own_is_there),
        TEST(nothing_of_others_and_no_secret_is_there),
        TEST(wide_integers_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
