/* Students: added once, seen by their own family only, never lost. */
#include "account_fixture.h"
#include "shop/student.h"
#include <string.h>

static struct student_input sofia(void) {
    return (struct student_input){.first_name = "Sofía",
                                  .last_name = "Quispe",
                                  .date_of_birth = "2018-05-20",
                                  .school = "San José"};
}

static int64_t create(struct fixture *f, int64_t parent, const struct student_input *input) {
    struct student_result result;
    assert_int_equal(student_create(&f->shop, parent, input, FIXTURE_NOW, &result), OK);
    return result.id;
}

static enum student_error error_of(struct fixture *f, int64_t parent,
                                   const struct student_input *input, enum student_field field) {
    struct student_result result;
    assert_int_equal(student_create(&f->shop, parent, input, FIXTURE_NOW, &result), ERR_REFUSED);
    assert_non_null(student_error_text(result.errors[field]));
    return result.errors[field];
}

static enum err find(struct fixture *f, int64_t parent, int64_t id, struct student *out) {
    struct db *db = store_reader(f->shop.store);
    enum err err = student_find(db, f->arena, parent, id, out);
    store_release(f->shop.store, db);
    return err;
}

static struct student_list list(struct fixture *f, int64_t parent, bool archived) {
    struct student_list list;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(student_by_parent(db, f->arena, parent, archived, &list), OK);
    store_release(f->shop.store, db);
    return list;
}

/* Gives a student a seat in a workshop for those ages. */
static int64_t seat(struct fixture *f, int64_t parent, int64_t student, const char *slug, int min,
                    int max, const char *status) {
    int64_t workshop = fixture_workshop(f, slug, 18000, 10);
    fixture_sql(f, "UPDATE workshop SET min_age = ?2, max_age = ?3 WHERE id = ?1", V(workshop),
                V(min), V(max));
    int64_t order = fixture_sql(
        f, "INSERT INTO orders (account_id, status, created_at, paid_at) VALUES (?1, 'paid', 1, 1)",
        V(parent));
    fixture_sql(f,
                "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents, "
                "price_cents, status, hold_until) VALUES (?1, ?2, ?3, 18000, 18000, ?4, ?5)",
                V(order), V(workshop), V(student), V(status), V(FIXTURE_NOW + HOUR_SECONDS));
    return workshop;
}

static void a_child_is_added_once(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    struct student_input input = sofia();
    input.first_name = "  Sofía ";
    int64_t id = create(f, parent, &input);
    struct student student, by_slug;
    assert_int_equal(find(f, parent, id, &student), OK);
    assert_string_equal(student.first_name, "Sofía");
    assert_string_equal(student.last_name, "Quispe");
    assert_string_equal(student.school, "San José");
    assert_int_equal(student.date_of_birth.month, 5);
    assert_false(student.is_self || student.archived || student.has_inscriptions);
    assert_int_equal(strlen(student.slug), 16);
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(student_find_slug(db, f->arena, parent, student.slug, &by_slug), OK);
    store_release(f->shop.store, db);
    assert_int_equal(by_slug.id, id);
}

static void bad_fields_are_told_one_by_one(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    struct student_input nothing = {0};
    assert_int_equal(error_of(f, parent, &nothing, STUDENT_FIELD_FIRST_NAME), STUDENT_REQUIRED);
    assert_int_equal(error_of(f, parent, &nothing, STUDENT_FIELD_LAST_NAME), STUDENT_REQUIRED);
    assert_int_equal(error_of(f, parent, &nothing, STUDENT_FIELD_DATE_OF_BIRTH), STUDENT_REQUIRED);
    struct student_input input = sofia();
    input.date_of_birth = "20/05/2018";
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_DATE_OF_BIRTH),
                     STUDENT_DATE_INVALID);
    input.date_of_birth = "2026-03-03"; /* tomorrow */
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_DATE_OF_BIRTH),
                     STUDENT_DATE_IMPLAUSIBLE);
    input.date_of_birth = "1899-12-31";
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_DATE_OF_BIRTH),
                     STUDENT_DATE_IMPLAUSIBLE);
    char school[STUDENT_SCHOOL_MAX + 2];
    memset(school, 'x', sizeof(school));
    school[STUDENT_SCHOOL_MAX + 1] = '\0';
    input.school = school;
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_SCHOOL), STUDENT_TOO_LONG);
    input = sofia();
    input.first_name = "gana en evil.pe";
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_FIRST_NAME), STUDENT_NAME_ADDRESS);
    struct student_result result;
    input = sofia();
    assert_int_equal(student_create(&f->shop, parent + 1, &input, FIXTURE_NOW, &result),
                     ERR_NOT_FOUND);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM student"), 0);
}

