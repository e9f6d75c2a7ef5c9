/* What staff do with orders: reject, extend, cancel, settle a review, send a receipt again. The
 * books are looked at after every step. */
#include "order_fixture.h"
#include "shop/order_staff.h"
#include <stdatomic.h>
#include <string.h>

enum { NOW = FIXTURE_NOW, DUE = NOW + 48 * HOUR_SECONDS, LATER = DUE + 24 * HOUR_SECONDS };

static const struct refund_way NO_WAY = {NULL, NULL};
static const struct refund_way CASH = {"cash", NULL};

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

static void report(struct fixture *f, const struct family *ana, int64_t id, const char *operation) {
    enum payment_refusal refusal;
    assert_int_equal(payment_report(&f->shop, f->arena, ana->account, id, operation, NOW, &refusal),
                     OK);
}

static void pay_in(struct fixture *f, int64_t id, const char *reference, int64_t cents,
                   int64_t now) {
    struct payment_confirmation result;
    assert_int_equal(payment_confirm_transfer(&f->shop, 0, id, reference, cents, now, &result), OK);
    fixture_books(f);
}

static void let_it_expire(struct fixture *f, int64_t id) {
    fixture_sql(f, "UPDATE inscription SET status = 'expired' WHERE order_id = ?1", V(id));
    fixture_sql(f, "UPDATE orders SET status = 'cancelled' WHERE id = ?1", V(id));
}

/* Somebody else takes the last seat of "robotics". */
static void lose_seat(struct fixture *f, int64_t now) {
    struct family luz = family_create(f, "luz@example.org");
    family_hold(f, &luz, "robotics", now);
}

static int64_t deadline_of(struct fixture *f, int64_t id) {
    return fixture_int(f, "SELECT due_at FROM orders WHERE id = ?1", V(id));
}

static int64_t trail_count(struct fixture *f, const char *action) {
    return fixture_int(f, "SELECT count(*) FROM audit WHERE action = ?1", V(action));
}

static enum err reject(struct fixture *f, int64_t id, const char *operation, const char *reason,
                       bool cancel, struct order_staff_result *result) {
    enum err err = order_reject(&f->shop, 0, id, operation, reason, cancel, NOW, result);
    fixture_books(f);
    return err;
}

static enum err cancel(struct fixture *f, int64_t id, struct refund_way way,
                       struct order_staff_result *result) {
    const struct order_cancellation request = {
        .order_id = id, .reason = "No hay profesor", .way = way};
    enum err err = order_cancel(&f->shop, &request, NOW, result);
    fixture_books(f);
    return err;
}

static enum err resolve(struct fixture *f, int64_t id, enum order_decision decision,
                        struct refund_way way, struct order_staff_result *result) {
    enum err err = order_resolve(&f->shop, 0, id, decision, way, "", LATER, result);
    fixture_books(f);
    return err;
}

/* ---- rejecting ------------------------------------------------------------------------------ */

static void a_report_is_rejected_and_the_order_waits_on(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    report(f, &ana, id, "123");
    assert_int_equal(reject(f, id, " 123 ", "No figura en el banco", false, &result), OK);
    assert_false(result.replay);
    assert_string_equal(order_status_of(f, id), "pending");
    assert_int_equal(seats_taken(f, "robotics"), 1);
    struct order order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.open_reports, 0);
    assert_string_equal(order.reports[0].reason, "No figura en el banco");
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_REJECTED), 1);
    assert_int_equal(reject(f, id, "123", "Otra vez", false, &result), OK);
    assert_true(result.replay);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_REJECTED), 1);
    assert_int_equal(trail_count(f, "reject"), 1);
    report(f, &ana, id, "123"); /* the family insists: staff look again */
    order = family_order(f, &ana, id, NOW);
    assert_int_equal(order.report_count, 1);
    assert_int_equal(order.open_reports, 1);
}

static void a_report_is_rejected_and_the_order_cancelled(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    report(f, &ana, id, "123");
    assert_int_equal(reject(f, id, "123", "Falso", true, &result), OK);
    assert_string_equal(order_status_of(f, id), "cancelled");
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(fixture_mails(f, MAIL_ORDER_CANCELLED), 1);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_REJECTED), 0); /* one mail says both */
    assert_int_equal(reject(f, id, "123", "Falso", true, &result), OK);
    assert_true(result.replay);
}

