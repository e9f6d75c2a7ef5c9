/* Records: what staff edit is checked, told apart from another's version, written and remembered.
 */
#include "shop_fixture.h"

#include "shop/audit.h"
#include "shop/records.h"

enum { NAME, DESCRIPTION, COLOR, COLUMNS };

static enum err save(struct fixture *f, int64_t id, const char *version, const char *name,
                     const char *description, int64_t color, struct record_result *result) {
    const struct value values[COLUMNS] = {value_text(name), value_text(description),
                                          value_int(color)};
    const struct record_request request = {
        .kind = &topic_record, .id = id, .version = version, .values = values};
    return record_save(&f->shop, f->arena, &request, FIXTURE_NOW, result);
}

static struct record load(struct fixture *f, int64_t id) {
    struct record record;
    struct db *db = store_reader(f->shop.store);
    enum err err = record_load(db, f->arena, &topic_record, id, &record);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return record;
}

static int64_t make(struct fixture *f, const char *name) {
    struct record_result result;
    assert_int_equal(save(f, 0, NULL, name, NULL, 1, &result), OK);
    assert_true(result.changed);
    return result.id;
}

static void a_new_one_is_written_and_remembered(void **state) {
    struct fixture *f = *state;
    int64_t id = make(f, "Arte");
    assert_string_equal(fixture_text(f, "SELECT name FROM topic WHERE id = ?1", V(id)), "Arte");
    assert_int_equal(fixture_int(f,
                                 "SELECT count(*) FROM audit WHERE action = 'create'"
                                 " AND entity = 'topic' AND entity_id = ?1",
                                 V(id)),
                     1);
    assert_string_equal(fixture_text(f, "SELECT after FROM audit_value WHERE field = 'name'"),
                        "Arte");
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit_value WHERE before IS NOT NULL"),
                     0);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit_value WHERE field = 'description'"),
                     0);
}

static void only_what_changed_is_in_the_trail(void **state) {
    struct fixture *f = *state;
    int64_t id = make(f, "Arte");
    struct record_result result;
    assert_int_equal(save(f, id, load(f, id).version, "Arte", "Pintar", 1, &result), OK);
    assert_true(result.changed);
    struct audit_entry *entries;
    size_t count;
    struct db *db = store_reader(f->shop.store);
    assert_int_equal(audit_of(db, f->arena, "topic", id, 9, &entries, &count), OK);
    store_release(f->shop.store, db);
    assert_int_equal(count, 2);
    assert_string_equal(entries[0].action, "edit");
    assert_int_equal(entries[0].field_count, 1);
    assert_string_equal(entries[0].fields[0].name, "description");
    assert_null(entries[0].fields[0].before);
    assert_string_equal(entries[0].fields[0].after, "Pintar");
}

static void the_same_again_is_no_change(void **state) {
    struct fixture *f = *state;
    int64_t id = make(f, "Arte");
    struct record_result result;
    assert_int_equal(save(f, id, load(f, id).version, "Arte", NULL, 1, &result), OK);
    assert_false(result.changed);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit"), 1);
}

static void anothers_version_is_not_overwritten(void **state) {
    struct fixture *f = *state;
    int64_t id = make(f, "Arte");
    struct record seen = load(f, id);
    struct record_result result;
    assert_int_equal(save(f, id, seen.version, "Artes", NULL, 1, &result), OK);
    assert_int_equal(save(f, id, seen.version, "Música", NULL, 1, &result), ERR_CONFLICT);
    assert_string_equal(result.theirs.values[NAME].text, "Artes");
    assert_string_equal(fixture_text(f, "SELECT name FROM topic"), "Artes");
    const char *theirs = arena_strdup(f->arena, result.theirs.version);
    assert_int_equal(save(f, id, theirs, "Música", NULL, 1, &result), OK);
    assert_int_equal(save(f, id, NULL, "X", NULL, 1, &result), ERR_CONFLICT);
    assert_int_equal(save(f, id + 1, seen.version, "X", NULL, 1, &result), ERR_NOT_FOUND);
}

static void rules_refuse_and_change_nothing(void **state) {
    struct fixture *f = *state;
    make(f, "Arte");
    int64_t id = make(f, "Música");
    struct record_result result;
    assert_int_equal(save(f, id, load(f, id).version, "Arte", NULL, 1, &result), ERR_REFUSED);
    assert_int_equal(result.refusal_count, 1);
    assert_int_equal(result.refusals[0].column, NAME);
    /* a rule of the schema alone */
    assert_int_equal(save(f, id, load(f, id).version, "Música", NULL, 99, &result), ERR_REFUSED);
    assert_int_equal(result.refusals[0].column, -1);
    assert_int_equal(fixture_int(f, "SELECT color FROM topic WHERE id = ?1", V(id)), 1);
    assert_int_equal(fixture_int(f, "SELECT count(*) FROM audit"), 2);
}

static void versions_tell_values_apart(void **state) {
    struct fixture *f = *state;
    int64_t id = make(f, "a");
    struct record before = load(f, id), after;
    fixture_sql(f, "UPDATE topic SET description = '' WHERE id = ?1", V(id)); /* from outside */
    after = load(f, id);
    assert_string_not_equal(before.version, after.version);
    fixture_sql(f, "UPDATE topic SET description = NULL WHERE id = ?1", V(id));
    assert_string_equal(load(f, id).version, before.version);
}

static enum err try_sql(struct tx *tx, void *sql) {
    return tx_exec_once(tx, sql, VALUES());
}

static void the_trail_is_never_changed(void **state) {
    struct fixture *f = *state;
    make(f, "Arte");
    static char *const TRIES[] = {
        "UPDATE audit SET action = 'x'", "DELETE FROM audit", "DELETE FROM audit_value",
        "UPDATE audit_value SET after = 'x'",
        "UPDATE audit_value SET redacted = 1, before = NULL, after = NULL"}; /* not personal */
    for (size_t i = 0; i < ARRAY_COUNT(TRIES); i++)
        assert_int_equal(store_write(f->shop.store, try_sql, TRIES[i]), ERR_CONFLICT);
    assert_string_equal(fixture_text(f, "SELECT after FROM audit_value WHERE field = 'name'"),
                        "Arte");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, fixture_setup, fixture_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(a_new_one_is_written_and_remembered), CASE(only_what_changed_is_in_the_trail),
        CASE(the_same_again_is_no_change),         CASE(anothers_version_is_not_overwritten),
        CASE(rules_refuse_and_change_nothing),     CASE(versions_tell_values_apart),
        CASE(the_trail_is_never_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
