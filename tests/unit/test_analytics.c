/* The engine: when the weekly run is due and that it is made up for once, that two triggers are one
 * run, what becomes of a file that is not to be trusted and of a folder that cannot be written. */
#include "shop_fixture.h"

#include "analytics/analytics.h"
#include "base/clock.h"
#include "base/zone.h"
#include "order_fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t at(const char *zone, struct date date, int hour, int minute) {
    return zone_utc(zone_find(zone), date, hour, minute);
}

static struct snapshot_moment moment(const char *zone, int64_t now) {
    return (struct snapshot_moment){zone_find(zone), zone, now};
}

static struct snapshot_moment lima(int64_t now) {
    return moment("America/Lima", now);
}

static const char *folder(struct fixture *f) {
    return arena_printf(f->arena, "%s/snapshot", f->folder);
}

static const char *file(struct fixture *f) {
    return arena_printf(f->arena, "%s/analytics.snapshot", folder(f));
}

static struct analytics *engine(struct fixture *f) {
    return analytics_create(f->shop.store, folder(f), 1);
}

static int64_t results(struct fixture *f) {
    return fixture_int(f, "SELECT count(*) FROM analytics_result");
}

/* One more paid inscription. */
static void sell(struct fixture *f) {
    static int number;
    int n = number++;
    int64_t account = fixture_account(f, arena_printf(f->arena, "a%d@example.org", n));
    int64_t workshop = fixture_workshop(f, arena_printf(f->arena, "w%d", n), 500, -1);
    int64_t order = fixture_sql(f,
                                "INSERT INTO orders (account_id, status, total_cents, created_at,"
                                " paid_at) VALUES (?1, 'paid', 500, ?2, ?2)",
                                V(account), V(FIXTURE_NOW));
    fixture_sql(f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
                " price_cents, status) VALUES (?1, ?2, ?3, 500, 500, 'confirmed')",
                V(order), V(workshop), V(fixture_student(f, account, "Sol", "2016-02-29")));
}

static int64_t rows_of(struct analytics *analytics) {
    struct snapshot *snapshot = analytics_pin(analytics);
    int64_t rows = snapshot ? (int64_t)snapshot_header(snapshot)->rows : -1;
    snapshot_release(snapshot);
    return rows;
}

/* ---- when ----------------------------------------------------------------------------------- */

static void assert_due(const char *zone, int64_t now, struct date monday) {
    struct snapshot_moment when = moment(zone, now);
    assert_int_equal(analytics_due(&when), at(zone, monday, 12, 0));
}

static void due_is_monday_noon_where_the_school_is(void **state) {
    (void)state;
    static const struct date MONDAY = {2026, 3, 2}, BEFORE = {2026, 2, 23};
    int64_t noon = at("America/Lima", MONDAY, 12, 0);
    assert_due("America/Lima", noon, MONDAY);
    assert_due("America/Lima", noon - 1, BEFORE);
    assert_due("America/Lima", noon + 1, MONDAY);
    assert_due("America/Lima", at("America/Lima", (struct date){2026, 3, 8}, 23, 59), MONDAY);
    assert_due("America/Lima", at("America/Lima", (struct date){2026, 3, 9}, 11, 59), MONDAY);
    /* the same moment is Monday afternoon in one place and Sunday night in another */
    int64_t early = at("Pacific/Kiritimati", MONDAY, 12, 0);
    assert_due("Pacific/Kiritimati", early, MONDAY);
    assert_due("America/Lima", early, BEFORE);
}

/* Clocks change in the night to Sunday: the week before that Monday is 167 or 169 hours long. */
static void due_follows_the_clocks(void **state) {
    (void)state;
    static const struct {
        struct date before, after;
        int hours;
    } CHANGES[] = {{{2026, 3, 23}, {2026, 3, 30}, 167}, {{2026, 10, 19}, {2026, 10, 26}, 169}};
    for (size_t i = 0; i < ARRAY_COUNT(CHANGES); i++) {
        int64_t noon = at("Europe/Madrid", CHANGES[i].after, 12, 0);
        assert_int_equal(noon - at("Europe/Madrid", CHANGES[i].before, 12, 0),
                         CHANGES[i].hours * HOUR_SECONDS);
        assert_due("Europe/Madrid", noon, CHANGES[i].after);
        assert_due("Europe/Madrid", noon - 1, CHANGES[i].before);
    }
}

