/* Money that goes back: whole, by inscription, twice, by many hands at once; the credit notes it
 * leaves and the books after every step. */
#include "order_fixture.h"
#include "shop/books.h"
#include "shop/refund.h"
#include <stdatomic.h>
#include <string.h>

enum { NOW = FIXTURE_NOW };

/* Ana's order of two workshops, 180.00 and 100.00, paid by card. */
struct paid {
    struct family ana;
    int64_t order, robotics, painting;
};

static struct paid pay_two(struct fixture *f) {
    struct order_result result;
    struct paid p = {.ana = family_create(f, "ana@example.org")};
    fixture_workshop(f, "robotics", 18000, 1);
    fixture_workshop(f, "painting", 10000, 1);
    p.robotics = family_hold(f, &p.ana, "robotics", NOW);
    p.painting = family_hold(f, &p.ana, "painting", NOW);
    p.order = family_cart(f, &p.ana);
    assert_int_equal(family_pay(f, &p.ana, p.order, "card", &CARD_GOOD, NOW, &result), OK);
    assert_string_equal(order_status_of(f, p.order), "paid");
    fixture_books(f);
    return p;
}

static enum err refund(struct fixture *f, int64_t order, const int64_t *ids, size_t count,
                       const char *method, const char *reference, struct refund_result *result) {
    const struct refund_request request = {
        .order_id = order,
        .inscriptions = ids,
        .count = count,
        .way = {method, reference},
        .reason = "  Se   mudan de ciudad ",
    };
    enum err err = refund_order(&f->shop, &request, NOW + 60, result);
    fixture_books(f);
    return err;
}

static int64_t total_of(struct fixture *f, int64_t order) {
    return fixture_int(f, "SELECT total_cents FROM orders WHERE id = ?1", V(order));
}

/* ---- whole and in parts --------------------------------------------------------------------- */

static void a_whole_order_goes_back(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    assert_int_equal(refund(f, p.order, NULL, 0, "transfer", "778899", &result), OK);
    assert_false(result.replay);
    assert_true(result.whole);
    assert_int_equal(result.amount_cents, 28000);
    assert_int_equal(result.credit_note, 1);
    assert_string_equal(order_status_of(f, p.order), "refunded");
    assert_string_equal(inscription_status_of(f, p.robotics), "refunded");
    assert_string_equal(inscription_status_of(f, p.painting), "refunded");
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(fixture_mails(f, MAIL_REFUND), 1);
    assert_int_equal(fixture_int(f, "SELECT amount_cents FROM payment WHERE provider = 'transfer'"
                                    " AND reference = '778899' AND status = 'refunded'"),
                     28000);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM audit WHERE action = 'refund'"
                                 " AND entity = 'orders' AND entity_id = ?1",
                                 V(p.order)),
                     1);
}

static void a_part_goes_back_and_then_the_rest(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    assert_int_equal(refund(f, p.order, &p.painting, 1, "cash", NULL, &result), OK);
    assert_false(result.whole);
    assert_int_equal(result.amount_cents, 10000);
    assert_string_equal(order_status_of(f, p.order), "paid");
    assert_int_equal(total_of(f, p.order), 18000);
    assert_string_equal(inscription_status_of(f, p.robotics), "confirmed");
    assert_int_equal(seats_taken(f, "painting"), 0);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    const char *reference =
        fixture_text(f, "SELECT reference FROM payment WHERE provider = 'cash'");
    const char *code = fixture_text(f, "SELECT code FROM orders WHERE id = ?1", V(p.order));
    assert_string_equal(reference, arena_printf(f->arena, "%s-R1", code));
    assert_int_equal(refund(f, p.order, NULL, 0, "cash", "", &result), OK);
    assert_true(result.whole);
    assert_int_equal(result.amount_cents, 18000);
    assert_int_equal(result.credit_note, 2);
    assert_string_equal(order_status_of(f, p.order), "refunded");
}

