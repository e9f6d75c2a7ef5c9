/* Erasing a person: what stays and what goes, row by row and byte by byte. */
#include "account_fixture.h"
#include "shop/erase.h"
#include "shop/records.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Words that stand nowhere else. */
static const char *const WORDS[] = {"Zoraida",
                                    "Quillahuaman",
                                    "zoraida.q@example.org",
                                    "Wayrapaq",
                                    "955123987",
                                    "colegio Inkarri",
                                    "47110815",
                                    "alergica",
                                    "Urpichallay",
                                    "antigua.z@example.org"};

static struct account_visit here;

static struct account_deed deed_of(int64_t actor) {
    here = account_fixture_visit();
    return (struct account_deed){.visit = &here, .actor_id = actor};
}

static int64_t make_owner(struct fixture *f, const char *email) {
    int64_t id = fixture_account(f, email);
    fixture_sql(f, "UPDATE account SET staff_role = 'owner' WHERE id = ?1", V(id));
    return id;
}

static int64_t make_order(struct fixture *f, int64_t account, int64_t student, const char *status) {
    static int n;
    char slug[32];
    snprintf(slug, sizeof(slug), "taller-%d", ++n);
    int64_t workshop = fixture_workshop(f, slug, 18000, 5);
    int64_t order = fixture_sql(f,
                                "INSERT INTO orders (account_id, status, total_cents, "
                                "payer_document, created_at, paid_at) "
                                "VALUES (?1, ?2, 18000, '47110815', ?3, ?4)",
                                V(account), V(status), V(FIXTURE_NOW),
                                V_OPT(strcmp(status, "paid") == 0, FIXTURE_NOW));
    fixture_sql(f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, "
                "price_cents, status, hold_until) VALUES (?1, ?2, ?3, 18000, 18000, ?4, ?5)",
                V(order), V(workshop), V(student),
                V(strcmp(status, "paid") == 0 ? "confirmed" : "held"), V(FIXTURE_NOW + 600));
    return order;
}

/* Zoraida, her child, a paid order with receipt and credit note, mails, a trail. */
static int64_t make_person(struct fixture *f, int64_t actor) {
    int64_t id = fixture_account(f, "antigua.z@example.org");
    fixture_sql(f,
                "UPDATE account SET first_name = 'Zoraida', last_name = 'Quillahuaman', "
                "phone = '955123987', school = 'colegio Inkarri', date_of_birth = '1984-07-19', "
                "notes = 'alergica al lunes' WHERE id = ?1",
                V(id));
    int64_t child = fixture_student(f, id, "Wayrapaq", "2017-09-23");
    fixture_sql(f,
                "UPDATE student SET emergency_contact = 'Urpichallay 955123987', "
                "notes = 'alergica' WHERE id = ?1",
                V(child));
    int64_t order = make_order(f, id, child, "paid");
    fixture_sql(f,
                "INSERT INTO receipt (number, order_id, issued_at, language, currency, total_cents,"
                " tax_rate_bp, method, buyer_name, buyer_document, school_name) VALUES (1, ?1, 1, "
                "'es', 'PEN', 18000, 0, 'transfer', 'Zoraida Quillahuaman', '47110815', 'Sol')",
                V(order));
    fixture_sql(f, "INSERT INTO receipt_line (receipt_number, student_name, title, "
                   "list_price_cents, price_cents) VALUES (1, 'Wayrapaq Torres', 'R', 18000, "
                   "18000)");
    fixture_sql(f,
                "INSERT INTO credit_note (number, receipt_number, order_id, issued_at, language, "
                "currency, total_cents, tax_rate_bp, method, reason, buyer_name, buyer_document, "
                "school_name) VALUES (1, 1, ?1, 1, 'es', 'PEN', 100, 0, 'transfer', "
                "'Zoraida se muda', 'Zoraida Quillahuaman', '47110815', 'Sol')",
                V(order));
    fixture_sql(f, "INSERT INTO credit_note_line (credit_number, student_name, title, "
                   "amount_cents) VALUES (1, 'Wayrapaq Torres', 'R', 100)");
    fixture_sql(f, "INSERT INTO outbox (recipient, subject, body_text, body_html) VALUES "
                   "('antigua.z@example.org', 'Hola Zoraida', 'Hola Zoraida', 'Hola Zoraida')");
    fixture_sql(f,
                "INSERT INTO outbox (recipient, subject, body_text, order_id) VALUES "
                "('school@example.org', 'Zoraida pays', 'Zoraida Quillahuaman', ?1)",
                V(order));
    fixture_sql(f,
                "INSERT INTO consent (account_id, purpose, version, granted, at) "
                "VALUES (?1, 'photo', 0, 1, 1)",
                V(id));
    fixture_sql(f,
                "INSERT INTO import_file (kind, account_id, name, body, created_at) VALUES "
                "('families', ?1, 'f.csv', CAST('Zoraida;Quillahuaman' AS BLOB), 1)",
                V(actor));
    return id;
}

