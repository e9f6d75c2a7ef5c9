/* Refreshing: whatever happens in the database, and in whatever order, a snapshot that follows the
 * change log says what one made anew says. */
#include "shop_fixture.h"

#include "analytics/report.h"
#include "base/buf.h"
#include "base/workers.h"
#include "base/zone.h"
#include <stdio.h>
#include <string.h>

static struct snapshot_moment lima_now(void) {
    return (struct snapshot_moment){zone_find("America/Lima"), "America/Lima", FIXTURE_NOW};
}

static struct snapshot *make(struct fixture *f, const char *name) {
    const struct snapshot_moment moment = lima_now();
    const char *path = arena_printf(f->arena, "%s/%s", f->folder, name);
    struct snapshot *snapshot;
    assert_int_equal(snapshot_build(f->shop.store, 2, &moment, path, NULL), OK);
    assert_int_equal(snapshot_open(path, &snapshot), OK);
    return snapshot;
}

static enum err refresh(struct fixture *f, const struct snapshot_moment *moment,
                        struct snapshot *current, struct snapshot **out) {
    struct workers *workers = workers_create(2);
    enum err err = snapshot_refresh(f->shop.store, workers, moment, current, out);
    workers_destroy(workers);
    return err;
}

/* Replaces *current, which must be possible. */
static void follow(struct fixture *f, struct snapshot **current) {
    const struct snapshot_moment moment = lima_now();
    struct snapshot *next;
    assert_int_equal(refresh(f, &moment, *current, &next), OK);
    snapshot_release(*current);
    *current = next;
}

/* The reports alone, as text: what a snapshot says of itself may differ. */
static const char *answers(struct fixture *f, const struct snapshot *snapshot, int threads,
                           const struct report_filter *filter) {
    struct workers *workers = workers_create(threads);
    struct report report;
    struct buf text = {0};
    report_run(snapshot, workers, filter, REPORT_ALL, f->arena, &report);
    report_json(snapshot, &report, &text);
    workers_destroy(workers);
    const char *copy = arena_strdup(f->arena, strstr(buf_text(&text), "\"reports\""));
    buf_free(&text);
    return copy;
}

/* ---- a history --------------------------------------------------------------------------------
 */

struct history {
    struct fixture *f;
    uint64_t state;
    int serial;
};

static int64_t below(struct history *h, int64_t n) {
    h->state = h->state * 6364136223846793005U + 1442695040888963407U;
    return (int64_t)((h->state >> 33) % (uint64_t)n);
}

/* An id that exists, or 0. */
static int64_t any(struct history *h, const char *select) {
    struct db *db = store_reader(h->f->shop.store);
    int64_t id = 0;
    if (db_int(db, select, &id, V(below(h, 1000))) != OK)
        id = 0;
    store_release(h->f->shop.store, db);
    return id;
}

static const char ORDER[] = "SELECT id FROM orders ORDER BY id * 7919 % 1009 + ?1 % 5, id LIMIT 1"
                            " OFFSET ?1 % (SELECT count(*) FROM orders)";
static const char SEAT[] = "SELECT id FROM inscription LIMIT 1"
                           " OFFSET ?1 % (SELECT count(*) FROM inscription)";
static const char STUDENT[] = "SELECT id FROM student LIMIT 1"
                              " OFFSET ?1 % (SELECT count(*) FROM student)";
static const char ACCOUNT[] = "SELECT id FROM account LIMIT 1"
                              " OFFSET ?1 % (SELECT count(*) FROM account)";
static const char WORKSHOP[] = "SELECT id FROM workshop LIMIT 1"
                               " OFFSET ?1 % (SELECT count(*) FROM workshop)";
static const char TOPIC[] = "SELECT id FROM topic LIMIT 1"
                            " OFFSET ?1 % (SELECT count(*) FROM topic)";

static void add_topic(struct history *h) {
    fixture_sql(h->f, "INSERT INTO topic (name) VALUES (?1)",
                V(arena_printf(h->f->arena, "topic %d", h->serial++)));
}

