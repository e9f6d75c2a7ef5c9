/* Money that comes: by card, by transfer, in parts, twice, too late, too much. */
#include "order_fixture.h"
#include <stdatomic.h>
#include <string.h>

enum { NOW = FIXTURE_NOW, DUE = NOW + 48 * HOUR_SECONDS };

/* Ana's pending transfer of 180.00 for "robotics"; the order's id. */
static int64_t place_transfer(struct fixture *f, struct family *ana, int64_t capacity) {
    struct order_result result;
    *ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, capacity);
    family_hold(f, ana, "robotics", NOW);
    int64_t id = family_cart(f, ana);
    assert_int_equal(family_pay(f, ana, id, "transfer", NULL, NOW, &result), OK);
    return id;
}

static enum err confirm(struct fixture *f, int64_t order, const char *reference, int64_t amount,
                        int64_t now, struct payment_confirmation *result) {
    return payment_confirm_transfer(&f->shop, 0, order, reference, amount, now, result);
}

/* The deadline passes and maintenance has cancelled the order. */
static void let_it_expire(struct fixture *f) {
    fixture_sql(f, "UPDATE inscription SET status = 'expired'");
    fixture_sql(f, "UPDATE orders SET status = 'cancelled'");
}

static const char *review_of(struct fixture *f, int64_t order) {
    return fixture_text(f, "SELECT review_reason FROM orders WHERE id = ?1", V(order));
}

/* ---- methods and cards ---------------------------------------------------------------------- */

static void a_school_offers_what_it_takes(void **state) {
    (void)state;
    const struct payment_provider *list[4];
    struct settings settings = {.transfer_enabled = true};
    assert_int_equal(payment_methods(&settings, list, ARRAY_COUNT(list)), 1);
    assert_string_equal(list[0]->name, "transfer");
    assert_null(payment_method(&settings, "card"));
    assert_null(payment_method(&settings, NULL));
    settings.demo = true;
    assert_int_equal(payment_methods(&settings, list, ARRAY_COUNT(list)), 2);
    assert_int_equal(payment_methods(&settings, list, 1), 1);
    assert_non_null(payment_method(&settings, "card"));
    settings.transfer_enabled = false;
    assert_null(payment_method(&settings, "transfer"));
    assert_non_null(payment_provider("transfer"));
}

static void cards_are_checked_like_cards(void **state) {
    (void)state;
    enum { N = PAYMENT_CARD_NUMBER, E = PAYMENT_CARD_EXPIRY, C = PAYMENT_CARD_CVV };
    const struct {
        struct payment_card card;
        unsigned faults;
    } cases[] = {
        {{"4242424242424242", "3", "2026", "123"}, 0}, /* this very month */
        {{"4242-4242 4242 4242", "03", "26", "1234"}, 0},
        {{"4242424242424242", "2", "2026", "123"}, E}, /* last month */
        {{"4242424242424242", "0", "2030", "123"}, E},
        {{"4242424242424242", "13", "2030", "123"}, E},
        {{"4242424242424242", "12", "203", "123"}, E},
        {{"4242424242424242", "12", "9999", "123"}, E},
        {{"4242424242424242", "", "2030", "123"}, E},
        {{"4242424242424242", "1a", "2030", "123"}, E},
        {{"4242424242424242", "-1", "2030", "123"}, E},
        {{"4242424242424243", "12", "2030", "123"}, N},
        {{"424242424242", "12", "2030", "123"}, 0}, /* twelve digits that satisfy Luhn */
        {{"42424242426", "12", "2030", "123"}, N},  /* eleven that do */
        {{"42424242424242424242", "12", "2030", "123"}, N},
        {{"4242424242424242x", "12", "2030", "123"}, N},
        {{"", "12", "2030", "123"}, N},
        {{"4242424242424242", "12", "2030", "12"}, C},
        {{"4242424242424242", "12", "2030", "12345"}, C},
        {{"4242424242424242", "12", "2030", "12a"}, C},
        {{NULL, NULL, NULL, NULL}, N | E | C},
    };
    const struct payment_provider *card = payment_provider("card");
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++)
        assert_int_equal(card->check(&cases[i].card, NOW), cases[i].faults);
}

