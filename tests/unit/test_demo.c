/* The demonstration school: complete, consistent, the same every time; and the generator of large
 * ones. */
#include "shop_fixture.h"

#include "base/secret.h"
#include "http/asset.h"
#include "shop/books.h"
#include "shop/demo.h"
#include "shop/demo_plan.h"
#include "shop/workshop.h"
#include <string.h>

static struct demo_accounts fill(struct fixture *f) {
    struct demo_accounts accounts;
    assert_int_equal(demo_fill(&f->shop, asset_bytes, FIXTURE_NOW, &accounts), OK);
    return accounts;
}

#define COUNT(f, from) fixture_int((f), "SELECT count(*) FROM " from)

static struct workshop_page first_page(struct fixture *f) {
    struct workshop_page page;
    struct db *db = store_reader(f->shop.store);
    enum err err = workshop_list(db, f->arena, &(struct workshop_filter){0},
                                 shop_settings(&f->shop, db), FIXTURE_NOW, &page);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return page;
}

/* ---- what is there -------------------------------------------------------------------------- */

static void has_all_of_a_school(void **state) {
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(COUNT(f, "topic"), 6);
    assert_int_equal(COUNT(f, "workshop"), 24);
    assert_int_equal(COUNT(f, "workshop WHERE start_date > '2026-03-02'"), 16);
    assert_int_equal(COUNT(f, "workshop w JOIN picture p ON p.hash = w.picture_hash"), 24);
    assert_int_equal(COUNT(f, "topic t JOIN picture p ON p.hash = t.picture_hash"), 6);
    assert_int_equal(COUNT(f, "workshop WHERE description IS NULL OR bring IS NULL"), 0);
    assert_int_equal(COUNT(f, "workshop w WHERE NOT EXISTS (SELECT 1 FROM workshop_instructor i"
                              " WHERE i.workshop_id = w.id)"),
                     0);
    assert_int_equal(COUNT(f, "workshop WHERE discount_price_cents = 0"), 1);
    assert_int_equal(COUNT(f, "workshop WHERE discount_price_cents > 0"), 5);
    assert_int_equal(COUNT(f, "workshop WHERE private = 1 AND private_key IS NOT NULL"), 1);
    assert_int_equal(COUNT(f, "workshop WHERE capacity = seats_taken"), 1);
    assert_int_equal(COUNT(f, "workshop WHERE capacity - seats_taken = 3"
                              " AND slug = 'robotica-con-lego'"),
                     1);
    assert_int_equal(first_page(f).total, 18); /* 15 public ones to come, 3 in progress */
}

static void has_families_with_one_to_three_children(void **state) {
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(COUNT(f, "account WHERE staff_role IS NULL AND role < 3"), 40);
    assert_int_equal(COUNT(f, "account WHERE role = 3"), 2);
    assert_int_equal(COUNT(f, "account a WHERE staff_role IS NULL AND role < 3 AND"
                              " (SELECT count(*) FROM student WHERE parent_id = a.id)"
                              " NOT BETWEEN 1 AND 3"),
                     0);
    assert_int_equal(COUNT(f, "student s JOIN account a ON a.id = s.parent_id AND a.role = 3"
                              " WHERE s.is_self = 1 AND s.date_of_birth = a.date_of_birth"),
                     2);
    assert_int_equal(COUNT(f, "student s JOIN account a ON a.id = s.parent_id"
                              " WHERE a.email = 'rosa.quispe@example.com'"),
                     2);
    assert_int_equal(COUNT(f, "consent WHERE purpose = 'terms' AND version = 1 AND granted = 1"),
                     42);
}

static void says_who_it_is(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct db *db = store_reader(f->shop.store);
    const struct settings *s = shop_settings(&f->shop, db);
    store_release(f->shop.store, db);
    assert_true(s->demo);
    assert_string_equal(s->school_name, "Academia Sol");
    assert_string_equal(s->wallet_name, "Yape");
    assert_non_null(s->wallet_qr.name);
    assert_non_null(s->logo.name);
    assert_non_null(s->bank_details);
    assert_int_equal(s->terms.version, 1);
    assert_int_equal(s->privacy.version, 1);
}

/* ---- its books ------------------------------------------------------------------------------ */