static void a_missed_run_is_made_up_once(void **state) {
    struct fixture *f = *state;
    struct analytics *analytics = engine(f);
    struct snapshot_moment when = lima(FIXTURE_NOW); /* Monday 10:00; none was ever */
    analytics_serve(analytics, &when);
    assert_int_equal(results(f), 1);
    when.now += HOUR_SECONDS;
    analytics_serve(analytics, &when);
    assert_int_equal(results(f), 1);
    when.now = FIXTURE_NOW + 2 * HOUR_SECONDS; /* noon */
    analytics_serve(analytics, &when);
    analytics_serve(analytics, &when);
    assert_int_equal(results(f), 2);
    when.now += 30 * DAY_SECONDS; /* four Mondays without the program */
    analytics_serve(analytics, &when);
    when.now += 60;
    analytics_serve(analytics, &when);
    assert_int_equal(results(f), 3);
    analytics_destroy(analytics);
    analytics = engine(f); /* what was done is known after a restart */
    analytics_serve(analytics, &when);
    assert_int_equal(results(f), 3);
    analytics_destroy(analytics);
}

static void a_request_is_served_once(void **state) {
    struct fixture *f = *state;
    struct analytics *analytics = engine(f);
    struct snapshot_moment when = lima(FIXTURE_NOW);
    analytics_serve(analytics, &when);
    analytics_request(analytics);
    analytics_request(analytics);
    assert_true(analytics_progress(analytics).waiting);
    analytics_serve(analytics, &when);
    assert_false(analytics_progress(analytics).waiting);
    analytics_serve(analytics, &when);
    assert_int_equal(results(f), 2);
    analytics_destroy(analytics);
}

/* ---- together ------------------------------------------------------------------------------- */

struct together {
    struct analytics *analytics;
    enum err err[2];
};

static void execute(void *arg, size_t number) {
    struct together *together = arg;
    struct snapshot_moment when = lima(FIXTURE_NOW);
    together->err[number] = analytics_execute(together->analytics, &when);
}

/* Whoever comes while a run goes on shares it; whoever comes after it makes another: never more
 * rows than runs, and as a rule one. The disk decides which, so it is tried until it is one. */
static void two_at_once_are_one_run(void **state) {
    struct fixture *f = *state;
    struct together together = {.analytics = engine(f)};
    bool shared = false;
    for (int i = 0; i < 50 && !shared; i++) {
        sell(f);
        int64_t before = results(f);
        crowd_run(2, execute, &together);
        assert_int_equal(together.err[0], OK);
        assert_int_equal(together.err[1], OK);
        int64_t made = results(f) - before;
        assert_in_range(made, 1, 2);
        shared = made == 1;
        assert_int_equal(rows_of(together.analytics), i + 1);
    }
    analytics_destroy(together.analytics);
    assert_true(shared);
}

static void results_are_bounded(void **state) {
    struct fixture *f = *state;
    enum { KEPT = 260 }; /* five years of weeks */
    fixture_sql(f, "INSERT INTO analytics_result (created_at, duration_us, row_count, results)"
                   " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
                   " SELECT i, 1, 0, '{}' FROM n");
    struct analytics *analytics = engine(f);
    struct snapshot_moment when = lima(FIXTURE_NOW);
    assert_int_equal(analytics_execute(analytics, &when), OK);
    assert_int_equal(results(f), KEPT);
    assert_int_equal(fixture_int(f, "SELECT max(created_at) FROM analytics_result"), FIXTURE_NOW);
    analytics_destroy(analytics);
}

/* ---- files ---------------------------------------------------------------------------------- */

/* Writes over the file at `offset`, or cuts it there when `text` is NULL. */
static void spoil(const char *path, long offset, const char *text) {
    if (!text) {
        assert_int_equal(truncate(path, offset), 0);
        return;
    }
    FILE *out = fopen(path, "r+b");
    assert_non_null(out);
    assert_int_equal(fseek(out, offset, SEEK_SET), 0);
    assert_int_equal(fwrite(text, 1, strlen(text), out), strlen(text));
    assert_int_equal(fclose(out), 0);
}

