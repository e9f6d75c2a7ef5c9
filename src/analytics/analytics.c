/* The engine: who may refresh when, which snapshot is current, what is kept of a run. */
#include "analytics/analytics.h"
#include "analytics/analytics_sql.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESULTS_KEPT = 260, NOON = 12, RETRY_S = 600 };

struct analytics {
    struct store *store;
    struct arena *arena; /* of the paths */
    const char *folder, *path;
    struct workers *workers;
    pthread_mutex_t run;  /* held by the one that refreshes */
    pthread_mutex_t lock; /* of all below */
    struct snapshot *current;
    bool looked; /* for the file of an earlier program */
    uint64_t rounds;
    enum err outcome;
    int64_t not_before; /* of the next scheduled run: a failed one is not tried again at once */
    atomic_bool running;
    atomic_int permille;
    atomic_bool waiting;
    int request_fd;
};

struct analytics *analytics_create(struct store *store, const char *folder, int threads) {
    struct analytics *a = calloc(1, sizeof(*a));
    if (!a)
        abort();
    a->store = store;
    a->arena = arena_create();
    a->folder = arena_strdup(a->arena, folder);
    a->path = arena_printf(a->arena, "%s/analytics.snapshot", folder);
    a->workers = workers_create(threads);
    a->request_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&a->run, NULL);
    pthread_mutex_init(&a->lock, NULL);
    return a;
}

void analytics_destroy(struct analytics *a) {
    if (!a)
        return;
    snapshot_release(a->current);
    workers_destroy(a->workers);
    if (a->request_fd >= 0)
        close(a->request_fd);
    pthread_mutex_destroy(&a->run);
    pthread_mutex_destroy(&a->lock);
    arena_destroy(a->arena);
    free(a);
}

/* ---- the snapshot --------------------------------------------------------------------------- */

struct snapshot *analytics_pin(struct analytics *a) {
    pthread_mutex_lock(&a->lock);
    if (!a->current && !a->looked) {
        a->looked = true;
        if (snapshot_open(a->path, &a->current) != OK)
            a->current = NULL; /* a refresh makes it */
    }
    struct snapshot *pinned = a->current ? snapshot_pin(a->current) : NULL;
    pthread_mutex_unlock(&a->lock);
    return pinned;
}

static void publish(struct analytics *a, struct snapshot *snapshot) {
    pthread_mutex_lock(&a->lock);
    struct snapshot *before = a->current;
    a->current = snapshot;
    a->looked = true;
    pthread_mutex_unlock(&a->lock);
    snapshot_release(before);
}

void analytics_report(struct analytics *a, const struct snapshot *snapshot,
                      const struct report_filter *filter, unsigned parts, struct arena *arena,
                      struct report *out) {
    report_run(snapshot, a->workers, filter, parts, arena, out);
}

/* ---- refreshing ----------------------------------------------------------------------------- */

static enum err forget(struct tx *tx, void *arg) {
    const struct snapshot *base = arg;
    return tx_exec(tx, analytics_sql[ANALYTICS_FORGET],
                   V((int64_t)snapshot_header(base)->change_seq));
}

static enum err build(struct analytics *a, const struct snapshot_moment *moment,
                      struct snapshot **out) {
    if (mkdir(a->folder, 0700) != 0 && errno != EEXIST) {
        log_error("snapshot_folder", "path", "%s", a->folder);
        return ERR_IO;
    }
    enum err err =
        snapshot_build(a->store, (size_t)workers_count(a->workers), moment, a->path, &a->permille);
    if (err)
        return err;
    err = snapshot_open(a->path, out);
    if (err)
        return err == ERR_NOT_FOUND || err == ERR_INVALID ? ERR_IO : err;
    if (store_write(a->store, forget, *out) != OK)
        log_warn("changes_kept", NULL, NULL); /* a longer log, no wrong figure */
    return OK;
}

static enum err refresh(struct analytics *a, const struct snapshot_moment *moment) {
    struct snapshot *before = analytics_pin(a), *after = NULL;
    enum err err = ERR_CONFLICT;
    if (before) {
        err = snapshot_refresh(a->store, a->workers, moment, before, &after);
        snapshot_release(before);
    }
    if (err == ERR_CONFLICT)
        err = build(a, moment, &after);
    if (!err)
        publish(a, after);
    return err;
}

/* Takes the lock of runs; true when somebody else's run ended while we waited for it. */
static bool wait_for_turn(struct analytics *a) {
    pthread_mutex_lock(&a->lock);
    uint64_t round = a->rounds;
    pthread_mutex_unlock(&a->lock);
    pthread_mutex_lock(&a->run);
    pthread_mutex_lock(&a->lock);
    bool done = a->rounds != round;
    pthread_mutex_unlock(&a->lock);
    return done;
}

