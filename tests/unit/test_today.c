/* The page of today: what is in each block, and that each reads along an index. */
#include "shop_fixture.h"

#include "shop/today.h"
#include "shop/today_sql.h"
#include <string.h>

/* Monday 2 March 2026. */
static const struct date MONDAY = {2026, 3, 2};

static struct db *reader(struct fixture *f) {
    return store_reader(f->shop.store);
}

/* An order of that state, placed at `at`. */
static int64_t order(struct fixture *f, int64_t account, const char *status, int64_t total,
                     int64_t at) {
    bool paid = strcmp(status, "paid") == 0;
    return fixture_sql(f,
                       "INSERT INTO orders (account_id, code, status, review_reason, total_cents,"
                       " created_at, checkout_at, due_at, paid_at) VALUES (?1, ?2, ?3,"
                       " CASE ?3 WHEN 'review' THEN 'late' END, ?4, ?5, ?5, ?5 + 3600, ?6)",
                       V(account), V(arena_printf(f->arena, "TAL-%lld", (long long)at)), V(status),
                       V(total), V(at), V_OPT(paid, at));
}

static void report(struct fixture *f, int64_t order_id, const char *operation, int64_t at) {
    fixture_sql(f,
                "INSERT INTO payment_report (order_id, operation, created_at)"
                " VALUES (?1, ?2, ?3)",
                V(order_id), V(operation), V(at));
}

static void pay(struct fixture *f, int64_t order_id, const char *reference, int64_t cents) {
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'transfer', ?2, ?3, 'succeeded', 1)",
                V(order_id), V(reference), V(cents));
}

static int64_t sit(struct fixture *f, int64_t order_id, int64_t workshop, const char *name,
                   const char *status, int64_t until) {
    int64_t account = fixture_int(f, "SELECT account_id FROM orders WHERE id = ?1", V(order_id));
    int64_t student = fixture_student(f, account, name, "2018-01-01");
    return fixture_sql(f,
                       "INSERT INTO inscription (order_id, workshop_id, student_id,"
                       " list_price_cents, price_cents, status, hold_until) VALUES (?1, ?2, ?3,"
                       " 5000, 4000, ?4, ?5)",
                       V(order_id), V(workshop), V(student), V(status), V_OPT(until != 0, until));
}

