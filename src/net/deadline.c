/* Waiting for sockets against one fixed end. */
#include "net/deadline.h"
#include "base/clock.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>

struct deadline deadline_in(int ms, int grace_ms, int stop_fd) {
    return (struct deadline){.end_us = clock_monotonic_us() + (int64_t)ms * 1000,
                             .grace_ms = grace_ms,
                             .stop_fd = stop_fd};
}

static void shorten(struct deadline *deadline, int ms) {
    int64_t end_us = clock_monotonic_us() + (int64_t)ms * 1000;
    if (end_us < deadline->end_us)
        deadline->end_us = end_us;
}

struct deadline deadline_within(const struct deadline *deadline, int ms) {
    struct deadline shorter = *deadline;
    shorten(&shorter, ms);
    return shorter;
}

/* For poll(2): rounded up, so that it does not spin through the last millisecond. */
static int milliseconds_left(const struct deadline *deadline) {
    int64_t left = (deadline->end_us - clock_monotonic_us() + 999) / 1000;
    return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

bool deadline_wait(struct deadline *deadline, int fd, short events) {
    for (;;) {
        int left = milliseconds_left(deadline);
        struct pollfd fds[] = {{.fd = fd, .events = events},
                               {.fd = deadline->stop_fd, .events = POLLIN}};
        int ready = poll(fds, 2, left);
        if (ready > 0 && fds[0].revents)
            return true;
        if (ready > 0) {
            shorten(deadline, deadline->grace_ms);
            deadline->stop_fd = -1; /* heard; poll(2) passes over it from now on */
        } else if (left == 0 || (ready < 0 && errno != EINTR)) {
            return false;
        }
    }
}

void deadline_sleep(int ms, int stop_fd) {
    struct deadline deadline = deadline_in(ms, 0, stop_fd);
    deadline_wait(&deadline, -1, 0);
}

bool deadline_is_over(const struct deadline *deadline) {
    return milliseconds_left(deadline) == 0;
}

bool deadline_stopped(int stop_fd) {
    struct pollfd stop = {.fd = stop_fd, .events = POLLIN};
    return poll(&stop, 1, 0) > 0;
}
