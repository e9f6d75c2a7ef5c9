/* One SQLite connection with the settings every connection of ours has. Used inside db/ only. */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include "base/err.h"
#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How long a statement waits for another process (a person's sqlite3 shell, a restore). */
enum { CONNECTION_BUSY_MS = 5000 };

/* A connection and its prepared statements, used by one thread at a time. */
struct db {
    sqlite3 *handle;     /* NULL: could not be opened, every statement fails with `failed` */
    struct rows **slots; /* prepared statements, hashed by the address of their text */
    size_t slot_count;   /* 0 or a power of two */
    size_t slots_used;
    struct rows *open;       /* statements begun and not yet ended */
    const struct scan *scan; /* running: scan.h */
    enum err failed;  /* the first failure since the loan or the closure began; not conflicts */
    int64_t changes;  /* rows changed by the last tx_exec */
    uint64_t queries; /* asked by db_query since they were last added up */
};

struct tx {
    struct db *db;
};

enum connection_kind {
    CONNECTION_READER, /* cannot write: opened read-only, small cache */
    CONNECTION_WRITER, /* every commit is synced; checkpoints are made by hand */
};

/* Opens an existing file into *db, which is all zero or closed. On failure db->handle is NULL,
 * db->failed is the result, and `error` a sentence (ERR_REFUSED: not an SQLite file, or damaged).
 */
enum err connection_open(struct db *db, const char *path, enum connection_kind kind, char *error,
                         size_t error_size) MUST_CHECK;
void connection_close(struct db *db);

/* The same, but what stands in the log stays there: SQLite would copy it into the file, whatever
 * that has become. */
void connection_leave(struct db *db);

/* Runs statements of our own (settings, schema, migration steps), separated by semicolons. Answers
 * an SQLite result code and logs nothing: sqlite3_errmsg(db->handle) has the reason. */
int connection_script(struct db *db, const char *sql);

/* The number a "PRAGMA name" answers, e.g. user_version. An SQLite result code as above. */
int connection_number(struct db *db, const char *sql, int64_t *out);

/* What an SQLite result code means to callers. */
enum err connection_err(int code);

/* The same, once, where the failure is seen: logs it with the statement at fault, remembers it in
 * db->failed, and ends the process when the disk failed to sync. */
enum err connection_failed(struct db *db, int code, const char *sql);

#endif
