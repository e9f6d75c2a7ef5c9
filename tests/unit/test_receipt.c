/* Receipts: gapless, complete in themselves, unchangeable. */
#include "order_fixture.h"
#include <string.h>

enum { NOW = FIXTURE_NOW };

static struct receipt buy(struct fixture *f, const struct family *family, const char *workshop) {
    struct order_result result;
    struct receipt receipt;
    family_hold(f, family, workshop, NOW);
    int64_t order = family_cart(f, family);
    assert_int_equal(family_pay(f, family, order, "card", &CARD_GOOD, NOW, &result), OK);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(receipt_by_order(db, f->arena, order, &receipt), OK);
    store_release(f->shop.store, db);
    return receipt;
}

static void a_receipt_says_it_all(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_setting(f, "school_name", "Academia Sol");
    fixture_setting(f, "legal_name", "Sol S.A.C.");
    fixture_setting(f, "address", "Av. Larco 1");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET discount_price_cents = 15000, place = 'Sala 2'");
    struct receipt r = buy(f, &ana, "robotics");
    assert_int_equal(r.number, 1);
    assert_int_equal(r.issued_at, NOW);
    assert_int_equal(r.total_cents, 15000);
    assert_string_equal(r.currency, "PEN");
    assert_string_equal(r.method, "card");
    assert_string_equal(r.references, fixture_text(f, "SELECT reference FROM payment"));
    assert_string_equal(r.order_code, fixture_text(f, "SELECT code FROM orders"));
    assert_string_equal(r.buyer_name, "Ana Torres");
    assert_null(r.buyer_document);
    assert_string_equal(r.school_name, "Academia Sol");
    assert_string_equal(r.school_lines, "Sol S.A.C.\nAv. Larco 1");
    assert_int_equal(r.line_count, 1);
    assert_string_equal(r.lines[0].student_name, "Sofía Torres");
    assert_string_equal(r.lines[0].title, "Workshop robotics");
    assert_int_equal(r.lines[0].list_price_cents, 18000);
    assert_int_equal(r.lines[0].price_cents, 15000);
    /* no-break spaces keep hours together */
    assert_string_equal(
        r.lines[0].detail,
        "Lun · 4:00 a 5:30\u00a0p.\u00a0m. · 6 de abril de 2026 – 25 de mayo de 2026"
        " · Sala 2");
}

static void it_is_in_the_buyers_language(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "music", 18000, 5);
    assert_int_equal(buy(f, &ana, "robotics").language, LANG_ES); /* the school's */
    assert_string_equal(fixture_text(f, "SELECT subject FROM outbox"),
                        arena_printf(f->arena, "mail %d es", MAIL_RECEIPT));
    fixture_sql(f, "UPDATE account SET language = 'en'");
    struct receipt r = buy(f, &ana, "music");
    assert_int_equal(r.language, LANG_EN);
    assert_non_null(strstr(r.lines[0].detail, "April"));
}

static void a_workshop_in_words_keeps_its_words(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "vague", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET schedule = 'Fines de semana', hours = 'Por las tardes'"
                   " WHERE slug = 'robotics'");
    fixture_sql(f, "UPDATE workshop SET weekdays = 0, start_minute = NULL, end_minute = NULL,"
                   " start_date = NULL, end_date = NULL WHERE slug = 'vague'");
    const char *detail = buy(f, &ana, "robotics").lines[0].detail;
    assert_int_equal(strncmp(detail, "Fines de semana · Por las tardes · ", 37), 0);
    assert_null(buy(f, &ana, "vague").lines[0].detail);
}

static void tax_is_the_part_within(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    const struct {
        const char *rate;
        int64_t price, tax;
    } cases[] = {
        {"0", 18000, 0},   {"1800", 11800, 1800}, {"1800", 18000, 2746},
        {"1000", 105, 10}, {"1800", 1, 0},        {"10000", 1, 1}, /* half a cent rounds up */
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const char *slug = arena_printf(f->arena, "w%zu", i);
        fixture_setting(f, "tax_rate_bp", cases[i].rate);
        fixture_workshop(f, slug, cases[i].price, 5);
        struct receipt r = buy(f, &ana, slug);
        assert_int_equal(r.tax_cents, cases[i].tax);
        assert_int_equal(r.number, i + 1);
        assert_string_equal(r.tax_name, "IGV");
    }
}

static void what_was_said_stays_said(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    struct receipt before = buy(f, &ana, "robotics"), after;
    fixture_setting(f, "school_name", "Otra");
    fixture_sql(f, "UPDATE workshop SET title = 'Otro', price_cents = 1");
    fixture_sql(f, "UPDATE student SET first_name = 'Otra'");
    fixture_sql(f, "UPDATE account SET first_name = 'Otra'");
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(receipt_by_order(db, f->arena, before.order_id, &after), OK);
    assert_int_equal(receipt_by_order(db, f->arena, 999, &before), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_string_equal(after.school_name, "Taller");
    assert_string_equal(after.lines[0].title, "Workshop robotics");
    assert_string_equal(after.lines[0].student_name, "Sofía Torres");
    assert_string_equal(after.buyer_name, "Ana Torres");
}

static enum err issue_again_tx(struct tx *tx, void *arg) {
    struct fixture *f = arg;
    struct order order;
    int64_t id = 1;
    enum err err = order_any(tx_db(tx), f->arena, id, NOW, &order);
    return err ? err
               : receipt_issue_tx(&f->shop, tx, f->arena, shop_settings(&f->shop, tx_db(tx)),
                                  &order, NOW);
}

static void an_order_has_one(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    assert_int_equal(buy(f, &ana, "robotics").order_id, 1);
    assert_int_equal(store_write(f->shop.store, issue_again_tx, f), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"), 1);
}

static enum err spoil_tx(struct tx *tx, void *arg) {
    return tx_exec(tx, arg);
}

/* Not even the shell may tear a page out or write one in. */
static void the_book_cannot_be_altered(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    buy(f, &ana, "robotics");
    static char statements[][256] = {
        "DELETE FROM receipt",
        "DELETE FROM receipt_line",
        "UPDATE receipt SET total_cents = 1",
        "UPDATE receipt_line SET price_cents = 1",
        "INSERT INTO receipt (number, order_id, issued_at, language, currency, total_cents,"
        " tax_rate_bp, method, buyer_name, school_name)"
        " VALUES (7, 2, 0, 'es', 'PEN', 0, 0, 'free', 'x', 'y')",
    };
    fixture_sql(f, "INSERT INTO orders (id, account_id, created_at) VALUES (2, ?1, 0)",
                V(ana.account));
    for (size_t i = 0; i < ARRAY_COUNT(statements); i++)
        assert_int_equal(store_write(f->shop.store, spoil_tx, statements[i]), ERR_CONFLICT);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_receipt_says_it_all),
        TEST(it_is_in_the_buyers_language),
        TEST(a_workshop_in_words_keeps_its_words),
        TEST(tax_is_the_part_within),
        TEST(what_was_said_stays_said),
        TEST(an_order_has_one),
        TEST(the_book_cannot_be_altered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
