/* Workshops with people in them: called off with every seat settled, moved to other days, written
 * to. The books are audited after every test. */
#include "order_fixture.h"

#include "shop/workshop_change.h"
#include <string.h>

struct seat {
    struct family family;
    int64_t inscription, order;
};

static struct seat take(struct fixture *f, const char *email, const char *slug,
                        const char *method) {
    struct seat seat = {.family = family_create(f, email)};
    struct order_result result;
    seat.inscription = family_hold(f, &seat.family, slug, FIXTURE_NOW);
    seat.order = family_cart(f, &seat.family);
    assert_int_equal(family_pay(f, &seat.family, seat.order, method,
                                strcmp(method, "card") == 0 ? &CARD_GOOD : NULL, FIXTURE_NOW,
                                &result),
                     OK);
    return seat;
}

static const char *status(struct fixture *f, const struct seat *seat) {
    return inscription_status_of(f, seat->inscription);
}

static int64_t trail(struct fixture *f, const char *action) {
    return fixture_int(f, "SELECT count(*) FROM audit WHERE action = ?1", V(action));
}

/* ---- calling off ---------------------------------------------------------------------------- */

static enum err cancel(struct fixture *f, int64_t id, const struct cancel_line *lines, size_t count,
                       int64_t move_to, struct change_result *result) {
    const struct cancel_request request = {.workshop_id = id,
                                           .reason = "El profesor se enfermó.",
                                           .lines = lines,
                                           .count = count,
                                           .move_to = move_to,
                                           .method = "transfer"};
    return workshop_cancel(&f->shop, f->arena, &request, FIXTURE_NOW, result);
}

static void every_seat_is_settled_as_chosen(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9),
            other = fixture_workshop(f, "pintura", 18000, 9);
    struct seat back = take(f, "back@example.org", "dibujo", "card"),
                moved = take(f, "moved@example.org", "dibujo", "card"),
                kept = take(f, "kept@example.org", "dibujo", "card"),
                waits = take(f, "waits@example.org", "dibujo", "transfer");
    struct family browses = family_create(f, "browses@example.org");
    int64_t in_cart = family_hold(f, &browses, "dibujo", FIXTURE_NOW);
    const struct cancel_line lines[] = {{back.inscription, CANCEL_REFUND},
                                        {moved.inscription, CANCEL_MOVE},
                                        {kept.inscription, CANCEL_KEEP},
                                        {waits.inscription, CANCEL_REFUND}};
    struct change_result result;
    assert_int_equal(cancel(f, id, lines, 4, other, &result), OK);
    assert_false(result.replay);
    assert_string_equal(status(f, &back), "refunded");
    assert_string_equal(fixture_text(f, "SELECT provider FROM payment WHERE status = 'refunded'"
                                        " AND provider <> 'credit'"),
                        "card");
    assert_string_equal(order_status_of(f, back.order), "refunded");
    assert_string_equal(status(f, &kept), "confirmed");
    assert_string_equal(order_status_of(f, waits.order), "cancelled");
    assert_string_equal(inscription_status_of(f, in_cart), "cancelled");
    assert_int_equal(seats_taken(f, "dibujo"), 1);
    assert_int_equal(seats_taken(f, "pintura"), 1);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM workshop WHERE id = ?1 AND active = 0"
                                 " AND cancelled_at = ?2",
                                 V(id), V(FIXTURE_NOW)),
                     1);
    assert_int_equal(fixture_mails(f, MAIL_WORKSHOP_CALLED_OFF), 1);
    assert_int_equal(fixture_mails(f, MAIL_REFUND), 1);
    assert_int_equal(fixture_mails(f, MAIL_MOVED), 1);
    assert_int_equal(fixture_mails(f, MAIL_ORDER_CANCELLED), 1);
    assert_int_equal(trail(f, "call_off"), 1);
    assert_int_equal(cancel(f, id, lines, 4, other, &result), OK);
    assert_true(result.replay);
    assert_int_equal(fixture_mails(f, MAIL_WORKSHOP_CALLED_OFF), 1);
    assert_int_equal(trail(f, "call_off"), 1);
}

static void a_seat_that_was_kept_is_no_class_to_come(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9);
    struct seat kept = take(f, "kept@example.org", "dibujo", "card");
    const struct cancel_line lines[] = {{kept.inscription, CANCEL_KEEP}};
    const struct date today = {2026, 3, 2};
    struct inscription_list upcoming;
    struct change_result result;
    for (size_t expected = 1;; expected--) {
        struct db *db = store_reader(f->shop.store);
        enum err err = inscription_upcoming(db, f->arena, kept.family.account, today, &upcoming);
        store_release(f->shop.store, db);
        assert_int_equal(err, OK);
        assert_int_equal(upcoming.count, expected);
        if (expected == 0)
            break;
        assert_int_equal(cancel(f, id, lines, 1, 0, &result), OK);
    }
}

