/* The table of open connections behind connguard.h. Slots sit in one array; an unused one has fd
 * -1. What a connection does is one atomic word, so that a request's changes of state cost no lock.
 * Membership and the weights of households change under the mutex, and only its holder calls
 * shutdown(2): a number that was closed and given to another connection is never hit. */
#include "http/connguard.h"
#include "base/clock.h"
#include "base/cores.h"
#include "base/memory.h"
#include "base/turns.h"
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEAD_START_US = 1000 * 1000, /* of a connection between two requests, on the way out */
    SLOW_HEAD_US = 50 * 1000,    /* a client that holds little may take so long, whoever waits: */
    SLOW_BODY_US = 75 * 1000, /* for its part of a handshake or a head; for a body or a response */
    HANDFUL = 32,             /* this part of the workers (8 of 256) weighs as much as one */
    LINE_WAIT_US = 50 * 1000, /* for a place in the line */
    SPARE_TURNS = 2,          /* a turn lies idle until the thread that it goes to has awoken */
    KNOWN = 1024,             /* households whose handshake came to its end, the latest */
};

struct household {
    struct address key;
    int weight; /* connections it holds; 0: free entry */
    bool known; /* it has finished a handshake, now or before */
    struct turns_party party;
};

struct connguard_slot {
    int fd; /* -1: free */
    int tag;
    bool claimed, exempt;
    bool leaving; /* ended to make room, its worker not free yet */
    struct address address;
    struct household *household;
    int64_t accepted_us;
    _Atomic int state;
    _Atomic int64_t since_us, deadline_us;
    _Atomic bool expired;
};

struct connguard {
    pthread_mutex_t lock;
    pthread_cond_t freed;  /* a slot was */
    struct turns *shaking; /* at handshakes */
    int workers, capacity;
    struct networks exempt;
    struct connguard_slot *slots;
    struct household *households; /* as many as slots */
    struct address *known;        /* KNOWN of them */
    int known_next;
    _Atomic int open;
    int leaving;
    bool draining;
    int64_t accepted, evicted, timed_out;
};

struct connguard *connguard_create(int workers, int waiting, const struct networks *exempt) {
    struct connguard *guard = memory_new(1, sizeof(*guard));
    pthread_mutex_init(&guard->lock, NULL);
    pthread_cond_init(&guard->freed, NULL);
    guard->shaking = turns_create(cores_count() + SPARE_TURNS);
    guard->workers = workers;
    guard->capacity = workers + waiting;
    guard->exempt = *exempt;
    guard->slots = memory_new((size_t)guard->capacity, sizeof(*guard->slots));
    guard->households = memory_new((size_t)guard->capacity, sizeof(*guard->households));
    guard->known = memory_new(KNOWN, sizeof(*guard->known));
    for (int i = 0; i < guard->capacity; i++)
        guard->slots[i].fd = -1;
    return guard;
}

void connguard_destroy(struct connguard *guard) {
    if (!guard)
        return;
    for (int i = 0; i < guard->capacity; i++)
        if (guard->slots[i].fd >= 0 && !guard->slots[i].claimed)
            close(guard->slots[i].fd); /* no worker ever took it */
    turns_destroy(guard->shaking);
    pthread_cond_destroy(&guard->freed);
    pthread_mutex_destroy(&guard->lock);
    free(guard->known);
    free(guard->households);
    free(guard->slots);
    free(guard);
}

/* Ending a connection -------------------------------------------------------------------------- */

static bool waits_for_client(int state) {
    return state == CONNGUARD_READING || state == CONNGUARD_WRITING;
}

/* Unless it changed what it does since `state` was read. */
static bool end_in_state(struct connguard_slot *slot, int state) {
    if (!atomic_compare_exchange_strong(&slot->state, &state, CONNGUARD_ENDED))
        return false;
    shutdown(slot->fd, SHUT_RDWR);
    return true;
}

static bool is_light(const struct connguard *guard, const struct household *household) {
    return household->weight <= 1 || household->weight <= guard->workers / HANDFUL;
}

static int weight_of(const struct connguard *guard, const struct household *household) {
    return is_light(guard, household) ? 1 : household->weight;
}

