/* The cart and checkout: what is placed, what is refused, and what a crowd of clicks makes of it.
 */
#include "order_fixture.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { NOW = FIXTURE_NOW, HOLD = 30 * 60 };

static struct order read_cart(struct fixture *f, const struct family *family, int64_t now) {
    struct order cart;
    struct db *db = store_reader(f->shop.store);
    enum err err = order_cart(db, f->arena, family->account, now, &cart);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return cart;
}

/* Ana with Sofía in the cart for "robotics" at 180.00; the cart's id. */
static int64_t fill_cart(struct fixture *f, struct family *ana) {
    *ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    family_hold(f, ana, "robotics", NOW);
    return family_cart(f, ana);
}

static enum err pay_shown(struct fixture *f, const struct family *family, int64_t order,
                          int64_t shown_total, int64_t now, struct order_result *result) {
    struct order_payment payment = {
        .order_id = order, .method = "card", .card = &CARD_GOOD, .shown_total = shown_total};
    return order_checkout(&f->shop, f->arena, family->account, &payment, now, result);
}

static int64_t count(struct fixture *f, const char *table) {
    return fixture_int(f, arena_printf(f->arena, "SELECT count(*) FROM %s", table));
}

/* ---- reading -------------------------------------------------------------------------------- */

static void no_cart_is_an_empty_cart(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct order cart = read_cart(f, &ana, NOW);
    assert_int_equal(cart.id, 0);
    assert_int_equal(cart.lines.count, 0);
}

static void the_cart_shows_what_a_page_needs(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = fill_cart(f, &ana);
    fixture_workshop(f, "music", 9000, -1);
    fixture_sql(f, "UPDATE workshop SET discount_price_cents = 0 WHERE slug = 'music'");
    family_hold(f, &ana, "music", NOW + 60);
    fixture_sql(f, "UPDATE workshop SET price_cents = 20000 WHERE slug = 'robotics'");
    struct order cart = read_cart(f, &ana, NOW + 60);
    assert_int_equal(cart.id, id);
    assert_int_equal(cart.live, 2);
    assert_int_equal(cart.hold_until, NOW + HOLD);
    assert_int_equal(cart.total_cents, 20000);
    assert_int_equal(cart.list_total_cents, 29000);
    assert_true(cart.changed);
    const struct inscription *line = &cart.lines.items[0];
    assert_int_equal(line->price_cents, 18000);
    assert_int_equal(line->workshop.price_now_cents, 20000);
    assert_true(line->price_changed);
    assert_string_equal(line->student_first_name, "Sofía");
    assert_string_equal(line->workshop.slug, "robotics");
    assert_int_equal(line->workshop.start.month, 4);
    assert_false(cart.lines.items[1].price_changed);
}

static void the_badge_counts_live_holds(void **state) {
    struct fixture *f = *state;
    struct family ana;
    fill_cart(f, &ana);
    fixture_workshop(f, "music", 9000, -1);
    family_hold(f, &ana, "music", NOW + 60);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(order_cart_count(db, ana.account, NOW + 60), 2);
    assert_int_equal(order_cart_count(db, ana.account, NOW + HOLD), 1);
    assert_int_equal(order_cart_count(db, ana.account + 1, NOW), 0);
    store_release(f->shop.store, db);
}

static void others_orders_are_not_found(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    int64_t id = fill_cart(f, &ana);
    struct order order;
    struct order_result result;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(order_by_id(db, f->arena, eva.account, id, NOW, &order), ERR_NOT_FOUND);
    assert_int_equal(order_by_id(db, f->arena, ana.account, id, NOW, &order), OK);
    assert_int_equal(order_by_id(db, f->arena, ana.account, 999, NOW, &order), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_int_equal(family_pay(f, &eva, id, "card", &CARD_GOOD, NOW, &result), ERR_NOT_FOUND);
    assert_int_equal(family_pay(f, &ana, 999, "card", &CARD_GOOD, NOW, &result), ERR_NOT_FOUND);
    assert_int_equal(count(f, "payment"), 0);
}

static void orders_that_wait_come_first(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    struct order_list list;
    int64_t waiting = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, waiting, "transfer", NULL, NOW, &result), OK);
    fixture_workshop(f, "music", 9000, -1);
    fixture_workshop(f, "chess", 9000, -1);
    family_hold(f, &ana, "music", NOW);
    family_hold(f, &ana, "chess", NOW);
    int64_t paid = family_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, paid, "card", &CARD_GOOD, NOW, &result), OK);
    fixture_workshop(f, "dance", 9000, -1);
    family_hold(f, &ana, "dance", NOW); /* a cart is no order */
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(order_list(db, f->arena, ana.account, 10, &list), OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.items[0].id, waiting);
    assert_int_equal(list.items[0].due_cents, 18000);
    assert_int_equal(list.items[0].status, ORDER_PENDING);
    assert_false(list.items[0].reported);
    assert_int_equal(list.items[1].id, paid);
    assert_string_equal(list.items[1].lines, "Workshop music, Sofía; Workshop chess, Sofía");
    assert_int_equal(list.items[1].total_cents, 18000);
    assert_int_equal(list.items[1].due_cents, 0);
    assert_int_equal(list.items[1].receipt_number, 1);
    assert_int_equal(order_list(db, f->arena, ana.account, 1, &list), OK);
    assert_int_equal(list.count, 1);
    store_release(f->shop.store, db);
}

