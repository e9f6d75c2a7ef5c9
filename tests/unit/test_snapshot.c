/* Snapshots: what is written is read, what is damaged is refused whatever was damaged, reports
 * count what passes the filter, and any number of threads gives the same bytes. */
#include "shop_fixture.h"

#include "analytics/report.h"
#include "base/buf.h"
#include "base/zone.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DAY = 86400 };

static int64_t sell(struct fixture *f, int64_t account, int64_t student, int64_t workshop,
                    int64_t cents, int64_t at) {
    int64_t order = fixture_sql(f,
                                "INSERT INTO orders (account_id, status, total_cents, created_at,"
                                " paid_at) VALUES (?1, 'paid', ?2, ?3, ?3)",
                                V(account), V(cents), V(at));
    fixture_sql(f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                " price_cents, status) VALUES (?1, ?2, ?3, ?4, ?4, 'confirmed')",
                V(order), V(workshop), V(student), V(cents));
    return order;
}

static const char *path_of(struct fixture *f) {
    return arena_printf(f->arena, "%s/test.snapshot", f->folder);
}

static enum err build(struct fixture *f) {
    struct db *db = store_reader(f->shop.store);
    const struct snapshot_moment moment = {zone_find("America/Lima"), "America/Lima", FIXTURE_NOW};
    enum err err = snapshot_build(db, &moment, path_of(f), NULL);
    store_release(f->shop.store, db);
    return err;
}

static struct snapshot *make(struct fixture *f) {
    struct snapshot *snapshot;
    assert_int_equal(build(f), OK);
    assert_int_equal(snapshot_open(path_of(f), &snapshot), OK);
    return snapshot;
}

/* Three sales of two workshops by two families, the last at 23:30 on 31 March in Lima. */
static void fill(struct fixture *f) {
    int64_t ana = fixture_account(f, "ana@example.org"),
            leo = fixture_account(f, "leo@example.org");
    int64_t sofia = fixture_student(f, ana, "Sofía", "2016-02-29");
    int64_t luis = fixture_student(f, leo, "Luis", "2010-06-01");
    int64_t art = fixture_workshop(f, "art", 10000, 8),
            music = fixture_workshop(f, "music", 500, -1);
    fixture_sql(f, "UPDATE workshop SET level = 2 WHERE id = ?1", V(art));
    sell(f, ana, sofia, art, 9000, FIXTURE_NOW);
    sell(f, leo, luis, art, 9000, FIXTURE_NOW + DAY);
    sell(f, ana, sofia, music, 500, 1775017800);
}

static struct report run(struct fixture *f, const struct snapshot *snapshot, int threads,
                         struct report_filter filter) {
    struct report report;
    struct workers *workers = workers_create(threads);
    report_run(snapshot, workers, &filter, REPORT_ALL, f->arena, &report);
    workers_destroy(workers);
    return report;
}

static void what_is_sold_is_counted(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct snapshot *snapshot = make(f);
    assert_int_equal(snapshot_header(snapshot)->rows, 3);
    struct report r = run(f, snapshot, 2, (struct report_filter){0});
    assert_int_equal(r.totals.inscriptions, 3);
    assert_int_equal(r.totals.students, 2);
    assert_int_equal(r.totals.revenue_cents, 18500);
    assert_int_equal(r.top[0].revenue_cents, 18000);
    assert_int_equal(r.top[0].capacity, 8);
    assert_int_equal(r.top[1].capacity, -1);
    assert_int_equal(r.daily_count, 30); /* 2 to 31 March: the school's day, not UTC's */
    assert_int_equal(r.order_value.orders, 3);
    assert_int_equal(r.order_value.median_cents, 9000);
    snapshot_release(snapshot);
}

