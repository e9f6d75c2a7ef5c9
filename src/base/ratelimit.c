/* A table of small sets, as in a processor's cache: a key's hash names the set, and within it eight
 * entries can be compared without any bookkeeping. An entry counts events by step of the window. */
#include "base/ratelimit.h"
#include "base/memory.h"
#include "base/secret.h"
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEPS = 12,
    SLOTS = STEPS + 1, /* the running step, and as many before it as make a whole window */
    WAYS = 8,
};

struct entry {
    uint64_t key[2];
    int64_t step; /* of the newest slot; slot of a step: step % SLOTS */
    uint16_t counts[SLOTS];
};

struct ratelimit {
    pthread_mutex_t lock;
    uint8_t seed[SECRET_KEY_SIZE];
    int64_t step_seconds;
    size_t sets; /* a power of two */
    struct entry *entries;
};

struct ratelimit *ratelimit_create(int window, size_t keys) {
    struct ratelimit *limiter = memory_new(1, sizeof(*limiter));
    pthread_mutex_init(&limiter->lock, NULL);
    secret_random(limiter->seed, sizeof(limiter->seed));
    limiter->step_seconds = (window + STEPS - 1) / STEPS;
    limiter->sets = 1;
    while (limiter->sets * WAYS < keys)
        limiter->sets *= 2;
    limiter->entries = memory_new(limiter->sets * WAYS, sizeof(*limiter->entries));
    return limiter;
}

void ratelimit_destroy(struct ratelimit *limiter) {
    if (!limiter)
        return;
    pthread_mutex_destroy(&limiter->lock);
    free(limiter->entries);
    free(limiter);
}

/* Moves an entry's window to `step`; a clock that went back finds it where it was. */
static void entry_advance(struct entry *entry, int64_t step) {
    if (step <= entry->step)
        return;
    if (step - entry->step >= SLOTS)
        memset(entry->counts, 0, sizeof(entry->counts));
    else
        for (int64_t s = entry->step + 1; s <= step; s++)
            entry->counts[s % SLOTS] = 0;
    entry->step = step;
}

static int64_t entry_sum(const struct entry *entry) {
    int64_t sum = 0;
    for (int i = 0; i < SLOTS; i++)
        sum += entry->counts[i];
    return sum;
}

/* The entry of a key, or the one that gives way to it: that with the fewest events. *found tells
 * which. All of the set are brought to `step` on the way. */
static struct entry *entry_find(struct ratelimit *limiter, const uint64_t key[2], int64_t step,
                                bool *found) {
    struct entry *set = &limiter->entries[(key[0] & (limiter->sets - 1)) * WAYS];
    struct entry *least = set;
    *found = false;
    for (struct entry *entry = set; entry < set + WAYS; entry++) {
        entry_advance(entry, step);
        *found = entry->key[0] == key[0] && entry->key[1] == key[1];
        if (*found)
            return entry;
        if (entry_sum(entry) < entry_sum(least))
            least = entry;
    }
    return least;
}

static void hash_key(const struct ratelimit *limiter, const void *key, size_t size,
                     uint64_t out[2]) {
    uint8_t hash[SECRET_HASH_SIZE];
    secret_hash(limiter->seed, key, size, hash);
    memcpy(out, hash, 2 * sizeof(*out));
}

/* One event more for a key, in the entry that entry_find gave. */
static void entry_add(struct entry *entry, bool found, const uint64_t key[2], int64_t step) {
    if (!found)
        *entry = (struct entry){.key = {key[0], key[1]}, .step = step};
    uint16_t *count = &entry->counts[entry->step % SLOTS];
    if (*count < UINT16_MAX)
        ++*count;
}

int64_t ratelimit_count(struct ratelimit *limiter, const void *key, size_t size, int64_t now) {
    uint64_t hash[2];
    hash_key(limiter, key, size, hash);
    int64_t step = now / limiter->step_seconds;
    bool found;
    pthread_mutex_lock(&limiter->lock);
    struct entry *entry = entry_find(limiter, hash, step, &found);
    entry_add(entry, found, hash, step);
    int64_t sum = entry_sum(entry);
    pthread_mutex_unlock(&limiter->lock);
    return sum;
}

/* Seconds until the steps that leave the window have taken enough events with them; a whole window
 * when that never happens because `max` is 0. */
static int64_t entry_wait(const struct entry *entry, int64_t step_seconds, int64_t now,
                          int64_t max) {
    int64_t sum = entry_sum(entry);
    for (int64_t step = entry->step - STEPS; sum >= max && step <= entry->step; step++) {
        sum -= step < 0 ? 0 : entry->counts[step % SLOTS];
        if (sum < max)
            return (step + SLOTS) * step_seconds - now;
    }
    return sum < max ? 0 : SLOTS * step_seconds;
}

/* The seconds to wait; where there are none and `take`, the event counts. */
static int64_t ask(struct ratelimit *limiter, const void *key, size_t size, int64_t now,
                   int64_t max, bool take) {
    uint64_t hash[2];
    hash_key(limiter, key, size, hash);
    int64_t step = now / limiter->step_seconds;
    bool found;
    pthread_mutex_lock(&limiter->lock);
    struct entry *entry = entry_find(limiter, hash, step, &found);
    const struct entry fresh = {.step = step};
    int64_t wait = entry_wait(found ? entry : &fresh, limiter->step_seconds, now, max);
    if (take && wait == 0)
        entry_add(entry, found, hash, step);
    pthread_mutex_unlock(&limiter->lock);
    return wait;
}

int64_t ratelimit_wait(struct ratelimit *limiter, const void *key, size_t size, int64_t now,
                       int64_t max) {
    return ask(limiter, key, size, now, max, false);
}

int64_t ratelimit_take(struct ratelimit *limiter, const void *key, size_t size, int64_t now,
                       int64_t max) {
    return ask(limiter, key, size, now, max, true);
}

/* Out of the newest step that has one. */
void ratelimit_give_back(struct ratelimit *limiter, const void *key, size_t size) {
    uint64_t hash[2];
    hash_key(limiter, key, size, hash);
    bool found;
    pthread_mutex_lock(&limiter->lock);
    struct entry *entry = entry_find(limiter, hash, 0, &found);
    for (int64_t step = entry->step; found && step >= 0 && step > entry->step - SLOTS; step--)
        if (entry->counts[step % SLOTS]) {
            entry->counts[step % SLOTS]--;
            break;
        }
    pthread_mutex_unlock(&limiter->lock);
}

void ratelimit_forget(struct ratelimit *limiter, const void *key, size_t size) {
    uint64_t hash[2];
    hash_key(limiter, key, size, hash);
    bool found;
    pthread_mutex_lock(&limiter->lock);
    struct entry *entry = entry_find(limiter, hash, 0, &found);
    if (found)
        memset(entry->counts, 0, sizeof(entry->counts));
    pthread_mutex_unlock(&limiter->lock);
}