/* ---- paying --------------------------------------------------------------------------------- */

static void a_card_pays_at_once(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_PAID);
    assert_int_equal(result.order_id, id);
    struct order order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.status, ORDER_PAID);
    assert_int_equal(order.total_cents, 18000);
    assert_int_equal(order.paid_cents, 18000);
    assert_int_equal(order.paid_at, NOW);
    assert_int_equal(order.receipt_number, 1);
    assert_string_equal(order.method, "card");
    assert_int_equal(strlen(order.code), strlen("TAL-7K3Q"));
    assert_int_equal(order.lines.items[0].status, INSCRIPTION_CONFIRMED);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_true(f->mails_announced > 0);
}

static void a_replay_finds_it_done(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_BEFORE);
    assert_int_equal(result.order_id, id);
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_BEFORE);
    assert_int_equal(count(f, "payment"), 1);
    assert_int_equal(count(f, "receipt"), 1);
}

static void a_later_price_changes_nothing_paid(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    fixture_sql(f, "UPDATE workshop SET price_cents = 99900");
    struct order order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.total_cents, 18000);
    assert_int_equal(order.lines.items[0].price_cents, 18000);
}

static void a_free_order_needs_no_method(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    fixture_setting(f, "ask_document", "1");
    fixture_sql(f, "UPDATE workshop SET discount_price_cents = 0");
    fixture_sql(f, "UPDATE inscription SET price_cents = 0");
    assert_int_equal(family_pay(f, &ana, id, NULL, NULL, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_PAID);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(count(f, "payment"), 0);
    assert_string_equal(fixture_text(f, "SELECT method FROM receipt"), "free");
    assert_int_equal(fixture_int(f, "SELECT list_price_cents FROM inscription"), 18000);
}

static void a_transfer_keeps_the_seats_until_it_is_due(void **state) {
    struct fixture *f = *state;
    struct family ana, eva = family_create(f, "eva@example.org");
    struct order_result result;
    int64_t id = fill_cart(f, &ana), due = NOW + 48 * HOUR_SECONDS;
    fixture_sql(f, "UPDATE workshop SET capacity = 1");
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_PENDING);
    struct order order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.status, ORDER_PENDING);
    assert_int_equal(order.due_at, due);
    assert_int_equal(order.due_cents, 18000);
    assert_false(order.charging);
    assert_int_equal(order.lines.items[0].status, INSCRIPTION_HELD);
    assert_int_equal(order.lines.items[0].hold_until, due);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER), 1);
    assert_int_equal(count(f, "receipt"), 0);
    /* kept to the last second */
    struct inscription_result held;
    assert_int_equal(inscription_hold(&f->shop, f->arena, eva.account, "robotics", NULL,
                                      eva.student_slug, due - 1, &held),
                     ERR_REFUSED);
    assert_int_equal(inscription_hold(&f->shop, f->arena, eva.account, "robotics", NULL,
                                      eva.student_slug, due, &held),
                     OK);
}

static void a_transfer_is_due_before_the_first_day(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    fixture_sql(f, "UPDATE workshop SET start_date = '2026-03-03'");
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), OK);
    /* midnight in Lima, 14 hours from now */
    assert_int_equal(family_order(f, &ana, id, NOW).due_at, NOW + 14 * HOUR_SECONDS);
}

