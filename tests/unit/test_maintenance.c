/* What time alone brings about. */
#include "order_fixture.h"
#include "shop/maintenance.h"
#include <stdatomic.h>
#include <string.h>

enum { NOW = FIXTURE_NOW, HOLD = 30 * 60, DUE = NOW + 48 * HOUR_SECONDS };

static struct maintenance_done run(struct fixture *f, int64_t now) {
    struct maintenance_done done;
    assert_int_equal(maintenance_run(&f->shop, now, &done), OK);
    return done;
}

static int64_t place_transfer(struct fixture *f, struct family *ana) {
    struct order_result result;
    *ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    family_hold(f, ana, "robotics", NOW);
    int64_t id = family_cart(f, ana);
    assert_int_equal(family_pay(f, ana, id, "transfer", NULL, NOW, &result), OK);
    return id;
}

static void an_idle_school_writes_nothing(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    struct store_stats before, after;
    fixture_workshop(f, "robotics", 18000, 5);
    family_hold(f, &ana, "robotics", NOW);
    store_stats(f->shop.store, &before);
    run(f, NOW + HOLD - 1);
    store_stats(f->shop.store, &after);
    assert_int_equal(after.writes, before.writes);
}

static void holds_end(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 5);
    fixture_workshop(f, "music", 18000, 5);
    int64_t first = family_hold(f, &ana, "robotics", NOW);
    int64_t second = family_hold(f, &ana, "music", NOW + 60);
    assert_int_equal(run(f, NOW + HOLD).holds, 1);
    assert_string_equal(inscription_status_of(f, first), "expired");
    assert_string_equal(inscription_status_of(f, second), "held");
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(run(f, NOW + HOLD).holds, 0);
}

static void many_holds_end_in_one_round(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_setting(f, "live_holds_per_account", "1000");
    fixture_workshop(f, "robotics", 100, -1);
    for (int i = 0; i < 450; i++) {
        int64_t student = fixture_student(f, ana.account, "Kid", "2017-01-01");
        struct family kid = {ana.account, student, fixture_student_slug(f, student)};
        family_hold(f, &kid, "robotics", NOW);
    }
    assert_int_equal(run(f, NOW + HOLD).holds, 450);
    assert_int_equal(seats_taken(f, "robotics"), 0);
}

static void a_transfer_runs_out(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = place_transfer(f, &ana);
    assert_int_equal(run(f, DUE - 1).transfers, 0);
    assert_string_equal(order_status_of(f, id), "pending");
    assert_int_equal(run(f, DUE).transfers, 1);
    assert_string_equal(order_status_of(f, id), "cancelled");
    assert_string_equal(fixture_text(f, "SELECT status FROM inscription"), "expired");
    assert_int_equal(seats_taken(f, "robotics"), 0);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_EXPIRED), 1);
    assert_int_equal(run(f, DUE + 60).transfers, 0);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_EXPIRED), 1);
}

struct expiry {
    struct fixture *f;
    int64_t id, now;
    bool done;
};

static enum err expire_tx(struct tx *tx, void *arg) {
    struct expiry *e = arg;
    return order_expire_tx(&e->f->shop, tx, e->f->arena, e->id, e->now, &e->done);
}

/* Between finding an order and cancelling it, it may have been paid. */
static void only_what_is_still_due_runs_out(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation all;
    struct expiry expiry = {.f = f, .id = place_transfer(f, &ana), .now = DUE - 1};
    assert_int_equal(store_write(f->shop.store, expire_tx, &expiry), OK);
    assert_false(expiry.done);
    assert_int_equal(payment_confirm_transfer(&f->shop, 0, expiry.id, "1", -1, NOW, &all), OK);
    expiry.now = DUE;
    assert_int_equal(store_write(f->shop.store, expire_tx, &expiry), OK);
    assert_false(expiry.done);
    assert_string_equal(order_status_of(f, expiry.id), "paid");
}

static void part_of_the_money_at_the_deadline_is_for_staff(void **state) {
    struct fixture *f = *state;
    struct family ana;
    struct payment_confirmation part;
    int64_t id = place_transfer(f, &ana);
    assert_int_equal(payment_confirm_transfer(&f->shop, 0, id, "1", 100, NOW, &part), OK);
    assert_int_equal(run(f, DUE).transfers, 1);
    assert_string_equal(order_status_of(f, id), "review");
    assert_string_equal(fixture_text(f, "SELECT review_reason FROM orders"), "amount");
    assert_int_equal(fixture_mails(f, MAIL_REVIEW), 1);
    assert_int_equal(fixture_mails(f, MAIL_TRANSFER_EXPIRED), 0);
    assert_int_equal(seats_taken(f, "robotics"), 0);
}

