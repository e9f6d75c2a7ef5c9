/* Snapshots: what is written is read, what is damaged is refused whatever was damaged, reports
 * count what passes the filter, and any number of threads gives the same bytes. */
#include "shop_fixture.h"

#include "analytics/report.h"
#include "analytics/snapshot_file.h"
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

static enum err build_with(struct fixture *f, size_t readers) {
    const struct snapshot_moment moment = {zone_find("America/Lima"), "America/Lima", FIXTURE_NOW};
    return snapshot_build(f->shop.store, readers, &moment, path_of(f), NULL);
}

static enum err build(struct fixture *f) {
    return build_with(f, 2);
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

/* Everything behind the header, which tells how long it took. */
static const char *content_of(struct fixture *f, size_t *size) {
    static char content[1 << 20];
    int file = open(path_of(f), O_RDONLY);
    ssize_t got = pread(file, content, sizeof(content), sizeof(struct snapshot_header));
    close(file);
    assert_in_range(got, 1, sizeof(content) - 1);
    *size = (size_t)got;
    char *copy = arena_alloc(f->arena, *size);
    return memcpy(copy, content, *size);
}

/* Rows of every part of a table, with gaps; an order whose rows lie far apart. */
static void readers_make_no_difference(void **state) {
    struct fixture *f = *state;
    fill(f);
    fixture_sql(
        f, "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 7 FROM n WHERE i < 9000)"
           " INSERT INTO orders (id, account_id, status, created_at, paid_at)"
           " SELECT i, 1 + i % 2, iif(i % 5, 'paid', 'refunded'), 0, 1775017800 + i * 997 FROM n");
    fixture_sql(f, "DROP INDEX inscription_once");
    fixture_sql(f, "UPDATE workshop SET capacity = NULL");
    fixture_sql(f, "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                   " price_cents, status) SELECT o.id, 1 + (o.id + line.id) % 2, 1 + o.id % 2, 900,"
                   " o.id % 900, iif(o.id % 5, 'confirmed', 'refunded') FROM orders line, orders o"
                   " WHERE line.id IN (1, 2) AND o.id > 3");
    size_t one, two;
    assert_int_equal(build_with(f, 1), OK);
    const char *alone = content_of(f, &one);
    assert_int_equal(build_with(f, 2), OK);
    const char *together = content_of(f, &two);
    assert_int_equal(one, two);
    assert_memory_equal(alone, together, one);
    struct snapshot *snapshot = make(f);
    assert_in_range(snapshot_header(snapshot)->rows, 1500, 3000);
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

/* A fuzzer that begins with a file of another format never gets past the first check. */
static void the_seed_of_the_fuzzer_is_of_this_format(void **state) {
    enum { FILTER = 6 };
    struct fixture *f = *state;
    static char bytes[65536];
    int seed = open("tests/fuzz/seeds/snapshot/demo", O_RDONLY);
    ssize_t size = read(seed, bytes, sizeof(bytes));
    close(seed);
    assert_in_range(size, FILTER + 1, sizeof(bytes) - 1);
    int file = open(path_of(f), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(file, bytes, (size_t)size - FILTER), size - FILTER);
    close(file);
    struct snapshot *snapshot;
    assert_int_equal(snapshot_open(path_of(f), &snapshot), OK);
    snapshot_release(snapshot);
}

/* Each is refused, and once it is mended again a snapshot is made. */
static void rows_that_the_schema_forbids_are_refused(void **state) {
    static const struct {
        const char *damage, *repair;
    } ROWS[] = {
        {"UPDATE inscription SET status = NULL WHERE id = 2",
         "UPDATE inscription SET status = 'confirmed' WHERE id = 2"},
        {"UPDATE orders SET status = NULL WHERE id = 2",
         "UPDATE orders SET status = 'paid' WHERE id = 2"},
        {"UPDATE student SET date_of_birth = NULL WHERE id = 1",
         "UPDATE student SET date_of_birth = '2016-02-29' WHERE id = 1"},
        {"UPDATE student SET date_of_birth = '2016' WHERE id = 1",
         "UPDATE student SET date_of_birth = '2016-02-29' WHERE id = 1"},
        {"UPDATE student SET date_of_birth = 'some-day-.' WHERE id = 1",
         "UPDATE student SET date_of_birth = '2016-02-29' WHERE id = 1"},
        {"UPDATE workshop SET level = 200 WHERE id = 1",
         "UPDATE workshop SET level = 2 WHERE id = 1"},
        {"UPDATE workshop SET level = -1 WHERE id = 1",
         "UPDATE workshop SET level = 2 WHERE id = 1"},
        {"UPDATE account SET id = -2 WHERE id = 2", "UPDATE account SET id = 2 WHERE id = -2"},
    };
    struct fixture *f = *state;
    fill(f);
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        fixture_damage(f, ROWS[i].damage);
        if (build(f) != ERR_INTERNAL)
            fail_msg("not refused: %s", ROWS[i].damage);
        fixture_damage(f, ROWS[i].repair);
        snapshot_release(make(f));
    }
    fixture_damage(f, "UPDATE orders SET paid_at = 9223372036854775807 WHERE id = 2");
    assert_int_equal(build(f), ERR_INVALID);
    fixture_damage(f, "UPDATE orders SET paid_at = -9223372036854775807 - 1 WHERE id = 2");
    assert_int_equal(build(f), ERR_INVALID);
}

