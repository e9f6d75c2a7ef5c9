/* A loop around a timed wait. */
#include "base/ticker.h"
#include "base/clock.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SOON_MS = 50 };

struct ticker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    ticker_tick *tick;
    void *arg;
    bool hurried, stopping;
    _Atomic bool dozing; /* for longer than SOON_MS */
};

/* False when there are no more ticks. */
static bool doze(struct ticker *ticker, int ms) {
    const struct timespec until = clock_deadline((int64_t)ms * 1000);
    int late = 0;
    pthread_mutex_lock(&ticker->lock);
    ticker->dozing = ms > SOON_MS;
    while (!ticker->hurried && !ticker->stopping && !late)
        late = pthread_cond_clockwait(&ticker->wake, &ticker->lock, CLOCK_MONOTONIC, &until);
    ticker->dozing = ticker->hurried = false;
    bool goes_on = !ticker->stopping;
    pthread_mutex_unlock(&ticker->lock);
    return goes_on;
}

static void *run(void *argument) {
    struct ticker *ticker = argument;
    while (doze(ticker, ticker->tick(ticker->arg)))
        ;
    return NULL;
}

static void destroy(struct ticker *ticker) {
    pthread_cond_destroy(&ticker->wake);
    pthread_mutex_destroy(&ticker->lock);
    free(ticker);
}

struct ticker *ticker_start(ticker_tick *tick, void *arg) {
    struct ticker *ticker = memory_new(1, sizeof(*ticker));
    pthread_mutex_init(&ticker->lock, NULL);
    pthread_cond_init(&ticker->wake, NULL);
    ticker->tick = tick;
    ticker->arg = arg;
    if (pthread_create(&ticker->thread, NULL, run, ticker) == 0)
        return ticker;
    destroy(ticker);
    return NULL;
}

static void wake(struct ticker *ticker, bool *why) {
    pthread_mutex_lock(&ticker->lock);
    *why = true;
    pthread_cond_signal(&ticker->wake);
    pthread_mutex_unlock(&ticker->lock);
}

void ticker_hurry(struct ticker *ticker) {
    if (atomic_exchange(&ticker->dozing, false))
        wake(ticker, &ticker->hurried);
}

void ticker_stop(struct ticker *ticker) {
    if (!ticker)
        return;
    wake(ticker, &ticker->stopping);
    pthread_join(ticker->thread, NULL);
    destroy(ticker);
}