static void the_sandbox_knows_its_numbers(void **state) {
    (void)state;
    const struct payment_provider *card = payment_provider("card");
    const struct payment_card real = {"4111 1111 1111 1111", "12", "2030", "123"};
    const struct {
        const struct payment_card *card;
        int failed_before;
        enum payment_outcome outcome;
    } cases[] = {
        {&CARD_GOOD, 0, PAYMENT_SUCCEEDED},      {&CARD_DECLINED, 0, PAYMENT_DECLINED},
        {&CARD_NO_FUNDS, 1, PAYMENT_NO_FUNDS},   {&CARD_TIMES_OUT, 0, PAYMENT_UNKNOWN},
        {&CARD_TIMES_OUT, 1, PAYMENT_SUCCEEDED}, {&real, 0, PAYMENT_DECLINED},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct payment_charge charge = {
            .reference = "R", .card = cases[i].card, .failed_before = cases[i].failed_before};
        assert_int_equal(card->charge(&charge), cases[i].outcome);
    }
}

/* ---- answers of a provider ------------------------------------------------------------------ */

/* Ana's cart for "robotics" with a charge of 180.00 at work under the reference R. */
static int64_t open_charge(struct fixture *f, struct family *ana) {
    *ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    family_hold(f, ana, "robotics", NOW);
    int64_t id = family_cart(f, ana);
    fixture_sql(f, "UPDATE orders SET status = 'pending', method = 'card', code = 'TAL-AAAA',"
                   " total_cents = 18000");
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'card', 'R', 18000, 'pending', ?2)",
                V(id), V(NOW));
    return id;
}

static enum order_effect settle(struct fixture *f, enum payment_outcome outcome, int64_t amount,
                                int64_t now) {
    enum order_effect effect;
    assert_int_equal(payment_settle(&f->shop, "card", "R", outcome, amount, now, &effect), OK);
    return effect;
}

static void an_answer_counts_once(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = open_charge(f, &ana);
    assert_int_equal(settle(f, PAYMENT_UNKNOWN, -1, NOW), ORDER_EFFECT_NONE);
    assert_string_equal(order_status_of(f, id), "pending");
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, 18000, NOW), ORDER_EFFECT_PAID);
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, 18000, NOW), ORDER_EFFECT_NONE);
    assert_int_equal(settle(f, PAYMENT_DECLINED, -1, NOW), ORDER_EFFECT_NONE); /* no way back */
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"), 1);
    enum order_effect effect;
    assert_int_equal(payment_settle(&f->shop, "card", "S", PAYMENT_SUCCEEDED, -1, NOW, &effect),
                     ERR_NOT_FOUND);
    assert_int_equal(payment_settle(&f->shop, "visa", "R", PAYMENT_SUCCEEDED, -1, NOW, &effect),
                     ERR_NOT_FOUND);
}

/* A gateway that said no, and then took the money after all. */
static void a_late_yes_after_a_no_counts(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = open_charge(f, &ana);
    assert_int_equal(settle(f, PAYMENT_FAILED, -1, NOW), ORDER_EFFECT_BACK);
    assert_string_equal(order_status_of(f, id), "cart");
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, -1, NOW + 60), ORDER_EFFECT_PAID);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(family_order(f, &ana, id, NOW).total_cents, 18000);
}

static void money_for_a_cart_emptied_meanwhile_is_kept(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct inscription_result removed;
    int64_t id = open_charge(f, &ana);
    int64_t line = fixture_int(f, "SELECT id FROM inscription");
    assert_int_equal(settle(f, PAYMENT_FAILED, -1, NOW), ORDER_EFFECT_BACK);
    assert_int_equal(inscription_remove(&f->shop, f->arena, ana.account, line, NOW, &removed), OK);
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, -1, NOW), ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "amount");
}

