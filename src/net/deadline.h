/* How long outgoing network work may take, all its steps together, and how it ends early when the
 * program does. A peer that sends one byte now and then gains nothing: the end does not move. */
#ifndef NET_DEADLINE_H
#define NET_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>

struct deadline {
    int64_t end_us; /* of clock_monotonic_us() */
    int grace_ms;   /* what is left from the moment on which the program is stopped */
    int stop_fd;    /* becomes readable, for good, when the program stops; -1: it never does */
};

/* Ends `ms` milliseconds from now. */
struct deadline deadline_in(int ms, int grace_ms, int stop_fd);

/* The same, but over in `ms` milliseconds at the latest: for one of several tries. */
struct deadline deadline_within(const struct deadline *deadline, int ms);

/* Waits until poll(2) says `events` (or a failure, which the next call on fd tells) of fd. False:
 * the time is over. */
bool deadline_wait(struct deadline *deadline, int fd, short events);

/* Sleeps that long, or until the program is stopped. */
void deadline_sleep(int ms, int stop_fd);

bool deadline_is_over(const struct deadline *deadline);
bool deadline_stopped(int stop_fd); /* the program is stopping */

#endif
