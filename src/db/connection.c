/* Opening connections, their settings, and the meaning of SQLite's result codes. */
#include "db/connection.h"
#include "base/log.h"
#include "db/recovery.h"
#include "db/scan.h"
#include "db/statement.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No memory mapping: an I/O error or a file cut short by another process would be a SIGBUS instead
 * of an error. Temporary tables and sorts stay in memory: there may be no folder for them. */
static const char common_settings[] = "PRAGMA mmap_size = 0;"
                                      "PRAGMA temp_store = MEMORY;";

/* The writer looks at every cell of a page before it trusts one, so that damage does not spread;
 * readers meet thousands of pages, and damage there is an error when it is come to. What is deleted
 * is overwritten: a person who was erased is not left in free pages. */
static const char *const kind_settings[] = {
    [CONNECTION_READER] = "PRAGMA cache_size = -512;"
                          "PRAGMA query_only = ON;",
    [CONNECTION_WRITER] = "PRAGMA cache_size = -2048;"
                          "PRAGMA cell_size_check = ON;"
                          "PRAGMA synchronous = FULL;"
                          "PRAGMA secure_delete = ON;"
                          "PRAGMA wal_autocheckpoint = 0;"
                          "PRAGMA journal_size_limit = 16777216;",
};

static const int kind_flags[] = {
    [CONNECTION_READER] = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
    [CONNECTION_WRITER] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
};

/* A database file may come from a backup somebody else had in hand: its schema is not trusted. */
static void harden(sqlite3 *handle) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
}

/* Counting every allocation would make all threads share one lock. */
static void set_up_library(void) {
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

enum err connection_open(struct db *db, const char *path, enum connection_kind kind, char *error,
                         size_t error_size) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, set_up_library);
    *db = (struct db){0};
    int code = sqlite3_open_v2(path, &db->handle, kind_flags[kind], NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(db->handle, 1);
        sqlite3_busy_timeout(db->handle, CONNECTION_BUSY_MS);
        harden(db->handle);
        code = scan_register(db);
    }
    if (code == SQLITE_OK)
        code = connection_script(db, common_settings);
    if (code == SQLITE_OK)
        code = connection_script(db, kind_settings[kind]);
    if (code == SQLITE_OK)
        return OK;
    bool damaged = (code & 0xff) == SQLITE_NOTADB || (code & 0xff) == SQLITE_CORRUPT;
    enum err err = damaged ? ERR_REFUSED : connection_err(code);
    snprintf(error, error_size, "The database %s cannot be opened: %s.", path,
             db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code));
    connection_leave(db);
    db->failed = err;
    return err;
}

void connection_close(struct db *db) {
    if (!db->handle)
        return;
    statement_close_all(db);
    int code = sqlite3_close(db->handle);
    if (code != SQLITE_OK)
        log_error("database_close_failed", "error", "%s", sqlite3_errstr(code));
    *db = (struct db){0};
}

void connection_leave(struct db *db) {
    if (db->handle)
        sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    connection_close(db);
}

int connection_script(struct db *db, const char *sql) {
    return sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
}

int connection_number(struct db *db, const char *sql, int64_t *out) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    if (sqlite3_step(statement) == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    return sqlite3_finalize(statement);
}

/* Refusals by rules of the schema are answers; a missing or ill-typed value is a bug of ours. */
static enum err err_from_constraint(int code) {
    switch (code) {
    case SQLITE_CONSTRAINT_NOTNULL:
    case SQLITE_CONSTRAINT_DATATYPE:
        return ERR_INTERNAL;
    default:
        return ERR_CONFLICT;
    }
}

enum err connection_err(int code) {
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return OK;
    case SQLITE_CONSTRAINT:
        return err_from_constraint(code);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
    case SQLITE_NOMEM:
        return ERR_BUSY;
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_IOERR:
        return code == SQLITE_IOERR_NOMEM ? ERR_BUSY : ERR_IO;
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_READONLY:
        return ERR_IO;
    default:
        return ERR_INTERNAL;
    }
}

/* After a failed sync nobody knows what is on disk, and a second sync may falsely succeed (the
 * kernel has dropped the pages). A restart reads what was committed before. */
static void end_if_sync_failed(struct db *db, int code) {
    if (code != SQLITE_IOERR_FSYNC && code != SQLITE_IOERR_DIR_FSYNC)
        return;
    log_error("disk_sync_failed", "action", "%s", "ending the process");
    recovery_disown(db);
    _exit(EXIT_FAILURE);
}

enum err connection_failed(struct db *db, int code, const char *sql) {
    enum err err = connection_err(code);
    if (err == OK)
        return OK;
    end_if_sync_failed(db, code);
    bool expected = err == ERR_CONFLICT || (code & 0xff) == SQLITE_INTERRUPT;
    LOG_FIELDS(expected          ? LOG_DEBUG
               : err == ERR_BUSY ? LOG_WARN
                                 : LOG_ERROR,
               err == ERR_CONFLICT ? "sql_conflict" : "sql_failed",
               LOG_STR("error", db->handle ? sqlite3_errmsg(db->handle) : sqlite3_errstr(code)),
               LOG_INT("code", code), LOG_STR("sql", sql));
    if (err != ERR_CONFLICT && db->failed == OK)
        db->failed = err;
    return err;
}