static void paid_but_the_seat_is_gone(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    int64_t id = open_charge(f, &ana), later = NOW + HOUR_SECONDS;
    family_hold(f, &eva, "robotics", later);
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, -1, later), ORDER_EFFECT_REVIEW);
    assert_string_equal(order_status_of(f, id), "review");
    assert_string_equal(review_of(f, id), "no_seat");
    assert_int_equal(fixture_mails(f, MAIL_REVIEW), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"), 0);
    struct order order = family_order(f, &ana, id, later);
    assert_int_equal(order.review, ORDER_REVIEW_NO_SEAT);
    assert_int_equal(order.paid_cents, 18000);
    assert_int_equal(order.due_cents, 0);
}

static void paid_after_the_hold_while_the_seat_is_free(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = open_charge(f, &ana), later = NOW + HOUR_SECONDS;
    fixture_sql(f, "UPDATE inscription SET status = 'expired'");
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, -1, later), ORDER_EFFECT_PAID);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(seats_taken(f, "robotics"), 1);
}

static void what_seats_there_are_are_kept(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    int64_t id = open_charge(f, &ana), later = NOW + HOUR_SECONDS;
    fixture_workshop(f, "music", 0, 5);
    int64_t music = family_hold(f, &ana, "music", NOW);
    fixture_sql(f, "UPDATE inscription SET order_id = ?1, status = 'expired'", V(id));
    family_hold(f, &eva, "robotics", later);
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, -1, later), ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "no_seat");
    assert_string_equal(inscription_status_of(f, music), "confirmed");
}

static void another_amount_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = open_charge(f, &ana);
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, 20000, NOW), ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "amount");
    /* the family is in: the school owes it, not the other way round */
    assert_string_equal(fixture_text(f, "SELECT status FROM inscription"), "confirmed");
}

static void paid_twice_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result paid;
    int64_t id = open_charge(f, &ana);
    assert_int_equal(settle(f, PAYMENT_FAILED, -1, NOW), ORDER_EFFECT_BACK);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &paid), OK);
    assert_int_equal(settle(f, PAYMENT_SUCCEEDED, -1, NOW), ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "amount");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"), 1);
}

/* ---- transfers ------------------------------------------------------------------------------ */

static void staff_confirm_a_transfer(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 1), desk = fixture_account(f, "desk@example.org");
    assert_int_equal(
        payment_confirm_transfer(&f->shop, desk, id, "  OP 123 ", -1, NOW + 60, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_PAID);
    assert_int_equal(result.due_cents, 0);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_string_equal(fixture_text(f, "SELECT reference FROM payment"), "OP 123");
    assert_string_equal(fixture_text(f, "SELECT references_ FROM receipt"), "OP 123");
    assert_int_equal(fixture_int(f,
                                 "SELECT actor_id FROM audit WHERE entity = 'orders'"
                                 " AND entity_id = ?1",
                                 V(id)),
                     desk);
    static const char *const FIELDS[][2] = {
        {"amount_cents", "18000"}, {"effect", "paid"}, {"reference", "OP 123"}};
    for (size_t i = 0; i < ARRAY_COUNT(FIELDS); i++)
        assert_string_equal(
            fixture_text(f, "SELECT after FROM audit_value WHERE field = ?1", V(FIELDS[i][0])),
            FIELDS[i][1]);
}

