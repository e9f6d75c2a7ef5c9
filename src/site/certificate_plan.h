/* When a certificate is obtained, renewed, tried again: arithmetic over moments (UTC seconds). */
#ifndef SITE_CERTIFICATE_PLAN_H
#define SITE_CERTIFICATE_PLAN_H

#include <stdint.h>

enum {
    CERTIFICATE_GAP = 10,          /* between two tries at the very least (s) */
    CERTIFICATE_CLOCK_SLACK = 300, /* by how much clocks may differ without anybody caring (s) */
};

/* A third of the lifetime before the end; earlier by up to a hundredth of it, as `chance` (0 to
 * 65535) says, so that not all the world renews at once. */
int64_t certificate_renewal(int64_t not_before, int64_t not_after, uint32_t chance);

/* Seconds to wait after the `failures`th failure in a row, 1 or more: from half a minute to half a
 * day, a quarter more or less as `chance` says. */
int64_t certificate_backoff(int failures, uint32_t chance);

#endif