/* Since when it has waited, for the comparison with others. */
static int64_t waits_since(const struct connguard_slot *slot, int state) {
    return atomic_load(&slot->since_us) - (state == CONNGUARD_IDLE ? HEAD_START_US : 0);
}

/* Whether it may be ended for another. */
static bool may_go(const struct connguard *guard, const struct connguard_slot *slot, int state,
                   int64_t now_us) {
    int64_t waited = now_us - atomic_load(&slot->since_us);
    if (slot->fd < 0 || !slot->claimed || (slot->exempt && state != CONNGUARD_IDLE))
        return false;
    switch ((enum connguard_state)state) {
    case CONNGUARD_IDLE:
        return true;
    case CONNGUARD_HEADLESS:
        return waited >= SLOW_HEAD_US;
    case CONNGUARD_READING:
    case CONNGUARD_WRITING:
        return waited >= SLOW_BODY_US && !guard->draining;
    case CONNGUARD_SHAKING:
    case CONNGUARD_WORK:
    case CONNGUARD_ENDED:
        return false;
    }
    return false;
}

/* Whether `slot` should go rather than `other`: of the heavier household, for longer. */
static bool goes_before(const struct connguard *guard, const struct connguard_slot *slot, int state,
                        const struct connguard_slot *other, int other_state) {
    int weight = weight_of(guard, slot->household),
        other_weight = weight_of(guard, other->household);
    if (weight != other_weight)
        return weight > other_weight;
    return waits_since(slot, state) < waits_since(other, other_state);
}

/* Who holds a worker and waits for its client. Not `spared`. */
static struct connguard_slot *find_victim(struct connguard *guard,
                                          const struct connguard_slot *spared, int64_t now_us,
                                          int *state) {
    struct connguard_slot *victim = NULL;
    for (int i = 0; i < guard->capacity; i++) {
        struct connguard_slot *slot = &guard->slots[i];
        int is = atomic_load(&slot->state);
        if (slot == spared || !may_go(guard, slot, is, now_us))
            continue;
        if (victim && !goes_before(guard, slot, is, victim, *state))
            continue;
        victim = slot;
        *state = is;
    }
    return victim;
}

/* Makes a worker free for a connection that waits for one, as far as anybody may be ended. */
static bool make_room(struct connguard *guard, const struct connguard_slot *spared,
                      int64_t now_us) {
    int state = CONNGUARD_ENDED;
    struct connguard_slot *victim;
    while (atomic_load(&guard->open) - guard->leaving > guard->workers &&
           (victim = find_victim(guard, spared, now_us, &state)) != NULL) {
        if (!end_in_state(victim, state))
            continue; /* it has just begun a request */
        victim->leaving = true;
        guard->leaving++;
        guard->evicted++;
        return true;
    }
    return false;
}

/* Its time is over: what has come is still read. False when the owner just went on to something
 * else, with another deadline. */
static bool expire(struct connguard_slot *slot, int64_t deadline) {
    if (!atomic_compare_exchange_strong(&slot->deadline_us, &deadline, 0))
        return false;
    atomic_store(&slot->expired, true);
    bool writing = atomic_load(&slot->state) == CONNGUARD_WRITING;
    shutdown(slot->fd, writing ? SHUT_RDWR : SHUT_RD);
    return true;
}

static void expire_idle(struct connguard *guard) {
    for (int i = 0; i < guard->capacity; i++) {
        struct connguard_slot *slot = &guard->slots[i];
        int64_t deadline = atomic_load(&slot->deadline_us);
        if (slot->fd >= 0 && deadline != 0 && atomic_load(&slot->state) == CONNGUARD_IDLE)
            expire(slot, deadline);
    }
}

void connguard_drain(struct connguard *guard) {
    pthread_mutex_lock(&guard->lock);
    guard->draining = true;
    expire_idle(guard);
    pthread_mutex_unlock(&guard->lock);
}

void connguard_end_all(struct connguard *guard) {
    pthread_mutex_lock(&guard->lock);
    for (int i = 0; i < guard->capacity; i++) {
        struct connguard_slot *slot = &guard->slots[i];
        int state = atomic_load(&slot->state);
        while (slot->fd >= 0 && state != CONNGUARD_ENDED && !end_in_state(slot, state))
            state = atomic_load(&slot->state);
    }
    pthread_mutex_unlock(&guard->lock);
}