static void the_credit_note_says_what_went_back(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct credit_note note;
    struct credit_note_list list;
    fixture_setting(f, "tax_rate_bp", "1800");
    fixture_setting(f, "legal_name", "Academia Sol S.A.C.");
    struct paid p = pay_two(f);
    fixture_sql(f, "UPDATE account SET language = 'es' WHERE id = ?1", V(p.ana.account));
    assert_int_equal(refund(f, p.order, &p.robotics, 1, "transfer", " 77 ", &result), OK);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(credit_note_list(db, f->arena, p.order, &list), OK);
    assert_int_equal(credit_note_find(db, f->arena, p.order, 1, &note), OK);
    assert_int_equal(credit_note_find(db, f->arena, p.order, 2, &note), ERR_NOT_FOUND);
    assert_int_equal(credit_note_find(db, f->arena, p.order + 1, 1, &note), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_int_equal(list.count, 1);
    note = list.items[0];
    assert_int_equal(note.receipt_number, 1);
    assert_int_equal(note.total_cents, 18000);
    assert_int_equal(note.tax_cents, 2746); /* 180.00 × 18 / 118 */
    assert_int_equal(note.language, LANG_ES);
    assert_string_equal(note.method, "transfer");
    assert_string_equal(note.reference, "77");
    assert_string_equal(note.reason, "Se mudan de ciudad");
    assert_string_equal(note.buyer_name, "Ana Torres");
    assert_string_equal(note.school_lines, "Academia Sol S.A.C.");
    assert_int_equal(note.line_count, 1);
    assert_int_equal(note.lines[0].inscription_id, p.robotics);
    assert_string_equal(note.lines[0].student_name, "Sofía Torres");
    assert_string_equal(note.lines[0].title, "Workshop robotics");
    assert_true(note.payment_id > 0);
}

static void what_was_free_is_cancelled_without_money(void **state) {
    struct fixture *f = *state;
    struct order_result paid;
    struct refund_result result;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "open-day", 0, 5);
    family_hold(f, &ana, "open-day", NOW);
    int64_t order = family_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, order, NULL, NULL, NOW, &paid), OK);
    assert_int_equal(refund(f, order, NULL, 0, "cash", NULL, &result), OK);
    assert_int_equal(result.amount_cents, 0);
    assert_int_equal(result.credit_note, 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment"), 0);
    assert_int_equal(seats_taken(f, "open-day"), 0);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void it_happens_once(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    assert_int_equal(refund(f, p.order, &p.robotics, 1, "cash", NULL, &result), OK);
    assert_int_equal(refund(f, p.order, &p.robotics, 1, "cash", NULL, &result), OK);
    assert_true(result.replay);
    assert_int_equal(result.amount_cents, 0);
    const int64_t both[] = {p.robotics, p.painting};
    assert_int_equal(refund(f, p.order, both, 2, "cash", NULL, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, REFUND_CHANGED);
    assert_int_equal(refund(f, p.order, NULL, 0, "cash", NULL, &result), OK);
    assert_int_equal(refund(f, p.order, NULL, 0, "cash", NULL, &result), OK);
    assert_true(result.replay);
    assert_true(result.whole);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment WHERE status = 'refunded'"), 2);
    assert_int_equal(fixture_mails(f, MAIL_REFUND), 2);
}

static void a_refund_is_checked(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    const struct {
        const int64_t *ids;
        size_t count;
        const char *method, *reference;
        enum refund_refusal refusal;
    } cases[] = {
        {&p.robotics, 0, "cash", NULL, REFUND_NOTHING},
        {(const int64_t[]){p.painting + 1000}, 1, "cash", NULL, REFUND_CHANGED},
        {NULL, 0, "gold", NULL, REFUND_METHOD},
        {NULL, 0, NULL, NULL, REFUND_METHOD},
        {NULL, 0, "credit", NULL, REFUND_METHOD},
        {NULL, 0, "cash", "12345678901234567890123456789012345678901234567890123456789012345",
         REFUND_REFERENCE},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        assert_int_equal(refund(f, p.order, cases[i].ids, cases[i].count, cases[i].method,
                                cases[i].reference, &result),
                         ERR_REFUSED);
        assert_int_equal(result.refusal, cases[i].refusal);
    }
    assert_int_equal(refund(f, p.order + 1, NULL, 0, "cash", NULL, &result), ERR_NOT_FOUND);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM credit_note"), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment WHERE status = 'refunded'"), 0);
}

static void a_reference_pays_back_once(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    assert_int_equal(refund(f, p.order, &p.robotics, 1, "transfer", "77", &result), OK);
    assert_int_equal(refund(f, p.order, &p.painting, 1, "transfer", "77", &result), ERR_REFUSED);
    assert_int_equal(result.refusal, REFUND_REFERENCE_USED);
    assert_string_equal(inscription_status_of(f, p.painting), "confirmed");
    assert_int_equal(refund(f, p.order, &p.painting, 1, "cash", "77", &result), OK);
}