static void parts_add_up(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(confirm(f, id, "1", 10000, NOW, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_PARTIAL);
    assert_int_equal(result.due_cents, 8000);
    assert_string_equal(order_status_of(f, id), "pending");
    assert_int_equal(family_order(f, &ana, id, NOW).due_cents, 8000);
    assert_int_equal(confirm(f, id, "2", -1, NOW, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_PAID);
    assert_string_equal(fixture_text(f, "SELECT references_ FROM receipt"), "1, 2");
}

static void too_much_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(confirm(f, id, "1", 18001, NOW, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "amount");
    assert_int_equal(seats_taken(f, "robotics"), 1);
}

static void a_reference_settles_once(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    struct order_result placed;
    int64_t id = place_transfer(f, &ana, 5);
    fixture_workshop(f, "music", 18000, 5);
    family_hold(f, &ana, "music", NOW);
    int64_t other = family_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, other, "transfer", NULL, NOW, &placed), OK);
    assert_int_equal(confirm(f, id, "77", -1, NOW, &result), OK);
    /* the second click of the same button */
    assert_int_equal(confirm(f, id, "77", -1, NOW, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_NONE);
    /* the same slip of paper for something else */
    assert_int_equal(confirm(f, id, "77", 500, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, PAYMENT_REFERENCE_USED);
    assert_int_equal(confirm(f, other, "77", -1, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, PAYMENT_REFERENCE_USED);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit"), 1);
    assert_string_equal(order_status_of(f, other), "pending");
}

static void late_money_takes_its_seats_again(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 1);
    let_it_expire(f);
    assert_int_equal(confirm(f, id, "1", -1, DUE + 60, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_PAID);
    assert_int_equal(seats_taken(f, "robotics"), 1);
}

static void late_money_without_a_seat_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 1);
    let_it_expire(f);
    family_hold(f, &eva, "robotics", DUE + 60);
    assert_int_equal(confirm(f, id, "1", -1, DUE + 60, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "late");
    assert_int_equal(fixture_mails(f, MAIL_REVIEW), 1);
}

/* The other family's hold has ended and nobody swept it: the seat is there. */
static void late_money_finds_a_seat_that_lapsed(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 1);
    let_it_expire(f);
    family_hold(f, &eva, "robotics", DUE);
    assert_int_equal(confirm(f, id, "1", -1, DUE + HOUR_SECONDS, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_PAID);
}

static void late_money_for_what_is_closed_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 5);
    let_it_expire(f);
    fixture_sql(f, "UPDATE workshop SET active = 0");
    assert_int_equal(confirm(f, id, "1", -1, DUE, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "late");
}

static void late_money_for_what_was_bought_again_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    struct order_result paid;
    int64_t id = place_transfer(f, &ana, 5);
    let_it_expire(f);
    family_hold(f, &ana, "robotics", NOW);
    assert_int_equal(family_pay(f, &ana, family_cart(f, &ana), "card", &CARD_GOOD, NOW, &paid), OK);
    assert_int_equal(confirm(f, id, "1", -1, DUE, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_REVIEW);
    assert_int_equal(seats_taken(f, "robotics"), 1);
}

static void late_money_for_what_has_begun_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 5);
    let_it_expire(f);
    assert_int_equal(confirm(f, id, "1", -1, NOW + 60 * DAY_SECONDS, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_REVIEW);
    assert_string_equal(review_of(f, id), "late");
}

static void a_part_that_comes_late_is_for_staff_until_the_rest_is_there(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 5);
    let_it_expire(f);
    assert_int_equal(confirm(f, id, "1", 8000, DUE, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_REVIEW);
    assert_int_equal(result.due_cents, 10000);
    assert_int_equal(confirm(f, id, "2", -1, DUE, &result), OK);
    assert_int_equal(result.effect, ORDER_EFFECT_PAID);
    assert_string_equal(order_status_of(f, id), "paid");
}

