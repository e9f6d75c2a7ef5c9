/* Statements: the cache of prepared ones, binding values, stepping through rows.
 *
 * A connection prepares a statement when it is first used and keeps it. The key is the address of
 * the text, so finding one costs a multiplication and a comparison. A statement that is still open
 * when it is asked for again (a query inside the loop over the same query) gets a spare that is
 * thrown away at its end. */
#include "db/statement.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/memory.h"
#include "db/connection.h"
#include "db/db.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rows {
    struct db *db;
    const char *sql;
    sqlite3_stmt *statement; /* NULL: could not be prepared; `err` says why */
    struct rows *next_open;
    enum err err; /* the first failure of this run */
    enum { ROWS_BEFORE, ROWS_AT, ROWS_AFTER } position;
    bool is_open;
    bool is_spare; /* not in the cache */
};

/* A mistake in our own code: it must show in a log and in the result, never as wrong data. */
static void misused(struct rows *rows, const char *how) {
    if (rows->err)
        return;
    LOG_FIELDS(LOG_ERROR, "sql_misused", LOG_STR("how", how), LOG_STR("sql", rows->sql));
    rows->err = ERR_INTERNAL;
    if (rows->db->failed == OK)
        rows->db->failed = ERR_INTERNAL;
}

/* ---- the cache ------------------------------------------------------------------------------ */

/* The slot of a text: where it is, or where it would go. Open addressing, never more than half full
 * (Knuth's multiplicative hash). */
static struct rows **slot_of(struct db *db, const char *sql) {
    size_t i = (size_t)(((uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 32);
    for (;; i++) {
        struct rows **slot = &db->slots[i & (db->slot_count - 1)];
        if (!*slot || (*slot)->sql == sql)
            return slot;
    }
}

static void grow_slots(struct db *db) {
    enum { FIRST_SLOTS = 64 };
    struct rows **old = db->slots;
    size_t old_count = db->slot_count;
    db->slot_count = old_count ? old_count * 2 : FIRST_SLOTS;
    db->slots = memory_new(db->slot_count, sizeof(struct rows *));
    for (size_t i = 0; i < old_count; i++)
        if (old[i])
            *slot_of(db, old[i]->sql) = old[i];
    free(old);
}

static void prepare(struct rows *rows) {
    struct db *db = rows->db;
    if (!db->handle) {
        rows->err = db->failed;
        return;
    }
    unsigned flags = rows->is_spare ? 0 : SQLITE_PREPARE_PERSISTENT;
    int code = sqlite3_prepare_v3(db->handle, rows->sql, -1, flags, &rows->statement, NULL);
    if (code != SQLITE_OK)
        rows->err = connection_failed(db, code, rows->sql);
}

/* A spare, or a statement that cannot be prepared now, is not kept. */
static struct rows *rows_create(struct db *db, const char *sql, struct rows **slot) {
    struct rows *rows = memory_new(1, sizeof(*rows));
    rows->db = db;
    rows->sql = sql;
    rows->is_spare = *slot != NULL;
    prepare(rows);
    if (!rows->statement)
        rows->is_spare = true;
    if (!rows->is_spare) {
        *slot = rows;
        db->slots_used++;
    }
    return rows;
}

static struct rows *put_open(struct rows *rows) {
    rows->is_open = true;
    rows->next_open = rows->db->open;
    rows->db->open = rows;
    return rows;
}

/* A statement ready for binding, in the list of open ones. */
static struct rows *rows_begin(struct db *db, const char *sql) {
    if (db->slots_used * 2 >= db->slot_count)
        grow_slots(db);
    struct rows **slot = slot_of(db, sql);
    return put_open(*slot && !(*slot)->is_open ? *slot : rows_create(db, sql, slot));
}

static struct rows *rows_begin_once(struct db *db, const char *sql) {
    struct rows *rows = memory_new(1, sizeof(*rows));
    *rows = (struct rows){.db = db, .sql = sql, .is_spare = true};
    prepare(rows);
    return put_open(rows);
}

static void unlink_open(struct rows *rows) {
    struct rows **link = &rows->db->open;
    while (*link != rows)
        link = &(*link)->next_open;
    *link = rows->next_open;
    rows->is_open = false;
}

size_t statement_end_all(struct db *db) {
    size_t count = 0;
    for (; db->open; count++) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): rows_end took the freed one off the list */
        log_error("rows_not_ended", "sql", "%s", db->open->sql);
        if (rows_end(db->open) != OK)
            continue; /* logged where it failed */
    }
    return count;
}