/* Through the form, so that mails and the trail know both addresses. */
static void change_email(struct fixture *f, int64_t actor, int64_t id) {
    struct record record;
    struct record_result result;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(record_load(db, f->arena, &account_record, id, &record), OK);
    store_release(f->shop.store, db);
    int email = record_column_find(&account_record, "email");
    record.values[email] = value_text("zoraida.q@example.org");
    const struct record_request request = {.kind = &account_record,
                                           .actor_id = actor,
                                           .id = id,
                                           .version = record.version,
                                           .values = record.values};
    assert_int_equal(record_save(&f->shop, f->arena, &request, FIXTURE_NOW, &result), OK);
    assert_int_equal(fixture_mails(f, MAIL_EMAIL_CHANGED), 2);
    assert_string_equal(fixture_text(f, "SELECT email_key FROM account WHERE id = ?1", V(id)),
                        "zoraida.q@example.org");
}

static bool in_file(const char *path, const char *word) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    static char bytes[8 << 20];
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return memmem(bytes, size, word, strlen(word)) != NULL;
}

static void nothing_of_the_person_is_left(void **state) {
    struct fixture *f = *state;
    int64_t owner = make_owner(f, "head@school.pe"), id = make_person(f, owner);
    change_email(f, owner, id);
    char path[96];
    snprintf(path, sizeof(path), "%s/taller.db", f->folder);
    struct account_deed deed = deed_of(owner);
    struct account_result result;
    assert_int_equal(erase_account(&f->shop, &deed, id, "Zoraida.Q@Example.org ", &result), OK);
    assert_true(deed.changed);

    char name[48];
    snprintf(name, sizeof(name), "Persona eliminada %lld", (long long)id);
    assert_string_equal(fixture_text(f, "SELECT first_name FROM account WHERE id = ?1", V(id)),
                        name);
    assert_string_equal(fixture_text(f, "SELECT first_name FROM student"), name);
    assert_string_equal(fixture_text(f, "SELECT date_of_birth FROM student"), "2017-01-01");
    assert_string_equal(fixture_text(f, "SELECT buyer_name FROM receipt"), name);
    assert_string_equal(fixture_text(f, "SELECT student_name FROM receipt_line"), name);
    assert_string_equal(fixture_text(f, "SELECT student_name FROM credit_note_line"), name);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders WHERE status = 'paid'"), 1);
    assert_int_equal(fixture_int(f, "SELECT sum(price_cents) FROM inscription"), 18000);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM consent"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM outbox WHERE recipient <> '-'"), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit_value WHERE personal = 1 "
                                    "AND redacted = 0"),
                     0);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM audit WHERE action = 'erase' "
                                 "AND entity_id = ?1",
                                 V(id)),
                     1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM account_fts WHERE account_fts MATCH "
                                    "'zoraida'"),
                     0);
    store_close(f->shop.store);
    f->shop.store = NULL;
    assert_true(in_file(path, name)); /* the right file, all of it in it */
    for (size_t i = 0; i < sizeof(WORDS) / sizeof(*WORDS); i++)
        if (in_file(path, WORDS[i]))
            fail_msg("'%s' is still in the file", WORDS[i]);
}

