/* The writer thread and its group commit.
 *
 * All pieces of work that wait become one transaction: BEGIN IMMEDIATE, a savepoint each, one
 * COMMIT with one sync, and only then are the callers woken. While the disk syncs the next batch
 * gathers by itself, so the busier the house, the larger the batch.
 *
 * What may go wrong, and who suffers:
 *   - a piece says no or fails: its savepoint is rolled back, its neighbours stay;
 *   - a piece makes SQLite drop the whole transaction (full disk, I/O error, no memory), seen by
 *     sqlite3_get_autocommit: everything that ran is run again, each piece alone;
 *   - BEGIN or COMMIT fails: nothing is in the database, and all callers hear why;
 *   - the file is taken away: nothing is written until it is back; another one in its place ends
 *     the process;
 *   - a sync fails: connection_failed ends the process.
 * Between batches the thread copies the log into the file (see checkpoint.c). */
#include "db/writer.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metric.h"
#include "db/checkpoint.h"
#include "db/connection.h"
#include "db/statement.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BATCH_LIMIT = 256,          /* pieces in one commit */
    BATCH_US = 20000,           /* a batch takes in no more pieces after running so long */
    LATER_LIMIT = 1024,         /* unawaited pieces are dropped when this many wait */
    IDLE_CHECKPOINT_SECONDS = 1 /* quiet for so long: bring the file up to date */
};

/* One piece of work. An awaited one lives on its caller's stack until `ready` is posted; a later
 * one on the heap. */
struct piece {
    struct piece *next;
    store_fn *fn;
    void *arg;
    void (*free_arg)(void *);
    enum err result;
    bool is_later;
    sem_t ready;
};

struct list {
    struct piece *first, **last;
};

struct writer {
    struct db db;                 /* the thread's own */
    struct checkpoint checkpoint; /* the thread's own */
    bool is_gone;                 /* the thread's own: the file has lost its name */
    bool is_doubted;              /* the thread's own: the disk failed to take what was written */
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct list queue;
    size_t later_count;
    bool stopping;
    struct store_stats stats;
    struct histogram commit_us, batch; /* any thread */
};

static void list_clear(struct list *list) {
    list->first = NULL;
    list->last = &list->first;
}

static void list_append(struct list *list, struct piece *piece) {
    piece->next = NULL;
    *list->last = piece;
    list->last = &piece->next;
}

static struct piece *list_take(struct list *list) {
    struct piece *piece = list->first;
    if (piece && !(list->first = piece->next))
        list->last = &list->first;
    return piece;
}

/* ---- running pieces ------------------------------------------------------------------------- */

static bool transaction_lost(struct writer *writer) {
    return sqlite3_get_autocommit(writer->db.handle) != 0;
}

static void roll_back(struct writer *writer) {
    if (!transaction_lost(writer) && statement_run(&writer->db, "ROLLBACK") != OK)
        log_error("rollback_failed", "error", "%s", sqlite3_errmsg(writer->db.handle));
}

/* A COMMIT that failed may leave the transaction open. */
static enum err commit(struct writer *writer) {
    enum err err = statement_run(&writer->db, "COMMIT");
    if (err)
        roll_back(writer);
    return err;
}

/* Calls the function; anything but OK says that its work must not stay. */
static enum err call(struct writer *writer, struct piece *piece) {
    struct db *db = &writer->db;
    db->failed = OK;
    db->changes = 0;
    enum err err = piece->fn(&(struct tx){.db = db}, piece->arg);
    if (statement_end_all(db) > 0 && err == OK)
        err = ERR_INTERNAL;
    if (err == OK)
        err = db->failed;
    return err == OK && transaction_lost(writer) ? ERR_INTERNAL : err;
}

/* One piece among others. False: the transaction cannot go on, nobody's work is in it any more. */
static bool run_among_others(struct writer *writer, struct piece *piece) {
    struct db *db = &writer->db;
    if (statement_run(db, "SAVEPOINT piece") != OK)
        return false;
    piece->result = call(writer, piece);
    if (transaction_lost(writer))
        return false;
    if (piece->result != OK && statement_run(db, "ROLLBACK TO piece") != OK)
        return false;
    return statement_run(db, "RELEASE piece") == OK;
}

/* The same number again: a page, and no change. */
static int write_for_certain(struct db *db) {
    int64_t version = 0;
    char sql[64];
    int code = connection_number(db, "PRAGMA user_version", &version);
    snprintf(sql, sizeof(sql), "PRAGMA user_version = %lld", (long long)version);
    return code == SQLITE_OK ? connection_script(db, sql) : code;
}

/* A transaction that writes nothing succeeds on a disk that takes no writes. Once it has failed to
 * take some, each transaction writes for certain until one has succeeded: whoever only asks whether
 * there is something to write to (readiness) hears the truth. */
static enum err begin(struct writer *writer) {
    enum err err = statement_run(&writer->db, "BEGIN IMMEDIATE");
    if (err || !(writer->is_doubted || writer->checkpoint.is_refused))
        return err;
    int code = write_for_certain(&writer->db);
    if (code == SQLITE_OK)
        return OK;
    err = connection_failed(&writer->db, code, "PRAGMA user_version");
    roll_back(writer);
    return err;
}

