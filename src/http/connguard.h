/* Who may stay connected. civetweb serves a connection with a thread, so a few hundred clients that
 * are slow, silent or merely idle could hold every thread. The guard keeps a table of all open
 * connections and
 *
 *  - makes room: when every worker is taken and another connection comes, it ends one that waits
 * for its client: of the address that holds most (IPv4 /32, IPv6 /64; a browser's handful is as
 * good as one) that which has waited longest. Of trusted proxies only what is between two requests
 * goes. Where the server has all to do the newcomers wait in line, and behind the line in the
 * kernel's;
 *  - keeps time: each connection has a deadline for what it is doing, and a ticking thread ends
 * those that missed theirs. So no system call is spent on time-outs.
 *
 * "Ends" means shutdown(2): the owner's blocked read or write returns, and the owner closes the
 * socket. The accepting thread calls connguard_accept; a worker owns its slot from claim to
 * release; everything is safe from any thread. */
#ifndef HTTP_CONNGUARD_H
#define HTTP_CONNGUARD_H

#include "http/address.h"
#include <stdbool.h>
#include <stdint.h>

struct connguard;
struct connguard_slot;

/* What a connection is doing. */
enum connguard_state {
    CONNGUARD_HEADLESS, /* the client owes us its part of the handshake, or of a head; ended for
                           others from a twentieth of a second on */
    CONNGUARD_SHAKING,  /* the handshake is ours to go on with: never ended for others */
    CONNGUARD_IDLE,     /* between two requests: as the client comes back by itself, it counts as
                           waiting for a second more than it does */
    CONNGUARD_WORK,     /* a request is at work: never ended for others, no deadline */
    CONNGUARD_READING,  /* at work, waiting for the client's body; has a deadline; ended for others
                           from 75 milliseconds on, unless the server drains */
    CONNGUARD_WRITING,  /* at work, waiting for the client to take the response; the same */
    CONNGUARD_ENDED,    /* the guard ended it; the owner has not yet seen it */
};

/* workers: connections served at a time. waiting: connections that may be accepted beyond that. */
struct connguard *connguard_create(int workers, int waiting, const struct networks *exempt);
void connguard_destroy(struct connguard *guard); /* after all owners are gone */

/* accept(2) with the guard: the new socket (blocking, TCP_NODELAY, close-on-exec), or -1 with
 * errno; EAGAIN: the line is full, and was for a moment. `tag` comes back in connguard_tag. It has
 * until deadline_us to send a whole head. */
int connguard_accept(struct connguard *guard, int listener, int tag, int64_t now_us,
                     int64_t deadline_us);

/* The slot of an accepted socket, for the worker that serves it. NULL if the guard does not know
 * it. */
struct connguard_slot *connguard_claim(struct connguard *guard, int fd, int64_t now_us);

/* Gives the slot back. Before close(2), as the number may be another connection's right after it.
 */
void connguard_release(struct connguard *guard, struct connguard_slot *slot);

/* Says what the connection does from now on, since when and until when (clock_monotonic_us; 0: no
 * limit). False when the guard ended it: then nothing changes and the owner has to close. */
bool connguard_enter(struct connguard_slot *slot, enum connguard_state state, int64_t since_us,
                     int64_t deadline_us);

/* The server's own part of a handshake begins: CONNGUARD_SHAKING, and a wait for a turn, as
 * hundreds that compute at once would keep the requests at work from their cores. What is begun is
 * finished first; addresses that finished a handshake before are preferred, and all share alike.
 * False when the guard ended it. */
bool connguard_shake(struct connguard *guard, struct connguard_slot *slot, bool begun,
                     int64_t deadline_us);

/* It ends, after connguard_shake() that answered true: CONNGUARD_HEADLESS. `finished`: so has the
 * handshake, well. False as above. */
bool connguard_rest(struct connguard *guard, struct connguard_slot *slot, bool finished,
                    int64_t deadline_us);

/* True once the deadline passed: reads then give what is there and after it end of file; writes
 * still work unless the connection was WRITING. */
bool connguard_expired(const struct connguard_slot *slot);

int connguard_tag(const struct connguard_slot *slot);
int64_t connguard_accepted_us(const struct connguard_slot *slot); /* clock_monotonic_us */
const struct address *connguard_address(const struct connguard_slot *slot);
bool connguard_exempt(const struct connguard_slot *slot);

/* More connections than workers: whoever finishes a request should make room. */
bool connguard_crowded(const struct connguard *guard);

/* Ends what missed its deadline, and makes room. To be called some times a second; often while it
 * is crowded. */
void connguard_tick(struct connguard *guard, int64_t now_us);

/* From now on, and at each tick, connections between two requests are over: what a client sent
 * before it could know is still read, then comes end of file. And no request at work is ended for a
 * newcomer any more. */
void connguard_drain(struct connguard *guard);

/* Ends all there are. */
void connguard_end_all(struct connguard *guard);

int connguard_open(struct connguard *guard); /* how many are */

struct connguard_stats {
    int open, at_work;
    int held_up; /* of those at work: they wait for their client */
    int64_t accepted, evicted, expired;
};
void connguard_stats(struct connguard *guard, struct connguard_stats *stats);

#endif
