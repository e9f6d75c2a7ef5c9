/* Putting workshops on sale and away, and copying them. */
#include "order_fixture.h"

#include "shop/workshop_staff.h"

static enum err move(struct fixture *f, enum workshop_move what, int64_t id,
                     struct workshop_result *result) {
    return workshop_move(&f->shop, f->arena, 0, what, &id, 1, FIXTURE_NOW, result);
}

static int64_t flag(struct fixture *f, int64_t id, const char *column) {
    return fixture_int(f, arena_printf(f->arena, "SELECT %s FROM workshop WHERE id = ?1", column),
                       V(id));
}

static int64_t trail(struct fixture *f, const char *action) {
    return fixture_int(f, "SELECT count(*) FROM audit WHERE action = ?1", V(action));
}

static void on_sale_and_off_and_again(void **state) {
    struct fixture *f = *state;
    struct workshop_result r;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 5);
    assert_int_equal(move(f, WORKSHOP_DEACTIVATE, id, &r), OK);
    assert_int_equal(r.done, 1);
    assert_int_equal(flag(f, id, "active"), 0);
    assert_int_equal(move(f, WORKSHOP_DEACTIVATE, id, &r), OK);
    assert_int_equal(r.done, 0);
    assert_int_equal(trail(f, "deactivate"), 1);
    assert_int_equal(move(f, WORKSHOP_ACTIVATE, id, &r), OK);
    assert_int_equal(flag(f, id, "active"), 1);
    assert_int_equal(move(f, WORKSHOP_ACTIVATE, 999, &r), ERR_NOT_FOUND);
}

static void the_archive_takes_what_has_nobody_waiting(void **state) {
    struct fixture *f = *state;
    struct workshop_result r;
    int64_t empty = fixture_workshop(f, "dibujo", 18000, 5),
            full = fixture_workshop(f, "pintura", 18000, 5);
    struct family ana = family_create(f, "ana@example.org");
    family_hold(f, &ana, "pintura", FIXTURE_NOW);
    const int64_t both[] = {empty, full};
    assert_int_equal(
        workshop_move(&f->shop, f->arena, 0, WORKSHOP_ARCHIVE, both, 2, FIXTURE_NOW, &r),
        ERR_REFUSED);
    assert_int_equal(r.refusal, WORKSHOP_HAS_PEOPLE);
    assert_int_equal(flag(f, empty, "archived_at IS NULL"), 1); /* all or none */
    assert_int_equal(move(f, WORKSHOP_ARCHIVE, empty, &r), OK);
    assert_int_equal(flag(f, empty, "active"), 0);
    assert_int_equal(move(f, WORKSHOP_ACTIVATE, empty, &r), ERR_REFUSED);
    assert_int_equal(r.refusal, WORKSHOP_WAS_ARCHIVED);
    assert_int_equal(move(f, WORKSHOP_RESTORE, empty, &r), OK);
    assert_int_equal(flag(f, empty, "active"), 0);
    assert_int_equal(move(f, WORKSHOP_ACTIVATE, empty, &r), OK);
    fixture_sql(f, "UPDATE workshop SET start_date = '2026-02-01', end_date = '2026-03-01'"
                   " WHERE slug = 'pintura'");
    assert_int_equal(move(f, WORKSHOP_ARCHIVE, full, &r), OK); /* it is over */
}

static void what_was_called_off_is_not_sold(void **state) {
    struct fixture *f = *state;
    struct workshop_result r;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 5);
    fixture_sql(f, "UPDATE workshop SET active = 0, cancelled_at = 5");
    assert_int_equal(move(f, WORKSHOP_ACTIVATE, id, &r), ERR_REFUSED);
    assert_int_equal(r.refusal, WORKSHOP_WAS_CANCELLED);
}

static enum err copy(struct fixture *f, int64_t id, const char *start, const char *end,
                     struct workshop_result *r) {
    return workshop_copy(&f->shop, f->arena, 0, id, start, end, FIXTURE_NOW, r);
}

static void a_copy_has_new_days_and_the_rest(void **state) {
    struct fixture *f = *state;
    struct workshop_result r;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 5);
    int64_t julio = fixture_account(f, "julio@example.org");
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(id), V(julio));
    fixture_sql(f,
                "UPDATE workshop SET title = 'Dibujo', private = 1, private_key = 'k',"
                " weekdays = 5, bring = 'Lápiz', sales_close_at = ?1",
                V(FIXTURE_NOW + DAY_SECONDS));
    assert_int_equal(copy(f, id, "2026-04-13", "2026-06-01", &r), OK);
    int64_t made = r.id;
    assert_false(r.repeated);
    assert_int_equal(flag(f, made, "active"), 0);
    assert_int_equal(flag(f, made, "weekdays"), 5);
    assert_int_equal(flag(f, made, "seats_taken"), 0);
    assert_int_equal(flag(f, made, "sales_close_at"), FIXTURE_NOW + 8 * DAY_SECONDS);
    assert_int_equal(flag(f, made, "private_key <> 'k'"), 1);
    assert_string_equal(fixture_text(f, "SELECT slug FROM workshop WHERE id = ?1", V(made)),
                        "dibujo-2026-04");
    assert_int_equal(
        fixture_int(f, "SELECT account_id FROM workshop_instructor WHERE workshop_id = ?1",
                    V(made)),
        julio);
    assert_int_equal(copy(f, id, "2026-04-13", "2026-06-01", &r), OK); /* a second click */
    assert_true(r.repeated);
    assert_int_equal(r.id, made);
    assert_int_equal(copy(f, id, "2026-04-13", "2026-04-12", &r), ERR_REFUSED);
    assert_int_equal(r.refusal, WORKSHOP_DATES_REVERSED);
    assert_int_equal(copy(f, id, "2026-02-30", NULL, &r), ERR_REFUSED);
    assert_int_equal(r.refusal, WORKSHOP_NO_DATE);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM workshop"), 2);
}

static void only_who_teaches_finds_it(void **state) {
    struct fixture *f = *state;
    struct workshop_staff found;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 5);
    int64_t julio = fixture_account(f, "julio@example.org");
    struct family ana = family_create(f, "ana@example.org");
    family_hold(f, &ana, "dibujo", FIXTURE_NOW);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(workshop_staff_find(db, f->arena, id, julio, FIXTURE_NOW, &found),
                     ERR_NOT_FOUND);
    assert_int_equal(workshop_staff_find(db, f->arena, id, 0, FIXTURE_NOW, &found), OK);
    assert_int_equal(found.held, 1);
    assert_int_equal(found.left, 4);
    assert_int_equal(workshop_staff_find(db, f->arena, id, 0, FIXTURE_NOW + DAY_SECONDS, &found),
                     OK);
    assert_int_equal(found.left, 5);
    store_release(f->shop.store, db);
}

#define ON_SHOP(test) \
    cmocka_unit_test_setup_teardown(test, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(on_sale_and_off_and_again),
        ON_SHOP(the_archive_takes_what_has_nobody_waiting),
        ON_SHOP(what_was_called_off_is_not_sold),
        ON_SHOP(a_copy_has_new_days_and_the_rest),
        ON_SHOP(only_who_teaches_finds_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
