/* Rosters: who is on them and in which order; attendance day by day. */
#include "order_fixture.h"

#include "shop/roster.h"

static const struct date MONDAY = {2026, 4, 6}, NEXT_MONDAY = {2026, 4, 13};

static struct roster read_roster(struct fixture *f, int64_t id, int64_t now) {
    struct roster roster;
    struct db *db = store_reader(f->shop.store);
    enum err err = roster_read(db, f->arena, id, 0, (struct date){2026, 3, 2}, now, &roster);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return roster;
}

/* Mondays from 6 April to 25 May. */
static int64_t mondays(struct fixture *f, const char *slug) {
    int64_t id = fixture_workshop(f, slug, 18000, 10);
    fixture_sql(f, "UPDATE workshop SET weekdays = 1 WHERE id = ?1", V(id));
    return id;
}

/* An enrolled child of that last name; the inscription. */
static int64_t enrol(struct fixture *f, const char *email, const char *slug,
                     const char *last_name) {
    struct family family = family_create(f, email);
    struct order_result result;
    fixture_sql(f, "UPDATE student SET last_name = ?2 WHERE id = ?1", V(family.student),
                V(last_name));
    int64_t id = family_hold(f, &family, slug, FIXTURE_NOW);
    assert_int_equal(
        family_pay(f, &family, family_cart(f, &family), "card", &CARD_GOOD, FIXTURE_NOW, &result),
        OK);
    return id;
}

static void who_paid_and_who_will(void **state) {
    struct fixture *f = *state;
    int64_t id = mondays(f, "dibujo");
    struct order_result result;
    enrol(f, "eva@example.org", "dibujo", "Zapata");
    enrol(f, "ana@example.org", "dibujo", "Ángeles");
    struct family waits = family_create(f, "rosa@example.org"),
                  browses = family_create(f, "luz@example.org");
    fixture_sql(f,
                "UPDATE student SET last_name = 'Benites', notes = 'Maní',"
                " emergency_contact = 'Abuela' WHERE id = ?1",
                V(waits.student));
    family_hold(f, &waits, "dibujo", FIXTURE_NOW);
    assert_int_equal(
        family_pay(f, &waits, family_cart(f, &waits), "transfer", NULL, FIXTURE_NOW, &result), OK);
    family_hold(f, &browses, "dibujo", FIXTURE_NOW); /* only in the cart */
    struct roster roster = read_roster(f, id, FIXTURE_NOW);
    assert_int_equal(roster.count, 3);
    assert_string_equal(roster.lines[0].last_name, "Ángeles");
    assert_string_equal(roster.lines[1].last_name, "Benites");
    assert_string_equal(roster.lines[2].last_name, "Zapata");
    assert_true(roster.lines[0].paid);
    assert_false(roster.lines[1].paid);
    assert_string_equal(roster.lines[1].notes, "Maní");
    assert_string_equal(roster.lines[1].emergency_contact, "Abuela");
    assert_string_equal(roster.lines[1].parent, "Ana Torres");
    assert_int_equal(roster.lines[1].age, 8);
    assert_int_equal(roster.days.count, 8);
    assert_int_equal(date_compare(roster.days.items[1], NEXT_MONDAY), 0);
    assert_int_equal(read_roster(f, id, FIXTURE_NOW + 30 * DAY_SECONDS).count, 2);
}

static void only_teachers_of_it_read_it(void **state) {
    struct fixture *f = *state;
    struct roster roster;
    int64_t id = mondays(f, "dibujo"), julio = fixture_account(f, "julio@example.org");
    const struct date today = {2026, 3, 2};
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(roster_read(db, f->arena, id, julio, today, FIXTURE_NOW, &roster),
                     ERR_NOT_FOUND);
    assert_int_equal(roster_read(db, f->arena, 999, 0, today, FIXTURE_NOW, &roster), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(id), V(julio));
    db = store_reader(f->shop.store);
    assert_int_equal(roster_read(db, f->arena, id, julio, today, FIXTURE_NOW, &roster), OK);
    store_release(f->shop.store, db);
}

static enum err mark(struct fixture *f, int64_t workshop, int64_t own, struct date day,
                     int64_t inscription, enum attendance state, struct attendance_result *result) {
    const struct attendance_mark marks[] = {{inscription, state}};
    const struct attendance_request request = {own, own, workshop, day, marks, 1};
    return attendance_save(&f->shop, f->arena, &request, FIXTURE_NOW, result);
}

static int64_t trail(struct fixture *f) {
    return fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'attendance'");
}

