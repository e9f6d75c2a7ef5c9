/* Workshops as staff edit them: the rules between columns, the address, seats, who teaches. Values
 * are given by the columns' names, as the form and an import give them. */
#include "order_fixture.h"

#include "shop/records.h"
#include "shop/workshop_staff.h"
#include <string.h>

/* ---- saving by name ------------------------------------------------------------------------- */

struct named {
    const char *column;
    struct value value;
};
#define T(column, text) \
    { column, value_text(text) }
#define N(column, number) \
    { column, value_int(number) }

static struct record load(struct fixture *f, int64_t id) {
    struct record record;
    struct db *db = store_reader(f->shop.store);
    enum err err = record_load(db, f->arena, &workshop_record, id, &record);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return record;
}

/* A new one (id 0) or a changed one; a list of T and N. */
#define save(f, id, result, ...)                               \
    save_named((f), (id), (const struct named[]){__VA_ARGS__}, \
               sizeof((const struct named[]){__VA_ARGS__}) / sizeof(struct named), (result))
static enum err save_named(struct fixture *f, int64_t id, const struct named *named, size_t count,
                           struct record_result *result) {
    size_t columns = record_column_count(&workshop_record);
    struct record old = {0};
    struct value *values = arena_array(f->arena, columns, sizeof(*values));
    if (id)
        old = load(f, id);
    for (size_t i = 0; i < columns; i++)
        values[i] = id ? old.values[i] : value_text(NULL);
    for (size_t i = 0; i < count; i++) {
        int column = record_column_find(&workshop_record, named[i].column);
        assert_true(column >= 0);
        values[column] = named[i].value;
    }
    const struct record_request request = {
        .kind = &workshop_record, .id = id, .version = old.version, .values = values};
    return record_save(&f->shop, f->arena, &request, FIXTURE_NOW, result);
}

static int64_t topic(struct fixture *f) {
    fixture_sql(f, "INSERT INTO topic (name) VALUES ('Arte') ON CONFLICT DO NOTHING");
    return fixture_int(f, "SELECT id FROM topic WHERE name = 'Arte'");
}

static int64_t make(struct fixture *f, const char *title, const char *start) {
    struct record_result result;
    assert_int_equal(save(f, 0, &result, T("title", title), N("topic_id", topic(f)),
                          N("price_cents", 18000), T("start_date", start)),
                     OK);
    return result.id;
}

static const char *slug_of(struct fixture *f, int64_t id) {
    return fixture_text(f, "SELECT slug FROM workshop WHERE id = ?1", V(id));
}

static void refused(struct fixture *f, const struct record_result *result, const char *column) {
    (void)f;
    for (int i = 0; i < result->refusal_count; i++)
        if (result->refusals[i].column == record_column_find(&workshop_record, column))
            return;
    fail_msg("%s was not refused", column);
}

/* ---- the address ---------------------------------------------------------------------------- */

static void the_address_is_made_from_the_title(void **state) {
    struct fixture *f = *state;
    assert_string_equal(slug_of(f, make(f, "Robótica con LEGO®: ¡ñandú!", "2026-04-06")),
                        "robotica-con-lego-nandu");
    assert_string_equal(slug_of(f, make(f, "Robótica con LEGO ñandú", "2026-04-13")),
                        "robotica-con-lego-nandu-2026-04");
    assert_string_equal(slug_of(f, make(f, "Robótica con LEGO ñandú", "2026-04-20")),
                        "robotica-con-lego-nandu-2026-04-20");
    assert_string_equal(slug_of(f, make(f, "Robótica con LEGO ñandú", "2026-04-20")),
                        "robotica-con-lego-nandu-2");
    assert_string_equal(slug_of(f, make(f, "机器人", NULL)), "taller");
    assert_string_equal(slug_of(f, make(f, "机器人", NULL)), "taller-2");
}