static void add_workshop(struct history *h) {
    fixture_sql(h->f,
                "INSERT INTO workshop (slug, topic_id, title, price_cents, level, capacity)"
                " VALUES (?1, ?2, 'W', 100, ?3, ?4)",
                V(arena_printf(h->f->arena, "w%d", h->serial++)), V(any(h, TOPIC)),
                V_OPT(below(h, 2), 1 + below(h, 3)), V_OPT(below(h, 2), 1000 + below(h, 9)));
}

static void add_family(struct history *h) {
    int64_t account =
        fixture_account(h->f, arena_printf(h->f->arena, "family%d@example.org", h->serial++));
    fixture_sql(h->f, "UPDATE account SET country = ?2, role = ?3 WHERE id = ?1", V(account),
                V(below(h, 2) ? "PE" : "CL"), V(1 + below(h, 3)));
    for (int64_t n = 1 + below(h, 2); n > 0; n--)
        fixture_student(h->f, account, "Sol", below(h, 2) ? "2016-02-29" : "2012-07-15");
}

/* Moments at the edges of days and months among them. */
static int64_t moment(struct history *h) {
    static const int64_t EDGES[] = {0, -1, 1, 3600 * 14, 3600 * 14 - 1};
    return FIXTURE_NOW + (below(h, 90) - 30) * DAY_SECONDS + EDGES[below(h, 5)];
}

static void add_seat(struct history *h, int64_t order, const char *status) {
    int64_t list = below(h, 20000);
    fixture_sql(h->f,
                "INSERT OR IGNORE INTO inscription (order_id, workshop_id, student_id,"
                " list_price_cents, price_cents, status, hold_until)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1)",
                V(order), V(any(h, WORKSHOP)), V(any(h, STUDENT)), V(list),
                V(list - below(h, list + 1)), V(status));
}

static void sell(struct history *h) {
    int64_t order = fixture_sql(h->f,
                                "INSERT INTO orders (account_id, status, created_at, paid_at)"
                                " VALUES (?1, 'paid', 1, ?2)",
                                V(any(h, ACCOUNT)), V(moment(h)));
    for (int64_t n = below(h, 4); n > 0; n--)
        add_seat(h, order, "confirmed");
}

static void pay_later(struct history *h) {
    int64_t order = fixture_sql(h->f,
                                "INSERT INTO orders (account_id, status, created_at)"
                                " VALUES (?1, 'pending', 1)",
                                V(any(h, ACCOUNT)));
    add_seat(h, order, "held");
}

static void settle(struct history *h) {
    int64_t order = any(h, "SELECT id FROM orders WHERE status = 'pending' LIMIT 1 OFFSET ?1 % 3");
    fixture_sql(h->f, "UPDATE inscription SET status = 'confirmed' WHERE order_id = ?1", V(order));
    fixture_sql(h->f, "UPDATE orders SET status = 'paid', paid_at = ?2 WHERE id = ?1", V(order),
                V(moment(h)));
}

static void refund_seat(struct history *h) {
    fixture_sql(h->f, "UPDATE inscription SET status = 'refunded' WHERE id = ?1", V(any(h, SEAT)));
}

static void refund_order(struct history *h) {
    int64_t order = any(h, ORDER);
    fixture_sql(h->f, "UPDATE inscription SET status = 'refunded' WHERE order_id = ?1", V(order));
    fixture_sql(h->f, "UPDATE orders SET status = 'refunded' WHERE id = ?1 AND paid_at > 0",
                V(order));
}

static void cancel_order(struct history *h) {
    fixture_sql(h->f, "UPDATE orders SET status = 'cancelled' WHERE id = ?1", V(any(h, ORDER)));
}

static void move_payment(struct history *h) {
    fixture_sql(h->f, "UPDATE orders SET paid_at = ?2 WHERE id = ?1 AND paid_at IS NOT NULL",
                V(any(h, ORDER)), V(moment(h)));
}