static void a_new_cart_is_possible_while_one_waits(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), OK);
    fixture_workshop(f, "music", 9000, -1);
    family_hold(f, &ana, "music", NOW);
    assert_int_not_equal(family_cart(f, &ana), id);
    assert_int_equal(read_cart(f, &ana, NOW).lines.count, 1);
}

static void only_so_many_transfers_may_wait(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    fixture_setting(f, "pending_transfers_per_account", "1");
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), OK);
    fixture_workshop(f, "music", 9000, -1);
    family_hold(f, &ana, "music", NOW);
    id = family_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_TOO_MANY_PENDING);
    assert_int_equal(result.limit, 1);
    assert_string_equal(order_status_of(f, id), "cart");
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
}

/* ---- refusals ------------------------------------------------------------------------------- */

static void an_empty_cart_is_not_paid(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    struct inscription_result removed;
    int64_t id = fill_cart(f, &ana);
    int64_t line = fixture_int(f, "SELECT id FROM inscription");
    assert_int_equal(inscription_remove(&f->shop, f->arena, ana.account, line, NOW, &removed), OK);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_EMPTY);
    assert_string_equal(order_status_of(f, id), "cart");
}

static void what_was_removed_is_not_bought(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    struct inscription_result removed;
    int64_t id = fill_cart(f, &ana);
    fixture_workshop(f, "music", 9000, -1);
    int64_t line = family_hold(f, &ana, "music", NOW);
    assert_int_equal(inscription_remove(&f->shop, f->arena, ana.account, line, NOW, &removed), OK);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    struct order order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.total_cents, 18000);
    assert_int_equal(order.lines.count, 1);
}

static void methods_are_those_of_the_school(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    const char *const wrong[] = {NULL, "", "cash", "Card"};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        assert_int_equal(family_pay(f, &ana, id, wrong[i], NULL, NOW, &result), ERR_REFUSED);
        assert_int_equal(result.outcome, ORDER_NO_METHOD);
    }
    fixture_setting(f, "transfer_enabled", "0");
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_NO_METHOD);
}

static void the_sandbox_card_lives_in_demonstrations_only(void **state) {
    struct fixture *f = *state; /* set up without "demo" */
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_NO_METHOD);
    assert_int_equal(count(f, "payment"), 0);
}

static void a_document_is_asked_for_where_the_school_says_so(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    fixture_setting(f, "ask_document", "1");
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_NO_DOCUMENT);
    struct order_payment payment = {.order_id = id,
                                    .method = "card",
                                    .shown_total = -1,
                                    .payer_document = "DNI 12345678",
                                    .card = &CARD_GOOD};
    assert_int_equal(order_checkout(&f->shop, f->arena, ana.account, &payment, NOW, &result), OK);
    assert_string_equal(fixture_text(f, "SELECT buyer_document FROM receipt"), "DNI 12345678");
}

static void a_changed_price_is_told_and_not_charged(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    fixture_sql(f, "UPDATE workshop SET price_cents = 20000");
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CHANGED);
    assert_int_equal(result.total_cents, 20000);
    assert_int_equal(result.change_count, 1);
    assert_int_equal(result.changes[0].kind, ORDER_CHANGE_PRICE);
    assert_int_equal(result.changes[0].old_price_cents, 18000);
    assert_int_equal(result.changes[0].new_price_cents, 20000);
    assert_int_equal(count(f, "payment"), 0);
    assert_string_equal(order_status_of(f, id), "cart");
    /* told once: the next try is at the new price */
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_int_equal(family_order(f, &ana, id, NOW).total_cents, 20000);
}