/* A workshop from day to day of 2026, on the days of `weekdays`. */
static int64_t workshop(struct fixture *f, const char *slug, const char *from, const char *to,
                        int weekdays, int64_t capacity) {
    int64_t id = fixture_workshop(f, slug, 5000, capacity);
    fixture_sql(f,
                "UPDATE workshop SET start_date = ?2, end_date = ?3, weekdays = ?4,"
                " start_minute = 960 WHERE id = ?1",
                V(id), V(from), V(to), V(weekdays));
    return id;
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void reviews_are_told_oldest_first(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    for (int i = 0; i < TODAY_LIST_MAX + 1; i++)
        pay(f, order(f, ana, "review", 9000, 100 + i), arena_printf(f->arena, "r%d", i), 7000);
    order(f, ana, "paid", 9000, 50);
    struct today_orders reviews;
    struct db *db = reader(f);
    assert_int_equal(today_reviews(db, f->arena, &reviews), OK);
    store_release(f->shop.store, db);
    assert_int_equal(reviews.count, TODAY_LIST_MAX);
    assert_true(reviews.more);
    assert_string_equal(reviews.items[0].code, "TAL-100");
    assert_string_equal(reviews.items[0].reason, "late");
    assert_string_equal(reviews.items[0].family, "Ana Torres");
    assert_int_equal(reviews.items[0].paid_cents, 7000);
}

static void transfers_wait_until_their_operation_is_booked(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    int64_t first = order(f, ana, "pending", 9000, 100), quiet = order(f, ana, "pending", 100, 101);
    int64_t done = order(f, ana, "paid", 500, 102);
    report(f, first, "OP-1", 200);
    report(f, first, "OP-2", 150);
    report(f, done, "OP-3", 120);
    (void)quiet; /* nobody reported anything */
    pay(f, first, "OP-2", 4000);
    struct today_orders transfers;
    struct db *db = reader(f);
    assert_int_equal(today_transfers(db, f->arena, &transfers), OK);
    store_release(f->shop.store, db);
    assert_int_equal(transfers.count, 1);
    assert_false(transfers.more);
    assert_string_equal(transfers.items[0].operation, "OP-1");
    assert_int_equal(transfers.items[0].due_cents, 5000);
    assert_int_equal(transfers.items[0].at, 200);
    assert_int_equal(transfers.items[0].due_at, 3700);
}

static void holds_are_those_of_carts(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org"), robots = fixture_workshop(f, "r", 5000, 9);
    int64_t cart = order(f, ana, "cart", 0, 1), pending = order(f, ana, "pending", 1, 2);
    sit(f, cart, robots, "Later", "held", FIXTURE_NOW + 900);
    sit(f, cart, robots, "Sooner", "held", FIXTURE_NOW + 600);
    sit(f, cart, robots, "Over", "held", FIXTURE_NOW - 1);
    sit(f, pending, robots, "Pending", "held", FIXTURE_NOW + 700);
    struct today_holds holds;
    struct db *db = reader(f);
    assert_int_equal(today_holds(db, f->arena, FIXTURE_NOW, &holds), OK);
    store_release(f->shop.store, db);
    assert_int_equal(holds.count, 2);
    assert_string_equal(holds.items[0].student, "Sooner");
    assert_string_equal(holds.items[1].student, "Later");
    assert_int_equal(holds.items[0].workshop_id, robots);
}

/* ---- workshops ------------------------------------------------------------------------------- */

static struct today_classes classes(struct fixture *f, int64_t own) {
    struct today_classes out;
    struct db *db = reader(f);
    assert_int_equal(today_classes(db, f->arena, MONDAY, own, &out), OK);
    store_release(f->shop.store, db);
    return out;
}

static void assert_class(const struct today_classes *all, size_t at, int day, const char *title) {
    assert_true(at < all->count);
    assert_int_equal(all->items[at].day.day, day);
    assert_string_equal(all->items[at].workshop->title, title);
}

static void classes_are_on_their_days(void **state) {
    struct fixture *f = *state;
    fixture_sql(f, "UPDATE workshop SET title = slug");
    workshop(f, "mon-wed", "2026-02-01", "2026-03-04", 1 | 4, 9);
    workshop(f, "from-sunday", "2026-03-08", "2026-04-30", 64 | 1, 9);
    workshop(f, "over", "2026-01-01", "2026-03-01", 127, 9);
    workshop(f, "to-come", "2026-03-09", "2026-03-20", 127, 9);
    workshop(f, "in-words", "2026-03-03", "2026-03-30", 0, 9);
    fixture_sql(f, "UPDATE workshop SET cancelled_at = 1, active = 0 WHERE id = ?1",
                V(workshop(f, "called-off", "2026-02-01", "2026-04-01", 127, 9)));
    fixture_sql(f, "UPDATE workshop SET title = slug");
    struct today_classes all = classes(f, 0);
    assert_int_equal(all.count, 4);
    assert_class(&all, 0, 2, "mon-wed");
    assert_class(&all, 1, 3, "in-words");
    assert_class(&all, 2, 4, "mon-wed");
    assert_class(&all, 3, 8, "from-sunday");
}

static void an_instructor_sees_the_own_classes(void **state) {
    struct fixture *f = *state;
    int64_t eva = fixture_account(f, "eva@example.org");
    workshop(f, "other", "2026-02-01", "2026-04-01", 127, 9);
    int64_t own = workshop(f, "own", "2026-02-01", "2026-04-01", 1, 9);
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(own), V(eva));
    struct today_classes all = classes(f, eva);
    assert_int_equal(all.count, 1);
    assert_int_equal(all.items[0].workshop->id, own);
    assert_int_equal(classes(f, eva + 1).count, 0);
}

static void full_and_empty_are_told_apart(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org"), cart = order(f, ana, "paid", 0, 5);
    int64_t full = workshop(f, "full", "2026-03-10", "2026-04-30", 1, 2);
    int64_t fair = workshop(f, "fair", "2026-03-10", "2026-04-30", 1, 4);
    int64_t empty = workshop(f, "empty", "2026-03-10", "2026-04-30", 1, 8);
    workshop(f, "endless", "2026-03-10", "2026-04-30", 1, -1);
    workshop(f, "far", "2026-03-30", "2026-04-30", 1, 8); /* has time to fill */
    workshop(f, "begun", "2026-03-01", "2026-04-30", 1, 8);
    sit(f, cart, full, "A", "confirmed", 0);
    sit(f, cart, full, "B", "confirmed", 0);
    sit(f, cart, fair, "C", "confirmed", 0);
    sit(f, cart, fair, "D", "confirmed", 0);
    sit(f, cart, empty, "E", "confirmed", 0);
    struct today_seats seats;
    struct db *db = reader(f);
    assert_int_equal(today_seats(db, f->arena, MONDAY, 0, &seats), OK);
    store_release(f->shop.store, db);
    assert_int_equal(seats.full_count, 1);
    assert_int_equal(seats.full[0].id, full);
    assert_int_equal(seats.full[0].taken, 2);
    assert_int_equal(seats.empty_count, 1);
    assert_int_equal(seats.empty[0].id, empty);
}

/* ---- the week, the set-up -------------------------------------------------------------------- */

