/* The store: one database file with its writer, its readers, and the watch for changes. Opening
 * brings the file to the current schema; see migrate.c. */
#include "base/log.h"
#include "db/backup.h"
#include "db/connection.h"
#include "db/db.h"
#include "db/file.h"
#include "db/migrate.h"
#include "db/pool.h"
#include "db/recovery.h"
#include "db/schema.h"
#include "db/statement.h"
#include "db/watch.h"
#include "db/writer.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store {
    char *path;
    struct pool *pool;
    struct writer *writer;
    struct watch *watch;
};

/* ---- opening and closing -------------------------------------------------------------------- */

/* The writing connection, on a file with the current schema. */
static enum err open_writing(const struct store_options *options, struct db *db, char *error,
                             size_t error_size) {
    enum err err = file_create_private(options->path);
    if (err) {
        snprintf(error, error_size, "The database %s cannot be created: %s.", options->path,
                 strerror(errno));
        return err;
    }
    err = connection_open(db, options->path, CONNECTION_WRITER, error, error_size);
    if (err == OK)
        err = migrate_file(db, options, error, error_size);
    if (err == OK) {
        err = recovery_settle(db, options->path);
        if (err)
            snprintf(error, error_size, "The log of the database %s cannot be put on disk.",
                     options->path);
    }
    if (err == ERR_IO && db->handle)
        recovery_disown(db);
    if (err == OK && options->check_statements)
        err = statement_check(db, options->tables, options->table_count, error, error_size);
    return err;
}

enum err store_open(const struct store_options *options, struct store **out, char *error,
                    size_t error_size) {
    *out = NULL;
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        abort();
    store->path = strdup(options->path);
    store->pool = pool_create(store->path);
    struct db writing = {0};
    enum err err = open_writing(options, &writing, error, error_size);
    if (err == OK)
        err = watch_open(store->path, &store->watch, error, error_size);
    if (err == OK) {
        err = writer_start(&writing, &store->writer);
        if (err)
            snprintf(error, error_size, "The system has no thread left for the database.");
    }
    if (err) {
        connection_close(&writing);
        store_close(store);
        return err;
    }
    *out = store;
    return OK;
}

/* The writer is last to leave, so that its checkpoint finds nobody reading and empties the log. */
void store_close(struct store *store) {
    if (!store)
        return;
    pool_destroy(store->pool);
    watch_close(store->watch);
    writer_stop(store->writer);
    free(store->path);
    free(store);
}

/* ---- what the parts do ---------------------------------------------------------------------- */

uint64_t store_version(struct store *store) {
    return watch_version(store->watch);
}

struct db *store_reader(struct store *store) {
    return pool_borrow(store->pool);
}

void store_release(struct store *store, struct db *db) {
    pool_return(store->pool, db);
}

void store_cancel_reads(struct store *store) {
    pool_cancel(store->pool);
}

bool store_reads_cancelled(const struct store *store) {
    return pool_cancelled(store->pool);
}

/* Nothing was written between before the first and after the last of them began: they began at the
 * same moment. */
static bool begin_together(struct store *store, struct db **dbs, size_t count) {
    uint64_t version = store_version(store);
    bool begun = true;
    for (size_t i = 0; i < count; i++) {
        dbs[i] = pool_borrow(store->pool);
        begun = begun && pool_begin(dbs[i]) == OK;
    }
    if (begun && store_version(store) == version)
        return true;
    for (size_t i = 0; i < count; i++)
        pool_return(store->pool, dbs[i]);
    return false;
}

size_t store_readers(struct store *store, struct db *dbs[STORE_READERS], size_t count) {
    enum { ATTEMPTS = 16 };
    count = count < STORE_READERS ? count : STORE_READERS;
    for (int attempt = 0; count > 1 && attempt < ATTEMPTS; attempt++)
        if (begin_together(store, dbs, count))
            return count;
    dbs[0] = pool_borrow(store->pool);
    return 1;
}

enum err store_write(struct store *store, store_fn *fn, void *arg) {
    return writer_run(store->writer, fn, arg);
}

void store_write_later(struct store *store, store_fn *fn, void *arg, void (*free_arg)(void *)) {
    writer_run_later(store->writer, fn, arg, free_arg);
}

enum err store_backup(struct store *store, const char *path, char *error, size_t error_size) {
    return backup_copy(store->path, path, error, error_size);
}

enum err store_schema(struct store *store, struct arena *arena, const char **out) {
    struct db *db = pool_borrow(store->pool);
    enum err err = schema_describe(db, arena, out);
    pool_return(store->pool, db);
    return err;
}

void store_stats(struct store *store, struct store_stats *out) {
    writer_stats(store->writer, out);
    pool_stats(store->pool, out);
}