static void the_total_the_buyer_saw_decides(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    fixture_sql(f, "UPDATE workshop SET price_cents = 20000");
    assert_int_equal(pay_shown(f, &ana, id, 18000, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CHANGED);
    /* the price is stored by now, but this form is still the old one */
    assert_int_equal(pay_shown(f, &ana, id, 18000, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.change_count, 0);
    assert_int_equal(pay_shown(f, &ana, id, 0, NOW, &result), ERR_REFUSED);
    fixture_sql(f, "UPDATE workshop SET price_cents = 17000");
    assert_int_equal(pay_shown(f, &ana, id, 17000, NOW, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT amount_cents FROM payment"), 17000);
    assert_int_equal(fixture_int(f, "SELECT price_cents FROM inscription"), 17000);
}

static void an_ended_hold_is_told_and_nothing_charged(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    struct inscription_result again;
    int64_t id = fill_cart(f, &ana), later = NOW + HOLD;
    fixture_workshop(f, "music", 9000, -1);
    family_hold(f, &ana, "music", NOW + 60);
    int64_t line = fixture_int(f, "SELECT min(id) FROM inscription");
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, later, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CHANGED);
    assert_int_equal(result.change_count, 1);
    assert_int_equal(result.changes[0].kind, ORDER_CHANGE_EXPIRED);
    assert_int_equal(result.changes[0].inscription_id, line);
    /* nothing is dropped silently, whatever total the form says */
    assert_int_equal(pay_shown(f, &ana, id, 9000, later, &result), ERR_REFUSED);
    assert_int_equal(count(f, "payment"), 0);
    assert_int_equal(inscription_rehold(&f->shop, f->arena, ana.account, line, later, &again), OK);
    assert_int_equal(pay_shown(f, &ana, id, 27000, later, &result), OK);
}

static void a_closed_workshop_is_told_and_nothing_charged(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    fixture_sql(f, "UPDATE workshop SET active = 0");
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pay_shown(f, &ana, id, 18000, NOW, &result), ERR_REFUSED);
        assert_int_equal(result.outcome, ORDER_CHANGED);
        assert_int_equal(result.changes[0].kind, ORDER_CHANGE_CLOSED);
    }
    assert_int_equal(count(f, "payment"), 0);
}

static void a_cancelled_order_is_over(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "transfer", NULL, NOW, &result), OK);
    fixture_sql(f, "UPDATE orders SET status = 'cancelled'");
    fixture_sql(f, "UPDATE inscription SET status = 'expired'");
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_OVER);
}

/* ---- cards ---------------------------------------------------------------------------------- */

static void a_declined_card_leaves_the_cart_as_it_was(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_DECLINED, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CARD_DECLINED);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_NO_FUNDS, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CARD_NO_FUNDS);
    struct order cart = read_cart(f, &ana, NOW);
    assert_int_equal(cart.id, id);
    assert_int_equal(cart.live, 1);
    assert_int_equal(cart.hold_until, NOW + HOLD);
    assert_null(cart.method);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment WHERE status = 'declined'"), 2);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_PAID);
}

static void a_charge_keeps_a_seat_that_is_about_to_go(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana), last = NOW + HOLD - 1;
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_DECLINED, last, &result), ERR_REFUSED);
    assert_true(read_cart(f, &ana, last).hold_until > last + 60);
}

static void a_card_that_times_out_may_be_tried_again(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_TIMES_OUT, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CARD_FAILED);
    assert_int_equal(read_cart(f, &ana, NOW).live, 1);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_TIMES_OUT, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_PAID);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment WHERE status = 'failed'"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment WHERE status = 'succeeded'"), 1);
}

static void a_card_with_faults_never_reaches_the_bank(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    const struct payment_card wrong = {"4242424242424241", "13", "2030", "12"};
    assert_int_equal(family_pay(f, &ana, id, "card", &wrong, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CARD_INVALID);
    assert_int_equal(result.card_faults,
                     PAYMENT_CARD_NUMBER | PAYMENT_CARD_EXPIRY | PAYMENT_CARD_CVV);
    assert_int_equal(family_pay(f, &ana, id, "card", NULL, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CARD_INVALID);
    assert_int_equal(count(f, "payment"), 0);
}

static void declined_cards_are_limited_by_the_hour(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    fixture_setting(f, "declined_cards_per_hour", "3");
    int64_t id = fill_cart(f, &ana);
    for (int i = 0; i < 3; i++)
        assert_int_equal(family_pay(f, &ana, id, "card", &CARD_DECLINED, NOW + i, &result),
                         ERR_REFUSED);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW + 3, &result), ERR_REFUSED);
    assert_int_equal(result.outcome, ORDER_CARD_TOO_MANY);
    assert_int_equal(result.limit, 3);
    assert_int_equal(count(f, "payment"), 3);
    fixture_sql(f, "UPDATE inscription SET hold_until = ?1", V(NOW + 2 * HOUR_SECONDS));
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW + HOUR_SECONDS, &result), OK);
}

/* The file, its log, and everything in them. */
static bool folder_holds(struct fixture *f, const char *needle) {
    static const char *const names[] = {"taller.db", "taller.db-wal"};
    bool found = false;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        FILE *file = fopen(arena_printf(f->arena, "%s/%s", f->folder, names[i]), "rb");
        assert_non_null(file);
        assert_int_equal(fseek(file, 0, SEEK_END), 0);
        size_t size = (size_t)ftell(file);
        rewind(file);
        char *bytes = arena_alloc(f->arena, size);
        assert_int_equal(fread(bytes, 1, size, file), size);
        fclose(file);
        found |= memmem(bytes, size, needle, strlen(needle)) != NULL;
    }
    return found;
}