static void filters_narrow(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct snapshot *snapshot = make(f);
    struct report r = run(f, snapshot, 1, (struct report_filter){.level = 2});
    assert_int_equal(r.totals.inscriptions, 2);
    assert_int_equal(r.order_value.orders, 2);
    r = run(f, snapshot, 1, (struct report_filter){.from = {2026, 3, 3}});
    assert_int_equal(r.totals.inscriptions, 2);
    r = run(f, snapshot, 1, (struct report_filter){.from = {2026, 3, 3}, .to = {2026, 3, 3}});
    assert_int_equal(r.totals.inscriptions, 1);
    assert_int_equal(r.order_value.median_cents, 9000);
    r = run(f, snapshot, 1, (struct report_filter){.to = {2026, 3, 1}});
    assert_int_equal(r.totals.inscriptions, 0);
    assert_int_equal(r.order_value.orders, 0);
    r = run(f, snapshot, 1, (struct report_filter){.from = {2030, 1, 1}, .to = {2020, 1, 1}});
    assert_int_equal(r.totals.inscriptions, 0);
    r = run(f, snapshot, 1, (struct report_filter){.topic_id = 999});
    assert_int_equal(r.totals.inscriptions, 0);
    snapshot_release(snapshot);
}

static void an_empty_shop_has_answers_too(void **state) {
    struct fixture *f = *state;
    struct snapshot *snapshot = make(f);
    struct report r = run(f, snapshot, 2, (struct report_filter){0});
    assert_int_equal(r.totals.inscriptions + r.daily_count + r.cohort_count, 0);
    snapshot_release(snapshot);
}

static const char *json_without_times(struct fixture *f, const struct snapshot *snapshot,
                                      int threads) {
    struct report r = run(f, snapshot, threads, (struct report_filter){0});
    struct buf text = {0};
    r.duration_us = 0;
    report_json(snapshot, &r, &text);
    const char *copy = arena_strdup(f->arena, buf_text(&text));
    buf_free(&text);
    return copy;
}

static void threads_make_no_difference(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct snapshot *snapshot = make(f);
    const char *one = json_without_times(f, snapshot, 1);
    for (int threads = 2; threads <= 7; threads++)
        assert_string_equal(json_without_times(f, snapshot, threads), one);
    snapshot_release(snapshot);
}

/* ---- damage --------------------------------------------------------------------------------- */

static void write_at(const char *path, off_t at, unsigned char byte) {
    int file = open(path, O_WRONLY);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, &byte, 1, at), 1);
    close(file);
}

static void one_wrong_byte_anywhere_is_seen(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct snapshot *snapshot = make(f);
    off_t size = (off_t)snapshot_header(snapshot)->file_size;
    snapshot_release(snapshot);
    int file = open(path_of(f), O_RDONLY);
    for (off_t at = 0; at < size; at++) {
        unsigned char byte;
        assert_int_equal(pread(file, &byte, 1, at), 1);
        write_at(path_of(f), at, (unsigned char)(byte ^ 0x41));
        if (snapshot_open(path_of(f), &snapshot) != ERR_INVALID)
            fail_msg("a wrong byte at %lld was not seen", (long long)at);
        write_at(path_of(f), at, byte);
    }
    close(file);
    assert_int_equal(snapshot_open(path_of(f), &snapshot), OK);
    snapshot_release(snapshot);
}

static void any_length_is_seen(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct snapshot *snapshot = make(f);
    off_t size = (off_t)snapshot_header(snapshot)->file_size;
    snapshot_release(snapshot);
    for (off_t length = size - 1; length >= 0; length -= 1 + length / 50) {
        assert_int_equal(truncate(path_of(f), length), 0);
        assert_int_equal(snapshot_open(path_of(f), &snapshot), ERR_INVALID);
    }
    assert_int_equal(unlink(path_of(f)), 0);
    assert_int_equal(snapshot_open(path_of(f), &snapshot), ERR_NOT_FOUND);
}

static void an_open_one_outlives_its_file(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct snapshot *old = make(f);
    fixture_sql(f, "UPDATE orders SET status = 'refunded'");
    fixture_sql(f, "UPDATE inscription SET status = 'refunded'");
    struct snapshot *new = make(f);
    assert_int_equal(run(f, old, 2, (struct report_filter){0}).totals.inscriptions, 3);
    struct report r = run(f, new, 2, (struct report_filter){0});
    assert_int_equal(r.totals.inscriptions, 0);
    assert_int_equal(r.totals.refunded_cents, 18500);
    snapshot_release(snapshot_pin(old));
    snapshot_release(old);
    snapshot_release(new);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(what_is_sold_is_counted),         CASE(filters_narrow),
        CASE(an_empty_shop_has_answers_too),   CASE(threads_make_no_difference),
        CASE(one_wrong_byte_anywhere_is_seen), CASE(any_length_is_seen),
        CASE(an_open_one_outlives_its_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