static void the_address_may_sign_up_again_and_a_repeat_changes_nothing(void **state) {
    struct fixture *f = *state;
    int64_t owner = make_owner(f, "head@school.pe"), id = make_person(f, owner);
    struct account_deed deed = deed_of(owner);
    struct account_result result;
    assert_int_equal(erase_account(&f->shop, &deed, id, "antigua.z@example.org", &result), OK);
    assert_int_equal(erase_account(&f->shop, &deed, id, "whatever", &result), OK);
    assert_false(deed.changed);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'erase'"), 1);
    assert_true(account_fixture_signup(f, "antigua.z@example.org", NULL) > id);
}

static enum account_error refusal(struct fixture *f, int64_t actor, int64_t id, const char *email) {
    struct account_deed deed = deed_of(actor);
    struct account_result result;
    const char *before = fixture_text(f, "SELECT first_name FROM account WHERE id = ?1", V(id));
    assert_int_equal(erase_account(&f->shop, &deed, id, email, &result), ERR_REFUSED);
    assert_string_equal(fixture_text(f, "SELECT first_name FROM account WHERE id = ?1", V(id)),
                        before);
    return result.errors[ACCOUNT_FIELD_FORM] ? result.errors[ACCOUNT_FIELD_FORM]
                                             : result.errors[ACCOUNT_FIELD_EMAIL];
}

static void it_is_refused_where_it_would_break_something(void **state) {
    struct fixture *f = *state;
    int64_t owner = make_owner(f, "head@school.pe"), ana = fixture_account(f, "ana@example.org");
    int64_t child = fixture_student(f, ana, "Sol", "2018-05-20");
    assert_int_equal(refusal(f, owner, ana, "other@example.org"), ACCOUNT_EMAIL_DIFFERS);
    assert_int_equal(refusal(f, owner, ana, ""), ACCOUNT_EMAIL_DIFFERS);
    int64_t order = make_order(f, ana, child, "pending");
    assert_int_equal(refusal(f, owner, ana, "ana@example.org"), ACCOUNT_ORDER_OPEN);
    fixture_sql(f, "UPDATE orders SET status = 'review', review_reason = 'late' WHERE id = ?1",
                V(order));
    assert_int_equal(refusal(f, owner, ana, "ana@example.org"), ACCOUNT_ORDER_OPEN);
    assert_int_equal(refusal(f, owner, owner, "head@school.pe"), ACCOUNT_YOURSELF);
    int64_t manager = fixture_account(f, "manager@school.pe");
    fixture_sql(f, "UPDATE account SET staff_role = 'manager' WHERE id = ?1", V(manager));
    assert_int_equal(refusal(f, manager, owner, "head@school.pe"), ACCOUNT_ABOVE_YOU);
}

static void a_cart_is_given_up(void **state) {
    struct fixture *f = *state;
    int64_t owner = make_owner(f, "head@school.pe"), ana = fixture_account(f, "ana@example.org");
    make_order(f, ana, fixture_student(f, ana, "Sol", "2018-05-20"), "cart");
    assert_int_equal(fixture_int(f, "SELECT seats_taken FROM workshop"), 1);
    struct account_deed deed = deed_of(owner);
    struct account_result result;
    assert_int_equal(erase_account(&f->shop, &deed, ana, "ana@example.org", &result), OK);
    assert_int_equal(fixture_int(f, "SELECT seats_taken FROM workshop"), 0);
    assert_string_equal(fixture_text(f, "SELECT status FROM orders"), "cancelled");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_of_the_person_is_left),
        TEST(the_address_may_sign_up_again_and_a_repeat_changes_nothing),
        TEST(it_is_refused_where_it_would_break_something),
        TEST(a_cart_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