/* ---- forgery -------------------------------------------------------------------------------- */

/* A file changed by somebody who sets the checksum right. */
struct forgery {
    uint8_t bytes[16384];
    size_t size;
    struct snapshot_header *header;
    struct snapshot_section *sections;
};

static struct forgery *forgery_begin(struct fixture *f) {
    static struct forgery forgery;
    int file = open(path_of(f), O_RDONLY);
    ssize_t size = read(file, forgery.bytes, sizeof(forgery.bytes));
    assert_in_range(size, 1, sizeof(forgery.bytes) - 1);
    close(file);
    forgery.size = (size_t)size;
    forgery.header = (struct snapshot_header *)forgery.bytes;
    forgery.sections = (struct snapshot_section *)(forgery.bytes + sizeof(*forgery.header));
    return &forgery;
}

static enum err forgery_open(struct fixture *f, struct forgery *forged) {
    const char *path = arena_printf(f->arena, "%s/forged.snapshot", f->folder);
    const size_t head = sizeof(*forged->header);
    struct snapshot *snapshot;
    uint8_t content[SECRET_DIGEST_SIZE];
    snapshot_digest(forged->bytes + head, forged->size - head, NULL, content);
    snapshot_checksum(forged->header, content, forged->header->checksum);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(file, forged->bytes, forged->size), forged->size);
    close(file);
    enum err err = snapshot_open(path, &snapshot);
    snapshot_release(snapshot);
    return err;
}

