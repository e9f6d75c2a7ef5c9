/* Time zones of the IANA database, embedded at build (src/tools/zonec), because in an empty root
 * there is no /usr/share/zoneinfo and TZ=America/Lima would silently mean UTC. Moments are UTC
 * seconds; what a clock on the wall in the zone shows is a local_time. Right from 1970 on.
 * Immutable, any thread. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/date.h"
#include <stddef.h>
#include <stdint.h>

struct zone;

struct local_time {
    struct date date;
    int hour, minute, second; /* 0–23, 0–59, 0–59 */
    int utc_offset;           /* seconds east of Greenwich */
};

/* The zone of an IANA name ("America/Lima", "UTC"), exactly as it is spelt; NULL if there is none.
 */
const struct zone *zone_find(const char *name);

/* All names in alphabetical order, for lists to choose from; index below zone_count(). */
size_t zone_count(void);
const char *zone_name(size_t index);

/* Moments more than 2^50 s away count as that far. */
struct local_time zone_local(const struct zone *zone, int64_t utc);
struct date zone_date(const struct zone *zone, int64_t utc);

/* The moment at which the zone's clocks show this time. An hour that happens twice means its first
 * pass; an hour that is skipped means as much later as clocks jump (02:30 becomes 03:30). */
int64_t zone_utc(const struct zone *zone, struct date date, int hour, int minute);

#endif