static void a_card_gives_back_what_it_took(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    assert_int_equal(refund(f, p.order, &p.robotics, 1, "card", NULL, &result), OK);
    assert_int_equal(refund(f, p.order, &p.painting, 1, "card", NULL, &result), OK);
    struct family luz = family_create(f, "luz@example.org");
    fixture_workshop(f, "dance", 5000, 3);
    family_hold(f, &luz, "dance", NOW);
    int64_t order = family_cart(f, &luz);
    struct order_result placed;
    struct payment_confirmation confirmed;
    assert_int_equal(family_pay(f, &luz, order, "transfer", NULL, NOW, &placed), OK);
    assert_int_equal(refund(f, order, NULL, 0, "cash", NULL, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, REFUND_NOT_PAID);
    assert_int_equal(payment_confirm_transfer(&f->shop, 0, order, "5", -1, NOW, &confirmed), OK);
    assert_int_equal(refund(f, order, NULL, 0, "card", NULL, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, REFUND_METHOD);
    assert_int_equal(refund(f, order, NULL, 0, "transfer", "6", &result), OK);
}

/* ---- crowds --------------------------------------------------------------------------------- */

struct race {
    struct fixture *f;
    int64_t order;
    atomic_int first, replays, wrong;
};

static void refund_too(void *arg, size_t number) {
    struct race *race = arg;
    struct refund_result result;
    const struct refund_request request = {.order_id = race->order, .way = {"cash", NULL}};
    (void)number;
    if (refund_order(&race->f->shop, &request, NOW, &result) != OK)
        atomic_fetch_add(&race->wrong, 1);
    else
        atomic_fetch_add(result.replay ? &race->replays : &race->first, 1);
}

static void many_clicks_pay_back_once(void **state) {
    struct race race = {.f = *state};
    race.order = pay_two(race.f).order;
    crowd_run(6, refund_too, &race);
    assert_int_equal(race.wrong, 0);
    assert_int_equal(race.first, 1);
    assert_int_equal(race.replays, 5);
    fixture_books(race.f);
}

/* ---- the check itself ----------------------------------------------------------------------- */

static const char *first_broken_rule(struct fixture *f) {
    struct books_fault *faults;
    size_t count;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(books_check(db, f->arena, &faults, &count), OK);
    store_release(f->shop.store, db);
    return count ? faults[0].rule : "none";
}

/* Each wrong hand in the tables is seen, by the rule that it breaks. */
static void the_books_see_a_wrong_hand(void **state) {
    struct fixture *f = *state;
    struct refund_result result;
    struct paid p = pay_two(f);
    assert_int_equal(refund(f, p.order, &p.painting, 1, "cash", NULL, &result), OK);
    static const struct {
        const char *breaks, *mends, *rule;
    } cases[] = {
        {"UPDATE payment SET amount_cents = amount_cents + 1 WHERE status = 'succeeded'",
         "UPDATE payment SET amount_cents = amount_cents - 1 WHERE status = 'succeeded'", "money"},
        {"UPDATE payment SET status = 'failed' WHERE status = 'refunded'",
         "UPDATE payment SET status = 'refunded' WHERE status = 'failed'", "money"},
        {"UPDATE orders SET status = 'cancelled'", "UPDATE orders SET status = 'paid'", "money"},
        {"UPDATE inscription SET price_cents = 1 WHERE status = 'confirmed'",
         "UPDATE inscription SET price_cents = 18000 WHERE status = 'confirmed'", "prices"},
        {"UPDATE inscription SET status = 'expired' WHERE status = 'refunded'",
         "UPDATE inscription SET status = 'refunded' WHERE status = 'expired'", "seats"},
        {"UPDATE workshop SET seats_taken = seats_taken + 1 WHERE slug = 'painting'",
         "UPDATE workshop SET seats_taken = seats_taken - 1 WHERE slug = 'painting'", "seats"},
        {"UPDATE inscription SET status = 'cancelled' WHERE status = 'refunded'",
         "UPDATE inscription SET status = 'refunded' WHERE status = 'cancelled'", "credits"},
    };
    assert_string_equal(first_broken_rule(f), "none");
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        fixture_sql(f, cases[i].breaks);
        assert_string_equal(first_broken_rule(f), cases[i].rule);
        fixture_sql(f, cases[i].mends);
        assert_string_equal(first_broken_rule(f), "none");
    }
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_whole_order_goes_back),
        TEST(a_part_goes_back_and_then_the_rest),
        TEST(the_credit_note_says_what_went_back),
        TEST(what_was_free_is_cancelled_without_money),
        TEST(it_happens_once),
        TEST(a_refund_is_checked),
        TEST(a_reference_pays_back_once),
        TEST(a_card_gives_back_what_it_took),
        TEST(many_clicks_pay_back_once),
        TEST(the_books_see_a_wrong_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
