/* Orders made at the desk, and inscriptions moved to another workshop: seats, money, papers, and
 * the books after every step. */
#include "order_fixture.h"
#include "shop/order_desk.h"
#include <stdatomic.h>
#include <string.h>

enum { NOW = FIXTURE_NOW };

static int64_t workshop_id(struct fixture *f, const char *slug) {
    return fixture_int(f, "SELECT id FROM workshop WHERE slug = ?1", V(slug));
}

static enum err desk(struct fixture *f, const struct family *ana, const char *slug,
                     struct order_desk_money money, bool age_ok, struct order_desk_result *result) {
    const int64_t workshop = workshop_id(f, slug);
    const struct order_desk_request request = {.account_id = ana->account,
                                               .student_id = ana->student,
                                               .workshops = &workshop,
                                               .count = 1,
                                               .money = money,
                                               .age_ok = age_ok};
    enum err err = order_desk(&f->shop, f->arena, &request, NOW, result);
    fixture_books(f);
    return err;
}

static const struct order_desk_money CASH = {"cash", NULL}, TRANSFER = {"transfer", NULL},
                                     SEEN = {"transfer", "55"}, FREE = {"free", NULL};

/* ---- at the desk ---------------------------------------------------------------------------- */

static void cash_pays_at_once(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    assert_int_equal(desk(f, &ana, "robotics", CASH, false, &result), OK);
    assert_true(result.paid);
    struct order order = family_order(f, &ana, result.order_id, NOW);
    assert_int_equal(order.status, ORDER_PAID);
    assert_string_equal(order.method, "cash");
    assert_int_equal(order.receipt_number, 1);
    assert_int_equal(order.lines.items[0].status, INSCRIPTION_CONFIRMED);
    assert_string_equal(fixture_text(f, "SELECT reference FROM payment"),
                        arena_printf(f->arena, "%s-P1", order.code));
    assert_int_equal(fixture_mails(f, MAIL_RECEIPT), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'create'"
                                    " AND entity = 'orders'"),
                     1);
    int64_t first = result.order_id;
    assert_int_equal(desk(f, &ana, "robotics", CASH, false, &result), OK); /* a double click */
    assert_true(result.replay);
    assert_int_equal(result.order_id, first);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment"), 1);
}

static void several_workshops_are_one_order(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org");
    const int64_t ids[] = {fixture_workshop(f, "b", 18000, 1), fixture_workshop(f, "a", 10000, 1)};
    const int64_t asked[] = {ids[1], ids[0], ids[1]}; /* said twice is once */
    const struct order_desk_request request = {.account_id = ana.account,
                                               .student_id = ana.student,
                                               .workshops = asked,
                                               .count = 3,
                                               .money = SEEN};
    assert_int_equal(order_desk(&f->shop, f->arena, &request, NOW, &result), OK);
    struct order order = family_order(f, &ana, result.order_id, NOW);
    assert_int_equal(order.lines.count, 2);
    assert_int_equal(order.total_cents, 28000);
    assert_int_equal(order.status, ORDER_PAID);
    fixture_books(f);
}

static void a_transfer_to_come_waits_like_a_familys(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct payment_confirmation confirmed;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    assert_int_equal(desk(f, &ana, "robotics", TRANSFER, false, &result), OK);
    assert_false(result.paid);
    assert_int_equal(result.due_cents, 18000);
    struct order order = family_order(f, &ana, result.order_id, NOW);
    assert_int_equal(order.status, ORDER_PENDING);
    assert_int_equal(order.due_at, NOW + 48 * HOUR_SECONDS);
    assert_int_equal(order.lines.items[0].hold_until, order.due_at);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER), 1);
    assert_int_equal(
        payment_confirm_transfer(&f->shop, 0, result.order_id, "9", -1, NOW, &confirmed), OK);
    assert_int_equal(confirmed.effect, ORDER_EFFECT_PAID);
}

static void free_of_charge_has_a_receipt_of_nothing(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    assert_int_equal(desk(f, &ana, "robotics", FREE, false, &result), OK);
    assert_true(result.paid);
    assert_int_equal(fixture_int(f, "SELECT total_cents FROM receipt WHERE method = 'free'"), 0);
    assert_int_equal(fixture_int(f, "SELECT list_price_cents FROM receipt_line"), 18000);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment"), 0);
}