static void attendance_is_noted_changed_and_taken_back(void **state) {
    struct fixture *f = *state;
    struct attendance_result r;
    int64_t id = mondays(f, "dibujo"), seat = enrol(f, "ana@example.org", "dibujo", "Paz");
    int64_t julio = fixture_account(f, "julio@example.org");
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(id), V(julio));
    assert_int_equal(mark(f, id, julio, MONDAY, seat, ATTENDANCE_PRESENT, &r), OK);
    assert_int_equal(r.changed, 1);
    assert_int_equal(fixture_int(f, "SELECT noted_by FROM attendance"), julio);
    assert_int_equal(mark(f, id, julio, MONDAY, seat, ATTENDANCE_PRESENT, &r), OK);
    assert_int_equal(r.changed, 0);
    assert_int_equal(trail(f), 1);
    assert_int_equal(mark(f, id, julio, MONDAY, seat, ATTENDANCE_LATE, &r), OK);
    assert_int_equal(mark(f, id, julio, NEXT_MONDAY, seat, ATTENDANCE_ABSENT, &r), OK);
    struct roster roster = read_roster(f, id, FIXTURE_NOW);
    assert_int_equal(roster_state(&roster.lines[0], MONDAY), ATTENDANCE_LATE);
    assert_int_equal(roster_state(&roster.lines[0], NEXT_MONDAY), ATTENDANCE_ABSENT);
    assert_int_equal(mark(f, id, julio, MONDAY, seat, ATTENDANCE_NONE, &r), OK);
    assert_int_equal(r.changed, 1);
    roster = read_roster(f, id, FIXTURE_NOW);
    assert_int_equal(roster_state(&roster.lines[0], MONDAY), ATTENDANCE_NONE);
}

static void what_does_not_fit_writes_nothing(void **state) {
    struct fixture *f = *state;
    struct attendance_result r;
    int64_t id = mondays(f, "dibujo"), other = mondays(f, "pintura");
    int64_t seat = enrol(f, "ana@example.org", "dibujo", "Paz"),
            strange = enrol(f, "eva@example.org", "pintura", "Paz");
    const struct date tuesday = {2026, 4, 7};
    assert_int_equal(mark(f, id, 0, tuesday, seat, ATTENDANCE_PRESENT, &r), ERR_REFUSED);
    assert_int_equal(r.refusal, ATTENDANCE_NO_DAY);
    const struct attendance_mark marks[] = {{seat, ATTENDANCE_PRESENT},
                                            {strange, ATTENDANCE_PRESENT}};
    const struct attendance_request request = {0, 0, id, MONDAY, marks, 2};
    assert_int_equal(attendance_save(&f->shop, f->arena, &request, FIXTURE_NOW, &r), ERR_REFUSED);
    assert_int_equal(r.refusal, ATTENDANCE_STRANGER);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM attendance"), 0);
    assert_int_equal(trail(f), 0);
    int64_t julio = fixture_account(f, "julio@example.org");
    fixture_sql(f, "INSERT INTO workshop_instructor VALUES (?1, ?2)", V(other), V(julio));
    assert_int_equal(mark(f, id, julio, MONDAY, seat, ATTENDANCE_PRESENT, &r), ERR_NOT_FOUND);
}

static void the_day_asked_for_first(void **state) {
    struct fixture *f = *state;
    struct roster roster = read_roster(f, mondays(f, "dibujo"), FIXTURE_NOW);
    assert_int_equal(date_compare(roster_day(&roster, (struct date){2026, 3, 2}), MONDAY), 0);
    assert_int_equal(date_compare(roster_day(&roster, (struct date){2026, 4, 12}), MONDAY), 0);
    assert_int_equal(date_compare(roster_day(&roster, NEXT_MONDAY), NEXT_MONDAY), 0);
    int64_t none = fixture_workshop(f, "sin-fecha", 100, 1);
    fixture_sql(f, "UPDATE workshop SET start_date = NULL, end_date = NULL WHERE id = ?1", V(none));
    roster = read_roster(f, none, FIXTURE_NOW);
    assert_false(date_is_set(roster_day(&roster, MONDAY)));
}

#define ON_SHOP(test) \
    cmocka_unit_test_setup_teardown(test, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(who_paid_and_who_will),
        ON_SHOP(only_teachers_of_it_read_it),
        ON_SHOP(attendance_is_noted_changed_and_taken_back),
        ON_SHOP(what_does_not_fit_writes_nothing),
        ON_SHOP(the_day_asked_for_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
