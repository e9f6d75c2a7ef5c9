/*
 * The database: one SQLite file in WAL mode, read through a small pool of connections and written
 * by one thread. Nothing outside src/db calls sqlite3_*, and nothing here knows a school.
 *
 * Three handles keep reading and writing apart:
 *
 *   struct store  the open file; shared by all threads
 *   struct db     a borrowed read connection; belongs to one thread from loan to return
 *   struct tx     the running write transaction; exists only inside a function given to store_write
 *
 * A function that reads takes `struct db *`, one that writes takes `struct tx *`. tx_db() lets
 * every reading function work inside a transaction too, where it sees what the transaction has
 * written.
 *
 *     const char *const order_sql[] = {
 *         [ORDER_BY_ID] = "SELECT status, total_cents FROM orders WHERE id = ?1",
 *     };
 *
 *     struct rows *rows = db_query(db, order_sql[ORDER_BY_ID], V(id));
 *     if (rows_next(rows)) {
 *         order->status = rows_text(rows, 0, arena);
 *         order->total_cents = rows_int(rows, 1);
 *         found = true;
 *     }
 *     enum err err = rows_end(rows);     // always; also the place where a failure shows
 *
 * Texts are valid UTF-8 without NUL, ids and cents are int64_t, moments are UTC seconds.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct histogram;
struct store;
struct db;
struct tx;
struct rows;

/* ---- the file ------------------------------------------------------------------------------- */

/* The statements of one noun. The address of a text is the key of the statement caches, so texts
 * live for ever and statements are always named through the table: order_sql[ORDER_BY_ID]. */
struct sql_table {
    const char *name; /* for messages: "order" */
    const char *const *sql;
    size_t count;
};

/* Step i (from 0) brings a file from user_version i + 1 to i + 2. Steps are only ever appended. */
struct migration {
    const char *title; /* for the log: "workshops have a place" */
    const char *sql;   /* statements separated by semicolons; no BEGIN, COMMIT or PRAGMA */
};

struct store_options {
    const char *path;       /* created with mode 0600 when missing; its folder must exist */
    const char *backup_dir; /* for the copy made before a migration; created when missing. NULL:
                               none is made */
    int32_t application_id; /* what a file of ours carries; any other file is refused */
    const char *schema;     /* makes a fresh file; sets application_id and user_version itself */
    const struct migration *migrations; /* the schema's user_version is migration_count + 1 */
    size_t migration_count;
    const struct sql_table *tables; /* all statements: a bad one keeps a schema from being saved */
    size_t table_count;
    bool check_statements; /* also of a file that has the current schema: for those who look into
                              what hands may have changed, not for those who serve */
};

/* Opens the file; creates or migrates it, and then checks all statements; starts the writer thread.
 * On failure *out is NULL and `error` holds one sentence for a person: ERR_REFUSED for a foreign or
 * newer file, ERR_INTERNAL for bad SQL of ours, ERR_BUSY, ERR_FULL, ERR_IO as the file system says.
 * Several processes may have the same file open. */
enum err store_open(const struct store_options *options, struct store **out, char *error,
                    size_t error_size) MUST_CHECK;

/* Waits for all queued writes and all loans, checkpoints, closes. NULL is allowed. */
void store_close(struct store *store);

/* Writes a consistent copy of the whole database, in one file of mode 0600, while reading and
 * writing go on. A file at `path` is replaced once the copy is complete and synced. Any thread;
 * `error` as for store_open. */
enum err store_backup(struct store *store, const char *path, char *error,
                      size_t error_size) MUST_CHECK;

/* The schema in a form that can be compared: one line an object, sorted, without comments, spacing
 * and needless quotes. Equal texts are equal schemas; a migrated file has that of a fresh one. */
enum err store_schema(struct store *store, struct arena *arena, const char **out) MUST_CHECK;

/* ---- reading -------------------------------------------------------------------------------- */

/* Borrows one of at most four read connections; waits in line for one. What it reads is one moment:
 * a snapshot that begins with the first statement and ends with the return. A thread borrows at
 * most one at a time, returns it on the thread it borrowed it on, and gives it back before it waits
 * for anything slow: store_write, the network, a password hash. Never NULL: a connection that
 * cannot be opened makes every statement on it fail, and rows_end says why. */
struct db *store_reader(struct store *store);
void store_release(struct store *store, struct db *db);

/* Borrows up to `count` connections, STORE_READERS at most, that all see the same moment, for
 * threads that share a long reading; answers how many these are: one where others write so much
 * that no two could begin at the same moment. Each may be used by any one thread at a time, and is
 * returned by this one. One caller at a time: who holds some and waits for more must not meet
 * another one who does. */