static void the_familys_cart_is_left_alone(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "painting", 10000, 5);
    family_hold(f, &ana, "robotics", NOW);
    int64_t cart = family_cart(f, &ana);
    assert_int_equal(desk(f, &ana, "painting", CASH, false, &result), OK);
    assert_int_equal(family_cart(f, &ana), cart);
    assert_int_equal(desk(f, &ana, "robotics", CASH, false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_ALREADY);
    assert_string_equal(result.workshop_title, "Workshop robotics");
}

static void seats_are_hard_and_ages_a_warning(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org"),
                  luz = family_create(f, "l@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    fixture_sql(f, "UPDATE workshop SET min_age = 12");
    assert_int_equal(desk(f, &ana, "robotics", CASH, false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_AGE);
    assert_int_equal(result.age, 8);
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders"), 0);
    assert_int_equal(desk(f, &ana, "robotics", CASH, true, &result), OK);
    assert_int_equal(desk(f, &luz, "robotics", CASH, true, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_FULL);
}

static void a_desk_order_is_checked(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org"),
                  luz = family_create(f, "l@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "gone", 18000, 5);
    const struct {
        struct order_desk_money money;
        enum order_desk_refusal refusal;
    } cases[] = {
        {{"gold", NULL}, ORDER_DESK_METHOD},
        {{NULL, NULL}, ORDER_DESK_METHOD},
        {{"card", NULL}, ORDER_DESK_METHOD},
        {{"credit", NULL}, ORDER_DESK_METHOD},
        {{"cash", "12345678901234567890123456789012345678901234567890123456789012345"},
         ORDER_DESK_REFERENCE},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        assert_int_equal(desk(f, &ana, "robotics", cases[i].money, false, &result), ERR_REFUSED);
        assert_int_equal(result.refusal, cases[i].refusal);
    }
    static const char *const OVER[] = {
        "UPDATE workshop SET cancelled_at = 1, active = 0 WHERE slug = 'gone'",
        "UPDATE workshop SET cancelled_at = NULL, archived_at = 1 WHERE slug = 'gone'",
        "UPDATE workshop SET archived_at = NULL, start_date = '2020-01-01', end_date = '2020-02-01'"
        " WHERE slug = 'gone'"};
    for (size_t i = 0; i < ARRAY_COUNT(OVER); i++) {
        fixture_sql(f, OVER[i]);
        assert_int_equal(desk(f, &ana, "gone", CASH, false, &result), ERR_REFUSED);
        assert_int_equal(result.refusal, ORDER_DESK_GONE);
    }
    const struct order_desk_request none = {
        .account_id = ana.account, .student_id = ana.student, .money = CASH};
    assert_int_equal(order_desk(&f->shop, f->arena, &none, NOW, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_NOTHING);
    const struct family mixed = {.account = luz.account, .student = ana.student};
    assert_int_equal(desk(f, &mixed, "robotics", CASH, false, &result), ERR_NOT_FOUND);
    assert_int_equal(desk(f, &ana, "robotics", SEEN, false, &result), OK);
    assert_int_equal(desk(f, &luz, "robotics", SEEN, false, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_REFERENCE_USED);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM orders"), 1);
}

static void what_is_offered(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct order_desk_student student;
    struct order_desk_offer *offers;
    size_t count;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "painting", 18000, 5);
    fixture_workshop(f, "gone", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET archived_at = 1, active = 0 WHERE slug = 'gone'");
    fixture_sql(f, "UPDATE workshop SET max_age = 6 WHERE slug = 'robotics'");
    assert_int_equal(desk(f, &ana, "painting", CASH, false, &result), OK);
    const struct settings *settings = shop_read_settings(&f->shop);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(order_desk_student(db, f->arena, ana.student, &student), OK);
    assert_int_equal(order_desk_offers(db, f->arena, &student, settings, NOW, &offers, &count), OK);
    store_release(f->shop.store, db);
    assert_int_equal(count, 2);
    assert_string_equal(offers[0].workshop.slug, "painting"); /* the same day: by title */
    assert_true(offers[0].already);
    assert_int_equal(offers[0].workshop.seats_left, 4);
    assert_int_equal(offers[1].fits, WORKSHOP_TOO_OLD);
    assert_int_equal(offers[1].age, 8);
}

/* ---- moving --------------------------------------------------------------------------------- */

struct moving {
    struct family ana;
    int64_t order, inscription;
};

/* Ana is in "robotics" for 180.00; there are "painting" for 100.00, "dance" for 250.00 and "chess"
 * for 180.00 with one seat each. */
static struct moving enrol(struct fixture *f) {
    struct order_desk_result result;
    struct moving m = {.ana = family_create(f, "ana@example.org")};
    fixture_workshop(f, "robotics", 18000, 1);
    fixture_workshop(f, "painting", 10000, 1);
    fixture_workshop(f, "dance", 25000, 1);
    fixture_workshop(f, "chess", 18000, 1);
    assert_int_equal(desk(f, &m.ana, "robotics", CASH, false, &result), OK);
    m.order = result.order_id;
    m.inscription =
        fixture_int(f, "SELECT id FROM inscription WHERE order_id = ?1", V(result.order_id));
    return m;
}

static enum err move(struct fixture *f, const struct moving *m, const char *slug,
                     struct order_desk_money money, struct order_desk_result *result) {
    const struct order_move_request request = {.inscription_id = m->inscription,
                                               .workshop_id = workshop_id(f, slug),
                                               .money = money,
                                               .reason = "Cambio de horario"};
    enum err err = order_move(&f->shop, f->arena, &request, NOW, result);
    fixture_books(f);
    return err;
}

static int64_t net_of(struct fixture *f, int64_t order) {
    return fixture_int(f,
                       "SELECT coalesce(sum(CASE status WHEN 'succeeded' THEN amount_cents"
                       " WHEN 'refunded' THEN -amount_cents END), 0) FROM payment"
                       " WHERE order_id = ?1",
                       V(order));
}

static void to_the_same_price(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct moving m = enrol(f);
    assert_int_equal(move(f, &m, "chess", (struct order_desk_money){0}, &result), OK);
    assert_true(result.paid);
    assert_string_equal(order_status_of(f, m.order), "refunded");
    assert_int_equal(net_of(f, m.order), 0);
    assert_int_equal(net_of(f, result.order_id), 18000);
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(seats_taken(f, "chess"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM credit_note WHERE method = 'credit'"
                                    " AND total_cents = 18000"),
                     1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM receipt WHERE method = 'credit'"), 1);
    assert_int_equal(fixture_mails(f, MAIL_MOVED), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'move'"), 3);
    int64_t first = result.order_id;
    assert_int_equal(move(f, &m, "chess", (struct order_desk_money){0}, &result), OK);
    assert_true(result.replay);
    assert_int_equal(result.order_id, first);
    assert_int_equal(fixture_mails(f, MAIL_MOVED), 1);
}

static void to_a_cheaper_one(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct moving m = enrol(f);
    assert_int_equal(move(f, &m, "painting", (struct order_desk_money){0}, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_REFUND);
    assert_int_equal(result.refund, REFUND_METHOD);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(move(f, &m, "painting", CASH, &result), OK);
    assert_int_equal(result.back_cents, 8000);
    assert_int_equal(net_of(f, result.order_id), 10000);
    assert_int_equal(fixture_int(f, "SELECT amount_cents FROM payment WHERE provider = 'cash'"
                                    " AND status = 'refunded'"),
                     8000);
}

static void to_a_dearer_one_paid_now(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct moving m = enrol(f);
    assert_int_equal(move(f, &m, "dance", (struct order_desk_money){0}, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_METHOD);
    assert_int_equal(move(f, &m, "dance", FREE, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_METHOD);
    assert_int_equal(move(f, &m, "dance", CASH, &result), OK);
    assert_true(result.paid);
    assert_int_equal(net_of(f, result.order_id), 25000);
    assert_int_equal(fixture_int(f,
                                 "SELECT amount_cents FROM payment WHERE provider = 'cash'"
                                 " AND order_id = ?1",
                                 V(result.order_id)),
                     7000);
}

static void to_a_dearer_one_paid_later(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct payment_confirmation confirmed;
    struct moving m = enrol(f);
    assert_int_equal(move(f, &m, "dance", TRANSFER, &result), OK);
    assert_false(result.paid);
    assert_int_equal(result.due_cents, 7000);
    assert_string_equal(order_status_of(f, result.order_id), "pending");
    assert_int_equal(
        payment_confirm_transfer(&f->shop, 0, result.order_id, "7", -1, NOW, &confirmed), OK);
    assert_int_equal(confirmed.effect, ORDER_EFFECT_PAID);
    assert_int_equal(net_of(f, result.order_id), 25000);
}

static void what_was_free_moves_too(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct moving m = {.ana = family_create(f, "ana@example.org")};
    fixture_workshop(f, "open-day", 0, 1);
    fixture_workshop(f, "tour", 0, 1);
    assert_int_equal(desk(f, &m.ana, "open-day", FREE, false, &result), OK);
    m.inscription = fixture_int(f, "SELECT id FROM inscription");
    assert_int_equal(move(f, &m, "tour", (struct order_desk_money){0}, &result), OK);
    assert_true(result.paid);
    assert_int_equal(seats_taken(f, "tour"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM payment"), 0);
}

static void a_move_is_checked(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct moving m = enrol(f);
    struct family luz = family_create(f, "luz@example.org");
    assert_int_equal(desk(f, &luz, "chess", CASH, false, &result), OK);
    assert_int_equal(move(f, &m, "chess", CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_FULL);
    assert_int_equal(move(f, &m, "robotics", CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_SAME);
    fixture_sql(f, "UPDATE workshop SET min_age = 12 WHERE slug = 'dance'");
    assert_int_equal(move(f, &m, "dance", CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_AGE);
    const struct moving unknown = {.inscription = m.inscription + 1000};
    assert_int_equal(move(f, &unknown, "chess", CASH, &result), ERR_NOT_FOUND);
    family_hold(f, &luz, "painting", NOW);
    const struct moving held = {
        .inscription = fixture_int(f, "SELECT id FROM inscription WHERE status = 'held'")};
    assert_int_equal(move(f, &held, "dance", CASH, &result), ERR_REFUSED);
    assert_int_equal(result.refusal, ORDER_DESK_NOT_ENROLLED);
    assert_int_equal(seats_taken(f, "robotics"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM credit_note"), 0);
}

static void one_of_two_moves_and_the_other_stays(void **state) {
    struct fixture *f = *state;
    struct order_desk_result result;
    struct family ana = family_create(f, "ana@example.org");
    const int64_t ids[] = {fixture_workshop(f, "robotics", 18000, 1),
                           fixture_workshop(f, "painting", 10000, 1)};
    fixture_workshop(f, "dance", 25000, 1);
    const struct order_desk_request request = {.account_id = ana.account,
                                               .student_id = ana.student,
                                               .workshops = ids,
                                               .count = 2,
                                               .money = CASH};
    assert_int_equal(order_desk(&f->shop, f->arena, &request, NOW, &result), OK);
    const int64_t order = result.order_id;
    const struct moving m = {
        .inscription =
            fixture_int(f, "SELECT id FROM inscription WHERE workshop_id = ?1", V(ids[0]))};
    assert_int_equal(move(f, &m, "dance", SEEN, &result), OK);
    assert_string_equal(order_status_of(f, order), "paid");
    assert_int_equal(net_of(f, order), 10000);
    assert_int_equal(net_of(f, result.order_id), 25000);
}

/* ---- crowds --------------------------------------------------------------------------------- */

struct race {
    struct fixture *f;
    int64_t inscription, workshop;
    atomic_int first, replays, wrong;
};

static void move_too(void *arg, size_t n) {
    struct race *race = arg;
    struct order_desk_result result;
    struct arena *arena = arena_create();
    const struct order_move_request request = {
        .inscription_id = race->inscription, .workshop_id = race->workshop, .money = CASH};
    (void)n;
    if (order_move(&race->f->shop, arena, &request, NOW, &result) != OK)
        atomic_fetch_add(&race->wrong, 1);
    else
        atomic_fetch_add(result.replay ? &race->replays : &race->first, 1);
    arena_destroy(arena);
}

static void many_clicks_move_once(void **state) {
    struct race race = {.f = *state};
    race.inscription = enrol(race.f).inscription;
    race.workshop = workshop_id(race.f, "dance");
    crowd_run(6, move_too, &race);
    assert_int_equal(race.first, 1);
    assert_int_equal(race.replays, 5);
    assert_int_equal(race.wrong, 0);
    fixture_books(race.f);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(cash_pays_at_once),
        TEST(several_workshops_are_one_order),
        TEST(a_transfer_to_come_waits_like_a_familys),
        TEST(free_of_charge_has_a_receipt_of_nothing),
        TEST(the_familys_cart_is_left_alone),
        TEST(seats_are_hard_and_ages_a_warning),
        TEST(a_desk_order_is_checked),
        TEST(what_is_offered),
        TEST(to_the_same_price),
        TEST(to_a_cheaper_one),
        TEST(to_a_dearer_one_paid_now),
        TEST(to_a_dearer_one_paid_later),
        TEST(what_was_free_moves_too),
        TEST(a_move_is_checked),
        TEST(one_of_two_moves_and_the_other_stays),
        TEST(many_clicks_move_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
