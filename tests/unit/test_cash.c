/* Money by the day it moved: edges of months where the school is, what counts, and that the sums go
 * along their index. */
#include "shop_fixture.h"

#include "base/zone.h"
#include "shop/cash.h"
#include "shop/cash_sql.h"
#include <string.h>

static const struct date UNSET = {0};

struct cash {
    struct cash_month *months;
    size_t count;
};

static struct cash cash(struct fixture *f, struct date from, struct date to) {
    struct cash cash;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(
        cash_months(db, shop_settings(&f->shop, db), from, to, f->arena, &cash.months, &cash.count),
        OK);
    store_release(f->shop.store, db);
    return cash;
}

/* A moment of 2026 in Lima, five hours behind Greenwich. */
static int64_t lima(int month, int day, int hour, int minute) {
    return zone_utc(zone_find("America/Lima"), (struct date){2026, month, day}, hour, minute);
}

/* A payment; settled 0: never. */
static void move(struct fixture *f, const char *status, int64_t cents, int64_t created,
                 int64_t settled) {
    static int number;
    int64_t order = fixture_int(f, "SELECT coalesce((SELECT min(id) FROM orders), 0)");
    if (!order)
        order = fixture_sql(f,
                            "INSERT INTO orders (account_id, code, status, created_at)"
                            " VALUES (?1, 'TAL-1', 'cancelled', 1)",
                            V(fixture_account(f, "ana@example.org")));
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at, settled_at) VALUES (?1, 'transfer', ?2, ?3, ?4, ?5, ?6)",
                V(order), V(arena_printf(f->arena, "OP-%d", number++)), V(cents), V(status),
                V(created), V_OPT(settled != 0, settled));
}

static void assert_month(const struct cash_month *month, int number, int64_t in, int64_t back) {
    assert_int_equal(month->month, 2026 * 12 + number - 1);
    assert_int_equal(month->in_cents, in);
    assert_int_equal(month->back_cents, back);
    assert_int_equal(month->net_cents, in - back);
}

static void nothing_moved(void **state) {
    struct fixture *f = *state;
    assert_int_equal(cash(f, UNSET, UNSET).count, 0);
    move(f, "pending", 100, lima(3, 2, 10, 0), 0);
    move(f, "declined", 100, lima(3, 2, 10, 0), lima(3, 2, 10, 1));
    move(f, "failed", 100, lima(3, 2, 10, 0), lima(3, 2, 10, 1));
    assert_int_equal(cash(f, UNSET, UNSET).count, 0);
}

static void a_month_ends_at_midnight_where_the_school_is(void **state) {
    struct fixture *f = *state;
    move(f, "succeeded", 1, lima(3, 1, 0, 0) - 1, 0);
    move(f, "succeeded", 20, lima(3, 1, 0, 0), 0);
    move(f, "succeeded", 300, lima(4, 1, 0, 0) - 1, 0);
    move(f, "succeeded", 4000, lima(4, 1, 0, 0), 0);
    struct cash lima_months = cash(f, UNSET, UNSET);
    assert_int_equal(lima_months.count, 3);
    assert_month(&lima_months.months[0], 2, 1, 0);
    assert_month(&lima_months.months[1], 3, 320, 0);
    assert_month(&lima_months.months[2], 4, 4000, 0);
    assert_int_equal(lima_months.months[1].in_count, 2);

    fixture_setting(f, "time_zone", "UTC"); /* five hours later there */
    struct cash utc_months = cash(f, UNSET, UNSET);
    assert_int_equal(utc_months.count, 2);
    assert_month(&utc_months.months[0], 3, 21, 0);
    assert_month(&utc_months.months[1], 4, 4300, 0);
}