static void a_confirmation_is_checked(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation result;
    struct order_result paid;
    int64_t id = place_transfer(f, &ana, 5);
    const char *const long_text =
        "12345678901234567890123456789012345678901234567890123456789012345";
    const struct {
        const char *reference;
        int64_t amount;
        enum payment_refusal refusal;
    } cases[] = {
        {"", -1, PAYMENT_OPERATION},   {"  ", -1, PAYMENT_OPERATION},
        {NULL, -1, PAYMENT_OPERATION}, {long_text, -1, PAYMENT_OPERATION},
        {"1", 0, PAYMENT_AMOUNT},      {"1", INT64_C(100000001), PAYMENT_AMOUNT},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        assert_int_equal(confirm(f, id, cases[i].reference, cases[i].amount, NOW, &result),
                         ERR_REFUSED);
        assert_int_equal(result.refusal, cases[i].refusal);
    }
    assert_int_equal(confirm(f, 999, "1", -1, NOW, &result), ERR_NOT_FOUND);
    /* a cart, and what a card paid, do not wait for a transfer */
    fixture_workshop(f, "music", 9000, 5);
    family_hold(f, &ana, "music", NOW);
    int64_t cart = family_cart(f, &ana);
    assert_int_equal(confirm(f, cart, "1", -1, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, PAYMENT_NOT_DUE);
    assert_int_equal(family_pay(f, &ana, cart, "card", &CARD_GOOD, NOW, &paid), OK);
    assert_int_equal(confirm(f, cart, "1", 100, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, PAYMENT_NOT_DUE);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit"), 0);
}

/* ---- reports -------------------------------------------------------------------------------- */

static void a_family_reports_its_operation(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    enum payment_refusal refusal;
    int64_t id = place_transfer(f, &ana, 5);
    struct arena *a = f->arena;
    for (int i = 0; i < 2; i++)
        assert_int_equal(payment_report(&f->shop, a, ana.account, id, " 00123 ", NOW, &refusal),
                         OK);
    assert_int_equal(payment_report(&f->shop, a, ana.account, id, "00124", NOW, &refusal), OK);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_REPORTED), 2);
    struct order order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.report_count, 2);
    assert_string_equal(order.reports[0].operation, "00123");
    assert_int_equal(order.status, ORDER_PENDING); /* a claim is no money */
    struct order_list list = {0};
    struct db *db = store_reader(f->shop.store);
    enum err err = order_list(db, a, ana.account, 10, &list);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    assert_int_equal(list.count, 1);
    assert_true(list.items[0].reported);
    assert_int_equal(payment_report(&f->shop, a, eva.account, id, "1", NOW, &refusal),
                     ERR_NOT_FOUND);
    assert_int_equal(payment_report(&f->shop, a, ana.account, id, " ", NOW, &refusal), ERR_REFUSED);
    assert_int_equal(refusal, PAYMENT_OPERATION);
    const char *const long_text = "12345678901234567890123456789012345678901";
    assert_int_equal(payment_report(&f->shop, a, ana.account, id, long_text, NOW, &refusal),
                     ERR_REFUSED);
}

static void a_report_needs_something_to_pay(void **state) {
    struct fixture *f = *state;
    struct family ana;
    enum payment_refusal refusal;
    struct payment_confirmation result;
    int64_t id = place_transfer(f, &ana, 5);
    struct arena *a = f->arena;
    assert_int_equal(payment_report(&f->shop, a, ana.account, id, "1", NOW, &refusal), OK);
    let_it_expire(f); /* they may have paid in the last minute */
    assert_int_equal(payment_report(&f->shop, a, ana.account, id, "2", DUE, &refusal), OK);
    assert_int_equal(confirm(f, id, "2", -1, DUE, &result), OK);
    assert_int_equal(payment_report(&f->shop, a, ana.account, id, "3", DUE, &refusal), ERR_REFUSED);
    assert_int_equal(refusal, PAYMENT_NOT_DUE);
}