static void nothing_of_a_card_is_stored(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_DECLINED, NOW, &result), ERR_REFUSED);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_true(folder_holds(f, "robotics"));
    const char *const traces[] = {"4242424242424242", "4242 4242", "4000000000000002", "4000-0000"};
    for (size_t i = 0; i < ARRAY_COUNT(traces); i++)
        assert_false(folder_holds(f, traces[i]));
}

/* What a crash between the two transactions leaves behind. */
static void leave_a_charge_open(struct fixture *f, int64_t order) {
    fixture_sql(f,
                "UPDATE orders SET status = 'pending', method = 'card', code = 'TAL-AAAA',"
                " total_cents = 18000 WHERE id = ?1",
                V(order));
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'card', 'OPEN', 18000, 'pending', ?2)",
                V(order), V(NOW));
}

static void a_second_click_finds_the_charge_at_work(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_result result;
    int64_t id = fill_cart(f, &ana);
    leave_a_charge_open(f, id);
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW, &result), OK);
    assert_int_equal(result.outcome, ORDER_DONE_CHARGING);
    assert_true(family_order(f, &ana, id, NOW).charging);
    assert_int_equal(count(f, "payment"), 1);
}

static void a_declined_order_meets_the_cart_begun_meanwhile(void **state) {
    struct fixture *f = *state;
    struct family ana;
    enum order_effect effect;
    int64_t id = fill_cart(f, &ana);
    leave_a_charge_open(f, id);
    fixture_workshop(f, "music", 9000, -1);
    family_hold(f, &ana, "music", NOW);
    int64_t newer = family_cart(f, &ana);
    assert_int_not_equal(newer, id);
    assert_int_equal(payment_settle(&f->shop, "card", "OPEN", PAYMENT_DECLINED, -1, NOW, &effect),
                     OK);
    assert_int_equal(effect, ORDER_EFFECT_BACK);
    struct order cart = read_cart(f, &ana, NOW);
    assert_int_equal(cart.id, id);
    assert_int_equal(cart.live, 2);
    assert_string_equal(order_status_of(f, newer), "cancelled");
    struct db *db = store_reader(f->shop.store);
    struct order_list list;
    assert_int_equal(order_list(db, f->arena, ana.account, 10, &list), OK);
    assert_int_equal(list.count, 0); /* one that was never placed is not shown */
    store_release(f->shop.store, db);
}

/* ---- crowds --------------------------------------------------------------------------------- */

enum { CLICKS = 6, CROWD = 64, SEATS = 5, ROUNDS = 6 };

struct race {
    struct fixture *f;
    struct family families[CROWD];
    int64_t order;
    const char *method;
    const struct payment_card *card;
    atomic_int done, paid, refused, wrong;
};

static void click_pay(void *arg, size_t number) {
    struct race *race = arg;
    struct arena *arena = arena_create();
    struct order_result result;
    struct order_payment payment = {
        .order_id = race->order, .method = race->method, .shown_total = -1, .card = race->card};
    (void)number;
    enum err err =
        order_checkout(&race->f->shop, arena, race->families[0].account, &payment, NOW, &result);
    atomic_fetch_add(err == OK ? &race->done : &race->wrong, 1);
    atomic_fetch_add(&race->paid, err == OK && result.outcome == ORDER_DONE_PAID);
    arena_destroy(arena);
}

static void six_parallel_checkouts_make_one_payment(void **state) {
    struct race race = {.f = *state, .method = "card", .card = &CARD_GOOD};
    struct fixture *f = race.f;
    fill_cart(f, &race.families[0]);
    for (int round = 0; round < 20; round++) {
        const char *slug = arena_printf(f->arena, "again-%d", round);
        fixture_workshop(f, slug, 1000, 5);
        family_hold(f, &race.families[0], slug, NOW);
        race.order = family_cart(f, &race.families[0]);
        crowd_run(CLICKS, click_pay, &race);
        assert_int_equal(race.wrong, 0);
        assert_int_equal(race.paid, round + 1);
        assert_int_equal(count(f, "payment"), round + 1);
        assert_int_equal(count(f, "receipt"), round + 1);
    }
}