static void has_orders_in_all_states(void **state) {
    static const char *const STATES[] = {"cart",   "pending",   "paid",
                                         "review", "cancelled", "refunded"};
    struct fixture *f = *state;
    fill(f);
    for (size_t i = 0; i < ARRAY_COUNT(STATES); i++)
        assert_true(fixture_int(f, "SELECT count(*) FROM orders WHERE status = ?1", V(STATES[i])));
    assert_int_equal(COUNT(f, "orders WHERE status = 'cart'"), 1);
    assert_true(COUNT(f, "orders WHERE status = 'paid' AND method = 'card'") > 20);
    assert_true(COUNT(f, "orders WHERE status = 'paid' AND method = 'transfer'") > 40);
    assert_true(COUNT(f, "orders WHERE status = 'paid' AND method IS NULL AND total_cents = 0"));
    assert_true(COUNT(f, "payment_report r JOIN orders o ON o.id = r.order_id"
                         " WHERE o.status = 'pending'"));
    assert_true(fixture_int(f, "SELECT min(paid_at) FROM orders") <
                FIXTURE_NOW - 160 * DAY_SECONDS);
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM orders WHERE max(created_at,"
                                 " coalesce(checkout_at, 0), coalesce(paid_at, 0)) > ?1",
                                 V(FIXTURE_NOW)),
                     0);
}

static void seats_and_sums_agree(void **state) {
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(COUNT(f, "pragma_foreign_key_check"), 0);
    assert_int_equal(COUNT(f, "workshop w WHERE seats_taken <> (SELECT count(*) FROM inscription i"
                              " WHERE i.workshop_id = w.id AND status IN ('held', 'confirmed'))"),
                     0);
    assert_int_equal(COUNT(f, "orders o WHERE status <> 'cart' AND total_cents <>"
                              " (SELECT sum(price_cents) FROM inscription i"
                              " WHERE i.order_id = o.id)"),
                     0);
    assert_int_equal(COUNT(f, "orders o WHERE status IN ('paid', 'refunded')"
                              " AND CASE status WHEN 'paid' THEN total_cents ELSE 0 END <>"
                              " (SELECT coalesce(sum(CASE p.status WHEN 'succeeded' THEN"
                              " amount_cents WHEN 'refunded' THEN -amount_cents END), 0)"
                              " FROM payment p WHERE p.order_id = o.id)"),
                     0);
    assert_int_equal(COUNT(f, "orders o JOIN payment p ON p.order_id = o.id"
                              " WHERE p.status = 'refunded' AND o.status <> 'refunded'"),
                     0);
    assert_int_equal(COUNT(f, "inscription i JOIN orders o ON o.id = i.order_id"
                              " JOIN student s ON s.id = i.student_id"
                              " WHERE s.parent_id <> o.account_id"),
                     0);
    assert_int_equal(COUNT(f, "account a JOIN orders o ON o.account_id = a.id"
                              " WHERE o.created_at < a.created_at"),
                     0);
}

static void receipts_follow_the_money(void **state) {
    struct fixture *f = *state;
    fill(f);
    int64_t receipts = COUNT(f, "receipt");
    assert_int_equal(receipts, COUNT(f, "orders WHERE status IN ('paid', 'refunded')"));
    assert_int_equal(fixture_int(f, "SELECT max(number) FROM receipt"), receipts);
    assert_int_equal(COUNT(f, "receipt r JOIN orders o ON o.id = r.order_id"
                              " WHERE r.issued_at <> o.paid_at OR r.total_cents <> o.total_cents"),
                     0);
    assert_int_equal(COUNT(f, "receipt a JOIN receipt b ON b.number = a.number + 1"
                              " WHERE a.issued_at > b.issued_at"),
                     0);
    assert_int_equal(COUNT(f, "receipt_line"),
                     COUNT(f, "inscription WHERE status IN ('confirmed', 'refunded')"
                              " AND order_id IN (SELECT order_id FROM receipt)"));
    assert_int_equal(COUNT(f, "receipt WHERE (references_ IS NULL) <> (method = 'free')"), 0);
    assert_int_equal(COUNT(f, "outbox"), 0); /* nothing is mailed to people who do not exist */
}

static void refunds_have_their_credit_notes(void **state) {
    struct fixture *f = *state;
    struct books_fault *faults;
    size_t count;
    fill(f);
    assert_true(COUNT(f, "orders WHERE status = 'refunded'") > 0);
    assert_int_equal(COUNT(f, "credit_note"), COUNT(f, "orders WHERE status = 'refunded'"));
    assert_int_equal(COUNT(f, "credit_note a JOIN credit_note b ON b.number = a.number + 1"
                              " WHERE a.issued_at > b.issued_at"),
                     0);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(books_check(db, f->arena, &faults, &count), OK);
    store_release(f->shop.store, db);
    assert_int_equal(count, 0);
}

/* ---- accounts ------------------------------------------------------------------------------- */