/* From accept to release ----------------------------------------------------------------------- */

static bool is_known(const struct connguard *guard, const struct address *key) {
    for (int i = 0; i < KNOWN; i++)
        if (memcmp(&guard->known[i], key, sizeof(*key)) == 0)
            return true;
    return false;
}

static void get_to_know(struct connguard *guard, struct household *household) {
    if (household->known)
        return;
    household->known = true;
    guard->known[guard->known_next] = household->key;
    guard->known_next = (guard->known_next + 1) % KNOWN;
}

static struct household *household_of(struct connguard *guard, const struct address *address) {
    struct address key = address_household(address);
    struct household *unused = NULL;
    for (int i = 0; i < guard->capacity; i++) {
        struct household *household = &guard->households[i];
        if (household->weight == 0)
            unused = unused ? unused : household;
        else if (memcmp(&household->key, &key, sizeof(key)) == 0)
            return household;
    }
    assert(unused); /* there is one: each slot in use holds at most one */
    *unused = (struct household){.key = key, .known = is_known(guard, &key)};
    return unused;
}

static struct connguard_slot *find_slot(struct connguard *guard, int fd) {
    for (int i = 0; i < guard->capacity; i++)
        if (guard->slots[i].fd == fd)
            return &guard->slots[i];
    return NULL;
}

static void enrol(struct connguard *guard, struct connguard_slot *slot, int fd, int tag,
                  const struct address *address) {
    slot->fd = fd;
    slot->tag = tag;
    slot->address = *address;
    slot->exempt = networks_hold(&guard->exempt, address);
    slot->household = household_of(guard, address);
    slot->household->weight++;
    slot->claimed = slot->leaving = false;
    guard->accepted++;
    atomic_fetch_add(&guard->open, 1);
}

/* A free slot, waiting a moment for one: who is not accepted waits in the kernel's line, and would
 * be sent away otherwise. NULL: there is none yet. */
static struct connguard_slot *await_slot(struct connguard *guard) {
    const struct timespec until = clock_deadline(LINE_WAIT_US);
    struct connguard_slot *slot;
    int late = 0;
    while (!(slot = find_slot(guard, -1)) && !late)
        late = pthread_cond_clockwait(&guard->freed, &guard->lock, CLOCK_MONOTONIC, &until);
    return slot;
}

/* Only one thread takes free slots, the accepting one: a slot that is free stays so. */
int connguard_accept(struct connguard *guard, int listener, int tag, int64_t now_us,
                     int64_t deadline_us) {
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof(from);
    pthread_mutex_lock(&guard->lock);
    struct connguard_slot *slot = await_slot(guard);
    pthread_mutex_unlock(&guard->lock);
    if (!slot) {
        errno = EAGAIN;
        return -1;
    }
    int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
    if (fd < 0)
        return -1;
    int on = 1; /* without it a page of several packets waits for the client's delayed ACK: 40 ms */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct address address = address_of(&from);
    pthread_mutex_lock(&guard->lock);
    slot->accepted_us = now_us;
    atomic_store(&slot->since_us, now_us);
    atomic_store(&slot->deadline_us, deadline_us);
    atomic_store(&slot->expired, false);
    atomic_store(&slot->state, CONNGUARD_HEADLESS);
    enrol(guard, slot, fd, tag, &address);
    make_room(guard, slot, now_us);
    pthread_mutex_unlock(&guard->lock);
    return fd;
}

struct connguard_slot *connguard_claim(struct connguard *guard, int fd, int64_t now_us) {
    pthread_mutex_lock(&guard->lock);
    struct connguard_slot *slot = find_slot(guard, fd);
    if (slot) {
        slot->claimed = true;
        make_room(guard, slot, now_us); /* for those behind it in the line */
    }
    pthread_mutex_unlock(&guard->lock);
    return slot;
}

