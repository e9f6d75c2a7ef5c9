/* Threads that share a job. */
#include "base/workers.h"
#include "base/cores.h"
#include "base/log.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WORKERS_MAX = 64, NICE = 19 };

struct job {
    workers_piece *piece;
    void *ctx;
    size_t pieces;
    atomic_size_t next;
};

struct workers {
    pthread_mutex_t one_job; /* held by the caller of the running job */
    pthread_mutex_t lock;    /* of all below */
    pthread_cond_t begin, end;
    struct job *job;
    unsigned long round; /* grows with every job */
    int count, started, busy;
    bool closing;
    pthread_t threads[WORKERS_MAX];
};

struct seat {
    struct workers *workers;
    int number;
};

static void work(struct job *job, int worker) {
    for (;;) {
        size_t piece = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        if (piece >= job->pieces)
            return;
        job->piece(job->ctx, piece, worker);
    }
}

static void *serve(void *arg) {
    struct seat seat = *(struct seat *)arg;
    struct workers *w = seat.workers;
    free(arg);
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* of this thread, on Linux */
    unsigned long round = 0;
    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->closing && (w->round == round || !w->job))
            pthread_cond_wait(&w->begin, &w->lock);
        if (w->closing)
            break;
        round = w->round;
        struct job *job = w->job;
        w->busy++;
        pthread_mutex_unlock(&w->lock);
        work(job, seat.number);
        pthread_mutex_lock(&w->lock);
        if (--w->busy == 0)
            pthread_cond_signal(&w->end);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_create(int count) {
    struct workers *w = calloc(1, sizeof(*w));
    if (!w)
        abort();
    w->count = count > 0 ? count : cores_count();
    if (w->count > WORKERS_MAX)
        w->count = WORKERS_MAX;
    pthread_mutex_init(&w->one_job, NULL);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->begin, NULL);
    pthread_cond_init(&w->end, NULL);
    return w;
}

void workers_destroy(struct workers *w) {
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_broadcast(&w->begin);
    pthread_mutex_unlock(&w->lock);
    for (int i = 0; i < w->started; i++)
        pthread_join(w->threads[i], NULL);
    pthread_cond_destroy(&w->end);
    pthread_cond_destroy(&w->begin);
    pthread_mutex_destroy(&w->lock);
    pthread_mutex_destroy(&w->one_job);
    free(w);
}

int workers_count(const struct workers *w) {
    return w->count;
}

/* A thread that cannot be made is done without; with none the caller works itself. */
static void start(struct workers *w) {
    while (w->started < w->count) {
        struct seat *seat = malloc(sizeof(*seat));
        if (!seat)
            abort();
        *seat = (struct seat){w, w->started};
        if (pthread_create(&w->threads[w->started], NULL, serve, seat) != 0) {
            log_warn("worker_missing", "started", "%d", w->started);
            free(seat);
            return;
        }
        w->started++;
    }
}

void workers_run(struct workers *w, size_t pieces, workers_piece *piece, void *ctx) {
    struct job job = {.piece = piece, .ctx = ctx, .pieces = pieces};
    pthread_mutex_lock(&w->one_job);
    pthread_mutex_lock(&w->lock);
    start(w);
    w->job = &job;
    w->round++;
    pthread_cond_broadcast(&w->begin);
    if (!w->started) {
        pthread_mutex_unlock(&w->lock);
        work(&job, 0);
        pthread_mutex_lock(&w->lock);
    }
    while (w->busy > 0 || atomic_load(&job.next) < pieces)
        pthread_cond_wait(&w->end, &w->lock);
    w->job = NULL; /* who wakes only now finds nothing to do */
    pthread_mutex_unlock(&w->lock);
    pthread_mutex_unlock(&w->one_job);
}
