/* A school counted: every state in its own field, mail that waits and mail that never will go. */
#include "shop_fixture.h"

#include "shop/census.h"
#include <string.h>

static struct census take(struct fixture *f) {
    struct census census;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(census_take(db, &census), OK);
    store_release(f->shop.store, db);
    return census;
}

static void an_empty_school(void **state) {
    struct fixture *f = *state;
    const struct census empty = {0};
    struct census census = take(f);
    assert_memory_equal(&census, &empty, sizeof(empty));
}

/* One order more of each state than of the one before, each of 100 cents. */
static void orders_and_inscriptions_by_state(void **state) {
    struct fixture *f = *state;
    int64_t workshop = fixture_workshop(f, "arte", 100, -1), order = 0;
    for (int s = 0; s < CENSUS_ORDER_STATES; s++)
        for (int n = 0; n <= s; n++) {
            int64_t who =
                fixture_account(f, arena_printf(f->arena, "order-%d-%d@example.org", s, n));
            order = fixture_sql(
                f,
                "INSERT INTO orders (account_id, status, total_cents, created_at, paid_at)"
                " VALUES (?1, ?2, 100, 1, CASE WHEN ?2 IN ('paid', 'refunded') THEN 1 END)",
                V(who), V(census_order_states[s]));
        }
    int64_t parent = fixture_account(f, "parent@example.org");
    for (int s = 0; s < CENSUS_INSCRIPTION_STATES; s++)
        for (int n = 0; n <= s; n++)
            fixture_sql(f,
                        "INSERT INTO inscription (order_id, workshop_id, student_id,"
                        " list_price_cents, price_cents, status, hold_until)"
                        " VALUES (?1, ?2, ?3, 100, 100, ?4, 1)",
                        V(order), V(workshop), V(fixture_student(f, parent, "Luz", "2015-03-09")),
                        V(census_inscription_states[s]));
    struct census census = take(f);
    for (int s = 0; s < CENSUS_ORDER_STATES; s++)
        assert_int_equal(census.orders[s], s + 1);
    for (int s = 0; s < CENSUS_INSCRIPTION_STATES; s++)
        assert_int_equal(census.inscriptions[s], s + 1);
    assert_string_equal(census_order_states[2], "paid");
    assert_int_equal(census.revenue_cents, 300);
}

static void write_mail(struct fixture *f, int64_t written, int64_t next, int64_t sent) {
    fixture_sql(f,
                "INSERT INTO outbox (recipient, subject, body_text, created_at, next_attempt_at,"
                " sent_at) VALUES ('a@example.org', 's', 't', ?1, ?2, ?3)",
                V(written), V_OPT(next != 0, next), V_OPT(sent != 0, sent));
}

static void mail_by_what_becomes_of_it(void **state) {
    struct fixture *f = *state;
    write_mail(f, 50, 0, 60); /* sent */
    write_mail(f, 70, 0, 0);  /* given up */
    assert_int_equal(take(f).mail_waiting, 0);
    assert_int_equal(take(f).mail_oldest_at, 0);
    assert_int_equal(take(f).mail_given_up, 1);
    write_mail(f, 300, 400, 0);
    write_mail(f, 200, 900, 0);
    write_mail(f, 0, 100, 0); /* from outside, without a moment */
    assert_int_equal(take(f).mail_waiting, 3);
    assert_int_equal(take(f).mail_oldest_at, 200);
}

static void the_last_count_of_the_statistics(void **state) {
    struct fixture *f = *state;
    for (int64_t at = 100; at <= 300; at += 100)
        fixture_sql(f,
                    "INSERT INTO analytics_result (created_at, duration_us, row_count, results)"
                    " VALUES (?1, 1, 1, '{}')",
                    V(at));
    assert_int_equal(take(f).counted_at, 300);
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_empty_school),
        TEST(orders_and_inscriptions_by_state),
        TEST(mail_by_what_becomes_of_it),
        TEST(the_last_count_of_the_statistics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
