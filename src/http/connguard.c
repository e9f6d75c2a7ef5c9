/* The table of open connections behind connguard.h. Slots sit in one array; an unused one has fd
 * -1. What a connection does is one atomic word, so that a request's changes of state cost no lock.
 * Membership and the weights of households change under the mutex, and only its holder calls
 * shutdown(2): a number that was closed and given to another connection is never hit. */
#include "http/connguard.h"
#include "base/log.h"
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

/* How long a connection may hold a worker without a request while others wait and no newer one
 * comes. */
enum { PATIENCE_US = 500 * 1000 };

struct household {
    struct address key;
    int weight; /* connections it holds; 0: free entry */
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
    int workers, capacity;
    struct networks exempt;
    struct connguard_slot *slots;
    struct household *households; /* as many as slots */
    _Atomic int open;
    int leaving;
    bool draining;
    int64_t accepted, evicted, timed_out;
};

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory) {
        log_error("out_of_memory", "bytes", "%zu", count * size);
        abort();
    }
    return memory;
}

struct connguard *connguard_create(int workers, int waiting, const struct networks *exempt) {
    struct connguard *guard = allocate(1, sizeof(*guard));
    pthread_mutex_init(&guard->lock, NULL);
    guard->workers = workers;
    guard->capacity = workers + waiting;
    guard->exempt = *exempt;
    guard->slots = allocate((size_t)guard->capacity, sizeof(*guard->slots));
    guard->households = allocate((size_t)guard->capacity, sizeof(*guard->households));
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
    pthread_mutex_destroy(&guard->lock);
    free(guard->households);
    free(guard->slots);
    free(guard);
}

/* Ending a connection -------------------------------------------------------------------------- */

static bool waits_for_request(int state) {
    return state == CONNGUARD_HEADLESS || state == CONNGUARD_IDLE;
}

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

/* Whether `slot` should go rather than `other`: of the heavier household, without a request, for
 * longer. */
static bool goes_before(const struct connguard_slot *slot, int state,
                        const struct connguard_slot *other, int other_state) {
    if (slot->household->weight != other->household->weight)
        return slot->household->weight > other->household->weight;
    if (waits_for_request(state) != waits_for_request(other_state))
        return waits_for_request(state);
    return atomic_load(&slot->since_us) < atomic_load(&other->since_us);
}

/* Who holds a worker, is not at work, and has been so since before `before_us`. Not `spared`. */
static struct connguard_slot *find_victim(struct connguard *guard,
                                          const struct connguard_slot *spared, int64_t before_us,
                                          int *state) {
    struct connguard_slot *victim = NULL;
    for (int i = 0; i < guard->capacity; i++) {
        struct connguard_slot *slot = &guard->slots[i];
        int is = atomic_load(&slot->state);
        bool heavy =
            slot->fd >= 0 && slot->household->weight > guard->workers / 8 && !guard->draining;
        if (slot->fd < 0 || !slot->claimed || slot->exempt || slot == spared ||
            !(waits_for_request(is) || (waits_for_client(is) && heavy)) ||
            atomic_load(&slot->since_us) >= before_us)
            continue;
        if (victim && !goes_before(slot, is, victim, *state))
            continue;
        victim = slot;
        *state = is;
    }
    return victim;
}

/* Makes a worker free for a connection that waits for one, as far as anybody may be ended. */
static bool make_room(struct connguard *guard, const struct connguard_slot *spared,
                      int64_t before_us) {
    int state = CONNGUARD_ENDED;
    struct connguard_slot *victim;
    while (atomic_load(&guard->open) - guard->leaving > guard->workers &&
           (victim = find_victim(guard, spared, before_us, &state)) != NULL) {
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
    unused->key = key;
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
    make_room(guard, slot, INT64_MAX);
}

int connguard_accept(struct connguard *guard, int listener, int tag, int64_t now_us,
                     int64_t deadline_us) {
    struct sockaddr_storage from = {0};
    socklen_t len = sizeof(from);
    int fd = accept4(listener, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
    if (fd < 0)
        return -1;
    int on = 1; /* without it a page of several packets waits for the client's delayed ACK: 40 ms */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct address address = address_of(&from);
    pthread_mutex_lock(&guard->lock);
    struct connguard_slot *slot = find_slot(guard, -1);
    if (slot) {
        slot->accepted_us = now_us;
        atomic_store(&slot->since_us, now_us);
        atomic_store(&slot->deadline_us, deadline_us);
        atomic_store(&slot->expired, false);
        atomic_store(&slot->state, CONNGUARD_HEADLESS);
        enrol(guard, slot, fd, tag, &address);
    }
    pthread_mutex_unlock(&guard->lock);
    if (!slot) {
        close(fd);
        errno = EMFILE;
        return -1;
    }
    return fd;
}

struct connguard_slot *connguard_claim(struct connguard *guard, int fd) {
    pthread_mutex_lock(&guard->lock);
    struct connguard_slot *slot = find_slot(guard, fd);
    if (slot) {
        slot->claimed = true;
        make_room(guard, slot, INT64_MAX); /* for those behind it in the line */
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
    pthread_mutex_unlock(&guard->lock);
}

bool connguard_enter(struct connguard_slot *slot, enum connguard_state state, int64_t now_us,
                     int64_t deadline_us) {
    int was = atomic_load(&slot->state);
    if (was == CONNGUARD_ENDED)
        return false;
    atomic_store(&slot->deadline_us, deadline_us);
    atomic_store(&slot->since_us, now_us);
    return atomic_compare_exchange_strong(&slot->state, &was, (int)state);
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
    while (make_room(guard, NULL, now_us - PATIENCE_US))
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