static void values_that_no_build_writes_are_refused(void **state) {
    /* Where `width` is given the section is made that wide; it ends before the next 64 bytes. */
    static const struct {
        const char *what;
        enum snapshot_section_id id;
        uint32_t width;
        uint64_t at, value;
    } FORGERIES[] = {
        {"a row of a fare there is not", ROW_FARE, 0, 1, 9},
        {"a fare of a workshop there is not", FARE_WORKSHOP, 0, 0, 2},
        {"a fare wider than money is", FARE_PRICE, 8, 0, 1},
        {"a row before the first day", DAY_FIRST, 0, 0, 1},
        {"days that do not ascend", DAY_FIRST, 0, 1, 3},
        {"an order of two days", ORDER_FIRST, 0, 2, 3},
        {"an order without rows", ORDER_FIRST, 0, 1, 0},
        {"the same order twice a day", ORDER_ID, 0, 1, 1},
        {"a refund behind the last day", BACK_DAY, 0, 0, 200},
        {"a refund wider than money is", BACK_PRICE, 8, 0, 1},
        {"the same workshop twice", WORKSHOP_ID, 0, 1, 1},
        {"a level above the third", WORKSHOP_LEVEL, 0, 0, 4},
        {"a capacity that is negative", WORKSHOP_CAPACITY, 8, 0, UINT64_C(1) << 63},
        {"groups wider than kernels read", ROW_GROUP, 4, 0, 0},
        {"a row of a group there is not", ROW_GROUP, 0, 0, 9},
        {"brackets wider than kernels read", ROW_BRACKET, 4, 0, 0},
        {"a row of a bracket there is not", ROW_BRACKET, 0, 0, 200},
        {"a bracket above the oldest age", BRACKET_AGE, 2, 0, 256},
        {"a bracket of a level above the third", BRACKET_LEVEL, 0, 0, 4},
        {"an order of an account there is not", ORDER_ACCOUNT, 0, 0, 2},
        {"a country of three letters", GROUP_COUNTRY, 4, 0, 0x414141},
        {"a role that is negative", GROUP_ROLE, 4, 0, UINT32_MAX},
    };
    struct fixture *f = *state;
    fill(f);
    fixture_sql(f, "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                   " price_cents, status) VALUES (3, 2, 2, 100, 100, 'confirmed')");
    fixture_sql(f, "UPDATE orders SET paid_at = (SELECT min(paid_at) FROM orders) WHERE id = 2");
    fixture_sql(f, "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                   " price_cents, status) VALUES (1, 2, 1, 100, 100, 'refunded')");
    snapshot_release(make(f));
    assert_int_equal(forgery_open(f, forgery_begin(f)), OK);
    for (size_t i = 0; i < ARRAY_COUNT(FORGERIES); i++) {
        struct forgery *forged = forgery_begin(f);
        struct snapshot_section *s = &forged->sections[FORGERIES[i].id];
        if (FORGERIES[i].width) {
            memset(forged->bytes + s->offset, 0, SNAPSHOT_ALIGN);
            s->width = FORGERIES[i].width;
        }
        memcpy(forged->bytes + s->offset + FORGERIES[i].at * s->width, &FORGERIES[i].value,
               s->width);
        if (forgery_open(f, forged) != ERR_INVALID)
            fail_msg("%s was not refused", FORGERIES[i].what);
    }
}

static void absurd_calendars_and_directories_are_refused(void **state) {
    struct fixture *f = *state;
    fill(f);
    snapshot_release(make(f));
    struct forgery *forged = forgery_begin(f);
    forged->header->first_day = INT32_MAX - 40;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
    forged->header->first_day = INT32_MIN;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
    forged = forgery_begin(f);
    forged->header->days = INT32_MAX;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
    forged = forgery_begin(f);
    forged->header->days = -1;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
    forged = forgery_begin(f); /* two sections in one place */
    forged->sections[ROW_STUDENT].offset = forged->sections[ROW_FARE].offset;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
    forged = forgery_begin(f);
    forged->sections[GROUP_ROLE].offset++;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
    forged = forgery_begin(f);
    forged->sections[GROUP_ROLE].count = UINT64_MAX;
    assert_int_equal(forgery_open(f, forged), ERR_INVALID);
}

/* Room for months × topics: a small file that names many topics and a long time. */
static void what_would_take_all_memory_is_refused(void **state) {
    struct fixture *f = *state;
    fill(f);
    fixture_sql(f, "UPDATE orders SET paid_at = 0 WHERE id = 1");
    fixture_sql(f, "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n"
                   " WHERE i < 30000) INSERT INTO topic (id, name)"
                   " SELECT i, 'topic ' || i FROM n");
    struct snapshot *snapshot;
    assert_int_equal(build(f), OK);
    assert_int_equal(snapshot_open(path_of(f), &snapshot), ERR_INVALID);
    fixture_sql(f, "DELETE FROM topic WHERE id > 10000");
    snapshot_release(make(f));
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(what_is_sold_is_counted),
        CASE(filters_narrow),
        CASE(an_empty_shop_has_answers_too),
        CASE(threads_make_no_difference),
        CASE(readers_make_no_difference),
        CASE(one_wrong_byte_anywhere_is_seen),
        CASE(any_length_is_seen),
        CASE(an_open_one_outlives_its_file),
        CASE(the_seed_of_the_fuzzer_is_of_this_format),
        CASE(rows_that_the_schema_forbids_are_refused),
        CASE(values_that_no_build_writes_are_refused),
        CASE(absurd_calendars_and_directories_are_refused),
        CASE(what_would_take_all_memory_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
