/* Counts events a key over a sliding window, in bounded memory: failed log-ins of an address, card
 * tries of an account. It knows keys and seconds, not what they mean.
 *
 * The window moves in twelve steps, so an event leaves it at most a twelfth late, never early. Keys
 * are hashed with a random seed; when the table is full, the key with the fewest events gives way,
 * so a flood of new keys cannot push out one that is already at its limit. Safe from any thread. */
#ifndef BASE_RATELIMIT_H
#define BASE_RATELIMIT_H

#include <stddef.h>
#include <stdint.h>

struct ratelimit;

/* `window` in seconds, 12 or more. `keys`: how many can be told apart at a time (56 bytes each,
 * touched only when used). */
struct ratelimit *ratelimit_create(int window, size_t keys);
void ratelimit_destroy(struct ratelimit *limiter); /* NULL is fine */

/* Counts one event; answers how many there are now within the window. `now` in seconds of any clock
 * that does not run backwards far. */
int64_t ratelimit_count(struct ratelimit *limiter, const void *key, size_t size, int64_t now);

/* Counts one event unless there are `max` within the window already: 0, else the seconds to wait.
 * In one step, so that of many that come at once no more than `max` pass. */
int64_t ratelimit_take(struct ratelimit *limiter, const void *key, size_t size, int64_t now,
                       int64_t max);

/* Takes the newest event of a key back: what was taken for it came to nothing. */
void ratelimit_give_back(struct ratelimit *limiter, const void *key, size_t size);

/* Seconds until fewer than `max` events are within the window; 0: they are already. */
int64_t ratelimit_wait(struct ratelimit *limiter, const void *key, size_t size, int64_t now,
                       int64_t max);

/* Forgets all events of a key. */
void ratelimit_forget(struct ratelimit *limiter, const void *key, size_t size);

#endif