/* Standard error while `work` runs. */
static const char *logged(struct fixture *f, void (*work)(struct fixture *f)) {
    const char *path = arena_printf(f->arena, "%s/log", f->folder);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    FILE *into = fopen(path, "w");
    assert_non_null(into);
    dup2(fileno(into), STDERR_FILENO);
    work(f);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    fclose(into);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char *text = arena_alloc(f->arena, 65536);
    size_t length = fread(text, 1, 65535, in);
    text[length] = '\0';
    fclose(in);
    return text;
}

static void run_anew(struct fixture *f) {
    struct analytics *analytics = engine(f);
    struct snapshot_moment when = lima(FIXTURE_NOW);
    enum err err = analytics_execute(analytics, &when);
    int64_t rows = rows_of(analytics);
    analytics_destroy(analytics);
    assert_int_equal(err, OK);
    assert_int_equal(rows, 1);
}

static void a_file_not_to_be_trusted_is_made_again(void **state) {
    struct fixture *f = *state;
    sell(f);
    run_anew(f);
    assert_null(strstr(logged(f, run_anew), "snapshot_unusable")); /* a good one is silent */
    static const struct {
        long offset;
        const char *text;
    } SPOILT[] = {
        {0, "FOREIGNS"}, {8, "\x01"}, {100, "damaged"}, {40, NULL}, {0, NULL}, {700, "x"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(SPOILT); i++) {
        spoil(file(f), SPOILT[i].offset, SPOILT[i].text);
        struct snapshot *opened = NULL;
        assert_int_equal(snapshot_open(file(f), &opened), ERR_INVALID);
        const char *log = logged(f, run_anew);
        if (!strstr(log, "snapshot_unusable"))
            fail_msg("spoilt %zu: nothing is said: %s", i, log);
        assert_int_equal(snapshot_open(file(f), &opened), OK);
        snapshot_release(opened);
    }
}

/* A folder that is a file: also root cannot write there. */
static void what_was_pinned_outlives_a_folder_that_cannot_be_written(void **state) {
    struct fixture *f = *state;
    sell(f);
    struct analytics *analytics = engine(f);
    struct snapshot_moment when = lima(FIXTURE_NOW);
    assert_int_equal(analytics_execute(analytics, &when), OK);
    struct snapshot *pinned = analytics_pin(analytics);
    assert_non_null(pinned);
    assert_int_equal(remove(file(f)), 0);
    assert_int_equal(rmdir(folder(f)), 0);
    FILE *plain = fopen(folder(f), "w");
    assert_non_null(plain);
    fclose(plain);
    sell(f);
    struct snapshot_moment elsewhere = moment("UTC", FIXTURE_NOW); /* another zone: made anew */
    assert_int_not_equal(analytics_execute(analytics, &elsewhere), OK);
    assert_int_not_equal(analytics_progress(analytics).outcome, OK);
    assert_int_equal(results(f), 1);
    assert_int_equal(rows_of(analytics), 1);
    struct snapshot *still = analytics_pin(analytics);
    assert_ptr_equal(still, pinned);
    snapshot_release(still);
    snapshot_release(pinned);
    /* a scheduled run that failed is not tried again at once */
    struct snapshot_moment noon = moment("UTC", FIXTURE_NOW + 7 * DAY_SECONDS);
    analytics_serve(analytics, &noon);
    assert_int_equal(remove(folder(f)), 0);
    noon.now += 60;
    analytics_serve(analytics, &noon);
    assert_int_equal(results(f), 1);
    noon.now += 600;
    analytics_serve(analytics, &noon);
    assert_int_equal(results(f), 2);
    assert_int_equal(rows_of(analytics), 2);
    analytics_destroy(analytics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(due_is_monday_noon_where_the_school_is),
        cmocka_unit_test(due_follows_the_clocks),
        TEST(a_missed_run_is_made_up_once),
        TEST(a_request_is_served_once),
        TEST(two_at_once_are_one_run),
        TEST(results_are_bounded),
        TEST(a_file_not_to_be_trusted_is_made_again),
        TEST(what_was_pinned_outlives_a_folder_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
