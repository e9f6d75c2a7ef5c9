/* What time it is. Everything that decides by time asks here. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

int64_t clock_now(void);          /* UTC seconds since 1970 */
int64_t clock_monotonic_us(void); /* microseconds since some fixed moment, never backwards */

/* So many microseconds from now, on CLOCK_MONOTONIC, for what waits until a moment. */
struct timespec clock_deadline(int64_t us);

#endif
