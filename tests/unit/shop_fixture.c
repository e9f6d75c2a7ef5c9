/* See shop_fixture.h. */
#include "shop_fixture.h"
#include "base/secret.h"
#include <errno.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void announce(void *arg) {
    atomic_int *count = arg;
    atomic_fetch_add(count, 1);
}

int fixture_setup(void **state) {
    struct fixture *f = calloc(1, sizeof(*f));
    char error[256] = "";
    *state = f;
    if (!f || secret_setup(1, 8) != OK)
        return -1;
    f->arena = arena_create();
    snprintf(f->folder, sizeof(f->folder), "/tmp/taller-test-XXXXXX");
    if (!mkdtemp(f->folder))
        return -1;
    struct shop_options options = {
        .data = f->folder, .base_url = FIXTURE_BASE_URL, .render_mail = fixture_render_mail};
    if (shop_open(&options, &f->shop, error, sizeof(error)) != OK) {
        fprintf(stderr, "%s\n", error);
        return -1;
    }
    f->shop.mail_waiting = announce;
    f->shop.mail_waiting_arg = &f->mails_announced;
    return 0;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    return remove(path);
}

int fixture_teardown(void **state) {
    struct fixture *f = *state;
    shop_close(&f->shop);
    arena_destroy(f->arena);
    int failed = nftw(f->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return failed;
}

/* ---- statements ------------------------------------------------------------------------------ */

struct statement {
    const char *sql;
    const struct value *values;
    int64_t id;
};

static enum err run_tx(struct tx *tx, void *arg) {
    struct statement *statement = arg;
    enum err err = tx_exec_values(tx, statement->sql, statement->values);
    statement->id = tx_last_id(tx);
    return err;
}

int64_t fixture_sql_values(struct fixture *f, const char *sql, const struct value *values) {
    struct statement statement = {.sql = sql, .values = values};
    assert_int_equal(store_write(f->shop.store, run_tx, &statement), OK);
    return statement.id;
}

int64_t fixture_int_values(struct fixture *f, const char *sql, const struct value *values) {
    int64_t result = 0;
    struct db *db = store_reader(f->shop.store);
    enum err err = db_int_values(db, sql, &result, values);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    return result;
}

const char *fixture_text_values(struct fixture *f, const char *sql, const struct value *values) {
    struct db *db = store_reader(f->shop.store);
    struct rows *rows = db_query_values(db, sql, values);
    bool found = rows_next(rows);
    const char *result = found ? rows_text(rows, 0, f->arena) : NULL;
    enum err err = rows_end(rows);
    store_release(f->shop.store, db);
    assert_int_equal(err, OK);
    assert_true(found);
    return result;
}

/* The schema's text is changed under the database's feet and put back: no connection but this one
 * ever sees a table that takes NULL. */
void fixture_damage(struct fixture *f, const char *sql) {
    static const char BEFORE[] =
        "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON;"
        "PRAGMA writable_schema = ON; CREATE TEMP TABLE sound AS SELECT name, sql FROM"
        " main.sqlite_schema WHERE type = 'table';"
        "UPDATE main.sqlite_schema SET sql = replace(replace(sql,"
        " 'TEXT NOT NULL', 'TEXT'), 'INTEGER NOT NULL', 'INTEGER') WHERE type = 'table'"
        " AND name NOT LIKE 'sqlite%'; PRAGMA writable_schema = RESET;";
    static const char AFTER[] =
        "PRAGMA writable_schema = ON; UPDATE main.sqlite_schema SET sql = (SELECT s.sql FROM"
        " temp.sound s WHERE s.name = sqlite_schema.name) WHERE type = 'table';"
        "PRAGMA writable_schema = RESET;";
    const char *const steps[] = {BEFORE, sql, AFTER};
    sqlite3 *other = NULL;
    assert_int_equal(sqlite3_open(arena_printf(f->arena, "%s/taller.db", f->folder), &other),
                     SQLITE_OK);
    for (size_t i = 0; i < ARRAY_COUNT(steps); i++)
        if (sqlite3_exec(other, steps[i], NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", steps[i], sqlite3_errmsg(other));
    assert_int_equal(sqlite3_close(other), SQLITE_OK);
}

static enum err nothing_tx(struct tx *tx, void *arg) {
    (void)tx, (void)arg;
    return OK;
}

void fixture_flush(struct fixture *f) {
    assert_int_equal(store_write(f->shop.store, nothing_tx, NULL), OK);
}

/* ---- things ---------------------------------------------------------------------------------- */

int64_t fixture_account(struct fixture *f, const char *email) {
    return fixture_sql(f,
                       "INSERT INTO account (email, first_name, last_name, phone, country, "
                       "email_confirmed_at, created_at) "
                       "VALUES (?1, 'Ana', 'Torres', '987654321', 'PE', ?2, ?2)",
                       V(email), V(FIXTURE_NOW - DAY_SECONDS));
}

int64_t fixture_student(struct fixture *f, int64_t account_id, const char *first_name,
                        const char *date_of_birth) {
    char slug[SECRET_TOKEN_SIZE];
    secret_token(slug);
    return fixture_sql(f,
                       "INSERT INTO student (slug, parent_id, first_name, last_name, "
                       "date_of_birth, created_at) VALUES (?1, ?2, ?3, 'Torres', ?4, ?5)",
                       V(slug), V(account_id), V(first_name), V(date_of_birth),
                       V(FIXTURE_NOW - DAY_SECONDS));
}

const char *fixture_student_slug(struct fixture *f, int64_t student_id) {
    return fixture_text(f, "SELECT slug FROM student WHERE id = ?1", V(student_id));
}

int64_t fixture_workshop(struct fixture *f, const char *slug, int64_t price_cents,
                         int64_t capacity) {
    int64_t topic = fixture_sql(f, "INSERT INTO topic (name) VALUES (?1)",
                                V(arena_printf(f->arena, "Topic of %s", slug)));
    return fixture_sql(f,
                       "INSERT INTO workshop (slug, topic_id, title, price_cents, capacity, "
                       "start_date, end_date, weekdays, start_minute, end_minute, created_at) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, '2026-04-06', '2026-05-25', 1, 960, 1050, ?6)",
                       V(slug), V(topic), V(arena_printf(f->arena, "Workshop %s", slug)),
                       V(price_cents), V_OPT(capacity >= 0, capacity),
                       V(FIXTURE_NOW - DAY_SECONDS));
}

struct setting_change {
    const char *key, *value;
};

static enum err set_tx(struct tx *tx, void *arg) {
    const struct setting_change *change = arg;
    return setting_set_tx(tx, change->key, change->value);
}

void fixture_setting(struct fixture *f, const char *key, const char *value) {
    struct setting_change change = {key, value};
    assert_int_equal(store_write(f->shop.store, set_tx, &change), OK);
}

/* ---- mails ----------------------------------------------------------------------------------- */

static bool has_link_model(enum mail_kind kind) {
    return kind >= MAIL_CONFIRM_EMAIL && kind <= MAIL_TEST;
}

void fixture_render_mail(struct mail_text *out, enum mail_kind kind, enum lang lang,
                         const void *model, const struct settings *settings, const char *base_url) {
    (void)settings, (void)base_url;
    buf_printf(&out->subject, "mail %d %s", (int)kind, lang_code(lang));
    if (!has_link_model(kind))
        return;
    const struct mail_link *link = model;
    buf_printf(&out->text, "name: %s\nlink: %s\n", link->first_name, link->link ? link->link : "-");
}

int64_t fixture_mails(struct fixture *f, enum mail_kind kind) {
    return fixture_int(f, "SELECT count(*) FROM outbox WHERE subject LIKE ?1",
                       V(arena_printf(f->arena, "mail %d __", (int)kind)));
}

const char *fixture_mail_token(struct fixture *f, const char *before) {
    const char *text = fixture_text(f, "SELECT body_text FROM outbox ORDER BY id DESC LIMIT 1");
    const char *at = strstr(text, before);
    assert_non_null(at);
    at += strlen(before);
    return arena_strndup(f->arena, at, strcspn(at, "/\n"));
}