static void a_rejection_is_checked(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    report(f, &ana, id, "123");
    assert_int_equal(reject(f, id, "999", "No", false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_REPORT);
    assert_int_equal(reject(f, id, "123", "  ", false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_REASON);
    char long_reason[REFUND_REASON_MAX + 2];
    memset(long_reason, 'x', sizeof(long_reason) - 1);
    long_reason[sizeof(long_reason) - 1] = '\0';
    assert_int_equal(reject(f, id, "123", long_reason, false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_REASON);
    assert_int_equal(reject(f, id + 1, "123", "No", false, &result), ERR_NOT_FOUND);
    pay_in(f, id, "123", -1, NOW);
    assert_int_equal(reject(f, id, "123", "No", false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_STATE);
}

/* ---- more time ------------------------------------------------------------------------------ */

static void a_deadline_is_extended_with_its_seats(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(order_extend(&f->shop, 0, id, LATER, NOW, &result), OK);
    assert_int_equal(deadline_of(f, id), LATER);
    assert_int_equal(fixture_int(f, "SELECT hold_until FROM inscription"), LATER);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_EXTENDED), 1);
    assert_int_equal(order_extend(&f->shop, 0, id, LATER, NOW, &result), OK);
    assert_true(result.replay);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_EXTENDED), 1);
    const int64_t wrong[] = {LATER - 1, NOW - 1, NOW + 61 * 24 * HOUR_SECONDS};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        assert_int_equal(order_extend(&f->shop, 0, id, wrong[i], NOW, &result), ERR_REFUSED);
        assert_int_equal(result.refusal, ORDER_STAFF_DEADLINE);
    }
    assert_int_equal(deadline_of(f, id), LATER);
}