static void reports_are_not_endless(void **state) {
    struct fixture *f = *state;
    struct family ana;
    enum payment_refusal refusal;
    int64_t id = place_transfer(f, &ana, 5);
    for (int i = 0; i < 10; i++)
        assert_int_equal(payment_report(&f->shop, f->arena, ana.account, id,
                                        arena_printf(f->arena, "n%d", i), NOW, &refusal),
                         OK);
    assert_int_equal(payment_report(&f->shop, f->arena, ana.account, id, "n10", NOW, &refusal),
                     ERR_REFUSED);
    assert_int_equal(refusal, PAYMENT_TOO_MANY);
}

/* ---- crowds --------------------------------------------------------------------------------- */

struct race {
    struct fixture *f;
    int64_t order;
    atomic_int effects[8];
    atomic_int wrong;
};

static void confirm_too(void *arg, size_t number) {
    struct race *race = arg;
    struct payment_confirmation result;
    (void)number;
    if (payment_confirm_transfer(&race->f->shop, 0, race->order, "OP", -1, NOW, &result) == OK)
        atomic_fetch_add(&race->effects[result.effect], 1);
    else
        atomic_fetch_add(&race->wrong, 1);
}

static void a_desk_full_of_clicks_books_once(void **state) {
    struct race race = {.f = *state};
    struct family ana;
    race.order = place_transfer(race.f, &ana, 5);
    crowd_run(16, confirm_too, &race);
    assert_int_equal(race.wrong, 0);
    assert_int_equal(race.effects[ORDER_EFFECT_PAID], 1);
    assert_int_equal(race.effects[ORDER_EFFECT_NONE], 15);
}

/* Return page, notification and reconciliation tell of the same charge at the same moment. */
static void notify_too(void *arg, size_t number) {
    struct race *race = arg;
    enum order_effect effect;
    enum payment_outcome outcome = number % 4 == 3 ? PAYMENT_FAILED : PAYMENT_SUCCEEDED;
    if (payment_settle(&race->f->shop, "card", "R", outcome, -1, NOW, &effect) == OK)
        atomic_fetch_add(&race->effects[effect], 1);
    else
        atomic_fetch_add(&race->wrong, 1);
}

static void many_messengers_make_one_receipt(void **state) {
    struct race race = {.f = *state};
    struct family ana;
    race.order = open_charge(race.f, &ana);
    crowd_run(16, notify_too, &race);
    assert_int_equal(race.wrong, 0);
    assert_int_equal(race.effects[ORDER_EFFECT_PAID], 1);
    assert_string_equal(order_status_of(race.f, race.order), "paid");
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_school_offers_what_it_takes),
        cmocka_unit_test(cards_are_checked_like_cards),
        cmocka_unit_test(the_sandbox_knows_its_numbers),
        TEST(an_answer_counts_once),
        TEST(a_late_yes_after_a_no_counts),
        TEST(money_for_a_cart_emptied_meanwhile_is_kept),
        TEST(paid_but_the_seat_is_gone),
        TEST(paid_after_the_hold_while_the_seat_is_free),
        TEST(what_seats_there_are_are_kept),
        TEST(another_amount_is_for_staff),
        TEST(paid_twice_is_for_staff),
        TEST(staff_confirm_a_transfer),
        TEST(parts_add_up),
        TEST(too_much_is_for_staff),
        TEST(a_reference_settles_once),
        TEST(late_money_takes_its_seats_again),
        TEST(late_money_without_a_seat_is_for_staff),
        TEST(late_money_finds_a_seat_that_lapsed),
        TEST(late_money_for_what_is_closed_is_for_staff),
        TEST(late_money_for_what_was_bought_again_is_for_staff),
        TEST(late_money_for_what_has_begun_is_for_staff),
        TEST(a_part_that_comes_late_is_for_staff_until_the_rest_is_there),
        TEST(a_confirmation_is_checked),
        TEST(a_family_reports_its_operation),
        TEST(a_report_needs_something_to_pay),
        TEST(reports_are_not_endless),
        TEST(a_desk_full_of_clicks_books_once),
        TEST(many_messengers_make_one_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
