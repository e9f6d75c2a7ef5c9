/* Listings: everything that is declared works, finds what it says, and reads along an index. */
#include "shop_fixture.h"

#include "shop/listings.h"
#include <string.h>

static const struct {
    const char *name;
    const struct listing *listing;
} ALL[] = {
    {"accounts", &account_listing}, {"audit", &audit_listing},
    {"consents", &consent_listing}, {"inscriptions", &inscription_listing},
    {"orders", &order_listing},     {"mail", &outbox_listing},
    {"payments", &payment_listing}, {"students", &student_listing},
    {"topics", &topic_listing},     {"workshops", &workshop_listing},
};

static struct listing_page read_page(struct fixture *f, const struct listing *listing,
                                     struct listing_query query) {
    struct listing_page page;
    query.zone = zone_find("America/Lima");
    struct db *db = store_reader(f->shop.store);
    enum err err = listing_read(db, f->arena, listing, &query, &page);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return page;
}

static const char **no_filters(struct fixture *f, const struct listing *listing) {
    return arena_array(f->arena, listing_filter_count(listing), sizeof(const char *));
}

static size_t filter_of(const struct listing *listing, const char *name) {
    for (size_t i = 0; i < listing_filter_count(listing); i++)
        if (strcmp(listing->filters[i].name, name) == 0)
            return i;
    fail_msg("no filter %s", name);
    return 0;
}

static struct listing_page filtered(struct fixture *f, const struct listing *listing,
                                    const char *name, const char *value) {
    const char **filters = no_filters(f, listing);
    filters[filter_of(listing, name)] = value;
    return read_page(f, listing, (struct listing_query){.sort = -1, .filters = filters});
}

static struct listing_page searched(struct fixture *f, const struct listing *listing,
                                    const char *text) {
    return read_page(f, listing, (struct listing_query){.sort = -1, .text = text});
}

/* ---- every declaration ---------------------------------------------------------------------- */

static void try_filter(struct fixture *f, const struct listing *listing, size_t i) {
    const struct listing_filter *filter = &listing->filters[i];
    switch (filter->kind) {
    case FILTER_CHOICE:
        for (const struct listing_choice *c = filter->choices; c->value; c++) {
            assert_true(c->sql || filter->sql);
            filtered(f, listing, filter->name, c->value);
        }
        break;
    case FILTER_OPTIONS:
    case FILTER_ID:
        filtered(f, listing, filter->name, "1");
        break;
    case FILTER_FROM:
    case FILTER_TO:
        filtered(f, listing, filter->name, "2026-03-01");
        break;
    }
}

static void every_column_filter_and_order_works(void **state) {
    struct fixture *f = *state;
    for (size_t l = 0; l < ARRAY_COUNT(ALL); l++) {
        const struct listing *listing = ALL[l].listing;
        for (int i = 0; listing->columns[i].name; i++) {
            assert_int_equal(listing_column_sorted(listing, listing->columns[i].name),
                             listing->columns[i].sort ? i : -1);
            if (listing->columns[i].sort)
                read_page(f, listing, (struct listing_query){.sort = i, .descending = i % 2});
        }
        for (size_t i = 0; i < listing_filter_count(listing); i++)
            try_filter(f, listing, i);
        for (size_t i = 0; i < listing_filter_count(listing); i++)
            if (listing->filters[i].kind == FILTER_OPTIONS) {
                struct listing_option *options;
                size_t count;
                struct db *db = store_reader(f->shop.store);
                enum err err =
                    listing_options(db, f->arena, &listing->filters[i], &options, &count);
                store_release(f->shop.store, db);
                assert_int_equal(err, OK);
            }
        if (listing->search)
            searched(f, listing, "ana \"quote -operator NEAR( *");
        if (listing->own)
            read_page(f, listing, (struct listing_query){.sort = -1, .own = 1});
    }
}

/* The plan of the statement that finds a page's rows must not sort all of a large table. */
static void big_lists_are_read_along_an_index(void **state) {
    struct fixture *f = *state;
    static const struct listing *const BIG[] = {
        &order_listing,   &inscription_listing, &payment_listing, &account_listing,
        &student_listing, &outbox_listing,      &audit_listing};
    for (size_t l = 0; l < ARRAY_COUNT(BIG); l++) {
        const struct listing_query query = {.sort = -1};
        const char *sql = arena_printf(f->arena, "EXPLAIN QUERY PLAN %s",
                                       listing_statement(f->arena, BIG[l], &query));
        struct db *db = store_reader(f->shop.store);
        struct rows *rows = db_query_once(db, sql, VALUES());
        int steps = 0;
        for (; rows_next(rows); steps++) {
            const char *step = rows_text(rows, 3, f->arena);
            if (strstr(step, "TEMP B-TREE FOR ORDER BY"))
                fail_msg("%s: %s", BIG[l]->from, step);
        }
        assert_int_equal(rows_end(rows), OK);
        store_release(f->shop.store, db);
        assert_true(steps > 0);
    }
}

/* ---- what is found -------------------------------------------------------------------------- */

