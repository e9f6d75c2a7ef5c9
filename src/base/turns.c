/* A line of waiting threads, each woken by name: who comes later never overtakes an equal. */
#include "base/turns.h"
#include "base/log.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct waiter {
    struct waiter *next;
    pthread_cond_t called;
    int weight;
    bool has_turn;
};

struct turns {
    pthread_mutex_t lock;
    int free;
    struct waiter *first;
};

struct turns *turns_create(int at_once) {
    struct turns *turns = calloc(1, sizeof(*turns));
    if (!turns) {
        log_error("out_of_memory", "bytes", "%zu", sizeof(*turns));
        abort();
    }
    pthread_mutex_init(&turns->lock, NULL);
    turns->free = at_once;
    return turns;
}

void turns_destroy(struct turns *turns) {
    if (!turns)
        return;
    pthread_mutex_destroy(&turns->lock);
    free(turns);
}

static void wait_in_line(struct turns *turns, int weight) {
    struct waiter self = {.called = PTHREAD_COND_INITIALIZER, .weight = weight};
    struct waiter **place = &turns->first;
    while (*place && (*place)->weight <= weight)
        place = &(*place)->next;
    self.next = *place;
    *place = &self;
    while (!self.has_turn)
        pthread_cond_wait(&self.called, &turns->lock);
    pthread_cond_destroy(&self.called);
}

void turns_take(struct turns *turns, int weight) {
    pthread_mutex_lock(&turns->lock);
    if (turns->free > 0)
        turns->free--;
    else
        wait_in_line(turns, weight);
    pthread_mutex_unlock(&turns->lock);
}

/* A turn goes from hand to hand: it is free only while nobody waits. */
void turns_give(struct turns *turns) {
    pthread_mutex_lock(&turns->lock);
    struct waiter *next = turns->first;
    if (next) {
        turns->first = next->next;
        next->has_turn = true;
        pthread_cond_signal(&next->called);
    } else {
        turns->free++;
    }
    pthread_mutex_unlock(&turns->lock);
}