static void change_buyer(struct history *h) {
    fixture_sql(h->f, "UPDATE orders SET account_id = ?2 WHERE id = ?1", V(any(h, ORDER)),
                V(any(h, ACCOUNT)));
}

static void delete_order(struct history *h) {
    int64_t order = any(h, ORDER);
    fixture_sql(h->f, "DELETE FROM inscription WHERE order_id = ?1", V(order));
    fixture_sql(h->f, "DELETE FROM orders WHERE id = ?1", V(order));
}

static void renumber_order(struct history *h) {
    fixture_sql(h->f,
                "UPDATE orders SET id = (SELECT max(id) + 7 FROM orders) WHERE id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM inscription WHERE order_id = ?1)",
                V(any(h, ORDER)));
}

static void delete_seat(struct history *h) {
    fixture_sql(h->f, "DELETE FROM inscription WHERE id = ?1", V(any(h, SEAT)));
}

static void move_seat(struct history *h) {
    fixture_sql(h->f, "UPDATE inscription SET order_id = ?2 WHERE id = ?1", V(any(h, SEAT)),
                V(any(h, ORDER)));
}

static void change_seat(struct history *h) {
    fixture_sql(h->f,
                "UPDATE OR IGNORE inscription SET workshop_id = ?2, price_cents = price_cents / 2"
                " WHERE id = ?1",
                V(any(h, SEAT)), V(any(h, WORKSHOP)));
}

static void change_birth(struct history *h) {
    fixture_sql(h->f, "UPDATE student SET date_of_birth = ?2 WHERE id = ?1", V(any(h, STUDENT)),
                V(below(h, 2) ? "2018-03-01" : "2008-02-29"));
}

static void change_account(struct history *h) {
    fixture_sql(h->f, "UPDATE account SET country = ?2, role = ?3 WHERE id = ?1",
                V(any(h, ACCOUNT)), below(h, 3) ? V("AR") : V_NULL, V(1 + below(h, 3)));
}

static void change_workshop(struct history *h) {
    fixture_sql(h->f, "UPDATE workshop SET topic_id = ?2, level = ?3, capacity = ?4 WHERE id = ?1",
                V(any(h, WORKSHOP)), V(any(h, TOPIC)), V_OPT(below(h, 3), 1 + below(h, 3)),
                V_OPT(below(h, 3), 2000));
}

/* The last account goes, and another takes its number. */
static void reuse_number(struct history *h) {
    int64_t account =
        fixture_account(h->f, arena_printf(h->f->arena, "gone%d@example.org", h->serial++));
    fixture_sql(h->f, "DELETE FROM account WHERE id = ?1", V(account));
    add_family(h);
}

/* A family that bought goes with all it had, and another takes its numbers. */
static void family_goes(struct history *h) {
    static const char *const GONE[] = {
        "DELETE FROM inscription WHERE order_id IN (SELECT id FROM orders WHERE account_id = ?1)"
        " OR student_id IN (SELECT id FROM student WHERE parent_id = ?1)",
        "DELETE FROM orders WHERE account_id = ?1",
        "DELETE FROM student WHERE parent_id = ?1",
        "DELETE FROM account WHERE id = ?1",
    };
    int64_t last = fixture_int(h->f, "SELECT max(id) FROM account");
    for (size_t i = 0; i < ARRAY_COUNT(GONE); i++)
        fixture_sql(h->f, GONE[i], V(last));
    add_family(h);
}

static void something_happens(struct history *h) {
    static void (*const EVENTS[])(struct history *) = {
        sell,         sell,           sell,         sell,         pay_later,      settle,
        refund_seat,  refund_order,   cancel_order, move_payment, change_buyer,   delete_order,
        delete_seat,  move_seat,      change_seat,  change_birth, change_account, change_workshop,
        add_workshop, renumber_order, add_topic,    add_family,   reuse_number,   family_goes,
    };
    EVENTS[below(h, ARRAY_COUNT(EVENTS))](h);
}