static void nothing_happens_unless_everything_can(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9),
            full = fixture_workshop(f, "pintura", 18000, 0);
    struct seat back = take(f, "back@example.org", "dibujo", "card"),
                moved = take(f, "moved@example.org", "dibujo", "card"),
                waits = take(f, "waits@example.org", "dibujo", "transfer");
    struct cancel_line lines[] = {{back.inscription, CANCEL_REFUND},
                                  {moved.inscription, CANCEL_MOVE},
                                  {waits.inscription, CANCEL_KEEP}};
    struct change_result result;
    assert_int_equal(cancel(f, id, lines, 3, full, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_MOVE);
    assert_int_equal(result.desk, ORDER_DESK_FULL);
    assert_int_equal(cancel(f, id, lines, 2, full, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_PEOPLE);
    lines[1].choice = CANCEL_KEEP;
    lines[2].choice = CANCEL_MOVE;
    assert_int_equal(cancel(f, id, lines, 3, full, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_MOVE_UNPAID);
    assert_string_equal(status(f, &back), "confirmed");
    assert_string_equal(status(f, &waits), "held");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM workshop WHERE cancelled_at IS NULL"), 2);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment WHERE status = 'refunded'"), 0);
    assert_int_equal(trail(f, "call_off"), 0);
    assert_int_equal(cancel(f, 999, lines, 3, full, &result), ERR_NOT_FOUND);
}

static void siblings_of_one_order_are_one_refund(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9);
    struct family ana = family_create(f, "ana@example.org");
    int64_t sister = fixture_student(f, ana.account, "Luz", "2017-03-01");
    struct family twin = ana;
    twin.student = sister;
    twin.student_slug = fixture_student_slug(f, sister);
    struct order_result paid;
    const struct cancel_line lines[] = {
        {family_hold(f, &ana, "dibujo", FIXTURE_NOW), CANCEL_REFUND},
        {family_hold(f, &twin, "dibujo", FIXTURE_NOW), CANCEL_REFUND}};
    assert_int_equal(
        family_pay(f, &ana, family_cart(f, &ana), "card", &CARD_GOOD, FIXTURE_NOW, &paid), OK);
    struct change_result result;
    assert_int_equal(cancel(f, id, lines, 2, 0, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM credit_note"), 1);
    assert_int_equal(fixture_int(f, "SELECT amount_cents FROM payment WHERE status = 'refunded'"),
                     36000);
}

/* ---- other days ----------------------------------------------------------------------------- */

static struct reschedule_request to(int64_t id, struct date start) {
    return (struct reschedule_request){.workshop_id = id,
                                       .start = start,
                                       .end = start,
                                       .weekdays = 0,
                                       .start_minute = 600,
                                       .end_minute = 660};
}

static enum err reschedule(struct fixture *f, const struct reschedule_request *request,
                           struct change_result *result) {
    return workshop_reschedule(&f->shop, f->arena, request, FIXTURE_NOW, result);
}

static void new_days_are_told_once_a_family(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9);
    fixture_sql(f, "UPDATE workshop SET sales_close_at = ?2 WHERE id = ?1", V(id),
                V(FIXTURE_NOW + DAY_SECONDS));
    take(f, "ana@example.org", "dibujo", "card");
    take(f, "eva@example.org", "dibujo", "transfer");
    const struct reschedule_request request = to(id, (struct date){2026, 4, 13});
    struct change_result result;
    assert_int_equal(reschedule(f, &request, &result), OK);
    assert_int_equal(result.families, 2);
    assert_string_equal(fixture_text(f, "SELECT start_date FROM workshop WHERE id = ?1", V(id)),
                        "2026-04-13");
    assert_int_equal(fixture_int(f, "SELECT sales_close_at FROM workshop WHERE id = ?1", V(id)),
                     FIXTURE_NOW + 8 * DAY_SECONDS);
    assert_int_equal(fixture_mails(f, MAIL_WORKSHOP_RESCHEDULED), 2);
    assert_int_equal(reschedule(f, &request, &result), OK);
    assert_true(result.replay);
    assert_int_equal(fixture_mails(f, MAIL_WORKSHOP_RESCHEDULED), 2);
    assert_int_equal(trail(f, "reschedule"), 1);
}