static void a_seat_that_lapsed_is_not_extended(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(order_extend(&f->shop, 0, id, LATER, DUE, &result), OK); /* nobody came yet */
    fixture_sql(f, "UPDATE orders SET due_at = ?1", V((int64_t)DUE));
    fixture_sql(f, "UPDATE inscription SET hold_until = ?1", V((int64_t)DUE));
    lose_seat(f, DUE);
    assert_int_equal(order_extend(&f->shop, 0, id, LATER, DUE, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_SEAT);
    assert_int_equal(deadline_of(f, id), DUE);
}

/* ---- cancelling ----------------------------------------------------------------------------- */

static void a_pending_order_is_cancelled(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(cancel(f, id, NO_WAY, &result), OK);
    assert_string_equal(order_status_of(f, id), "cancelled");
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(fixture_mails(f, MAIL_ORDER_CANCELLED), 1);
    assert_int_equal(cancel(f, id, NO_WAY, &result), OK);
    assert_true(result.replay);
    assert_int_equal(trail_count(f, "cancel"), 1);
    assert_int_equal(order_extend(&f->shop, 0, id, LATER, NOW, &result), ERR_REFUSED);
}

static void a_part_that_came_goes_back(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    pay_in(f, id, "1", 5000, NOW);
    assert_int_equal(cancel(f, id, NO_WAY, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_REFUND);
    assert_int_equal(result.refund, REFUND_METHOD);
    assert_string_equal(order_status_of(f, id), "pending");
    assert_int_equal(cancel(f, id, (struct refund_way){"transfer", "88"}, &result), OK);
    assert_int_equal(result.back_cents, 5000);
    assert_int_equal(fixture_int(f, "SELECT amount_cents FROM payment WHERE status = 'refunded'"
                                    " AND reference = '88'"),
                     5000);
}

static void money_for_a_cancelled_order_finds_no_seat_by_itself(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(cancel(f, id, NO_WAY, &result), OK);
    pay_in(f, id, "1", 18000, LATER);
    assert_string_equal(order_status_of(f, id), "review");
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(resolve(f, id, ORDER_SEAT, NO_WAY, &result), OK);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(seats_taken(f, "robotics"), 1);
}

static void what_is_charged_or_paid_is_not_cancelled(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'card', 'R', 18000, 'pending', 1)",
                V(id));
    assert_int_equal(cancel(f, id, NO_WAY, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_CHARGING);
    fixture_sql(f, "UPDATE payment SET status = 'failed'");
    pay_in(f, id, "1", -1, NOW);
    assert_int_equal(cancel(f, id, CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_STATE);
}

/* ---- reviews -------------------------------------------------------------------------------- */

/* Two workshops, 180.00 and 100.00, placed, lapsed, paid late; "robotics" has gone to Luz. */
static int64_t late_with_one_seat_gone(struct fixture *f, struct family *ana) {
    struct order_result placed;
    *ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    fixture_workshop(f, "painting", 10000, 5);
    family_hold(f, ana, "robotics", NOW);
    family_hold(f, ana, "painting", NOW);
    int64_t id = family_cart(f, ana);
    assert_int_equal(family_pay(f, ana, id, "transfer", NULL, NOW, &placed), OK);
    let_it_expire(f, id);
    lose_seat(f, LATER);
    pay_in(f, id, "late", 28000, LATER);
    assert_string_equal(order_status_of(f, id), "review");
    return id;
}

static void a_seat_that_is_there_again_settles(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = late_with_one_seat_gone(f, &ana);
    assert_int_equal(resolve(f, id, ORDER_SEAT, NO_WAY, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_SEAT);
    assert_string_equal(order_status_of(f, id), "review");
    fixture_sql(f, "UPDATE workshop SET capacity = 2 WHERE slug = 'robotics'");
    assert_int_equal(resolve(f, id, ORDER_SEAT, NO_WAY, &result), OK);
    assert_int_equal(result.back_cents, 0);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(fixture_int(f, "SELECT total_cents FROM receipt"), 28000);
    assert_int_equal(resolve(f, id, ORDER_SEAT, NO_WAY, &result), OK);
    assert_true(result.replay);
    assert_int_equal(trail_count(f, "settle"), 1);
}

static void what_seats_there_are_are_kept_and_the_rest_goes_back(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = late_with_one_seat_gone(f, &ana);
    assert_int_equal(resolve(f, id, ORDER_KEEP, NO_WAY, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_REFUND);
    assert_int_equal(resolve(f, id, ORDER_KEEP, CASH, &result), OK);
    assert_int_equal(result.back_cents, 18000);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(fixture_int(f, "SELECT total_cents FROM orders WHERE id = ?1", V(id)), 10000);
    assert_int_equal(fixture_int(f, "SELECT total_cents FROM receipt"), 10000);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt_line"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM credit_note"), 0);
    assert_int_equal(fixture_mails(f, MAIL_REFUND), 1);
}

static void all_the_money_goes_back(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = late_with_one_seat_gone(f, &ana);
    assert_int_equal(resolve(f, id, ORDER_GIVE_BACK, CASH, &result), OK);
    assert_int_equal(result.back_cents, 28000);
    assert_string_equal(order_status_of(f, id), "refunded");
    assert_int_equal(seats_taken(f, "painting"), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"), 0);
    assert_int_equal(resolve(f, id, ORDER_GIVE_BACK, CASH, &result), OK);
    assert_true(result.replay);
    assert_int_equal(resolve(f, id, ORDER_SEAT, CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_STATE);
}

static void what_was_too_much_goes_back(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    pay_in(f, id, "1", 20000, NOW);
    assert_string_equal(order_status_of(f, id), "review");
    assert_int_equal(resolve(f, id, ORDER_SEAT, (struct refund_way){"transfer", "9"}, &result), OK);
    assert_int_equal(result.back_cents, 2000);
    assert_string_equal(order_status_of(f, id), "paid");
    assert_int_equal(fixture_int(f, "SELECT total_cents FROM receipt"), 18000);
    struct order order = family_order(f, &ana, id, LATER);
    assert_int_equal(order.paid_cents, 18000);
}

static void too_little_is_not_enough(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    pay_in(f, id, "1", 5000, NOW);
    let_it_expire(f, id);
    fixture_sql(f, "UPDATE orders SET status = 'review', review_reason = 'amount'");
    assert_int_equal(resolve(f, id, ORDER_SEAT, CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_TOO_LITTLE);
    assert_int_equal(resolve(f, id, ORDER_KEEP, CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_SEAT);
    pay_in(f, id, "2", 13000, LATER); /* the rest comes: it settles itself */
    assert_string_equal(order_status_of(f, id), "paid");
}

static void only_a_review_is_settled(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    for (int d = ORDER_SEAT; d <= ORDER_GIVE_BACK; d++) {
        assert_int_equal(resolve(f, id, (enum order_decision)d, CASH, &result), ERR_REFUSED);
        assert_int_equal(result.refusal, ORDER_STAFF_STATE);
    }
}

/* ---- receipts ------------------------------------------------------------------------------- */

static void a_receipt_is_sent_again(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_staff_result result;
    int64_t id = place_transfer(f, &ana, 1);
    assert_int_equal(order_send_receipt(&f->shop, 0, id, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_STAFF_RECEIPT);
    pay_in(f, id, "1", -1, NOW);
    assert_int_equal(order_send_receipt(&f->shop, 0, id, NOW, &result), OK);
    assert_int_equal(order_send_receipt(&f->shop, 0, id, NOW, &result), OK); /* a double click */
    assert_true(result.replay);
    assert_int_equal(fixture_mails(f, MAIL_RECEIPT), 2);
    assert_int_equal(order_send_receipt(&f->shop, 0, id, NOW + 60, &result), OK);
    assert_int_equal(fixture_mails(f, MAIL_RECEIPT), 3);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt"), 1);
    assert_int_equal(trail_count(f, "resend"), 2);
}

/* ---- their page ----------------------------------------------------------------------------- */

static void the_file_holds_everything(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct order_file file;
    struct refund_result refunded;
    int64_t id = place_transfer(f, &ana, 1);
    report(f, &ana, id, "123");
    pay_in(f, id, "123", -1, NOW);
    const struct refund_request request = {.order_id = id, .way = CASH};
    assert_int_equal(refund_order(&f->shop, &request, NOW, &refunded), OK);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(order_file_read(db, f->arena, id, NOW, &file), OK);
    assert_int_equal(file.order.report_count, 1);
    assert_string_equal(file.phone, "987654321");
    assert_int_equal(file.payment_count, 2);
    assert_string_equal(file.payments[1].status, "refunded");
    assert_int_equal(file.credits.count, 1);
    assert_int_equal(file.mail_count, 4); /* how to pay, reported, receipt, refund */
    assert_int_equal(file.card_left_cents, 0);
    store_release(f->shop.store, db);
    family_hold(f, &ana, "robotics", NOW);
    int64_t cart = family_cart(f, &ana);
    db = store_reader(f->shop.store);
    assert_int_equal(order_file_read(db, f->arena, cart, NOW, &file), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
}

/* ---- crowds --------------------------------------------------------------------------------- */

struct race {
    struct fixture *f;
    int64_t order;
    atomic_int first, replays, wrong;
};

static void cancel_too(void *arg, size_t n) {
    struct race *race = arg;
    struct order_staff_result result;
    (void)n;
    const struct order_cancellation request = {.order_id = race->order};
    if (order_cancel(&race->f->shop, &request, NOW, &result) != OK)
        atomic_fetch_add(&race->wrong, 1);
    else
        atomic_fetch_add(result.replay ? &race->replays : &race->first, 1);
}

static void many_clicks_cancel_once(void **state) {
    struct race race = {.f = *state};
    struct family ana;
    race.order = place_transfer(race.f, &ana, 1);
    crowd_run(6, cancel_too, &race);
    assert_int_equal(race.first, 1);
    assert_int_equal(race.replays, 5);
    assert_int_equal(race.wrong, 0);
    fixture_books(race.f);
}

/* Two at the desk decide differently at the same moment: one of them wins, the money is right. */
static void decide_too(void *arg, size_t n) {
    struct race *race = arg;
    struct order_staff_result result;
    enum order_decision decision = n % 2 ? ORDER_KEEP : ORDER_GIVE_BACK;
    if (order_resolve(&race->f->shop, 0, race->order, decision, CASH, "", LATER, &result) != OK)
        atomic_fetch_add(&race->wrong, 1);
    else
        atomic_fetch_add(result.replay ? &race->replays : &race->first, 1);
}

static void two_decisions_are_one(void **state) {
    struct race race = {.f = *state};
    struct family ana;
    race.order = late_with_one_seat_gone(race.f, &ana);
    crowd_run(6, decide_too, &race);
    assert_int_equal(race.first, 1);
    assert_int_equal(race.replays, 2);
    assert_int_equal(race.wrong, 3);
    fixture_books(race.f);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_report_is_rejected_and_the_order_waits_on),
        TEST(a_report_is_rejected_and_the_order_cancelled),
        TEST(a_rejection_is_checked),
        TEST(a_deadline_is_extended_with_its_seats),
        TEST(a_seat_that_lapsed_is_not_extended),
        TEST(a_pending_order_is_cancelled),
        TEST(a_part_that_came_goes_back),
        TEST(money_for_a_cancelled_order_finds_no_seat_by_itself),
        TEST(what_is_charged_or_paid_is_not_cancelled),
        TEST(a_seat_that_is_there_again_settles),
        TEST(what_seats_there_are_are_kept_and_the_rest_goes_back),
        TEST(all_the_money_goes_back),
        TEST(what_was_too_much_goes_back),
        TEST(too_little_is_not_enough),
        TEST(only_a_review_is_settled),
        TEST(a_receipt_is_sent_again),
        TEST(the_file_holds_everything),
        TEST(many_clicks_cancel_once),
        TEST(two_decisions_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