static void begin(struct history *h, int sales) {
    add_topic(h);
    add_workshop(h);
    add_family(h);
    for (int i = 0; i < 4; i++) {
        add_workshop(h);
        add_family(h);
    }
    for (int i = 0; i < sales; i++)
        sell(h);
    for (int i = 0; i < sales / 4; i++)
        refund_seat(h);
    /* the first day of all, so that no change lies before it */
    fixture_sql(h->f,
                "INSERT INTO orders (account_id, status, created_at, paid_at)"
                " VALUES (?1, 'paid', 1, ?2)",
                V(any(h, ACCOUNT)), V(FIXTURE_NOW - 40 * DAY_SECONDS));
}

/* ---- the proof --------------------------------------------------------------------------------
 */

static void compare(struct history *h, const struct snapshot *followed) {
    struct snapshot *anew = make(h->f, "anew.snapshot");
    const struct report_filter filters[] = {
        {.topic_id = 0},
        {.from = {2026, 2, 28}, .to = {2026, 3, 31}},
        {.topic_id = any(h, TOPIC)},
        {.level = (int)(1 + below(h, 3))},
        {.from = {2026, 3, 1}, .topic_id = any(h, TOPIC), .level = 2},
    };
    assert_int_equal(snapshot_header(followed)->rows, snapshot_header(anew)->rows);
    for (size_t i = 0; i < ARRAY_COUNT(filters); i++)
        assert_string_equal(answers(h->f, followed, 1 + (int)i % 3, &filters[i]),
                            answers(h->f, anew, 2, &filters[i]));
    snapshot_release(anew);
}

static void any_history(void **state) {
    struct history h = {.f = *state};
    enum { ROUNDS = 40 };
    begin(&h, 30);
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    for (int round = 0; round < ROUNDS; round++) {
        h.state = (uint64_t)round * 977 + 3;
        for (int64_t events = below(&h, 20); events > 0; events--)
            something_happens(&h);
        follow(h.f, &snapshot);
        compare(&h, snapshot);
    }
    snapshot_release(snapshot);
}

/* The refunds of an order stand together, in a column whose ids have gaps and duplicates. */
static void every_refund_of_an_order_is_followed(void **state) {
    struct history h = {.f = *state, .state = 4};
    begin(&h, 10);
    fixture_sql(h.f, "DELETE FROM inscription");
    fixture_sql(h.f, "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                     " price_cents, status) VALUES (3, 1, 1, 100, 100, 'refunded'),"
                     " (5, 1, 2, 200, 200, 'refunded'), (5, 2, 2, 300, 300, 'refunded')");
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    fixture_sql(h.f, "DELETE FROM inscription WHERE order_id = 5");
    follow(h.f, &snapshot);
    compare(&h, snapshot);
    snapshot_release(snapshot);
}

/* A level is part of every row of its workshop. */
static void rows_follow_the_level_of_their_workshop(void **state) {
    struct history h = {.f = *state, .state = 11};
    begin(&h, 40);
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    for (int64_t level = 3; level > 0; level--) {
        fixture_sql(h.f, "UPDATE workshop SET level = ?1 WHERE id <= 2", V(level));
        follow(h.f, &snapshot);
        compare(&h, snapshot);
    }
    snapshot_release(snapshot);
}

/* What is pinned stays as it was while others follow. */
static void a_pinned_one_does_not_move(void **state) {
    struct history h = {.f = *state, .state = 5};
    begin(&h, 20);
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    sell(&h);
    follow(h.f, &snapshot);
    struct snapshot *pinned = snapshot_pin(snapshot);
    const char *before = answers(h.f, pinned, 2, &(struct report_filter){0});
    for (int i = 0; i < 30; i++)
        something_happens(&h);
    follow(h.f, &snapshot);
    assert_string_equal(answers(h.f, pinned, 2, &(struct report_filter){0}), before);
    snapshot_release(snapshot);
    assert_string_equal(answers(h.f, pinned, 2, &(struct report_filter){0}), before);
    snapshot_release(pinned);
}

/* ---- what cannot be followed ------------------------------------------------------------------
 */