static enum err run_once(struct analytics *a, const struct snapshot_moment *moment) {
    atomic_store(&a->permille, 0);
    atomic_store(&a->running, true);
    enum err err = refresh(a, moment);
    pthread_mutex_lock(&a->lock);
    a->outcome = err;
    a->rounds++;
    pthread_mutex_unlock(&a->lock);
    atomic_store(&a->running, false);
    return err;
}

enum err analytics_refresh(struct analytics *a, const struct snapshot_moment *moment) {
    bool done = wait_for_turn(a);
    enum err err = done ? a->outcome : run_once(a, moment);
    pthread_mutex_unlock(&a->run);
    return err;
}

/* ---- results -------------------------------------------------------------------------------- */

struct result {
    const char *json;
    uint64_t rows;
    int64_t at, duration_us;
};

static enum err keep(struct tx *tx, void *arg) {
    const struct result *result = arg;
    enum err err = tx_exec(tx, analytics_sql[ANALYTICS_ADD_RESULT], V(result->at),
                           V(result->duration_us), V((int64_t)result->rows), V(result->json));
    return err ? err : tx_exec(tx, analytics_sql[ANALYTICS_FORGET_RESULTS], V(RESULTS_KEPT));
}

static enum err keep_result(struct analytics *a, const struct snapshot_moment *moment) {
    struct arena *arena = arena_create();
    struct snapshot *snapshot = analytics_pin(a);
    struct report report;
    struct buf json = {0};
    enum err err = snapshot ? OK : ERR_INTERNAL;
    if (snapshot) {
        analytics_report(a, snapshot, &(struct report_filter){0}, REPORT_ALL, arena, &report);
        report_json(snapshot, &report, &json);
        struct result result = {.json = buf_text(&json),
                                .rows = snapshot_header(snapshot)->rows,
                                .at = moment->now,
                                .duration_us = report.duration_us};
        err = store_write(a->store, keep, &result);
    }
    if (!err)
        LOG_FIELDS(LOG_INFO, "analytics_run",
                   LOG_INT("rows", (int64_t)snapshot_header(snapshot)->rows),
                   LOG_INT("us", report.duration_us));
    buf_free(&json);
    snapshot_release(snapshot);
    arena_destroy(arena);
    return err;
}

enum err analytics_execute(struct analytics *a, const struct snapshot_moment *moment) {
    bool done = wait_for_turn(a);
    enum err err = done ? a->outcome : run_once(a, moment);
    if (!err && !done)
        err = keep_result(a, moment);
    pthread_mutex_unlock(&a->run);
    return err;
}

/* ---- in the background ---------------------------------------------------------------------- */

void analytics_request(struct analytics *a) {
    atomic_store(&a->waiting, true);
    eventfd_write(a->request_fd, 1);
}

int analytics_fd(const struct analytics *a) {
    return a->request_fd;
}

int64_t analytics_due(const struct snapshot_moment *moment) {
    struct date today = zone_date(moment->zone, moment->now);
    int64_t days = date_to_days(today);
    int64_t monday = days - (days + 3) % 7; /* 1970-01-01 was a Thursday */
    int64_t noon = zone_utc(moment->zone, date_from_days(monday), NOON, 0);
    return noon <= moment->now ? noon : zone_utc(moment->zone, date_from_days(monday - 7), NOON, 0);
}

static bool is_due(struct analytics *a, const struct snapshot_moment *moment) {
    if (moment->now < a->not_before)
        return false;
    int64_t last = 0;
    struct db *db = store_reader(a->store);
    enum err err = db_int(db, analytics_sql[ANALYTICS_LAST_RESULT], &last);
    store_release(a->store, db);
    return err == ERR_NOT_FOUND || (!err && last < analytics_due(moment));
}

void analytics_serve(struct analytics *a, const struct snapshot_moment *moment) {
    eventfd_t times;
    (void)eventfd_read(a->request_fd, &times);
    if (!atomic_load(&a->waiting) && !is_due(a, moment))
        return;
    enum err err = analytics_execute(a, moment);
    atomic_store(&a->waiting, false); /* who asked meanwhile has the answer too */
    a->not_before = err ? moment->now + RETRY_S : 0;
    if (err && !store_reads_cancelled(a->store))
        log_warn("analytics_failed", "error", "%d", (int)err);
}

struct analytics_progress analytics_progress(struct analytics *a) {
    pthread_mutex_lock(&a->lock);
    enum err outcome = a->outcome;
    pthread_mutex_unlock(&a->lock);
    return (struct analytics_progress){.waiting = atomic_load(&a->waiting),
                                       .running = atomic_load(&a->running),
                                       .permille = atomic_load(&a->permille),
                                       .outcome = outcome};
}