enum { STORE_READERS = 2 };
size_t store_readers(struct store *store, struct db *dbs[STORE_READERS], size_t count) MUST_CHECK;

/* For whoever closes the store soon: a long statement on these connections ends within
 * milliseconds, and so does what is asked later, with ERR_BUSY. Any thread. */
void store_cancel_reads(struct store *store);
bool store_reads_cancelled(const struct store *store);

/* A number that changes whenever the data may have changed, by this process or by another one:
 * the key of a cache of things made from the data. Take it BEFORE borrowing the connection that the
 * cached thing is made from. Some twenty nanoseconds; any thread. */
uint64_t store_version(struct store *store);

/* A value bound to a parameter ?1 … ?n, in order. */
struct value {
    enum value_type { VALUE_END, VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB } type;
    size_t size; /* of a blob, in bytes */
    union {
        int64_t integer;
        const char *text;
        const void *blob;
    };
};

static inline struct value value_int(int64_t integer) {
    return (struct value){.type = VALUE_INT, .integer = integer};
}

static inline struct value value_text(const char *text) {
    return (struct value){.type = text ? VALUE_TEXT : VALUE_NULL, .text = text};
}

static inline struct value value_blob(const void *blob, size_t size) {
    return (struct value){.type = blob ? VALUE_BLOB : VALUE_NULL, .size = size, .blob = blob};
}

static inline struct value value_opt(bool has, int64_t integer) {
    return (struct value){.type = has ? VALUE_INT : VALUE_NULL, .integer = integer};
}

/* V(x): an integer, a flag (0 or 1), an enumeration or a text; a NULL text is NULL. Wider unsigned
 * and floating types do not compile: cast, having thought. */
#define V(x) \
    _Generic((x),                                                                                  \
        bool: value_int,                                                                           \
        int: value_int,                                                                            \
        unsigned: value_int,                                                                       \
        long: value_int,                                                                           \
        long long: value_int,                                                                      \
        char *: value_text,                                                                        \
        const char *: value_text)(x)
#define V_NULL value_text(NULL)
#define V_BLOB(p, n) value_blob((p), (n))
#define V_OPT(has, x) value_opt((has), (x))

/* The list of values as the functions take it; an empty list is allowed. */
#define VALUES(...) ((const struct value[]){__VA_ARGS__ __VA_OPT__(, ){.type = VALUE_END}})

/* Starts a statement that reads; values are copied. Never NULL. The rows are read with rows_next
 * and must be ended with rows_end, whatever happened. Rows of several statements, even of the same
 * one, may be open at a time. A statement that writes fails here: see tx_query. */
#define db_query(db, sql, ...) db_query_values((db), (sql), VALUES(__VA_ARGS__))
struct rows *db_query_values(struct db *db, const char *sql, const struct value *values);

/* The same for a text put together at run time, of parts that stand in the source: nothing is kept
 * of it. `sql` lives until rows_end; `values` end with VALUE_END. */
struct rows *db_query_once(struct db *db, const char *sql, const struct value *values);

/* Moves to the next row; false after the last one and on failure. */
bool rows_next(struct rows *rows);

/* Columns of the current row, counted from 0. NULL reads as 0, NULL pointer. Text and blobs are
 * copied into the arena; a text has its NUL, an empty blob is not NULL. */
int64_t rows_int(struct rows *rows, int column);
bool rows_bool(struct rows *rows, int column);
bool rows_null(struct rows *rows, int column);
const char *rows_text(struct rows *rows, int column, struct arena *arena);
const void *rows_blob(struct rows *rows, int column, struct arena *arena, size_t *size);

/* Ends the statement. OK when everything that was asked for was read; else ERR_BUSY, ERR_IO,
 * ERR_FULL, ERR_INTERNAL (logged here already), and for a writing statement ERR_CONFLICT. */
enum err rows_end(struct rows *rows) MUST_CHECK;

/* One integer: the first column of the first row. ERR_NOT_FOUND without a row; NULL reads as 0.
 * *out is written only with OK. */
#define db_int(db, sql, out, ...) db_int_values((db), (sql), (out), VALUES(__VA_ARGS__))
enum err db_int_values(struct db *db, const char *sql, int64_t *out,
                       const struct value *values) MUST_CHECK;

/* Very many rows, at little more than half the cost of rows_next: `sql` has one result column,
 * each_row(a, b, …), and `each` is called with a, b, … of every row. Rows come as the table lies,
 * so the statement names no order. `each` does not use the connection. */