/* A crash between asking the bank and writing down its answer. */
static void a_lost_charge_is_asked_about(void **state) {
    struct fixture *f = *state;
    struct family ana = family_create(f, "ana@example.org");
    fixture_workshop(f, "robotics", 18000, 1);
    family_hold(f, &ana, "robotics", NOW);
    int64_t id = family_cart(f, &ana);
    fixture_sql(f, "UPDATE orders SET status = 'pending', method = 'card', code = 'TAL-AAAA',"
                   " total_cents = 18000");
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'card', 'R', 18000, 'pending', ?2)",
                V(id), V(NOW));
    assert_int_equal(run(f, NOW + 60).charges, 0); /* it may be at work still */
    assert_int_equal(run(f, NOW + 300).charges, 1);
    assert_string_equal(order_status_of(f, id), "cart");
    assert_string_equal(fixture_text(f, "SELECT status FROM payment"), "failed");
    struct order_result paid;
    assert_int_equal(family_pay(f, &ana, id, "card", &CARD_GOOD, NOW + 300, &paid), OK);
}

static void a_charge_of_a_forgotten_provider_stops_nobody(void **state) {
    struct fixture *f = *state;
    struct family ana;
    int64_t id = place_transfer(f, &ana);
    fixture_sql(f,
                "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                " created_at) VALUES (?1, 'gone', 'R', 18000, 'pending', ?2)",
                V(id), V(NOW));
    assert_int_equal(run(f, DUE).transfers, 1);
}

static void old_sessions_and_links_are_forgotten(void **state) {
    struct fixture *f = *state;
    int64_t ana = fixture_account(f, "ana@example.org");
    const int64_t ends[] = {NOW - 8 * DAY_SECONDS, NOW - DAY_SECONDS, NOW + 1};
    for (size_t i = 0; i < ARRAY_COUNT(ends); i++) {
        uint8_t hash[32] = {(uint8_t)i};
        fixture_sql(f,
                    "INSERT INTO session (token_hash, account_id, csrf_token, remember,"
                    " created_at, seen_at, expires_at) VALUES (?1, ?2, 'x', 0, 0, 0, ?3)",
                    V_BLOB(hash, sizeof(hash)), V(ana), V(ends[i]));
        fixture_sql(f,
                    "INSERT INTO one_time_link (token_hash, purpose, account_id, created_at,"
                    " expires_at) VALUES (?1, 'password_reset', ?2, 0, ?3)",
                    V_BLOB(hash, sizeof(hash)), V(ana), V(ends[i]));
    }
    run(f, NOW);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM session"), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM one_time_link"), 2);
}

/* ---- beside buyers -------------------------------------------------------------------------- */

enum { CROWD = 24 };

struct race {
    struct fixture *f;
    struct family families[CROWD];
    atomic_int wrong;
};

/* Buyers whose holds end while they pay, and the clockwork between them. */
static void buy_or_tidy(void *arg, size_t number) {
    struct race *race = arg;
    struct shop *shop = &race->f->shop;
    struct arena *arena = arena_create();
    for (int i = 0; i < 8; i++) {
        int64_t now = NOW + i * HOLD / 2;
        enum err err;
        if (number % 6 == 0) {
            struct maintenance_done done;
            err = maintenance_run(shop, now, &done);
        } else {
            const struct family *family = &race->families[number];
            struct inscription_result held;
            struct order_result paid;
            err = inscription_hold(shop, arena, family->account, "robotics", NULL,
                                   family->student_slug, now, &held);
            struct order_payment payment = {.order_id = held.order_id,
                                            .method = number % 2 ? "card" : "transfer",
                                            .shown_total = -1,
                                            .card = number % 3 ? &CARD_GOOD : &CARD_DECLINED};
            if (err == OK)
                err = order_checkout(shop, arena, family->account, &payment, now + HOLD / 2, &paid);
        }
        if (err != OK && err != ERR_REFUSED)
            atomic_fetch_add(&race->wrong, 1);
    }
    arena_destroy(arena);
}

static void buyers_and_clockwork_agree(void **state) {
    struct race race = {.f = *state};
    for (size_t i = 0; i < CROWD; i++)
        race.families[i] =
            family_create(race.f, arena_printf(race.f->arena, "family%zu@example.org", i));
    fixture_workshop(race.f, "robotics", 1000, 6);
    crowd_run(CROWD, buy_or_tidy, &race);
    assert_int_equal(race.wrong, 0); /* the audit of the books does the rest */
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_idle_school_writes_nothing),
        TEST(holds_end),
        TEST(many_holds_end_in_one_round),
        TEST(a_transfer_runs_out),
        TEST(only_what_is_still_due_runs_out),
        TEST(part_of_the_money_at_the_deadline_is_for_staff),
        TEST(a_lost_charge_is_asked_about),
        TEST(a_charge_of_a_forgotten_provider_stops_nobody),
        TEST(old_sessions_and_links_are_forgotten),
        TEST(buyers_and_clockwork_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