static void names_are_found_by_their_beginnings(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    fixture_sql(f, "UPDATE account SET first_name = 'Ángela', last_name = 'Peña' WHERE id = ?1",
                V(ana));
    fixture_student(f, ana, "Sofía", "2017-05-05");
    fixture_account(f, "other@example.org");
    assert_int_equal(searched(f, &account_listing, "angela").total, 1);
    assert_int_equal(searched(f, &account_listing, "pen ANG").total, 1);
    assert_int_equal(searched(f, &account_listing, "sofia").total, 1); /* by her child */
    assert_int_equal(searched(f, &account_listing, "ana@example").total, 1);
    assert_int_equal(searched(f, &account_listing, "gela").total, 0);
    assert_int_equal(searched(f, &account_listing, "").total, 2);
    assert_int_equal(searched(f, &account_listing, " \"* ").total, 0);
    assert_int_equal(searched(f, &student_listing, "pena").total, 1); /* by the family */
    fixture_sql(f, "UPDATE account SET last_name = 'Salas' WHERE id = ?1", V(ana));
    assert_int_equal(searched(f, &account_listing, "pena").total, 0);
    assert_int_equal(searched(f, &account_listing, "salas").total, 1);
    fixture_sql(f, "DELETE FROM student");
    fixture_sql(f, "DELETE FROM account WHERE id = ?1", V(ana));
    assert_int_equal(searched(f, &account_listing, "salas").total, 0);
}

static void orders_are_found_by_every_number(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    int64_t order = fixture_sql(f,
                                "INSERT INTO orders (account_id, code, status, total_cents,"
                                " created_at, paid_at) VALUES (?1, 'TAL-7K3Q', 'paid', 100, 5,"
                                " 5)",
                                V(ana));
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'transfer', '00998877', 100, 'succeeded', 5)",
                V(order));
    fixture_sql(f,
                "INSERT INTO payment_report (order_id, operation, created_at)"
                " VALUES (?1, '5566', 5)",
                V(order));
    fixture_sql(f, "INSERT INTO orders (account_id, status, created_at) VALUES (?1, 'cart', 5)",
                V(ana));
    static const char *const FOUND[] = {"tal-7k3q", "00998877", "5566", "torres",
                                        "ana@example.org"};
    for (size_t i = 0; i < ARRAY_COUNT(FOUND); i++) {
        struct listing_page page = searched(f, &order_listing, FOUND[i]);
        if (page.total != 1 || page.rows[0].id != order)
            fail_msg("%s found %lld", FOUND[i], (long long)page.total);
    }
    assert_int_equal(searched(f, &order_listing, "99").total, 0);
    assert_int_equal(searched(f, &order_listing, "").total, 1); /* a cart is no order */
    assert_int_equal(filtered(f, &order_listing, "status", "paid").total, 1);
    assert_int_equal(filtered(f, &order_listing, "status", "pending").total, 0);
    assert_int_equal(filtered(f, &order_listing, "status", "' OR 1").total, 1); /* not set */
    assert_int_equal(filtered(f, &order_listing, "account", "x").total, 1);
}

static void days_are_the_schools(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    /* 1 March 2026, 23:30 in Lima, which is 2 March in UTC */
    fixture_sql(f,
                "INSERT INTO orders (account_id, code, status, created_at)"
                " VALUES (?1, 'TAL-1', 'cancelled', 1772425800)",
                V(ana));
    assert_int_equal(filtered(f, &order_listing, "from", "2026-03-01").total, 1);
    assert_int_equal(filtered(f, &order_listing, "from", "2026-03-02").total, 0);
    assert_int_equal(filtered(f, &order_listing, "to", "2026-03-01").total, 1);
    assert_int_equal(filtered(f, &order_listing, "to", "2026-02-28").total, 0);
    assert_int_equal(filtered(f, &order_listing, "to", "no day").total, 1);
}

static void an_instructor_sees_the_own_workshops(void **state) {
    struct fixture *f = *state;
    int64_t julio = fixture_account(f, "julio@example.org");
    int64_t own = fixture_workshop(f, "own", 100, 5);
    fixture_workshop(f, "other", 100, 5);
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(own), V(julio));
    struct listing_page page =
        read_page(f, &workshop_listing, (struct listing_query){.sort = -1, .own = julio});
    assert_int_equal(page.total, 1);
    assert_int_equal(page.rows[0].id, own);
    /* a list without a rule of its own shows such a person nothing */
    assert_int_equal(
        read_page(f, &account_listing, (struct listing_query){.sort = -1, .own = julio}).total, 0);
}

static void pages_and_orders(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < LISTING_PAGE_SIZE + 3; i++)
        fixture_sql(f, "INSERT INTO topic (name) VALUES (?1)",
                    V(arena_printf(f->arena, "topic %03d", i)));
    struct listing_query query = {.sort = -1, .page = 2};
    struct listing_page page = read_page(f, &topic_listing, query);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.pages, 2);
    assert_int_equal(page.total, LISTING_PAGE_SIZE + 3);
    assert_string_equal(page.rows[0].values[0].text, "topic 050");
    query.page = 99;
    assert_int_equal(read_page(f, &topic_listing, query).page, 2);
    query = (struct listing_query){.sort = 0, .descending = true, .page = -4};
    page = read_page(f, &topic_listing, query);
    assert_int_equal(page.page, 1);
    assert_string_equal(page.rows[0].values[0].text, "topic 052");
}

static bool count_three(void *ctx, const struct listing_row *row) {
    int *seen = ctx;
    assert_true(row->id > 0);
    return ++*seen < 3;
}

static void each_row_once_until_stopped(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 5; i++)
        fixture_sql(f, "INSERT INTO topic (name) VALUES (?1)", V(arena_printf(f->arena, "%d", i)));
    const struct listing_query query = {.sort = -1};
    int seen = 0;
    struct db *db = store_reader(f->shop.store);
    enum err err = listing_each(db, &topic_listing, &query, count_three, &seen);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    assert_int_equal(seen, 3);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(every_column_filter_and_order_works),
        CASE(big_lists_are_read_along_an_index),
        CASE(names_are_found_by_their_beginnings),
        CASE(orders_are_found_by_every_number),
        CASE(days_are_the_schools),
        CASE(an_instructor_sees_the_own_workshops),
        CASE(pages_and_orders),
        CASE(each_row_once_until_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