static void the_address_can_be_chosen_once(void **state) {
    struct fixture *f = *state;
    struct record_result result;
    int64_t id = make(f, "Dibujo", NULL), other = make(f, "Pintura", NULL);
    assert_int_equal(save(f, id, &result, T("slug", "Dibujo y Pasión")), OK);
    assert_string_equal(slug_of(f, id), "dibujo-y-pasion");
    assert_int_equal(save(f, other, &result, T("slug", "dibujo-y-pasion")), ERR_REFUSED);
    refused(f, &result, "slug");
    assert_int_equal(save(f, other, &result, T("slug", "¿?")), ERR_REFUSED);
    refused(f, &result, "slug");
    assert_int_equal(save(f, id, &result, T("title", "Otro dibujo")), OK);
    assert_string_equal(slug_of(f, id), "dibujo-y-pasion");
}

/* ---- rules ---------------------------------------------------------------------------------- */

static void what_does_not_go_together_is_refused(void **state) {
    struct fixture *f = *state;
    struct record_result r;
    int64_t id = make(f, "Dibujo", "2026-04-06");
    assert_int_equal(save(f, id, &r, N("discount_price_cents", 18000)), ERR_REFUSED);
    refused(f, &r, "discount_price_cents");
    assert_int_equal(save(f, id, &r, N("min_age", 9), N("max_age", 8)), ERR_REFUSED);
    refused(f, &r, "max_age");
    assert_int_equal(save(f, id, &r, T("end_date", "2026-04-05")), ERR_REFUSED);
    refused(f, &r, "end_date");
    assert_int_equal(save(f, id, &r, T("start_date", NULL), T("end_date", "2026-04-05")),
                     ERR_REFUSED);
    refused(f, &r, "start_date");
    assert_int_equal(save(f, id, &r, N("start_minute", 600), N("end_minute", 600)), ERR_REFUSED);
    refused(f, &r, "end_minute");
    assert_int_equal(save(f, id, &r, N("end_minute", 600)), ERR_REFUSED);
    refused(f, &r, "start_minute");
    assert_int_equal(save(f, id, &r, N("sales_open_at", 20), N("sales_close_at", 20)), ERR_REFUSED);
    refused(f, &r, "sales_close_at");
    assert_int_equal(save(f, id, &r, N("topic_id", 999)), ERR_REFUSED);
    refused(f, &r, "topic_id");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit WHERE action = 'edit'"), 0);
}

static void what_goes_together_is_kept(void **state) {
    struct fixture *f = *state;
    struct record_result r;
    int64_t id = make(f, "Dibujo", "2026-04-06");
    assert_int_equal(save(f, id, &r, N("discount_price_cents", 0), N("min_age", 8), N("max_age", 8),
                          T("end_date", "2026-04-06"), N("weekdays", 5), N("start_minute", 1200),
                          N("end_minute", 0), N("sales_open_at", 20), N("sales_close_at", 21)),
                     OK);
    assert_int_equal(fixture_int(f, "SELECT end_minute FROM workshop WHERE id = ?1", V(id)), 1440);
    assert_int_equal(fixture_int(f, "SELECT created_at FROM workshop WHERE id = ?1", V(id)),
                     FIXTURE_NOW);
}

static void never_fewer_seats_than_are_taken(void **state) {
    struct fixture *f = *state;
    struct record_result r;
    int64_t id = fixture_workshop(f, "dibujo", 18000, 5);
    struct family ana = family_create(f, "ana@example.org"),
                  eva = family_create(f, "eva@example.org");
    family_hold(f, &ana, "dibujo", FIXTURE_NOW);
    family_hold(f, &eva, "dibujo", FIXTURE_NOW - DAY_SECONDS); /* ended long ago */
    assert_int_equal(save(f, id, &r, N("capacity", 0)), ERR_REFUSED);
    refused(f, &r, "capacity");
    assert_int_equal(r.refusals[0].n, 1);
    assert_int_equal(save(f, id, &r, N("capacity", 1)), OK);
    assert_int_equal(save(f, id, &r, {"capacity", value_text(NULL)}), OK);
}