void connguard_release(struct connguard *guard, struct connguard_slot *slot) {
    pthread_mutex_lock(&guard->lock);
    slot->fd = -1;
    slot->household->weight--;
    guard->leaving -= slot->leaving;
    atomic_fetch_sub(&guard->open, 1);
    pthread_cond_signal(&guard->freed);
    pthread_mutex_unlock(&guard->lock);
}

bool connguard_enter(struct connguard_slot *slot, enum connguard_state state, int64_t since_us,
                     int64_t deadline_us) {
    int was = atomic_load(&slot->state);
    if (was == CONNGUARD_ENDED)
        return false;
    atomic_store(&slot->deadline_us, deadline_us);
    atomic_store(&slot->since_us, since_us);
    return atomic_compare_exchange_strong(&slot->state, &was, (int)state);
}

bool connguard_shake(struct connguard *guard, struct connguard_slot *slot, bool begun,
                     int64_t deadline_us) {
    if (!connguard_enter(slot, CONNGUARD_SHAKING, clock_monotonic_us(), deadline_us))
        return false;
    pthread_mutex_lock(&guard->lock);
    bool known = slot->household->known;
    pthread_mutex_unlock(&guard->lock);
    turns_take(guard->shaking,
               begun   ? TURNS_AHEAD
               : known ? TURNS_PREFERRED
                       : TURNS_REST,
               &slot->household->party);
    return true;
}

bool connguard_rest(struct connguard *guard, struct connguard_slot *slot, bool finished,
                    int64_t deadline_us) {
    turns_give(guard->shaking);
    if (finished) {
        pthread_mutex_lock(&guard->lock);
        get_to_know(guard, slot->household);
        pthread_mutex_unlock(&guard->lock);
    }
    return connguard_enter(slot, CONNGUARD_HEADLESS, clock_monotonic_us(), deadline_us);
}

bool connguard_expired(const struct connguard_slot *slot) {
    return atomic_load(&slot->expired);
}

int connguard_tag(const struct connguard_slot *slot) {
    return slot->tag;
}

int64_t connguard_accepted_us(const struct connguard_slot *slot) {
    return slot->accepted_us;
}

const struct address *connguard_address(const struct connguard_slot *slot) {
    return &slot->address;
}

bool connguard_exempt(const struct connguard_slot *slot) {
    return slot->exempt;
}

bool connguard_crowded(const struct connguard *guard) {
    return atomic_load(&guard->open) > guard->workers;
}

/* Time and figures ----------------------------------------------------------------------------- */

void connguard_tick(struct connguard *guard, int64_t now_us) {
    pthread_mutex_lock(&guard->lock);
    for (int i = 0; i < guard->capacity; i++) {
        struct connguard_slot *slot = &guard->slots[i];
        int64_t deadline = atomic_load(&slot->deadline_us);
        if (slot->fd < 0 || deadline == 0 || deadline > now_us)
            continue;
        guard->timed_out += expire(slot, deadline);
    }
    if (guard->draining)
        expire_idle(guard);
    while (make_room(guard, NULL, now_us))
        ;
    pthread_mutex_unlock(&guard->lock);
}

static void count_at_work(const struct connguard *guard, struct connguard_stats *stats) {
    for (int i = 0; i < guard->capacity; i++) {
        const struct connguard_slot *slot = &guard->slots[i];
        int state = atomic_load(&slot->state);
        bool waits = waits_for_client(state);
        stats->at_work += slot->fd >= 0 && (state == CONNGUARD_WORK || waits);
        stats->held_up += slot->fd >= 0 && waits;
    }
}

int connguard_open(struct connguard *guard) {
    int count = 0;
    pthread_mutex_lock(&guard->lock);
    for (int i = 0; i < guard->capacity; i++)
        count += guard->slots[i].fd >= 0;
    pthread_mutex_unlock(&guard->lock);
    return count;
}

void connguard_stats(struct connguard *guard, struct connguard_stats *stats) {
    pthread_mutex_lock(&guard->lock);
    *stats = (struct connguard_stats){
        .open = atomic_load(&guard->open),
        .accepted = guard->accepted,
        .evicted = guard->evicted,
        .expired = guard->timed_out,
    };
    count_at_work(guard, stats);
    pthread_mutex_unlock(&guard->lock);
}
