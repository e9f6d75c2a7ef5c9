/* The form of the generated zone table. Only zone.c and the generator's output include this. */
#ifndef BASE_ZONE_TABLE_H
#define BASE_ZONE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* A yearly change as POSIX TZ strings write it, M month.week.weekday/time (IEEE 1003.1, 8.3; RFC
 * 9636, 3.3). month 0: the zone's rule has no changes. */
struct zone_change {
    uint8_t month, week, weekday; /* 1–12; 1–5, 5 the last; 0 Sunday … 6 */
    int32_t seconds;              /* of local time after midnight; may leave the day both ways */
};

/* What holds after the last transition. */
struct zone_rule {
    int32_t standard, summer; /* seconds east of Greenwich */
    struct zone_change to_summer, to_standard;
};

struct zone {
    const char *name;
    const uint32_t *times;  /* transitions since 1970, UTC seconds, ascending */
    const int32_t *offsets; /* after each of them */
    size_t count;
    int32_t first; /* offset before the first */
    struct zone_rule rule;
};

extern const struct zone zone_table[]; /* sorted by name */
extern const size_t zone_table_count;

#endif