static void the_same_child_is_not_added_twice(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t other_parent = fixture_account(f, "eva@example.org");
    struct student_input input = sofia();
    int64_t id = create(f, parent, &input);
    create(f, other_parent, &input); /* another family's is another child */
    struct student_input again = {
        .first_name = "SOFIA", .last_name = "quispé", .date_of_birth = "2018-05-20"};
    assert_int_equal(error_of(f, parent, &again, STUDENT_FIELD_FORM), STUDENT_DUPLICATE);
    again.first_name = "Lucía"; /* her twin sister */
    create(f, parent, &again);
    struct student_result result;
    assert_int_equal(student_archive(&f->shop, parent, id, true, FIXTURE_NOW, &result), OK);
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_FORM), STUDENT_DUPLICATE_ARCHIVED);
}

static void a_double_click_adds_one(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    struct student_input input = sofia();
    struct student_result first, second;
    assert_int_equal(student_create(&f->shop, parent, &input, FIXTURE_NOW, &first), OK);
    assert_int_equal(student_create(&f->shop, parent, &input, FIXTURE_NOW + 3, &second), OK);
    assert_int_equal(first.id, second.id);
    assert_string_equal(first.slug, second.slug);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM student"), 1);
    assert_int_equal(student_create(&f->shop, parent, &input, FIXTURE_NOW + 61, &second),
                     ERR_REFUSED);
}

static void another_family_sees_and_changes_nothing(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t stranger = fixture_account(f, "eva@example.org");
    struct student_input input = sofia();
    int64_t id = create(f, parent, &input);
    const char *slug = fixture_student_slug(f, id);
    struct student student;
    struct student_result result;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(student_find(db, f->arena, stranger, id, &student), ERR_NOT_FOUND);
    assert_int_equal(student_find_slug(db, f->arena, stranger, slug, &student), ERR_NOT_FOUND);
    store_release(f->shop.store, db);
    assert_int_equal(list(f, stranger, false).count, 0);
    input.first_name = "Mía";
    assert_int_equal(student_edit(&f->shop, stranger, id, &input, FIXTURE_NOW, &result),
                     ERR_NOT_FOUND);
    assert_int_equal(student_archive(&f->shop, stranger, id, true, FIXTURE_NOW, &result),
                     ERR_NOT_FOUND);
    assert_int_equal(student_delete(&f->shop, stranger, id, &result), ERR_NOT_FOUND);
    assert_int_equal(find(f, parent, id, &student), OK);
    assert_string_equal(student.first_name, "Sofía");
    assert_false(student.archived);
}

static void lists_are_in_the_order_people_expect(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    static const char *const NAMES[] = {"Zoe", "beatriz", "Ángel", "Carla"};
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++)
        fixture_student(f, parent, NAMES[i], "2018-01-01");
    struct student_result self;
    assert_int_equal(student_add_self(&f->shop, parent, "1985-01-01", FIXTURE_NOW, &self), OK);
    struct student_list students = list(f, parent, false);
    static const char *const EXPECTED[] = {"Ana", "Ángel", "beatriz", "Carla", "Zoe"};
    assert_int_equal(students.count, ARRAY_COUNT(EXPECTED));
    for (size_t i = 0; i < ARRAY_COUNT(EXPECTED); i++)
        assert_string_equal(students.items[i].first_name, EXPECTED[i]);
    assert_true(students.items[0].is_self);
}

