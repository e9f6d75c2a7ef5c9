/* Looking into database files. Statements are run here directly: what they find wrong is what was
 * asked for, so it is not logged as a failure of ours. */
#include "db/copy.h"
#include "base/buf.h"
#include "db/backup.h"
#include "db/connection.h"
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum err copy_make(const char *from, const char *to, const char *name, char *error,
                   size_t error_size) {
    return backup_write(from, to, name, error, error_size);
}

static bool is_damage(int code) {
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* A sentence for a code that is not OK. */
static enum err fail(const struct db *db, const char *path, int code, char *error,
                     size_t error_size) {
    if (is_damage(code)) {
        snprintf(error, error_size, "%s is damaged, or no database.", path);
        return ERR_REFUSED;
    }
    snprintf(error, error_size, "The database %s cannot be read: %s.", path,
             db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
    return connection_err(code);
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static int read_identity(struct db *db, struct copy_facts *out) {
    *out = (struct copy_facts){0};
    int code = connection_number(db, "PRAGMA application_id", &out->application_id);
    return code == SQLITE_OK ? connection_number(db, "PRAGMA user_version", &out->schema) : code;
}

static const char *quoted_count(struct arena *arena, const char *table) {
    struct buf sql = {0};
    buf_puts(&sql, "SELECT count(*) FROM \"");
    for (const char *p = table; *p; p++) {
        if (*p == '"')
            buf_putc(&sql, '"');
        buf_putc(&sql, *p);
    }
    buf_putc(&sql, '"');
    const char *text = arena_strdup(arena, buf_text(&sql));
    buf_free(&sql);
    return text;
}

/* Index and shadow tables of FTS5 are no rows of anybody's. */
static int read_tables(struct db *db, struct arena *arena, struct copy_facts *out) {
    sqlite3_stmt *names = NULL;
    int code = sqlite3_prepare_v2(db->handle,
                                  "SELECT name FROM pragma_table_list WHERE schema = 'main' AND"
                                  " type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name",
                                  -1, &names, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(names)) == SQLITE_ROW) {
        const char *name = arena_strdup(arena, (const char *)sqlite3_column_text(names, 0));
        int64_t rows = 0;
        code = connection_number(db, quoted_count(arena, name), &rows);
        out->tables = arena_grow(arena, out->tables, out->table_count, sizeof(*out->tables));
        out->tables[out->table_count++] = (struct copy_table){name, rows};
        out->rows += rows;
    }
    sqlite3_finalize(names);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

enum err copy_identity(const char *path, struct copy_facts *out, char *error, size_t error_size) {
    struct db db;
    *out = (struct copy_facts){0};
    enum err err = connection_open(&db, path, CONNECTION_READER, error, error_size);
    if (err)
        return err;
    int code = read_identity(&db, out);
    if (code != SQLITE_OK)
        err = fail(&db, path, code, error, error_size);
    connection_close(&db);
    return err;
}

enum err copy_facts(const char *path, struct arena *arena, struct copy_facts *out, char *error,
                    size_t error_size) {
    struct db db;
    *out = (struct copy_facts){0};
    enum err err = connection_open(&db, path, CONNECTION_READER, error, error_size);
    if (err)
        return err;
    int code = connection_script(&db, "BEGIN");
    if (code == SQLITE_OK)
        code = read_identity(&db, out);
    if (code == SQLITE_OK)
        code = read_tables(&db, arena, out);
    if (code != SQLITE_OK)
        err = fail(&db, path, code, error, error_size);
    connection_close(&db);
    return err;
}

enum err copy_number(const char *path, const char *sql, int64_t *out, char *error,
                     size_t error_size) {
    struct db db;
    enum err err = connection_open(&db, path, CONNECTION_READER, error, error_size);
    if (err)
        return err;
    int code = connection_number(&db, sql, out);
    if (code != SQLITE_OK)
        err = fail(&db, path, code, error, error_size);
    connection_close(&db);
    return err;
}

/* ---- whether it is whole --------------------------------------------------------------------- */

struct phrases {
    const char **items;
    size_t count;
};

static void add(struct phrases *phrases, struct arena *arena, const char *text) {
    if (phrases->count == COPY_FAULTS_MAX)
        return;
    phrases->items = arena_grow(arena, phrases->items, phrases->count, sizeof(*phrases->items));
    phrases->items[phrases->count++] = text;
}

/* Every row of a statement, joined with spaces, but the one that says "ok". */
static int ask(struct db *db, struct arena *arena, const char *sql, struct phrases *out) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        const char *text =
            code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
        if (text && strcmp(text, "ok") != 0)
            add(out, arena, arena_strdup(arena, text));
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

enum err copy_check(const char *path, struct arena *arena, struct copy_faults *out, char *error,
                    size_t error_size) {
    struct db db;
    struct phrases damage = {0}, references = {0};
    *out = (struct copy_faults){0};
    enum err err = connection_open(&db, path, CONNECTION_READER, error, error_size);
    if (err)
        return err;
    int code = ask(&db, arena, "SELECT integrity_check FROM pragma_integrity_check", &damage);
    if (code == SQLITE_OK)
        code = ask(&db, arena,
                   "SELECT 'row ' || coalesce(rowid, '?') || ' of ' || \"table\" ||"
                   " ' names a row of ' || parent || ' that does not exist'"
                   " FROM pragma_foreign_key_check LIMIT 100",
                   &references);
    if (code != SQLITE_OK)
        err = fail(&db, path, code, error, error_size);
    connection_close(&db);
    *out = (struct copy_faults){damage.items, references.items, damage.count, references.count};
    return err;
}

/* ---- at rest --------------------------------------------------------------------------------- */

/* Leaving the log needs the file for oneself, which is how another program is noticed. */
static int leave_log(struct db *db) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = DELETE", -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    bool left = sqlite3_step(statement) == SQLITE_ROW &&
                strcmp((const char *)sqlite3_column_text(statement, 0), "delete") == 0;
    code = sqlite3_finalize(statement);
    return code == SQLITE_OK && !left ? SQLITE_BUSY : code;
}

enum err copy_settle(const char *path, char *error, size_t error_size) {
    struct db db;
    enum err err = connection_open(&db, path, CONNECTION_WRITER, error, error_size);
    if (err)
        return err;
    int code = leave_log(&db);
    if ((code & 0xff) == SQLITE_BUSY) {
        snprintf(error, error_size, "another program has the database %s open.", path);
        err = ERR_BUSY;
    } else if (code != SQLITE_OK) {
        err = fail(&db, path, code, error, error_size);
    }
    connection_leave(&db); /* what is damaged keeps its log as it is */
    return err;
}