void statement_close_all(struct db *db) {
    statement_end_all(db);
    for (size_t i = 0; i < db->slot_count; i++) {
        if (!db->slots[i])
            continue;
        sqlite3_finalize(db->slots[i]->statement);
        free(db->slots[i]);
    }
    free(db->slots);
    db->slots = NULL;
    db->slot_count = db->slots_used = 0;
}

/* ---- values --------------------------------------------------------------------------------- */

static int bind_one(sqlite3_stmt *statement, int index, const struct value *value,
                    sqlite3_destructor_type lifetime) {
    switch (value->type) {
    case VALUE_INT:
        return sqlite3_bind_int64(statement, index, value->integer);
    case VALUE_TEXT:
        return sqlite3_bind_text(statement, index, value->text, -1, lifetime);
    case VALUE_BLOB:
        return sqlite3_bind_blob64(statement, index, value->blob, value->size, lifetime);
    case VALUE_NULL:
    case VALUE_END:
        break;
    }
    return sqlite3_bind_null(statement, index);
}

/* `lifetime`: SQLITE_STATIC when the statement ends before the caller's values do. */
static void bind_all(struct rows *rows, const struct value *values,
                     sqlite3_destructor_type lifetime) {
    if (rows->err)
        return;
    int count = 0;
    while (values[count].type != VALUE_END)
        count++;
    if (count != sqlite3_bind_parameter_count(rows->statement))
        misused(rows, "the number of values is not the number of parameters");
    for (int i = 0; i < count && rows->err == OK; i++) {
        int code = bind_one(rows->statement, i + 1, &values[i], lifetime);
        if (code != SQLITE_OK)
            rows->err = connection_failed(rows->db, code, rows->sql);
    }
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* SQLite drops a transaction on a full disk and the like. What follows must not run outside of it,
 * where readers would see another moment and writers would commit at once. */
static void refuse_without_transaction(struct rows *rows) {
    struct db *db = rows->db;
    if (rows->err || !sqlite3_get_autocommit(db->handle))
        return;
    if (db->failed == OK)
        db->failed = ERR_INTERNAL;
    rows->err = db->failed;
}

static struct rows *start_reading(struct rows *rows, const struct value *values) {
    rows->db->queries++;
    refuse_without_transaction(rows);
    bind_all(rows, values, SQLITE_TRANSIENT);
    if (rows->err == OK && !sqlite3_stmt_readonly(rows->statement))
        misused(rows, "writing needs tx_exec or tx_query");
    return rows;
}

struct rows *db_query_values(struct db *db, const char *sql, const struct value *values) {
    return start_reading(rows_begin(db, sql), values);
}

struct rows *db_query_once(struct db *db, const char *sql, const struct value *values) {
    return start_reading(rows_begin_once(db, sql), values);
}

/* SQLite would begin again when stepped behind the end; a caller who asks twice gets false twice.
 */
bool rows_next(struct rows *rows) {
    if (rows->err || rows->position == ROWS_AFTER)
        return false;
    int code = sqlite3_step(rows->statement);
    rows->position = code == SQLITE_ROW ? ROWS_AT : ROWS_AFTER;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        rows->err = connection_failed(rows->db, code, rows->sql);
    return code == SQLITE_ROW;
}

static bool column_is_there(struct rows *rows, int column) {
    if (rows->position == ROWS_AT && column >= 0 && column < sqlite3_data_count(rows->statement))
        return true;
    misused(rows, "no such column in the current row");
    return false;
}

int64_t rows_int(struct rows *rows, int column) {
    return column_is_there(rows, column) ? sqlite3_column_int64(rows->statement, column) : 0;
}

bool rows_bool(struct rows *rows, int column) {
    return rows_int(rows, column) != 0;
}

bool rows_null(struct rows *rows, int column) {
    return !column_is_there(rows, column) ||
           sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

const char *rows_text(struct rows *rows, int column, struct arena *arena) {
    if (!column_is_there(rows, column))
        return NULL;
    const unsigned char *text = sqlite3_column_text(rows->statement, column);
    if (!text)
        return NULL;
    size_t length = (size_t)sqlite3_column_bytes(rows->statement, column);
    return arena_strndup(arena, (const char *)text, length);
}

const void *rows_blob(struct rows *rows, int column, struct arena *arena, size_t *size) {
    *size = 0;
    if (rows_null(rows, column))
        return NULL;
    const void *blob = sqlite3_column_blob(rows->statement, column);
    *size = (size_t)sqlite3_column_bytes(rows->statement, column);
    void *copy = arena_alloc(arena, *size);
    if (*size > 0)
        memcpy(copy, blob, *size);
    return copy;
}

/* Resetting an unfinished writing statement finishes it, so this is a last place to fail. */
enum err rows_end(struct rows *rows) {
    struct db *db = rows->db;
    if (rows->statement) {
        int code = sqlite3_reset(rows->statement);
        if (rows->err == OK && code != SQLITE_OK)
            rows->err = connection_failed(db, code, rows->sql);
        sqlite3_clear_bindings(rows->statement);
    }
    enum err err = rows->err;
    unlink_open(rows);
    if (rows->is_spare) {
        sqlite3_finalize(rows->statement);
        free(rows);
        return err;
    }
    rows->err = OK;
    rows->position = ROWS_BEFORE;
    return err;
}

enum err db_int_values(struct db *db, const char *sql, int64_t *out, const struct value *values) {
    struct rows *rows = db_query_values(db, sql, values);
    bool found = rows_next(rows);
    int64_t number = found ? rows_int(rows, 0) : 0;
    enum err err = rows_end(rows);
    if (err)
        return err;
    if (!found)
        return ERR_NOT_FOUND;
    *out = number;
    return OK;
}

/* ---- writing -------------------------------------------------------------------------------- */

struct db *tx_db(struct tx *tx) {
    return tx->db;
}

/* A spoilt transaction takes no further work. */
static struct rows *tx_ready(struct tx *tx, struct rows *rows) {
    refuse_without_transaction(rows);
    if (rows->err == OK)
        rows->err = tx->db->failed;
    return rows;
}

static struct rows *tx_begin(struct tx *tx, const char *sql) {
    return tx_ready(tx, rows_begin(tx->db, sql));
}

static enum err run_to_end(struct rows *rows) {
    while (rows_next(rows))
        ; /* rows nobody asked for */
    return rows_end(rows);
}

enum err statement_run(struct db *db, const char *sql) {
    return run_to_end(rows_begin(db, sql));
}

static enum err tx_run(struct tx *tx, struct rows *rows, const struct value *values) {
    struct db *db = tx->db;
    db->changes = 0;
    bind_all(rows, values, SQLITE_STATIC);
    enum err err = run_to_end(rows);
    if (err == OK)
        db->changes = sqlite3_changes64(db->handle);
    return err;
}

enum err tx_exec_values(struct tx *tx, const char *sql, const struct value *values) {
    return tx_run(tx, tx_begin(tx, sql), values);
}

enum err tx_exec_once(struct tx *tx, const char *sql, const struct value *values) {
    return tx_run(tx, tx_ready(tx, rows_begin_once(tx->db, sql)), values);
}

struct rows *tx_query_values(struct tx *tx, const char *sql, const struct value *values) {
    struct rows *rows = tx_begin(tx, sql);
    bind_all(rows, values, SQLITE_TRANSIENT);
    return rows;
}

int64_t tx_last_id(struct tx *tx) {
    return sqlite3_last_insert_rowid(tx->db->handle);
}

int64_t tx_changes(struct tx *tx) {
    return tx->db->changes;
}

/* ---- checking them all ---------------------------------------------------------------------- */

static const char *problem_with(struct db *db, const char *sql) {
    if (!sql)
        return "it has no text";
    sqlite3_stmt *statement = NULL;
    const char *tail = NULL;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, &tail);
    bool is_empty = code == SQLITE_OK && !statement;
    sqlite3_finalize(statement);
    if (code != SQLITE_OK)
        return sqlite3_errmsg(db->handle);
    if (is_empty)
        return "it is empty";
    return tail[strspn(tail, "; \n\t")] ? "it is more than one statement" : NULL;
}

enum err statement_check(struct db *db, const struct sql_table *tables, size_t count, char *error,
                         size_t error_size) {
    for (size_t t = 0; t < count; t++) {
        for (size_t i = 0; i < tables[t].count; i++) {
            const char *problem = problem_with(db, tables[t].sql[i]);
            if (!problem)
                continue;
            snprintf(error, error_size, "Statement %s[%zu] cannot be prepared: %s: %s",
                     tables[t].name, i, problem, tables[t].sql[i] ? tables[t].sql[i] : "(none)");
            return ERR_INTERNAL;
        }
    }
    return OK;
}