struct row;
typedef void db_row_fn(const struct row *row, void *ctx);
#define db_scan(db, sql, each, ctx, ...) \
    db_scan_values((db), (sql), (each), (ctx), VALUES(__VA_ARGS__))
enum err db_scan_values(struct db *db, const char *sql, db_row_fn *each, void *ctx,
                        const struct value *values) MUST_CHECK;

/* As rows_int and rows_text, but the text is not copied: it lasts until `each` returns. */
int64_t row_int(const struct row *row, int column);
const char *row_text(const struct row *row, int column);

/* ---- writing -------------------------------------------------------------------------------- */

/* One piece of work inside a write transaction. It may be run more than once before store_write
 * returns, so it sets all of its results on every run and has no effect outside the database.
 * Anything but OK undoes what it wrote (its neighbours in the same commit are not touched). */
typedef enum err store_fn(struct tx *tx, void *arg);

/* Hands `fn` to the writer thread and waits until its work is durably on disk. Returns what fn
 * returned, or why the work is not there: ERR_BUSY (somebody outside holds the file, or the store
 * is closing), ERR_FULL, ERR_IO, ERR_INTERNAL. Work that was not confirmed with OK is not in the
 * database. All writes of a process share commits, so many threads waiting here cost one fsync.
 * Never called from inside fn. */
enum err store_write(struct store *store, store_fn *fn, void *arg) MUST_CHECK;

/* The same without waiting, for what may be lost (a last-seen moment). The store owns `arg` from
 * now on and gives it to `free_arg` (may be NULL) exactly once, on the writer thread or this one.
 */
void store_write_later(struct store *store, store_fn *fn, void *arg, void (*free_arg)(void *));

/* Reading inside the transaction. The same rules as for a borrowed connection; not to be released.
 */
struct db *tx_db(struct tx *tx);

/* Runs a statement to its end. ERR_CONFLICT: a UNIQUE, CHECK, foreign-key rule or a trigger's
 * RAISE(ABORT) refused it; the statement did nothing, the transaction is usable, the caller
 * decides. Every other failure spoils the transaction: its work is undone even if fn returns OK. */
#define tx_exec(tx, sql, ...) tx_exec_values((tx), (sql), VALUES(__VA_ARGS__))
enum err tx_exec_values(struct tx *tx, const char *sql, const struct value *values) MUST_CHECK;

/* The same for a text put together at run time; see db_query_once. */
enum err tx_exec_once(struct tx *tx, const char *sql, const struct value *values) MUST_CHECK;

/* A writing statement that returns rows (… RETURNING …). All of its writing happens with the first
 * rows_next. Conflicts show in rows_end. */
#define tx_query(tx, sql, ...) tx_query_values((tx), (sql), VALUES(__VA_ARGS__))
struct rows *tx_query_values(struct tx *tx, const char *sql, const struct value *values);

/* The id of the row inserted last; the number of rows changed by the last tx_exec (0 when it
 * failed), not counting those changed by triggers. */
int64_t tx_last_id(struct tx *tx);
int64_t tx_changes(struct tx *tx);

/* ---- figures -------------------------------------------------------------------------------- */

/* Since store_open, for metrics. Any thread. */
struct store_stats {
    uint64_t commits;         /* transactions made durable */
    uint64_t writes;          /* pieces of work in them */
    uint64_t refused;         /* pieces whose function said no; nothing written */
    uint64_t failed;          /* pieces lost to a busy, full or failing disk */
    uint64_t rerun;           /* pieces run again because a neighbour lost the transaction */
    uint64_t batch_max;       /* most pieces in one commit */
    uint64_t commit_us_total; /* time from begin to durable, microseconds */
    uint64_t commit_us_max;
    uint64_t checkpoints;     /* times the log was copied into the file */
    uint64_t wal_pages;       /* pages in the log after the last commit */
    uint64_t queued;          /* pieces waiting now */
    uint64_t readers_open;    /* read connections open now */
    uint64_t readers_lent;    /* of them and those yet to open, on loan now */
    uint64_t readers_waiting; /* threads in line for one now */
    uint64_t reader_waits;    /* loans that had to wait in line */
    uint64_t queries;         /* asked by loans that have come back */
    /* Valid until store_close: microseconds from begin to durable, with HISTOGRAM_DURATION, and
     * pieces of work a commit, with HISTOGRAM_BATCH. */
    const struct histogram *commit_us, *batch;
};

void store_stats(struct store *store, struct store_stats *out);

#endif