/* In Santiago clocks change at midnight: April 2026 has an hour more. */
static void a_month_with_a_change_of_clocks(void **state) {
    struct fixture *f = *state;
    fixture_setting(f, "time_zone", "America/Santiago");
    const struct zone *zone = zone_find("America/Santiago");
    int64_t april = zone_utc(zone, (struct date){2026, 4, 1}, 0, 0);
    int64_t may = zone_utc(zone, (struct date){2026, 5, 1}, 0, 0);
    assert_int_equal(may - april, 30 * DAY_SECONDS + HOUR_SECONDS);
    move(f, "succeeded", 10, april, 0);
    move(f, "succeeded", 20, may - 1, 0);
    move(f, "succeeded", 40, may, 0);
    struct cash months = cash(f, UNSET, UNSET);
    assert_int_equal(months.count, 2);
    assert_month(&months.months[0], 4, 30, 0);
    assert_month(&months.months[1], 5, 40, 0);
}

static void money_given_back_counts_in_its_own_month(void **state) {
    struct fixture *f = *state;
    move(f, "succeeded", 18000, lima(1, 31, 23, 0), lima(2, 1, 9, 0)); /* settled the day after */
    move(f, "refunded", 5000, lima(5, 3, 9, 0), lima(5, 3, 9, 0));
    move(f, "refunded", 1000, lima(5, 4, 9, 0), lima(5, 4, 9, 0));
    struct cash months = cash(f, UNSET, UNSET);
    assert_int_equal(months.count, 4);
    assert_month(&months.months[0], 2, 18000, 0);
    assert_month(&months.months[1], 3, 0, 0);
    assert_month(&months.months[2], 4, 0, 0);
    assert_month(&months.months[3], 5, 0, 6000);
    assert_int_equal(months.months[3].in_count, 0);
    assert_int_equal(months.months[3].back_count, 2);
}

static void a_period_counts_its_days(void **state) {
    struct fixture *f = *state;
    move(f, "succeeded", 1, lima(3, 9, 23, 59), 0);
    move(f, "succeeded", 20, lima(3, 10, 0, 0), 0);
    move(f, "refunded", 5, lima(5, 20, 23, 59), 0);
    move(f, "succeeded", 4000, lima(5, 21, 0, 0), 0);
    struct cash months = cash(f, (struct date){2026, 3, 10}, (struct date){2026, 5, 20});
    assert_int_equal(months.count, 3);
    assert_month(&months.months[0], 3, 20, 0);
    assert_month(&months.months[1], 4, 0, 0);
    assert_month(&months.months[2], 5, 0, 5);
    assert_int_equal(cash(f, (struct date){2026, 4, 1}, (struct date){2026, 4, 30}).count, 0);
    assert_int_equal(cash(f, (struct date){2026, 5, 21}, UNSET).count, 1);
    assert_int_equal(cash(f, UNSET, (struct date){2026, 3, 9}).count, 1);
    assert_int_equal(cash(f, (struct date){2026, 5, 1}, (struct date){2026, 4, 1}).count, 0);
    assert_int_equal(cash(f, UNSET, (struct date){9999, 12, 31}).count, 3);
}

static const char *plan(struct fixture *f, const char *sql) {
    const char *plan = "";
    struct db *db = store_reader(f->shop.store);
    struct rows *rows =
        db_query_once(db, arena_printf(f->arena, "EXPLAIN QUERY PLAN %s", sql), VALUES(V(1), V(2)));
    while (rows_next(rows))
        plan = arena_printf(f->arena, "%s%s\n", plan, rows_text(rows, 3, f->arena));
    enum err err = rows_end(rows);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return plan;
}

/* Nothing but the index is read, and of it only the period. */
static void sums_go_along_the_index(void **state) {
    struct fixture *f = *state;
    const char *span = plan(f, cash_sql[CASH_SPAN]), *moved = plan(f, cash_sql[CASH_MOVED]);
    assert_non_null(strstr(span, "SEARCH payment USING COVERING INDEX payment_moved"));
    assert_null(strstr(span, "SCAN payment"));
    assert_non_null(strstr(moved, "SEARCH payment USING COVERING INDEX payment_moved"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_moved),
        TEST(a_month_ends_at_midnight_where_the_school_is),
        TEST(a_month_with_a_change_of_clocks),
        TEST(money_given_back_counts_in_its_own_month),
        TEST(a_period_counts_its_days),
        TEST(sums_go_along_the_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
