/* The system's clocks. */
#include "base/clock.h"

int64_t clock_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t clock_monotonic_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct timespec clock_deadline(int64_t us) {
    enum { SECOND = 1000 * 1000 };
    int64_t at = clock_monotonic_us() + us;
    return (struct timespec){.tv_sec = at / SECOND, .tv_nsec = at % SECOND * 1000};
}
