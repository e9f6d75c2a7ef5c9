/* Lines of waiting threads, each woken by name. A line goes round by round, and a party has one
 * turn in each: so who comes later overtakes only those whose party has had more. */
#include "base/turns.h"
#include "base/memory.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { PREFERRED_IN_A_ROW = 3 };

struct waiter {
    struct waiter *next;
    pthread_cond_t called;
    int64_t round;
    bool has_turn;
};

struct line {
    struct waiter *first;
    int64_t round; /* of whoever had the last turn */
};

struct turns {
    pthread_mutex_t lock;
    int free, preferred_in_a_row;
    struct line lines[TURNS_LINES];
};

struct turns *turns_create(int at_once) {
    struct turns *turns = memory_new(1, sizeof(*turns));
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

static void wait_in_line(struct turns *turns, struct line *line, int64_t *served) {
    *served = (*served > line->round ? *served : line->round) + 1;
    struct waiter self = {.called = PTHREAD_COND_INITIALIZER, .round = *served};
    struct waiter **place = &line->first;
    while (*place && (*place)->round <= self.round)
        place = &(*place)->next;
    self.next = *place;
    *place = &self;
    while (!self.has_turn)
        pthread_cond_wait(&self.called, &turns->lock);
    pthread_cond_destroy(&self.called);
}

void turns_take(struct turns *turns, enum turns_line line, struct turns_party *party) {
    pthread_mutex_lock(&turns->lock);
    if (turns->free > 0)
        turns->free--;
    else
        wait_in_line(turns, &turns->lines[line], &party->served[line]);
    pthread_mutex_unlock(&turns->lock);
}

static struct line *choose_line(struct turns *turns) {
    struct line *lines = turns->lines;
    if (lines[TURNS_AHEAD].first)
        return &lines[TURNS_AHEAD];
    bool prefer = lines[TURNS_PREFERRED].first &&
                  (!lines[TURNS_REST].first || turns->preferred_in_a_row < PREFERRED_IN_A_ROW);
    turns->preferred_in_a_row = prefer ? turns->preferred_in_a_row + 1 : 0;
    return &lines[prefer ? TURNS_PREFERRED : TURNS_REST];
}

/* A turn goes from hand to hand: it is free only while nobody waits. */
void turns_give(struct turns *turns) {
    pthread_mutex_lock(&turns->lock);
    struct line *line = choose_line(turns);
    struct waiter *next = line->first;
    if (next) {
        line->first = next->next;
        line->round = next->round;
        next->has_turn = true;
        pthread_cond_signal(&next->called);
    } else {
        turns->free++;
    }
    pthread_mutex_unlock(&turns->lock);
}