static void six_parallel_transfers_make_one_order(void **state) {
    struct race race = {.f = *state, .method = "transfer"};
    race.order = fill_cart(race.f, &race.families[0]);
    crowd_run(CLICKS, click_pay, &race);
    assert_int_equal(race.done, CLICKS);
    assert_int_equal(fixture_mails(race.f, MAIL_TRANSFER), 1);
}

/* The whole way: a seat, then a card. */
static void buy(void *arg, size_t number) {
    struct race *race = arg;
    const struct family *family = &race->families[number];
    struct shop *shop = &race->f->shop;
    struct arena *arena = arena_create();
    struct inscription_result held;
    struct order_result paid;
    enum err err = inscription_hold(shop, arena, family->account, race->method, NULL,
                                    family->student_slug, NOW, &held);
    if (err == ERR_REFUSED)
        atomic_fetch_add(&race->refused, 1);
    else if (err != OK)
        atomic_fetch_add(&race->wrong, 1);
    for (int click = 0; err == OK && click < 2; click++) {
        struct order_payment payment = {
            .order_id = held.order_id, .method = "card", .shown_total = 1000, .card = &CARD_GOOD};
        if (order_checkout(shop, arena, family->account, &payment, NOW, &paid) != OK)
            atomic_fetch_add(&race->wrong, 1);
        atomic_fetch_add(&race->paid, paid.outcome == ORDER_DONE_PAID);
    }
    arena_destroy(arena);
}

static void sixty_four_families_buy_five_seats(void **state) {
    struct race race = {.f = *state};
    for (size_t i = 0; i < CROWD; i++)
        race.families[i] =
            family_create(race.f, arena_printf(race.f->arena, "family%zu@example.org", i));
    for (int round = 0; round < ROUNDS; round++) {
        race.method = arena_printf(race.f->arena, "race-%d", round);
        fixture_workshop(race.f, race.method, 1000, SEATS);
        crowd_run(CROWD, buy, &race);
        assert_int_equal(race.wrong, 0);
        assert_int_equal(race.paid, SEATS * (round + 1));
        assert_int_equal(race.refused, (CROWD - SEATS) * (round + 1));
        assert_int_equal(seats_taken(race.f, race.method), SEATS);
    }
    assert_int_equal(count(race.f, "receipt"), SEATS * ROUNDS);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(no_cart_is_an_empty_cart),
        TEST(the_cart_shows_what_a_page_needs),
        TEST(the_badge_counts_live_holds),
        TEST(others_orders_are_not_found),
        TEST(orders_that_wait_come_first),
        TEST(a_card_pays_at_once),
        TEST(a_replay_finds_it_done),
        TEST(a_later_price_changes_nothing_paid),
        TEST(a_free_order_needs_no_method),
        TEST(a_transfer_keeps_the_seats_until_it_is_due),
        TEST(a_transfer_is_due_before_the_first_day),
        TEST(a_new_cart_is_possible_while_one_waits),
        TEST(only_so_many_transfers_may_wait),
        TEST(an_empty_cart_is_not_paid),
        TEST(what_was_removed_is_not_bought),
        TEST(methods_are_those_of_the_school),
        cmocka_unit_test_setup_teardown(the_sandbox_card_lives_in_demonstrations_only,
                                        fixture_setup, order_fixture_teardown),
        TEST(a_document_is_asked_for_where_the_school_says_so),
        TEST(a_changed_price_is_told_and_not_charged),
        TEST(the_total_the_buyer_saw_decides),
        TEST(an_ended_hold_is_told_and_nothing_charged),
        TEST(a_closed_workshop_is_told_and_nothing_charged),
        TEST(a_cancelled_order_is_over),
        TEST(a_declined_card_leaves_the_cart_as_it_was),
        TEST(a_charge_keeps_a_seat_that_is_about_to_go),
        TEST(a_card_that_times_out_may_be_tried_again),
        TEST(a_card_with_faults_never_reaches_the_bank),
        TEST(declined_cards_are_limited_by_the_hour),
        TEST(nothing_of_a_card_is_stored),
        TEST(a_second_click_finds_the_charge_at_work),
        TEST(a_declined_order_meets_the_cart_begun_meanwhile),
        TEST(six_parallel_checkouts_make_one_payment),
        TEST(six_parallel_transfers_make_one_order),
        TEST(sixty_four_families_buy_five_seats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