static enum err run_alone(struct writer *writer, struct piece *piece) {
    enum err err = begin(writer);
    if (err)
        return err;
    err = call(writer, piece);
    if (err == OK)
        return commit(writer);
    roll_back(writer);
    return err;
}

/* ---- batches -------------------------------------------------------------------------------- */

/* What one transaction did, for the figures. */
struct batch {
    struct list ran;
    uint64_t count, reruns, commits;
    int64_t began_us; /* before the lock was asked for */
    int64_t until_us; /* no further piece is begun after this moment */
    bool failed;      /* all callers hear the transaction's error, not their function's */
};

static struct piece *take_next(struct writer *writer, struct batch *batch) {
    pthread_mutex_lock(&writer->lock);
    struct piece *piece = list_take(&writer->queue);
    if (piece && piece->is_later)
        writer->later_count--;
    pthread_mutex_unlock(&writer->lock);
    if (piece) {
        list_append(&batch->ran, piece);
        batch->count++;
    }
    return piece;
}

static struct piece *take_while_short(struct writer *writer, struct batch *batch) {
    bool is_long = batch->count >= BATCH_LIMIT || clock_monotonic_us() > batch->until_us;
    return batch->count > 0 && is_long ? NULL : take_next(writer, batch);
}

static void fail_all(struct batch *batch, enum err err) {
    batch->failed = true;
    for (struct piece *piece = batch->ran.first; piece; piece = piece->next)
        piece->result = err;
}

static void rerun_each_alone(struct writer *writer, struct batch *batch) {
    roll_back(writer);
    for (struct piece *piece = batch->ran.first; piece; piece = piece->next) {
        piece->result = run_alone(writer, piece);
        batch->commits += piece->result == OK;
        batch->reruns++;
    }
}

/* Without its name the file is nobody's: what is written to it would be gone with this process. It
 * may come back (a disk that was away); another file in its place is for a new process to open. */