static void accounts_can_log_in(void **state) {
    static const char *const ROLES[] = {"owner", "desk", "instructor", "-"};
    struct fixture *f = *state;
    struct demo_accounts accounts = fill(f);
    for (size_t i = 0; i < DEMO_ACCOUNTS; i++) {
        const struct demo_account *account = &accounts.items[i];
        assert_in_range(strlen(account->password), 14, sizeof(account->password) - 1);
        const char *hash = fixture_text(f, "SELECT password_hash FROM account WHERE email = ?1",
                                        V((const char *)account->email));
        assert_int_equal(secret_password_verify(account->password, hash), OK);
        assert_string_equal(fixture_text(f,
                                         "SELECT coalesce(staff_role, '-') FROM account"
                                         " WHERE email = ?1",
                                         V((const char *)account->email)),
                            ROLES[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(account->password, accounts.items[j].password);
    }
    assert_int_equal(COUNT(f, "account WHERE password_hash IS NOT NULL"), DEMO_ACCOUNTS);
}

/* ---- again ---------------------------------------------------------------------------------- */

/* All that matters of a table in one text. */
static const char *digest(struct fixture *f) {
    return fixture_text(
        f, "SELECT (SELECT group_concat(slug || start_date || capacity || seats_taken) FROM"
           " (SELECT * FROM workshop ORDER BY id)) ||"
           " (SELECT group_concat(slug || first_name || date_of_birth) FROM"
           " (SELECT * FROM student ORDER BY id)) ||"
           " (SELECT group_concat(status || total_cents || coalesce(code, '-') || created_at ||"
           " coalesce(paid_at, '-')) FROM (SELECT * FROM orders ORDER BY id)) ||"
           " (SELECT group_concat(student_id || '/' || workshop_id || status) FROM"
           " (SELECT * FROM inscription ORDER BY id)) ||"
           " (SELECT group_concat(provider || reference || amount_cents) FROM"
           " (SELECT * FROM payment ORDER BY id))");
}

static void is_the_same_every_time(void **state) {
    struct fixture *f = *state;
    void *other_state = NULL;
    assert_int_equal(fixture_setup(&other_state), 0);
    struct fixture *other = other_state;
    struct demo_accounts one = fill(f), two = fill(other);
    assert_string_equal(digest(f), digest(other));
    for (size_t i = 0; i < DEMO_ACCOUNTS; i++)
        assert_string_not_equal(one.items[i].password, two.items[i].password);
    assert_int_equal(fixture_teardown(&other_state), 0);
}

static void refuses_a_database_in_use(void **state) {
    struct fixture *f = *state;
    struct demo_accounts accounts;
    fixture_account(f, "ana@example.org");
    assert_int_equal(demo_fill(&f->shop, asset_bytes, FIXTURE_NOW, &accounts), ERR_REFUSED);
    fixture_sql(f, "DELETE FROM account");
    int64_t workshop = fixture_workshop(f, "real", 100, 5);
    assert_int_equal(demo_fill(&f->shop, asset_bytes, FIXTURE_NOW, &accounts), ERR_REFUSED);
    assert_int_equal(COUNT(f, "workshop"), 1);
    assert_int_equal(COUNT(f, "setting"), 0);
    fixture_sql(f, "DELETE FROM workshop WHERE id = ?1", V(workshop));
    fixture_sql(f, "DELETE FROM topic");
    fill(f);
    assert_int_equal(demo_fill(&f->shop, asset_bytes, FIXTURE_NOW, &accounts), ERR_REFUSED);
    assert_int_equal(COUNT(f, "workshop"), 24);
}

static const void *no_asset(const char *name, size_t *size) {
    (void)name, (void)size;
    return NULL;
}

static void a_missing_picture_leaves_nothing_behind(void **state) {
    struct fixture *f = *state;
    struct demo_accounts accounts;
    assert_int_equal(demo_fill(&f->shop, no_asset, FIXTURE_NOW, &accounts), ERR_INTERNAL);
    assert_int_equal(COUNT(f, "setting"), 0);
    assert_int_equal(COUNT(f, "account"), 0);
}

/* ---- on every day of the year --------------------------------------------------------------- */

static void check_order(const struct demo_plan *plan, const struct demo_order *order) {
    assert_in_range(order->count, 1, DEMO_LINES_MAX);
    assert_true(order->placed_at < plan->now);
    assert_true(order->paid_at <= plan->now);
    for (size_t i = 0; i < order->count; i++) {
        const struct workshop *w = &plan->workshops[order->seats[i].workshop];
        struct date birth = plan->births[order->family][order->seats[i].child];
        assert_true(date_is_set(birth));
        assert_int_equal(workshop_age_fits(w, birth, w->start, NULL), WORKSHOP_AGE_FITS);
        assert_true(date_compare(zone_date(plan->zone, order->placed_at), w->start) < 0);
    }
}

/* Nobody sits in two workshops at a time, or twice in one. */
static void check_clashes(const struct demo_plan *plan) {
    struct taken {
        int family;
        struct demo_seat seat;
    } taken[512];
    size_t count = 0;
    for (size_t i = 0; i < plan->count; i++)
        for (size_t j = 0; j < plan->orders[i].count; j++) {
            struct taken t = {plan->orders[i].family, plan->orders[i].seats[j]};
            for (size_t k = 0; k < count; k++)
                if (taken[k].family == t.family && taken[k].seat.child == t.seat.child)
                    assert_false(workshop_clash(&plan->workshops[t.seat.workshop],
                                                &plan->workshops[taken[k].seat.workshop]));
            assert_true(count < ARRAY_COUNT(taken));
            taken[count++] = t;
        }
}

static void the_season_holds_on_any_day(void **state) {
    (void)state;
    const struct zone *zone = zone_find("America/Lima");
    for (int day = 0; day < 380; day += 9) {
        struct arena *arena = arena_create();
        struct demo_plan plan;
        int64_t now = FIXTURE_NOW + day * (int64_t)DAY_SECONDS + day * 997;
        demo_plan_make(arena, zone, now, &plan);
        struct date today = zone_date(zone, now);
        int upcoming = 0, states[DEMO_REFUNDED + 1] = {0};
        for (int w = 0; w < DEMO_WORKSHOPS; w++)
            upcoming += date_compare(plan.workshops[w].start, today) > 0;
        assert_int_equal(upcoming, 16);
        for (size_t i = 0; i < plan.count; i++) {
            check_order(&plan, &plan.orders[i]);
            states[plan.orders[i].state]++;
        }
        for (int s = 0; s <= DEMO_REFUNDED; s++)
            assert_true(states[s] > 0);
        check_clashes(&plan);
        arena_destroy(arena);
    }
}

/* ---- large ones ----------------------------------------------------------------------------- */

static void grows(void **state) {
    struct fixture *f = *state;
    fill(f);
    struct workshop_page before = first_page(f);
    int64_t inscriptions = COUNT(f, "inscription");
    assert_int_equal(demo_grow(&f->shop, FIXTURE_NOW, 76, 9001), OK);
    assert_int_equal(COUNT(f, "workshop WHERE start_date > '2026-03-02'"), 16 + 76);
    assert_int_equal(COUNT(f, "inscription"), inscriptions + 9001);
    struct workshop_page after = first_page(f);
    assert_int_equal(after.total, before.total + 76);
    for (size_t i = 0; i < before.count; i++)
        assert_int_equal(after.items[i].id, before.items[i].id);
    assert_int_equal(COUNT(f, "pragma_foreign_key_check"), 0);
    assert_int_equal(COUNT(f, "receipt"), fixture_int(f, "SELECT max(number) FROM receipt"));
    assert_int_equal(COUNT(f, "orders WHERE paid_at IS NOT NULL"), COUNT(f, "receipt"));
    assert_int_equal(COUNT(f, "orders o WHERE status = 'paid' AND total_cents <>"
                              " (SELECT sum(price_cents) FROM inscription i"
                              " WHERE i.order_id = o.id)"),
                     0);
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM orders WHERE paid_at > ?1", V(FIXTURE_NOW)), 0);
}

static void grows_again(void **state) {
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(demo_grow(&f->shop, FIXTURE_NOW, 10, 50), OK);
    assert_int_equal(demo_grow(&f->shop, FIXTURE_NOW, 10, 51), OK);
    assert_int_equal(demo_grow(&f->shop, FIXTURE_NOW, 0, 1), OK);
    assert_int_equal(demo_grow(&f->shop, FIXTURE_NOW, 0, 0), OK);
    assert_int_equal(COUNT(f, "workshop WHERE slug LIKE 'grupo-%'"), 20);
    assert_int_equal(COUNT(f, "inscription i JOIN workshop w ON w.id = i.workshop_id"
                              " WHERE w.slug LIKE 'pasado-%'"),
                     102);
}

static void a_real_school_is_not_grown(void **state) {
    struct fixture *f = *state;
    fixture_workshop(f, "real", 100, 5);
    assert_int_equal(demo_grow(&f->shop, FIXTURE_NOW, 10, 10), ERR_REFUSED);
    assert_int_equal(COUNT(f, "workshop"), 1);
}

#define ON_SHOP(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(has_all_of_a_school),
        ON_SHOP(has_families_with_one_to_three_children),
        ON_SHOP(says_who_it_is),
        ON_SHOP(has_orders_in_all_states),
        ON_SHOP(seats_and_sums_agree),
        ON_SHOP(receipts_follow_the_money),
        ON_SHOP(refunds_have_their_credit_notes),
        ON_SHOP(accounts_can_log_in),
        ON_SHOP(is_the_same_every_time),
        ON_SHOP(refuses_a_database_in_use),
        ON_SHOP(a_missing_picture_leaves_nothing_behind),
        cmocka_unit_test(the_season_holds_on_any_day),
        ON_SHOP(grows),
        ON_SHOP(grows_again),
        ON_SHOP(a_real_school_is_not_grown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