static void expect_conflict(struct fixture *f, struct snapshot *snapshot,
                            const struct snapshot_moment *moment) {
    struct snapshot *next;
    assert_int_equal(refresh(f, moment, snapshot, &next), ERR_CONFLICT);
    assert_null(next);
}

static void another_history_is_seen(void **state) {
    struct history h = {.f = *state, .state = 6};
    const struct snapshot_moment moment = lima_now();
    begin(&h, 5);
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    /* as a copy of yesterday that was put back, and went on as far as this one had come */
    fixture_sql(h.f, "UPDATE change_log SET epoch = epoch + 1 WHERE seq = ?1",
                V((int64_t)snapshot_header(snapshot)->change_seq));
    expect_conflict(h.f, snapshot, &moment);
    fixture_sql(h.f, "DELETE FROM change_log WHERE seq >= ?1",
                V((int64_t)snapshot_header(snapshot)->change_seq));
    expect_conflict(h.f, snapshot, &moment);
    snapshot_release(snapshot);
}

static void another_zone_is_seen(void **state) {
    struct history h = {.f = *state, .state = 7};
    begin(&h, 5);
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    const struct snapshot_moment madrid = {zone_find("Europe/Madrid"), "Europe/Madrid",
                                           FIXTURE_NOW};
    expect_conflict(h.f, snapshot, &madrid);
    snapshot_release(snapshot);
}

static void a_day_before_the_first_is_seen(void **state) {
    struct history h = {.f = *state, .state = 8};
    const struct snapshot_moment moment = lima_now();
    begin(&h, 5);
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    int64_t order = fixture_sql(h.f,
                                "INSERT INTO orders (account_id, status, created_at, paid_at)"
                                " VALUES (?1, 'paid', 1, 1)",
                                V(any(&h, ACCOUNT)));
    fixture_sql(h.f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                " price_cents, status) VALUES (?1, (SELECT max(id) FROM workshop),"
                " (SELECT max(id) FROM student), 1, 1, 'refunded')",
                V(order));
    expect_conflict(h.f, snapshot, &moment);
    snapshot_release(snapshot);
}

static void an_empty_base_is_made_anew(void **state) {
    struct history h = {.f = *state, .state = 9};
    const struct snapshot_moment moment = lima_now();
    struct snapshot *snapshot = make(h.f, "base.snapshot");
    expect_conflict(h.f, snapshot, &moment);
    snapshot_release(snapshot);
}

/* A base does not make up for it, so it is no conflict. */
static void what_the_schema_forbids_is_refused(void **state) {
    static const char *const DAMAGES[] = {
        "UPDATE workshop SET level = 200 WHERE id = 1",
        "UPDATE student SET date_of_birth = '2016' WHERE id = 1",
        "UPDATE student SET date_of_birth = NULL WHERE id = 1;"
        "INSERT INTO change_log (entity, entity_id) VALUES ('student', 1)",
        "INSERT INTO change_log (entity, entity_id) VALUES (NULL, 1)",
    };
    struct history h = {.f = *state, .state = 10};
    const struct snapshot_moment moment = lima_now();
    begin(&h, 5);
    for (size_t i = 0; i < ARRAY_COUNT(DAMAGES); i++) {
        struct snapshot *snapshot = make(h.f, "base.snapshot"), *next;
        fixture_damage(h.f, DAMAGES[i]);
        assert_int_equal(refresh(h.f, &moment, snapshot, &next), ERR_INTERNAL);
        assert_null(next);
        snapshot_release(snapshot);
        fixture_damage(h.f, "UPDATE workshop SET level = 1; UPDATE student SET date_of_birth ="
                            " '2016-01-01'; DELETE FROM change_log WHERE entity IS NULL");
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(any_history),
        CASE(every_refund_of_an_order_is_followed),
        CASE(rows_follow_the_level_of_their_workshop),
        CASE(a_pinned_one_does_not_move),
        CASE(another_history_is_seen),
        CASE(another_zone_is_seen),
        CASE(a_day_before_the_first_is_seen),
        CASE(an_empty_base_is_made_anew),
        CASE(what_the_schema_forbids_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
