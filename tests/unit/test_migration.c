/* Opening files of every age and kind: fresh, old, current, newer, foreign, broken; and backups. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "temp_store.h"
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A library as it was first, the steps since, and as it is now. */
static const char schema_1[] = "PRAGMA application_id = 1413829460;"
                               "PRAGMA user_version = 1;"
                               "CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                               "CREATE TABLE book ("
                               "  id INTEGER PRIMARY KEY,"
                               "  title TEXT, -- of the cover\n"
                               "  author_id INTEGER NOT NULL REFERENCES author (id)"
                               ");"
                               "INSERT INTO author VALUES (1, 'Borges');"
                               "INSERT INTO book VALUES (1, 'Ficciones', 1), (2, 'El Aleph', 1);";

static const struct migration steps[] = {
    {"books have pages", "ALTER TABLE book ADD COLUMN pages INTEGER CHECK (pages > 0)"},
    {"names of authors are unique and strict",
     "CREATE TABLE author_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;"
     "INSERT INTO author_new SELECT id, name FROM author;"
     "DROP TABLE author;"
     "ALTER TABLE author_new RENAME TO author;"
     "CREATE INDEX book_author ON book (author_id);"},
};

static const char schema_3[] =
    "PRAGMA application_id = 1413829460; PRAGMA user_version = 3;\n"
    "CREATE TABLE author (\n"
    "    id   INTEGER PRIMARY KEY, -- said nowhere else\n"
    "    name TEXT NOT NULL UNIQUE /* it's one author */\n"
    ") STRICT;\n"
    "CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT,\n"
    "    author_id INTEGER NOT NULL REFERENCES author (id), pages INTEGER CHECK (pages > 0));\n"
    "CREATE INDEX book_author ON book (author_id);";

static struct store_options library(const struct temp_store *temp) {
    struct store_options options = temp_options(temp);
    options.schema = schema_3;
    options.migrations = steps;
    options.migration_count = ARRAY_COUNT(steps);
    return options;
}

/* Opens with the options; the sentence of a refusal ends up in `said`. */
static char said[512];

static enum err try_open(struct temp_store *temp, const struct store_options *options) {
    said[0] = '\0';
    return store_open(options, &temp->store, said, sizeof(said));
}

static void assert_said(const char *part) {
    if (!strstr(said, part))
        fail_msg("\"%s\" is not in: %s", part, said);
}

static void must_open(struct temp_store *temp, const struct store_options *options) {
    if (try_open(temp, options) != OK)
        fail_msg("%s", said);
}

static void close_store(struct temp_store *temp) {
    store_close(temp->store);
    temp->store = NULL;
}

/* The file as the first version of the program left it. */
static void make_first_version(struct temp_store *temp) {
    struct store_options options = temp_options(temp);
    options.schema = schema_1;
    must_open(temp, &options);
    close_store(temp);
}

static const char *schema_of(struct temp_store *temp, struct arena *arena) {
    const char *text = NULL;
    assert_int_equal(store_schema(temp->store, arena, &text), OK);
    return text;
}

static void backup_path(const struct temp_store *temp, char *path, size_t size) {
    char day[DATE_TEXT_SIZE];
    date_format(date_from_days(clock_now() / 86400), day);
    snprintf(path, size, "%s/before-migration-from-1-%s.db", temp->backups, day);
}

/* ---- fresh, current, old -------------------------------------------------------------------- */

static void a_missing_file_is_made(void **state) {
    struct temp_store *temp = *state;
    const struct store_options options = library(temp);
    must_open(temp, &options);
    assert_int_equal(temp_number(temp->store, "PRAGMA user_version"), 3);
    assert_int_equal(temp_number(temp->store, "PRAGMA application_id"), TEMP_APPLICATION_ID);
    assert_int_equal(temp_number(temp->store, "PRAGMA foreign_keys"), 1);
    struct stat info;
    assert_int_equal(stat(temp->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(access(temp->backups, F_OK), -1); /* nothing was there to keep */
}

static enum err add_orphan(struct tx *tx, void *arg) {
    (void)arg;
    return tx_exec(tx, "INSERT INTO book (title, author_id) VALUES ('?', 99)");
}

static void an_old_file_becomes_like_a_fresh_one(void **state) {
    struct temp_store *temp = *state;
    struct arena *arena = arena_create();
    const struct store_options options = library(temp);
    must_open(temp, &options);
    const char *fresh = schema_of(temp, arena);
    close_store(temp);
    assert_int_equal(unlink(temp->path), 0);

    make_first_version(temp);
    must_open(temp, &options);
    assert_string_equal(schema_of(temp, arena), fresh);
    assert_non_null(strstr(fresh, "CREATE INDEX book_author ON book(author_id)\n"));
    assert_int_equal(temp_number(temp->store, "PRAGMA user_version"), 3);
    assert_int_equal(temp_number(temp->store, "SELECT count(*) FROM book JOIN author "
                                              "ON author.id = author_id"),
                     2);
    assert_int_equal(store_write(temp->store, add_orphan, NULL), ERR_CONFLICT);
    arena_destroy(arena);
}

static void a_different_schema_is_seen(void **state) {
    struct temp_store *temp = *state;
    struct arena *arena = arena_create();
    make_first_version(temp);
    const struct store_options options = library(temp);
    must_open(temp, &options);
    const char *migrated = schema_of(temp, arena);
    assert_int_equal(temp_shell(temp, "CREATE INDEX stray ON book (title)"), 0);
    assert_string_not_equal(schema_of(temp, arena), migrated);
    arena_destroy(arena);
}

static void the_old_file_is_kept(void **state) {
    struct temp_store *temp = *state;
    make_first_version(temp);
    const struct store_options options = library(temp);
    must_open(temp, &options);
    close_store(temp);

    char kept[160];
    backup_path(temp, kept, sizeof(kept));
    struct stat info;
    assert_int_equal(stat(kept, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(rename(kept, temp->path), 0);
    struct store_options old = temp_options(temp);
    old.schema = schema_1;
    must_open(temp, &old); /* the first version of the program can go on with it */
    assert_int_equal(temp_number(temp->store, "SELECT count(*) FROM book"), 2);
}

static void a_current_file_is_left_alone(void **state) {
    struct temp_store *temp = *state;
    const struct store_options options = library(temp);
    must_open(temp, &options);
    close_store(temp);
    must_open(temp, &options);
    assert_int_equal(access(temp->backups, F_OK), -1);
}

struct start {
    struct temp_store *temp;
    atomic_int failed;
};

static void start_one(int index, void *arg) {
    struct start *start = arg;
    const struct store_options options = library(start->temp);
    struct store *store;
    char error[512];
    (void)index;
    if (store_open(&options, &store, error, sizeof(error)) != OK) {
        fprintf(stderr, "%s\n", error);
        atomic_fetch_add(&start->failed, 1);
        return;
    }
    store_close(store);
}

static void several_programs_may_start_at_once(void **state) {
    struct start start = {.temp = *state};
    for (int round = 0; round < 10; round++) {
        temp_threads(4, start_one, &start); /* on no file */
        assert_int_equal(unlink(start.temp->path), 0);
        make_first_version(start.temp);
        temp_threads(4, start_one, &start);
        assert_int_equal(atomic_load(&start.failed), 0);
        const struct store_options options = library(start.temp);
        must_open(start.temp, &options);
        assert_int_equal(temp_number(start.temp->store, "PRAGMA user_version"), 3);
        close_store(start.temp);
        assert_int_equal(unlink(start.temp->path), 0);
    }
}

/* ---- steps that fail ------------------------------------------------------------------------ */

/* The step fails, the sentence says why, and the file is as it was. */
static void assert_undone(struct temp_store *temp, const struct migration *bad, const char *why) {
    const struct migration three[] = {steps[0], steps[1], *bad};
    make_first_version(temp);
    struct store_options options = library(temp);
    options.migrations = three;
    options.migration_count = ARRAY_COUNT(three);
    assert_int_equal(try_open(temp, &options), ERR_INTERNAL);
    assert_null(temp->store);
    assert_said(why);

    struct store_options old = temp_options(temp);
    old.schema = schema_1;
    must_open(temp, &old);
    assert_int_equal(temp_number(temp->store, "PRAGMA user_version"), 1);
    assert_int_equal(temp_number(temp->store, "SELECT count(*) FROM sqlite_schema"), 2);
}

static void a_failing_step_undoes_them_all(void **state) {
    assert_undone(*state, &(struct migration){"nonsense", "DROP TABLE absent"}, "no such table");
}

static void a_step_that_breaks_references_is_undone(void **state) {
    assert_undone(*state, &(struct migration){"forgetting", "DELETE FROM author"},
                  "2 references to rows that do not exist");
}

static void a_file_that_cannot_be_backed_up_is_not_migrated(void **state) {
    struct temp_store *temp = *state;
    make_first_version(temp);
    struct store_options options = library(temp);
    options.backup_dir = "/nowhere/backups";
    assert_int_equal(try_open(temp, &options), ERR_IO);
    assert_said("/nowhere/backups");
    struct store_options old = temp_options(temp);
    old.schema = schema_1;
    must_open(temp, &old);
    assert_int_equal(temp_number(temp->store, "PRAGMA user_version"), 1);
}

/* ---- files that are not for us -------------------------------------------------------------- */

static size_t read_file(const char *path, char *bytes, size_t size) {
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    ssize_t count = read(fd, bytes, size);
    close(fd);
    assert_true(count >= 0);
    return (size_t)count;
}

/* Refused with a sentence that has `why` in it, and not one byte changed. */
static void assert_refused(struct temp_store *temp, const char *why) {
    static char before[100000], after[100000];
    size_t size = read_file(temp->path, before, sizeof(before));
    const struct store_options options = library(temp);
    assert_int_equal(try_open(temp, &options), ERR_REFUSED);
    assert_null(temp->store);
    assert_said(why);
    assert_said(temp->path);
    assert_int_equal(read_file(temp->path, after, sizeof(after)), size);
    assert_memory_equal(before, after, size);
}

static void a_newer_file_is_refused(void **state) {
    struct temp_store *temp = *state;
    make_first_version(temp);
    assert_int_equal(temp_shell(temp, "PRAGMA user_version = 4"), 0);
    assert_refused(temp, "newer version of this program (schema 4, this one knows 3)");
}

static void a_foreign_database_is_refused(void **state) {
    struct temp_store *temp = *state;
    assert_int_equal(temp_shell(temp, "CREATE TABLE theirs (a)"), 0);
    assert_refused(temp, "another program");
    assert_int_equal(temp_shell(temp, "PRAGMA application_id = 99; PRAGMA user_version = 1"), 0);
    assert_refused(temp, "another program");
}

static void a_file_that_is_no_database_is_refused(void **state) {
    struct temp_store *temp = *state;
    int fd = open(temp->path, O_CREAT | O_WRONLY, 0600);
    for (int i = 0; i < 100; i++)
        assert_int_equal(write(fd, "Dear diary, today I learned about SQL. ", 39), 39);
    close(fd);
    assert_refused(temp, "not a database");
}

static void a_folder_in_its_place_is_said(void **state) {
    struct temp_store *temp = *state;
    struct store_options options = library(temp);
    assert_int_equal(mkdir(temp->path, 0700), 0);
    assert_int_equal(try_open(temp, &options), ERR_IO);
    assert_non_null(strstr(said, temp->path));
}

static void a_missing_folder_is_said(void **state) {
    struct temp_store *temp = *state;
    struct store_options options = library(temp);
    options.path = "/nowhere/taller.db";
    assert_int_equal(try_open(temp, &options), ERR_IO);
    assert_said("/nowhere/taller.db cannot be created: No such file");
}

/* ---- our own mistakes ----------------------------------------------------------------------- */

static void bad_sql_makes_no_schema(void **state) {
    struct temp_store *temp = *state;
    static const char *const good[] = {"SELECT 1", "INSERT INTO author (name) VALUES (?1)"};
    static const char *const typo[] = {"SELECT id FROM book", "SELECT nome FROM author"};
    static const char *const hole[] = {"SELECT 1", NULL};
    static const char *const two[] = {"SELECT 1; SELECT 2;"};
    static const char *const quotes[] = {"SELECT \"text\""};
    static const struct {
        struct sql_table table;
        const char *said;
    } cases[] = {
        {{"typo", typo, 2}, "typo[1] cannot be prepared: no such column: nome"},
        {{"hole", hole, 2}, "hole[1] cannot be prepared: it has no text"},
        {{"two", two, 1}, "two[0] cannot be prepared: it is more than one"},
        {{"quotes", quotes, 1}, "quotes[0] cannot be prepared: no such column"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const struct sql_table tables[] = {{"good", good, 2}, cases[i].table};
        struct store_options options = library(temp);
        options.tables = tables;
        options.table_count = ARRAY_COUNT(tables);
        assert_int_equal(try_open(temp, &options), ERR_INTERNAL);
        assert_said(cases[i].said);
    }
    const struct sql_table tables[] = {{"good", good, 2}};
    struct store_options options = library(temp);
    options.tables = tables;
    options.table_count = 1;
    must_open(temp, &options);
}

static const char *const NOWHERE[] = {"SELECT 1 FROM nowhere"};
static const struct sql_table UNFIT[] = {{"unfit", NOWHERE, 1}};

static void bad_sql_undoes_a_migration(void **state) {
    struct temp_store *temp = *state;
    make_first_version(temp);
    struct store_options options = library(temp);
    options.tables = UNFIT;
    options.table_count = 1;
    assert_int_equal(try_open(temp, &options), ERR_INTERNAL);
    assert_said("unfit[0] cannot be prepared: no such table: nowhere");
    struct store_options first = temp_options(temp);
    must_open(temp, &first);
    assert_int_equal(temp_number(temp->store, "PRAGMA user_version"), 1);
}

static void a_current_file_is_checked_for_those_who_ask(void **state) {
    struct temp_store *temp = *state;
    struct store_options options = library(temp);
    must_open(temp, &options);
    close_store(temp);
    options.tables = UNFIT;
    options.table_count = 1;
    must_open(temp, &options);
    close_store(temp);
    options.check_statements = true;
    assert_int_equal(try_open(temp, &options), ERR_INTERNAL);
    assert_said("unfit[0] cannot be prepared: no such table: nowhere");
}

static void a_schema_with_the_wrong_version_is_noticed(void **state) {
    struct temp_store *temp = *state;
    struct store_options options = library(temp);
    options.migration_count = 1;
    assert_int_equal(try_open(temp, &options), ERR_INTERNAL);
    assert_said("user_version 3");
}

/* ---- backups -------------------------------------------------------------------------------- */

/* A person and a book in one transaction: a backup has both or neither. */
static enum err add_pair(struct tx *tx, void *arg) {
    char name[24];
    snprintf(name, sizeof(name), "author %d", *(int *)arg);
    enum err err = tx_exec(tx, "INSERT INTO author (name) VALUES (?1)", V(name));
    return err ? err
               : tx_exec(tx, "INSERT INTO book (title, author_id) VALUES (?1, ?2)", V(name),
                         V(tx_last_id(tx)));
}

static void write_or_back_up(int index, void *arg) {
    struct temp_store *temp = arg;
    char path[100], error[512];
    if (index == 0) {
        for (int i = 0; i < 300; i++)
            if (store_write(temp->store, add_pair, &i) != OK)
                abort();
        return;
    }
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof(path), "%s/copy%d.db", temp->folder, i);
        if (store_backup(temp->store, path, error, sizeof(error)) != OK)
            abort();
    }
}

static void a_backup_is_one_moment(void **state) {
    struct temp_store *temp = *state;
    const struct store_options options = library(temp);
    must_open(temp, &options);
    temp_threads(2, write_or_back_up, temp);
    for (int i = 0; i < 5; i++) {
        struct temp_store copy = *temp;
        char name[100];
        snprintf(copy.path, sizeof(copy.path), "%s/copy%d.db", temp->folder, i);
        snprintf(name, sizeof(name), "%s-wal", copy.path);
        assert_int_equal(access(name, F_OK), -1); /* one file is the whole school */
        char head[20];
        assert_int_equal(read_file(copy.path, head, sizeof(head)), sizeof(head));
        assert_int_equal(head[18], 1); /* SQLite file format: 1 is "no log", 2 is WAL */
        const struct store_options as_copy = library(&copy);
        must_open(&copy, &as_copy);
        assert_int_equal(temp_number(copy.store, "SELECT (SELECT count(*) FROM author) - "
                                                 "(SELECT count(*) FROM book)"),
                         0);
        assert_int_equal(temp_number(copy.store, "SELECT count(*) FROM pragma_integrity_check "
                                                 "WHERE integrity_check <> 'ok'"),
                         0);
        close_store(&copy);
    }
}

static void a_backup_that_fails_leaves_the_old_one(void **state) {
    struct temp_store *temp = *state;
    const struct store_options options = library(temp);
    must_open(temp, &options);
    assert_int_equal(store_backup(temp->store, "/nowhere/copy.db", said, sizeof(said)), ERR_IO);
    assert_said("/nowhere/copy.db cannot be written: No such file");
}

int main(void) {
#define FOLDER_TEST(f) cmocka_unit_test_setup_teardown(f, temp_folder_setup, temp_store_teardown)
    const struct CMUnitTest tests[] = {
        FOLDER_TEST(a_missing_file_is_made),
        FOLDER_TEST(an_old_file_becomes_like_a_fresh_one),
        FOLDER_TEST(a_different_schema_is_seen),
        FOLDER_TEST(the_old_file_is_kept),
        FOLDER_TEST(a_current_file_is_left_alone),
        FOLDER_TEST(several_programs_may_start_at_once),
        FOLDER_TEST(a_failing_step_undoes_them_all),
        FOLDER_TEST(a_step_that_breaks_references_is_undone),
        FOLDER_TEST(a_file_that_cannot_be_backed_up_is_not_migrated),
        FOLDER_TEST(a_newer_file_is_refused),
        FOLDER_TEST(a_foreign_database_is_refused),
        FOLDER_TEST(a_file_that_is_no_database_is_refused),
        FOLDER_TEST(a_folder_in_its_place_is_said),
        FOLDER_TEST(a_missing_folder_is_said),
        FOLDER_TEST(bad_sql_makes_no_schema),
        FOLDER_TEST(bad_sql_undoes_a_migration),
        FOLDER_TEST(a_current_file_is_checked_for_those_who_ask),
        FOLDER_TEST(a_schema_with_the_wrong_version_is_noticed),
        FOLDER_TEST(a_backup_is_one_moment),
        FOLDER_TEST(a_backup_that_fails_leaves_the_old_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