static enum err check_place(struct writer *writer) {
    int moved = 0;
    const char *path = sqlite3_db_filename(writer->db.handle, "main");
    sqlite3_file_control(writer->db.handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    if (moved && access(path, F_OK) == 0) {
        log_error("database_replaced", "action", "%s", "ending the process");
        _exit(EXIT_FAILURE);
    }
    if (moved && !writer->is_gone)
        log_error("database_gone", "path", "%s", path);
    if (!moved && writer->is_gone)
        log_info("database_back", "path", "%s", path);
    writer->is_gone = moved;
    return moved ? ERR_IO : OK;
}

static void run_batch(struct writer *writer, struct batch *batch) {
    enum err err = check_place(writer);
    if (err == OK)
        err = begin(writer);
    if (err) { /* the file has been out of reach for seconds: nobody in line waits for it again */
        while (take_next(writer, batch))
            ;
        fail_all(batch, err);
        return;
    }
    batch->until_us = clock_monotonic_us() + BATCH_US;
    bool whole = true;
    for (struct piece *piece; whole && (piece = take_while_short(writer, batch));)
        whole = run_among_others(writer, piece);
    if (!whole) {
        rerun_each_alone(writer, batch);
        return;
    }
    err = commit(writer);
    if (err)
        fail_all(batch, err);
    else
        batch->commits++;
}

static void judge_disk(struct writer *writer, const struct batch *batch) {
    bool failed = false;
    for (const struct piece *piece = batch->ran.first; piece; piece = piece->next)
        failed = failed || piece->result == ERR_IO || piece->result == ERR_FULL;
    writer->is_doubted = failed || (writer->is_doubted && batch->commits == 0);
}

/* Work that was said no to is the function's answer; the rest of what is not OK is lost work. */
static void count(struct writer *writer, const struct batch *batch) {
    uint64_t us = (uint64_t)(clock_monotonic_us() - batch->began_us);
    pthread_mutex_lock(&writer->lock);
    struct store_stats *stats = &writer->stats;
    for (const struct piece *piece = batch->ran.first; piece; piece = piece->next) {
        bool lost = batch->failed || piece->result == ERR_BUSY || piece->result == ERR_FULL ||
                    piece->result == ERR_IO || piece->result == ERR_INTERNAL;
        *(piece->result == OK ? &stats->writes : lost ? &stats->failed : &stats->refused) += 1;
    }
    stats->commits += batch->commits;
    stats->rerun += batch->reruns;
    stats->batch_max = batch->count > stats->batch_max ? batch->count : stats->batch_max;
    stats->commit_us_total += us;
    stats->commit_us_max = us > stats->commit_us_max ? us : stats->commit_us_max;
    pthread_mutex_unlock(&writer->lock);
    if (batch->commits > 0) {
        histogram_add(&writer->commit_us, &HISTOGRAM_DURATION, us);
        histogram_add(&writer->batch, &HISTOGRAM_BATCH, batch->count);
    }
}

static void answer_later(struct piece *piece) {
    if (piece->result != OK)
        log_warn("unawaited_write_lost", "result", "%d", (int)piece->result);
    if (piece->free_arg)
        piece->free_arg(piece->arg);
    free(piece);
}

/* The moment a caller is told, its piece is gone. */
static void answer(struct batch *batch) {
    for (struct piece *piece; (piece = list_take(&batch->ran));) {
        if (piece->is_later)
            answer_later(piece);
        else
            sem_post(&piece->ready);
    }
}

/* ---- the thread ----------------------------------------------------------------------------- */

enum turn { TURN_WORK, TURN_IDLE, TURN_STOP };

/* Sleeps until there is work, or a quiet second has passed with a checkpoint to make. */
static enum turn wait_for_turn(struct writer *writer) {
    const struct timespec quiet = clock_deadline(IDLE_CHECKPOINT_SECONDS * INT64_C(1000000));
    int timed_out = 0;
    pthread_mutex_lock(&writer->lock);
    while (!writer->queue.first && !writer->stopping && !timed_out) {
        if (checkpoint_pending(&writer->checkpoint))
            timed_out = pthread_cond_timedwait(&writer->wake, &writer->lock, &quiet);
        else
            pthread_cond_wait(&writer->wake, &writer->lock);
    }
    enum turn turn = writer->queue.first ? TURN_WORK : writer->stopping ? TURN_STOP : TURN_IDLE;
    pthread_mutex_unlock(&writer->lock);
    return turn;
}

static void work(struct writer *writer) {
    struct batch batch = {.began_us = clock_monotonic_us()};
    list_clear(&batch.ran);
    run_batch(writer, &batch);
    judge_disk(writer, &batch);
    count(writer, &batch);
    answer(&batch);
    checkpoint_after_commit(&writer->checkpoint, &writer->db);
}

static void publish_checkpoint(struct writer *writer) {
    pthread_mutex_lock(&writer->lock);
    writer->stats.checkpoints = writer->checkpoint.count;
    writer->stats.wal_pages = (uint64_t)writer->checkpoint.log_pages;
    pthread_mutex_unlock(&writer->lock);
}

static void *writer_main(void *context) {
    struct writer *writer = context;
    pthread_setname_np(pthread_self(), "db-writer");
    for (enum turn turn; (turn = wait_for_turn(writer)) != TURN_STOP;) {
        if (turn == TURN_WORK)
            work(writer);
        else
            checkpoint_when_idle(&writer->checkpoint, &writer->db);
        publish_checkpoint(writer);
    }
    checkpoint_at_close(&writer->checkpoint, &writer->db);
    connection_close(&writer->db);
    return NULL;
}

/* Signals are for the main thread. */
static int start_thread(struct writer *writer) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&writer->thread, NULL, writer_main, writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

static struct writer *create(struct db *db) {
    struct writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        abort();
    statement_close_all(db); /* they know the connection by its address */
    writer->db = *db;
    checkpoint_attach(&writer->checkpoint, &writer->db);
    list_clear(&writer->queue);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return writer;
}

static void destroy(struct writer *writer) {
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

enum err writer_start(struct db *db, struct writer **out) {
    struct writer *writer = create(db);
    if (start_thread(writer) != 0) {
        destroy(writer);
        return ERR_BUSY;
    }
    *db = (struct db){0};
    *out = writer;
    return OK;
}

void writer_stop(struct writer *writer) {
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    destroy(writer);
}

/* ---- callers -------------------------------------------------------------------------------- */

static bool enqueue(struct writer *writer, struct piece *piece) {
    pthread_mutex_lock(&writer->lock);
    bool taken = !writer->stopping && !(piece->is_later && writer->later_count >= LATER_LIMIT);
    if (taken) {
        list_append(&writer->queue, piece);
        writer->later_count += piece->is_later;
        pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    return taken;
}

enum err writer_run(struct writer *writer, store_fn *fn, void *arg) {
    if (pthread_equal(pthread_self(), writer->thread)) {
        log_error("write_inside_write", "action", "%s", "refused, as it would wait for itself");
        return ERR_INTERNAL;
    }
    struct piece piece = {.fn = fn, .arg = arg};
    sem_init(&piece.ready, 0, 0);
    enum err err = ERR_BUSY;
    if (enqueue(writer, &piece)) {
        while (sem_wait(&piece.ready) != 0 && errno == EINTR)
            ;
        err = piece.result;
    }
    sem_destroy(&piece.ready);
    return err;
}

void writer_run_later(struct writer *writer, store_fn *fn, void *arg, void (*free_arg)(void *)) {
    struct piece *piece = calloc(1, sizeof(*piece));
    if (!piece)
        abort();
    *piece = (struct piece){
        .fn = fn, .arg = arg, .free_arg = free_arg, .result = ERR_BUSY, .is_later = true};
    if (!enqueue(writer, piece))
        answer_later(piece);
}

void writer_stats(struct writer *writer, struct store_stats *out) {
    pthread_mutex_lock(&writer->lock);
    *out = writer->stats;
    for (const struct piece *piece = writer->queue.first; piece; piece = piece->next)
        out->queued++;
    pthread_mutex_unlock(&writer->lock);
    out->commit_us = &writer->commit_us;
    out->batch = &writer->batch;
}