static void archiving_hides_and_brings_back(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t id = fixture_student(f, parent, "Sofía", "2018-05-20");
    struct student_result result;
    for (int i = 0; i < 2; i++) /* a repeat changes nothing */
        assert_int_equal(student_archive(&f->shop, parent, id, true, FIXTURE_NOW + i, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT archived_at FROM student"), FIXTURE_NOW);
    assert_int_equal(list(f, parent, false).count, 0);
    assert_int_equal(list(f, parent, true).count, 1);
    assert_int_equal(student_archive(&f->shop, parent, id, false, FIXTURE_NOW, &result), OK);
    assert_int_equal(list(f, parent, false).count, 1);
}

static void only_without_inscriptions_one_is_deleted(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t enrolled = fixture_student(f, parent, "Sofía", "2018-05-20");
    int64_t other = fixture_student(f, parent, "Lucía", "2018-05-20");
    seat(f, parent, enrolled, "robotica", 0, 99, "cancelled"); /* even a cancelled one is history */
    struct student student;
    struct student_result result;
    assert_int_equal(find(f, parent, enrolled, &student), OK);
    assert_true(student.has_inscriptions);
    assert_int_equal(student_delete(&f->shop, parent, enrolled, &result), ERR_REFUSED);
    assert_int_equal(result.errors[STUDENT_FIELD_FORM], STUDENT_IN_USE);
    assert_int_equal(student_delete(&f->shop, parent, other, &result), OK);
    assert_int_equal(student_delete(&f->shop, parent, other, &result), ERR_NOT_FOUND);
    assert_int_equal(list(f, parent, false).count, 1);
}

static enum err edit_birth(struct fixture *f, int64_t parent, int64_t id, const char *birth) {
    struct student_input input = {
        .first_name = "Sofía", .last_name = "Torres", .date_of_birth = birth};
    struct student_result result;
    enum err err = student_edit(&f->shop, parent, id, &input, FIXTURE_NOW, &result);
    if (err == ERR_REFUSED)
        assert_int_equal(result.errors[STUDENT_FIELD_DATE_OF_BIRTH], STUDENT_AGE_LIMIT);
    return err;
}

/* The workshops start on 6 April 2026. */
static void a_birth_date_keeps_within_the_ages_of_seats(void **state) {
    struct fixture *f = *state;
    static const char *const SEATS[] = {"confirmed", "held"};
    int64_t parent = fixture_account(f, "ana@example.org");
    for (size_t i = 0; i < ARRAY_COUNT(SEATS); i++) {
        int64_t id = fixture_student(f, parent, "Sofía", "2018-05-20");
        int64_t workshop = seat(f, parent, id, SEATS[i], 6, 9, SEATS[i]);
        assert_int_equal(edit_birth(f, parent, id, "2020-04-07"), ERR_REFUSED); /* 5 at the start */
        assert_int_equal(edit_birth(f, parent, id, "2020-04-06"), OK);          /* 6 that day */
        assert_int_equal(edit_birth(f, parent, id, "2016-04-06"), ERR_REFUSED); /* 10 */
        fixture_sql(f,
                    "UPDATE workshop SET start_date = '2025-04-06', end_date = '2026-03-01' "
                    "WHERE id = ?1",
                    V(workshop)); /* over */
        assert_int_equal(edit_birth(f, parent, id, "2016-04-06"), OK);
        fixture_sql(f, "UPDATE inscription SET status = 'cancelled'");
        fixture_sql(f, "UPDATE student SET archived_at = 1, first_name = 'Other'");
    }
}

static void what_never_fitted_is_the_schools_decision(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t id = fixture_student(f, parent, "Sofía", "2010-01-01"); /* enrolled by the school */
    seat(f, parent, id, "robotica", 6, 9, "confirmed");
    assert_int_equal(edit_birth(f, parent, id, "2010-01-02"), OK);
}

static void a_lapsed_hold_binds_nobody(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t id = fixture_student(f, parent, "Sofía", "2018-05-20");
    seat(f, parent, id, "robotica", 6, 9, "held");
    fixture_sql(f, "UPDATE inscription SET hold_until = ?1", V(FIXTURE_NOW));
    assert_int_equal(edit_birth(f, parent, id, "2010-01-02"), OK);
}

static void an_edit_may_not_make_a_twin(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    int64_t id = fixture_student(f, parent, "Sofía", "2018-05-20");
    fixture_student(f, parent, "Lucía", "2018-05-20");
    struct student_input input = {
        .first_name = "lucia", .last_name = "Torres", .date_of_birth = "2018-05-20"};
    struct student_result result;
    assert_int_equal(student_edit(&f->shop, parent, id, &input, FIXTURE_NOW, &result), ERR_REFUSED);
    assert_int_equal(result.errors[STUDENT_FIELD_FORM], STUDENT_DUPLICATE);
    input.first_name = "SOFÍA"; /* herself */
    assert_int_equal(student_edit(&f->shop, parent, id, &input, FIXTURE_NOW, &result), OK);
    assert_string_equal(fixture_text(f, "SELECT first_name FROM student WHERE id = ?1", V(id)),
                        "SOFÍA");
}

static void a_parent_joins_in_one_tap(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    struct student_result result, again;
    assert_int_equal(student_add_self(&f->shop, parent, NULL, FIXTURE_NOW, &result), ERR_REFUSED);
    assert_int_equal(result.errors[STUDENT_FIELD_DATE_OF_BIRTH], STUDENT_REQUIRED);
    assert_int_equal(student_add_self(&f->shop, parent, "1985-13-01", FIXTURE_NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(student_add_self(&f->shop, parent, "1985-01-01", FIXTURE_NOW, &result), OK);
    assert_int_equal(student_add_self(&f->shop, parent, NULL, FIXTURE_NOW, &again), OK);
    assert_int_equal(again.id, result.id);
    assert_string_equal(fixture_text(f, "SELECT date_of_birth FROM account"), "1985-01-01");

    struct student self;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(student_find_self(db, f->arena, parent, &self), OK);
    store_release(f->shop.store, db);
    assert_int_equal(self.id, result.id);
    assert_string_equal(self.first_name, "Ana");

    struct student_input input = {
        .first_name = "Anita", .last_name = "Torres", .date_of_birth = "1985-02-02"};
    assert_int_equal(student_edit(&f->shop, parent, self.id, &input, FIXTURE_NOW, &result), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM account WHERE first_name = 'Anita' AND "
                                    "date_of_birth = '1985-02-02'"),
                     1);
}

static void an_adult_student_stays_adult(void **state) {
    struct fixture *f = *state;
    struct account_input input = account_fixture_parent("ines@example.org");
    struct account_visit visit = account_fixture_visit();
    struct account_result account;
    input.role = ACCOUNT_STUDENT;
    input.school = "PUCP";
    input.date_of_birth = "1990-05-05";
    assert_int_equal(account_signup(&f->shop, &visit, &input, &account), OK);
    int64_t id = fixture_int(f, "SELECT id FROM student");
    struct student_input young = sofia();
    struct student_result result;
    assert_int_equal(student_edit(&f->shop, account.account_id, id, &young, FIXTURE_NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(result.errors[STUDENT_FIELD_DATE_OF_BIRTH], STUDENT_NOT_ADULT);
}

static void an_account_has_so_many_students(void **state) {
    struct fixture *f = *state;
    int64_t parent = fixture_account(f, "ana@example.org");
    for (int i = 0; i < STUDENT_LIMIT; i++)
        fixture_student(f, parent, arena_printf(f->arena, "Child %d", i), "2018-05-20");
    struct student_input input = sofia();
    assert_int_equal(error_of(f, parent, &input, STUDENT_FIELD_FORM), STUDENT_TOO_MANY);
    struct student_result result;
    int64_t id = fixture_int(f, "SELECT min(id) FROM student");
    assert_int_equal(student_archive(&f->shop, parent, id, true, FIXTURE_NOW, &result), OK);
    create(f, parent, &input);
    assert_int_equal(student_archive(&f->shop, parent, id, false, FIXTURE_NOW, &result),
                     ERR_REFUSED);
    assert_int_equal(result.errors[STUDENT_FIELD_FORM], STUDENT_TOO_MANY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_child_is_added_once),
        TEST(bad_fields_are_told_one_by_one),
        TEST(the_same_child_is_not_added_twice),
        TEST(a_double_click_adds_one),
        TEST(another_family_sees_and_changes_nothing),
        TEST(lists_are_in_the_order_people_expect),
        TEST(archiving_hides_and_brings_back),
        TEST(only_without_inscriptions_one_is_deleted),
        TEST(a_birth_date_keeps_within_the_ages_of_seats),
        TEST(what_never_fitted_is_the_schools_decision),
        TEST(a_lapsed_hold_binds_nobody),
        TEST(an_edit_may_not_make_a_twin),
        TEST(a_parent_joins_in_one_tap),
        TEST(an_adult_student_stays_adult),
        TEST(an_account_has_so_many_students),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
