/* Lending read connections: at most POOL_READERS, opened when first needed, first come first
 * served.
 *
 * A returned connection goes straight to the thread that has waited longest, so nobody starves;
 * with nobody waiting it goes on top of the pile, so the ones with warm caches are used most. */
#include "db/pool.h"
#include "base/log.h"
#include "db/connection.h"
#include "db/db.h"
#include "db/statement.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

/* A thread in line; lives on its stack until it is served. */
struct waiter {
    struct waiter *next;
    struct db *served;
    sem_t ready;
};

struct pool {
    const char *path;
    pthread_mutex_t lock; /* guards everything below but the connections lent out */
    struct db readers[POOL_READERS];
    struct db *idle[POOL_READERS]; /* a pile */
    size_t idle_count;
    struct waiter *first, **last;
    uint64_t waits, queries;
    uint64_t waiting; /* in line now */
    atomic_uint_fast64_t open;
    atomic_bool cancelled;
};

enum { LOOK_STEPS = 50000 }; /* of SQLite's machine, some milliseconds: whether to go on */

struct pool *pool_create(const char *path) {
    struct pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        abort();
    pool->path = path;
    pthread_mutex_init(&pool->lock, NULL);
    pool->last = &pool->first;
    while (pool->idle_count < POOL_READERS) {
        pool->idle[pool->idle_count] = &pool->readers[pool->idle_count];
        pool->idle_count++;
    }
    return pool;
}

static struct db *wait_in_line(struct pool *pool) {
    struct waiter waiter = {0};
    sem_init(&waiter.ready, 0, 0);
    *pool->last = &waiter;
    pool->last = &waiter.next;
    pool->waits++;
    pool->waiting++;
    pthread_mutex_unlock(&pool->lock);
    while (sem_wait(&waiter.ready) != 0 && errno == EINTR)
        ;
    sem_destroy(&waiter.ready);
    return waiter.served;
}

/* A connection of this thread's own, open or not. */
static struct db *take(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    if (pool->idle_count == 0)
        return wait_in_line(pool);
    struct db *db = pool->idle[--pool->idle_count];
    pthread_mutex_unlock(&pool->lock);
    return db;
}

static void give_back(struct pool *pool, struct db *db) {
    pthread_mutex_lock(&pool->lock);
    pool->queries += db->queries;
    db->queries = 0;
    struct waiter *waiter = pool->first;
    if (waiter) {
        pool->first = waiter->next;
        if (!pool->first)
            pool->last = &pool->first;
        waiter->served = db;
        pool->waiting--;
    } else {
        pool->idle[pool->idle_count++] = db;
    }
    pthread_mutex_unlock(&pool->lock);
    if (waiter)
        sem_post(&waiter->ready);
}

static int is_over(void *arg) {
    return pool_cancelled(arg);
}

static void open_reader(struct pool *pool, struct db *db) {
    char error[256];
    if (connection_open(db, pool->path, CONNECTION_READER, error, sizeof(error)) != OK) {
        log_error("reader_not_opened", "error", "%s", error);
        return;
    }
    sqlite3_progress_handler(db->handle, LOOK_STEPS, is_over, pool);
    atomic_fetch_add(&pool->open, 1);
}

/* The next loan opens it anew. */
static void close_reader(struct pool *pool, struct db *db) {
    if (!db->handle)
        return;
    connection_close(db);
    atomic_fetch_sub(&pool->open, 1);
}

struct db *pool_borrow(struct pool *pool) {
    struct db *db = take(pool);
    if (!db->handle)
        open_reader(pool, db);
    if (!db->handle)
        return db;
    db->failed = OK;
    enum err err = statement_run(db, "BEGIN");
    if (err) {
        close_reader(pool, db);
        db->failed = err;
    }
    return db;
}

void pool_cancel(struct pool *pool) {
    atomic_store(&pool->cancelled, true);
}

bool pool_cancelled(const struct pool *pool) {
    return atomic_load(&pool->cancelled);
}

enum err pool_begin(struct db *db) {
    return statement_run(db, "SELECT 1 FROM sqlite_schema LIMIT 1");
}

void pool_return(struct pool *pool, struct db *db) {
    statement_end_all(db);
    bool sound = db->handle && db->failed != ERR_IO && !sqlite3_get_autocommit(db->handle);
    if (!sound || statement_run(db, "COMMIT") != OK)
        close_reader(pool, db);
    give_back(pool, db);
}

void pool_destroy(struct pool *pool) {
    if (!pool)
        return;
    for (int i = 0; i < POOL_READERS; i++)
        close_reader(pool, take(pool));
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

void pool_stats(struct pool *pool, struct store_stats *out) {
    pthread_mutex_lock(&pool->lock);
    out->reader_waits = pool->waits;
    out->queries = pool->queries;
    out->readers_waiting = pool->waiting;
    out->readers_lent = POOL_READERS - pool->idle_count;
    pthread_mutex_unlock(&pool->lock);
    out->readers_open = atomic_load(&pool->open);
}