static void what_was_called_off_stays_off(void **state) {
    struct fixture *f = *state;
    struct record_result r;
    int64_t id = make(f, "Dibujo", NULL);
    fixture_sql(f, "UPDATE workshop SET active = 0, cancelled_at = 5 WHERE id = ?1", V(id));
    assert_int_equal(save(f, id, &r, T("title", "Dibujo II")), OK);
    assert_int_equal(save(f, id, &r, N("active", 1)), ERR_REFUSED);
    refused(f, &r, "active");
}

/* ---- links and teachers --------------------------------------------------------------------- */

static const char *key_of(struct fixture *f, int64_t id) {
    return fixture_text(f, "SELECT coalesce(private_key, '') FROM workshop WHERE id = ?1", V(id));
}

static void a_private_one_gets_a_key_and_keeps_it(void **state) {
    struct fixture *f = *state;
    struct record_result r;
    int64_t id = make(f, "Dibujo", NULL);
    assert_string_equal(key_of(f, id), "");
    assert_int_equal(save(f, id, &r, N("private", 1)), OK);
    const char *key = key_of(f, id);
    assert_int_equal(strlen(key), WORKSHOP_KEY_SIZE - 1);
    assert_int_equal(save(f, id, &r, N("private", 0)), OK);
    assert_int_equal(save(f, id, &r, N("private", 1)), OK);
    assert_string_equal(key_of(f, id), key);
    assert_int_equal(
        fixture_int(f, "SELECT count(*) FROM audit_value WHERE before = ?1 OR after = ?1", V(key)),
        0);
    struct workshop_result result;
    assert_int_equal(workshop_renew_key(&f->shop, 0, id, &result), OK);
    assert_string_not_equal(key_of(f, id), key);
    assert_int_equal(save(f, id, &r, N("private", 0)), OK);
    assert_int_equal(workshop_renew_key(&f->shop, 0, id, &result), ERR_REFUSED);
    assert_int_equal(workshop_renew_key(&f->shop, 0, 999, &result), ERR_NOT_FOUND);
}

static void teachers_are_part_of_the_version(void **state) {
    struct fixture *f = *state;
    struct record_result r;
    int64_t julio = fixture_account(f, "julio@example.org"),
            ana = fixture_account(f, "ana@example.org");
    fixture_sql(f, "UPDATE account SET staff_role = 'instructor' WHERE id = ?1", V(julio));
    int64_t id = make(f, "Dibujo", NULL);
    struct record old = load(f, id);
    const char *words = arena_printf(f->arena, "%lld", (long long)julio);
    assert_int_equal(
        save(f, id, &r, T("instructors", arena_printf(f->arena, "%s %s", words, words))), OK);
    assert_int_equal(save(f, id, &r, T("instructors", words)), OK);
    assert_false(r.changed);
    assert_int_equal(fixture_int(f,
                                 "SELECT account_id FROM workshop_instructor"
                                 " WHERE workshop_id = ?1",
                                 V(id)),
                     julio);
    assert_string_not_equal(load(f, id).version, old.version);
    assert_string_equal(
        fixture_text(f, "SELECT after FROM audit_value WHERE field = 'instructors'"), words);
    assert_int_equal(
        save(f, id, &r, T("instructors", arena_printf(f->arena, "%lld", (long long)ana))),
        ERR_REFUSED);
    refused(f, &r, "instructors");
    assert_int_equal(save(f, id, &r, T("instructors", NULL)), OK);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM workshop_instructor"), 0);
}

#define ON_SHOP(test) \
    cmocka_unit_test_setup_teardown(test, order_fixture_setup, order_fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        ON_SHOP(the_address_is_made_from_the_title),    ON_SHOP(the_address_can_be_chosen_once),
        ON_SHOP(what_does_not_go_together_is_refused),  ON_SHOP(what_goes_together_is_kept),
        ON_SHOP(never_fewer_seats_than_are_taken),      ON_SHOP(what_was_called_off_stays_off),
        ON_SHOP(a_private_one_gets_a_key_and_keeps_it), ON_SHOP(teachers_are_part_of_the_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