/* FIXTURE_NOW is Monday, 10:00 in Lima. */
static void a_week_begins_on_monday_where_the_school_is(void **state) {
    struct fixture *f = *state;
    int64_t midnight = FIXTURE_NOW - 10 * HOUR_SECONDS, week = 7 * DAY_SECONDS;
    int64_t ana = fixture_account(f, "ana@example.org"), robots = fixture_workshop(f, "r", 5000, 9);
    sit(f, order(f, ana, "paid", 4000, midnight), robots, "A", "confirmed", 0);
    sit(f, order(f, ana, "paid", 4000, midnight + 60), robots, "B", "refunded", 0);
    sit(f, order(f, ana, "review", 4000, midnight + 90), robots, "C", "confirmed", 0);
    sit(f, order(f, ana, "paid", 4000, midnight - 1), robots, "D", "confirmed", 0);
    int64_t last = order(f, ana, "paid", 8000, midnight - week + 5);
    sit(f, last, robots, "E", "confirmed", 0);
    sit(f, last, robots, "F", "confirmed", 0);
    sit(f, order(f, ana, "paid", 4000, FIXTURE_NOW - week + 60), robots, "G", "confirmed", 0);
    struct today_week sold;
    struct db *db = reader(f);
    assert_int_equal(today_week(db, zone_find("America/Lima"), FIXTURE_NOW, &sold), OK);
    store_release(f->shop.store, db);
    assert_int_equal(sold.inscriptions, 1);
    assert_int_equal(sold.cents, 4000);
    assert_int_equal(sold.last_inscriptions, 2);
    assert_int_equal(sold.last_cents, 8000);
}

static struct today_setup setup_of(struct fixture *f) {
    struct today_setup setup;
    struct db *db = reader(f);
    assert_int_equal(today_setup(db, shop_settings(&f->shop, db), &setup), OK);
    store_release(f->shop.store, db);
    return setup;
}

static void the_setup_is_ticked_off(void **state) {
    struct fixture *f = *state;
    struct today_setup setup = setup_of(f);
    assert_false(setup.name || setup.contact || setup.mail || setup.payment || setup.workshop);
    fixture_setting(f, "school_name", "Academia Sol");
    fixture_setting(f, "whatsapp", "51987654321");
    fixture_setting(f, "bank_details", "BCP 1");
    fixture_workshop(f, "r", 1, 1);
    fixture_sql(f, "INSERT INTO outbox (recipient, subject, body_text, sent_at)"
                   " VALUES ('a@b.example', 'S', 'T', 5)");
    setup = setup_of(f);
    assert_true(setup.name && setup.contact && setup.mail && setup.payment && setup.workshop);
    fixture_setting(f, "transfer_enabled", "0");
    assert_false(setup_of(f).payment);
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* No statement walks through all orders, inscriptions, workshops, payments or mails. */
static void everything_goes_along_an_index(void **state) {
    struct fixture *f = *state;
    static const struct value VALUES_[] = {{.type = VALUE_INT, .integer = 1},
                                           {.type = VALUE_INT, .integer = 1},
                                           {.type = VALUE_INT, .integer = 1},
                                           {.type = VALUE_INT, .integer = 1},
                                           {.type = VALUE_END}};
    static const char *const INDEX[TODAY_SQL_COUNT] = {
        [TODAY_REVIEWS] = "orders_status", [TODAY_TRANSFERS] = "orders_status",
        [TODAY_RUNNING] = "workshop_days", [TODAY_FULL] = "workshop_days",
        [TODAY_EMPTY] = "workshop_days",   [TODAY_HOLDS] = "inscription_holds",
        [TODAY_PAID] = "orders_paid",      [TODAY_SETUP] = "outbox_sent",
    };
    for (int i = 0; i < TODAY_SQL_COUNT; i++) {
        size_t parameters = 0;
        for (char p = '1'; p <= '4'; p++) {
            char name[3] = {'?', p, '\0'};
            parameters += strstr(today_sql[i], name) != NULL;
        }
        struct db *db = reader(f);
        struct rows *rows =
            db_query_once(db, arena_printf(f->arena, "EXPLAIN QUERY PLAN %s", today_sql[i]),
                          VALUES_ + ARRAY_COUNT(VALUES_) - 1 - parameters);
        bool used = false;
        while (rows_next(rows)) {
            const char *step = rows_text(rows, 3, f->arena);
            /* The set-up asks whether there is any: that stops at the first row. */
            if (strncmp(step, "SCAN ", 5) == 0 && i != TODAY_SETUP)
                fail_msg("statement %d: %s", i, step);
            used |= strstr(step, INDEX[i]) != NULL;
        }
        assert_int_equal(rows_end(rows), OK);
        store_release(f->shop.store, db);
        if (!used)
            fail_msg("statement %d does not use %s", i, INDEX[i]);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(reviews_are_told_oldest_first),
        TEST(transfers_wait_until_their_operation_is_booked),
        TEST(holds_are_those_of_carts),
        TEST(classes_are_on_their_days),
        TEST(an_instructor_sees_the_own_classes),
        TEST(full_and_empty_are_told_apart),
        TEST(a_week_begins_on_monday_where_the_school_is),
        TEST(the_setup_is_ticked_off),
        TEST(everything_goes_along_an_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