static void days_that_cannot_be_are_refused(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9);
    struct change_result result;
    struct reschedule_request request = to(id, (struct date){2026, 4, 13});
    request.end = (struct date){2026, 4, 12};
    assert_int_equal(reschedule(f, &request, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_DATES_REVERSED);
    request = to(id, (struct date){0});
    assert_int_equal(reschedule(f, &request, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_NO_DATE);
    request = to(id, (struct date){2026, 4, 13});
    request.start_minute = 660;
    assert_int_equal(reschedule(f, &request, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_HOURS_REVERSED);
    request.start_minute = WORKSHOP_NONE;
    assert_int_equal(reschedule(f, &request, &result), ERR_REFUSED);
    fixture_sql(f, "UPDATE workshop SET active = 0, cancelled_at = 1 WHERE id = ?1", V(id));
    request = to(id, (struct date){2026, 4, 13});
    assert_int_equal(reschedule(f, &request, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_CALLED_OFF);
}

static void clashes_are_found(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9);
    fixture_workshop(f, "pintura", 18000, 9);
    fixture_sql(f, "UPDATE workshop SET start_date = '2026-04-13', end_date = '2026-04-13',"
                   " start_minute = 630, end_minute = 700 WHERE slug = 'pintura'");
    struct seat ana = take(f, "ana@example.org", "dibujo", "card");
    struct order_result paid;
    family_hold(f, &ana.family, "pintura", FIXTURE_NOW);
    assert_int_equal(family_pay(f, &ana.family, family_cart(f, &ana.family), "card", &CARD_GOOD,
                                FIXTURE_NOW, &paid),
                     OK);
    struct workshop workshop;
    struct change_clashes clashes;
    struct reschedule_request request = to(id, (struct date){2026, 4, 13});
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(workshop_by_id(db, f->arena, id, FIXTURE_NOW, &workshop), OK);
    workshop_apply(&workshop, &request);
    assert_int_equal(workshop_change_clashes(db, f->arena, &workshop, FIXTURE_NOW, &clashes), OK);
    assert_int_equal(clashes.count, 1);
    request.start_minute = 500;
    request.end_minute = 600;
    workshop_apply(&workshop, &request);
    assert_int_equal(workshop_change_clashes(db, f->arena, &workshop, FIXTURE_NOW, &clashes), OK);
    assert_int_equal(clashes.count, 0);
    store_release(f->shop.store, db);
}

/* ---- writing to everyone -------------------------------------------------------------------- */

static enum err write_to(struct fixture *f, int64_t id, const char *token,
                         struct change_result *result) {
    const struct message_request request = {
        .workshop_id = id, .token = token, .subject = "Ropa vieja", .text = "Vamos a pintar."};
    return workshop_message(&f->shop, f->arena, &request, FIXTURE_NOW, result);
}

static void a_message_goes_once_to_each_family(void **state) {
    struct fixture *f = *state;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 9);
    struct change_result result;
    assert_int_equal(write_to(f, id, "0123456789abcdef", &result), ERR_REFUSED);
    assert_int_equal(result.refusal, CHANGE_NOBODY);
    take(f, "ana@example.org", "dibujo", "card");
    take(f, "eva@example.org", "dibujo", "transfer");
    assert_int_equal(write_to(f, id, "0123456789abcdef", &result), OK);
    assert_int_equal(result.families, 2);
    assert_int_equal(write_to(f, id, "0123456789abcdef", &result), OK);
    assert_true(result.replay);
    assert_int_equal(fixture_mails(f, MAIL_WORKSHOP_MESSAGE), 2);
    assert_int_equal(trail(f, "message"), 1);
    assert_int_equal(write_to(f, id, "fedcba9876543210", &result), OK); /* meant once more */
    assert_int_equal(fixture_mails(f, MAIL_WORKSHOP_MESSAGE), 4);
}

#define ON_SHOP(test) \
    cmocka_unit_test_setup_teardown(test, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(every_seat_is_settled_as_chosen),
        ON_SHOP(a_seat_that_was_kept_is_no_class_to_come),
        ON_SHOP(nothing_happens_unless_everything_can),
        ON_SHOP(siblings_of_one_order_are_one_refund),
        ON_SHOP(new_days_are_told_once_a_family),
        ON_SHOP(days_that_cannot_be_are_refused),
        ON_SHOP(clashes_are_found),
        ON_SHOP(a_message_goes_once_to_each_family),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
