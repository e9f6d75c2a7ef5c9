/* A queue of errands, each on the stack of the thread that waits for it. */
#include "base/chores.h"
#include "base/clock.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <unistd.h>

enum { NICE = 5, STACK = 256 * 1024 };

enum stage { WAITING, BEGUN, DONE };

struct errand {
    struct errand *next;
    void (*work)(void *arg);
    void *arg;
    enum stage stage;
    pthread_cond_t moved; /* to the next stage */
};

struct chores {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct errand *first, **end;
    int at_once, started, line, in_line;
};

struct chores *chores_create(int at_once, int line) {
    struct chores *chores = memory_new(1, sizeof(*chores));
    pthread_mutex_init(&chores->lock, NULL);
    pthread_cond_init(&chores->wanted, NULL);
    chores->end = &chores->first;
    chores->at_once = at_once;
    chores->line = line;
    return chores;
}

static void move(struct errand *errand, enum stage stage) {
    errand->stage = stage;
    pthread_cond_signal(&errand->moved);
}

static struct errand *take_first(struct chores *chores) {
    struct errand *errand = chores->first;
    chores->first = errand->next;
    if (!chores->first)
        chores->end = &chores->first;
    return errand;
}

static void *serve(void *argument) {
    struct chores *chores = argument;
    setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + NICE);
    pthread_mutex_lock(&chores->lock);
    for (;;) {
        while (!chores->first)
            pthread_cond_wait(&chores->wanted, &chores->lock);
        struct errand *errand = take_first(chores);
        move(errand, BEGUN);
        pthread_mutex_unlock(&chores->lock);
        errand->work(errand->arg);
        pthread_mutex_lock(&chores->lock);
        move(errand, DONE);
    }
    return NULL;
}

/* False when there is not one thread, and none can be made. */
static bool start(struct chores *chores) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK);
    while (chores->started < chores->at_once &&
           pthread_create(&thread, &attributes, serve, chores) == 0)
        chores->started++;
    pthread_attr_destroy(&attributes);
    return chores->started > 0;
}

static void take_out(struct chores *chores, const struct errand *errand) {
    struct errand **place = &chores->first;
    while (*place != errand)
        place = &(*place)->next;
    *place = errand->next;
    if (!errand->next)
        chores->end = place;
}

/* Under the lock. */
static enum err stand_in_line(struct chores *chores, struct errand *errand, int patience) {
    const struct timespec until = clock_deadline((int64_t)patience * 1000 * 1000);
    *chores->end = errand;
    chores->end = &errand->next;
    pthread_cond_signal(&chores->wanted);
    int late = 0;
    while (errand->stage == WAITING && !late)
        late = pthread_cond_clockwait(&errand->moved, &chores->lock, CLOCK_MONOTONIC, &until);
    if (errand->stage == WAITING) {
        take_out(chores, errand);
        return ERR_BUSY;
    }
    while (errand->stage != DONE)
        pthread_cond_wait(&errand->moved, &chores->lock);
    return OK;
}

enum err chores_do(struct chores *chores, void (*work)(void *arg), void *arg, int patience) {
    struct errand errand = {.work = work, .arg = arg, .moved = PTHREAD_COND_INITIALIZER};
    enum err err = ERR_BUSY;
    pthread_mutex_lock(&chores->lock);
    if (chores->in_line < chores->line && start(chores)) {
        chores->in_line++;
        err = stand_in_line(chores, &errand, patience);
        chores->in_line--;
    }
    pthread_mutex_unlock(&chores->lock);
    pthread_cond_destroy(&errand.moved);
    return err;
}
