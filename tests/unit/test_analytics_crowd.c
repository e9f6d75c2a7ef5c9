/* Families buy, somebody refreshes, others look at reports, all at once: nobody sees a figure that
 * was never true, and in the end the reports say what the database says. */
#include "shop_fixture.h"

#include "analytics/analytics.h"
#include "base/clock.h"
#include "base/zone.h"
#include <pthread.h>
#include <string.h>

enum { BUYERS = 2, READERS = 3, REFRESHERS = 2, SALES = 150, CENTS = 700 };

struct crowd {
    struct fixture *f;
    struct analytics *analytics;
    int64_t account, workshop;
    atomic_int sold, wrong, looked;
    atomic_bool over;
};

static struct snapshot_moment now(void) {
    return (struct snapshot_moment){zone_find("America/Lima"), "America/Lima", FIXTURE_NOW};
}

struct sale {
    const struct crowd *crowd;
    int number;
};

static enum err sell(struct tx *tx, void *arg) {
    const struct sale *sale = arg;
    static const char *const SQL[] = {
        "INSERT INTO student (slug, parent_id, first_name, last_name, date_of_birth)"
        " VALUES (?1, ?2, 'A', 'B', '2016-02-29')",
        "INSERT INTO orders (account_id, status, total_cents, created_at, paid_at)"
        " VALUES (?1, 'paid', ?2, ?3, ?3)",
        "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
        " price_cents, status) VALUES (?1, ?2, ?3, ?4, ?4, 'confirmed')",
    };
    char slug[32];
    snprintf(slug, sizeof(slug), "s%d", sale->number);
    enum err err = tx_exec(tx, SQL[0], V((const char *)slug), V(sale->crowd->account));
    int64_t student = tx_last_id(tx);
    if (!err)
        err = tx_exec(tx, SQL[1], V(sale->crowd->account), V(CENTS), V(FIXTURE_NOW));
    return err ? err
               : tx_exec(tx, SQL[2], V(tx_last_id(tx)), V(sale->crowd->workshop), V(student),
                         V(CENTS));
}

static void *buy(void *arg) {
    struct crowd *crowd = arg;
    for (int i = 0; i < SALES; i++) {
        struct sale sale = {crowd, atomic_fetch_add(&crowd->sold, 1)};
        if (store_write(crowd->f->shop.store, sell, &sale) != OK)
            atomic_fetch_add(&crowd->wrong, 1);
    }
    return NULL;
}

static void *keep_refreshing(void *arg) {
    struct crowd *crowd = arg;
    const struct snapshot_moment moment = now();
    while (!atomic_load(&crowd->over))
        if (analytics_refresh(crowd->analytics, &moment) != OK)
            atomic_fetch_add(&crowd->wrong, 1);
    return NULL;
}

/* Every sale is one row, one student and the same money, so the totals agree at every moment, and
 * never shrink. */
static void *keep_looking(void *arg) {
    struct crowd *crowd = arg;
    struct arena *arena = arena_create();
    uint64_t before = 0;
    while (!atomic_load(&crowd->over)) {
        struct snapshot *snapshot = analytics_pin(crowd->analytics);
        struct report r;
        if (!snapshot)
            continue;
        analytics_report(crowd->analytics, snapshot, &(struct report_filter){0}, REPORT_ALL, arena,
                         &r);
        if (r.totals.inscriptions != snapshot_header(snapshot)->rows ||
            r.totals.students != r.totals.inscriptions || r.totals.inscriptions < before ||
            r.totals.revenue_cents != r.totals.inscriptions * CENTS ||
            r.order_value.orders != r.totals.inscriptions)
            atomic_fetch_add(&crowd->wrong, 1);
        before = r.totals.inscriptions;
        snapshot_release(snapshot);
        arena_reset(arena);
        atomic_fetch_add(&crowd->looked, 1);
    }
    arena_destroy(arena);
    return NULL;
}

static void everybody_at_once(void **state) {
    struct fixture *f = *state;
    struct crowd crowd = {.f = f};
    crowd.account = fixture_account(f, "ana@example.org");
    crowd.workshop = fixture_workshop(f, "art", CENTS, -1);
    crowd.analytics =
        analytics_create(f->shop.store, arena_printf(f->arena, "%s/snapshot", f->folder), 2);
    pthread_t buyers[BUYERS], others[READERS + REFRESHERS];
    for (int i = 0; i < READERS + REFRESHERS; i++)
        assert_int_equal(
            pthread_create(&others[i], NULL, i < READERS ? keep_looking : keep_refreshing, &crowd),
            0);
    for (int i = 0; i < BUYERS; i++)
        assert_int_equal(pthread_create(&buyers[i], NULL, buy, &crowd), 0);
    for (int i = 0; i < BUYERS; i++)
        pthread_join(buyers[i], NULL);
    atomic_store(&crowd.over, true);
    for (int i = 0; i < READERS + REFRESHERS; i++)
        pthread_join(others[i], NULL);
    assert_int_equal(crowd.wrong, 0);
    assert_true(crowd.looked > 0);

    const struct snapshot_moment moment = now();
    assert_int_equal(analytics_refresh(crowd.analytics, &moment), OK);
    struct snapshot *snapshot = analytics_pin(crowd.analytics);
    struct report r;
    analytics_report(crowd.analytics, snapshot, &(struct report_filter){0}, REPORT_TOTALS, f->arena,
                     &r);
    assert_int_equal(r.totals.inscriptions, BUYERS * SALES);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM inscription"), BUYERS * SALES);
    snapshot_release(snapshot);
    analytics_destroy(crowd.analytics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everybody_at_once, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
