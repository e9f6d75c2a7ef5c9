/* A school's file of an older version, brought up by the steps since: it becomes what a fresh one
 * is, and what was in it is still there. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/embedded.h"
#include "shop/shop.h"
#include "temp_store.h"
#include <stdio.h>
#include <string.h>

#define FIRST "tests/fixtures/schema-1.sql"
static const char *const OLDER[] = {FIRST, "tests/fixtures/schema-2.sql",
                                    "tests/fixtures/schema-3.sql"};

static const char *read_file(struct arena *arena, const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("cannot open %s", path);
    struct buf text = {0};
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof(part), file)) > 0;)
        buf_append(&text, part, n);
    fclose(file);
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return copy;
}

static struct store_options school(const struct temp_store *temp) {
    struct store_options options = temp_options(temp);
    options.application_id = 1413565525;
    options.schema = embedded_schema();
    options.migrations = shop_migrations;
    options.migration_count = shop_migration_count;
    options.tables = shop_tables;
    options.table_count = shop_table_count;
    return options;
}

static void open_store(struct temp_store *temp, const struct store_options *options) {
    char said[512] = "";
    if (store_open(options, &temp->store, said, sizeof(said)) != OK)
        fail_msg("%s", said);
}

static void close_store(struct temp_store *temp) {
    store_close(temp->store);
    temp->store = NULL;
}

static enum err fill(struct tx *tx, void *arg) {
    (void)arg;
    static const char *const ROWS[] = {
        "INSERT INTO account (id, email, first_name, last_name) VALUES (1, 'a@b.c', 'Ángela', 'Ñ')",
        "INSERT INTO topic (id, name) VALUES (1, 'Arte')",
        "INSERT INTO workshop (id, slug, topic_id, title, price_cents) VALUES (1, 'a', 1, 'Óleo', 5)",
        "INSERT INTO student (id, slug, parent_id, first_name, last_name, date_of_birth)"
        " VALUES (1, 's', 1, 'José', 'Ñ', '2017-01-01')",
        "INSERT INTO orders (id, account_id, status, total_cents, created_at, paid_at)"
        " VALUES (1, 1, 'refunded', 5, 1, 1)",
        "INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at)"
        " VALUES (1, 'transfer', '77', 5, 'refunded', 1)",
    };
    enum err err = OK;
    for (size_t i = 0; !err && i < ARRAY_COUNT(ROWS); i++)
        err = tx_exec(tx, ROWS[i]);
    return err;
}

static void bring_up(struct temp_store *temp, struct arena *arena, size_t version) {
    const char *fresh = NULL, *migrated = NULL;
    const struct store_options now = school(temp);
    open_store(temp, &now);
    assert_int_equal(store_schema(temp->store, arena, &fresh), OK);
    close_store(temp);
    assert_int_equal(remove(temp->path), 0);

    struct store_options older = now;
    older.schema = read_file(arena, OLDER[version]);
    older.migration_count = version;
    older.table_count = 0;
    open_store(temp, &older);
    assert_int_equal(store_write(temp->store, fill, NULL), OK);
    close_store(temp);

    open_store(temp, &now);
    assert_int_equal(store_schema(temp->store, arena, &migrated), OK);
    assert_string_equal(migrated, fresh);
    close_store(temp);
    assert_int_equal(remove(temp->path), 0);
}

static void every_older_version_becomes_like_a_fresh_file(void **state) {
    struct arena *arena = arena_create();
    assert_int_equal(ARRAY_COUNT(OLDER), shop_migration_count);
    for (size_t version = 0; version < ARRAY_COUNT(OLDER); version++)
        bring_up(*state, arena, version);
    arena_destroy(arena);
}

static void what_was_there_is_found(void **state) {
    struct temp_store *temp = *state;
    struct arena *arena = arena_create();
    struct store_options first = school(temp);
    first.schema = read_file(arena, FIRST);
    first.migration_count = 0;
    first.table_count = 0;
    open_store(temp, &first);
    assert_int_equal(store_write(temp->store, fill, NULL), OK);
    close_store(temp);
    const struct store_options now = school(temp);
    open_store(temp, &now);
    struct store *store = temp->store;
    assert_int_equal(
        temp_number(store, "SELECT rowid FROM account_fts WHERE account_fts MATCH 'angela'"), 1);
    assert_int_equal(
        temp_number(store, "SELECT rowid FROM student_fts WHERE student_fts MATCH 'jose'"), 1);
    assert_int_equal(
        temp_number(store, "SELECT rowid FROM workshop_fts WHERE workshop_fts MATCH 'oleo'"), 1);
    /* money given back was the row of the money that came; now each has its own */
    assert_int_equal(temp_number(store, "SELECT sum(CASE status WHEN 'succeeded' THEN amount_cents"
                                        " WHEN 'refunded' THEN -amount_cents END) FROM payment"),
                     0);
    assert_int_equal(temp_number(store, "SELECT count(*) FROM payment"), 2);
    arena_destroy(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_older_version_becomes_like_a_fresh_file,
                                        temp_folder_setup, temp_store_teardown),
        cmocka_unit_test_setup_teardown(what_was_there_is_found, temp_folder_setup,
                                        temp_store_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
