/* The snapshot: every enrolment that was paid for, as columns in one read-only file mapped into
 * memory. It is derived from the database and can always be made again; nothing is lost with it.
 *
 * The file, little-endian, every section at a multiple of 64 bytes:
 *
 *   struct snapshot_header              as declared below
 *   struct snapshot_section [sections]  where each section lies and how wide its values are
 *   the sections
 *
 * A row is a confirmed inscription of a paid order. Rows stand in the order of their day, then of
 * their order, so a period is a range of rows and an order is a run of rows. Ids of the database
 * are replaced by dense numbers from 0, in ascending order of the ids; the sections named …_ID lead
 * back. Days count from the header's first_day, in the school's time zone of the header: another
 * zone makes another snapshot. Money is cents.
 *
 * Facts (one value a row): ROW_*. Days (one value a day, so that rows need none): DAY_FIRST. Orders
 * (one a paid order): ORDER_*. Refunded inscriptions, reported beside: BACK_*. What rows have in
 * common: FARE_*. The rest are dimensions.
 *
 * A file is written beside, synced and renamed, so a crash leaves a valid one or none. What is
 * damaged, foreign or of another version is ERR_INVALID at opening and made again by the caller.
 *
 * A refreshed snapshot is such a file, the base, and what changed since in memory, the delta: rows
 * of the base that no longer hold are dead, all rows of every changed order stand in the delta. */
#ifndef ANALYTICS_SNAPSHOT_H
#define ANALYTICS_SNAPSHOT_H

#include "base/err.h"
#include "db/db.h"
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct workers;
struct zone;

enum {
    SNAPSHOT_VERSION = 8,
    SNAPSHOT_ALIGN = 64,
    SNAPSHOT_STRETCH = 1 << 22, /* bytes, of the checksum */
    SNAPSHOT_ZONE_MAX = 64,
    SNAPSHOT_LEVELS = 4,      /* 0: none */
    SNAPSHOT_AGES = 256,      /* whole years; who is older counts as the oldest */
    SNAPSHOT_NO_CAPACITY = 0, /* of WORKSHOP_CAPACITY, which holds the capacity plus one */
};

enum snapshot_section_id {
    DAY_FIRST,   /* the first row of a day or of a later one; one more: the number of rows */
    ROW_FARE,    /* dense: the workshop, what it cost and the discount together */
    ROW_STUDENT, /* dense */
    ROW_PRICE,
    ROW_BRACKET, /* dense: whole years of the student that day and the workshop's level together */
    ROW_GROUP,   /* dense: the buyer's country and role together, of today; these two are one or
                    two bytes wide */
    ORDER_ID,
    ORDER_FIRST,   /* its first row; one more at the end: the number of rows */
    ORDER_ACCOUNT, /* dense: the buyer */
    BACK_DAY,      /* a refunded inscription: when its order was paid */
    BACK_WORKSHOP,
    BACK_PRICE,
    BACK_ORDER,     /* id of its order, ascending */
    FARE_WORKSHOP,  /* dense */
    FARE_PRICE,     /* as ROW_PRICE of all its rows */
    FARE_DISCOUNT,  /* list price minus price */
    SNAPSHOT_FACTS, /* sections above are facts, those below dimensions */
    WORKSHOP_ID = SNAPSHOT_FACTS,
    WORKSHOP_TOPIC,    /* dense */
    WORKSHOP_LEVEL,    /* 0: none */
    WORKSHOP_CAPACITY, /* plus one; 0: no limit */
    TOPIC_ID,
    STUDENT_ID,
    STUDENT_BORN, /* fact_date; a refresh looks here instead of reading students again */
    ACCOUNT_ID,
    ACCOUNT_GROUP, /* dense, as ROW_GROUP; likewise */
    GROUP_COUNTRY, /* two letters, first in the low byte; 0: none */
    GROUP_ROLE,
    BRACKET_AGE,
    BRACKET_LEVEL,
    SNAPSHOT_SECTIONS,
};

struct snapshot_section {
    uint32_t id;     /* enum snapshot_section_id */
    uint32_t width;  /* bytes of a value: 1, 2, 4 or 8, the narrowest that holds them all */
    uint64_t offset; /* from the file's beginning */
    uint64_t count;  /* values */
};

struct snapshot_header {
    char magic[8]; /* "TALLERSN" */
    uint32_t version;
    uint32_t sections;
    uint64_t file_size; /* bytes */
    uint64_t rows;
    uint8_t checksum[16]; /* BLAKE2b-128 of two: that of the header with this field zero, and that
                             of the BLAKE2b-128 of every SNAPSHOT_STRETCH behind it */
    uint64_t change_seq;  /* last change of change_log it contains */
    int64_t epoch;        /* of that change: the same number in a database that was put back from a
                             copy, and went on, has another */
    int64_t as_of;        /* UTC seconds of the read transaction */
    int64_t build_us;     /* how long it took to make, without waiting for the disk at the end */
    int32_t first_day;    /* days since 1970-01-01 */
    int32_t days;         /* last day − first day + 1; 0 without rows */
    char zone[SNAPSHOT_ZONE_MAX];
};

/* An open snapshot: mapped, immutable, shared by reference count. */
struct snapshot;

/* The school's time. The zone lives as long as the program. */
struct snapshot_moment {
    const struct zone *zone;
    const char *zone_name;
    int64_t now; /* UTC seconds */
};

/* Makes the file from one moment of the database, read through so many connections, STORE_READERS
 * at most, by threads of the lowest priority; the file does not show how many there were. While it
 * goes on, *progress grows from 0 to 1000; NULL: nobody looks. One caller a store at a time.
 * ERR_INVALID: the first and the last order were paid more than 65,535 days apart. */
enum err snapshot_build(struct store *store, size_t readers, const struct snapshot_moment *moment,
                        const char *path, atomic_int *progress) MUST_CHECK;

/* What changed since `current`, as a new snapshot over the same base: it costs what changed, not
 * what there is. Where that is much, workers share it, through as many connections as there are
 * workers, STORE_READERS at most; one caller a store at a time. ERR_CONFLICT: what changed cannot
 * be told (another time zone, a database with another history, a change before the first day) or
 * there is so much of it that a new base is due. */
enum err snapshot_refresh(struct store *store, struct workers *workers,
                          const struct snapshot_moment *moment, struct snapshot *current,
                          struct snapshot **out) MUST_CHECK;

/* Maps and checks a file. ERR_NOT_FOUND: none there. ERR_INVALID: damaged, foreign, another
 * version. */
enum err snapshot_open(const char *path, struct snapshot **out) MUST_CHECK;
/* One reference more or less; the last one unmaps. Any thread. */
struct snapshot *snapshot_pin(struct snapshot *snapshot);
void snapshot_release(struct snapshot *snapshot); /* NULL is fine */

/* What it says of itself; `rows` are those that count. */
const struct snapshot_header *snapshot_header(const struct snapshot *snapshot);

/* A section's values, and how many. */
struct snapshot_column {
    const void *data;
    uint32_t width;
    uint64_t count;
};

/* Where rows come from: the base, and what changed since. Each stands in the order described above.
 * An order is dead as a whole. */
struct snapshot_source {
    struct snapshot_column columns[SNAPSHOT_FACTS];
    const uint64_t *dead;       /* one bit a row: it does not count; NULL: all do */
    const uint64_t *dead_backs; /* the same of BACK_* */
    uint64_t rows, orders;
};

enum { SNAPSHOT_SOURCES = 2 };
size_t snapshot_sources(const struct snapshot *snapshot, const struct snapshot_source **out);

/* The first row of a day or of a later one; behind the last day, the number of rows. The order that
 * a row belongs to; for the row behind the last one, the number of orders. */
uint64_t snapshot_row_of_day(const struct snapshot_source *source, uint64_t day);
uint64_t snapshot_order_of_row(const struct snapshot_source *source, uint64_t row);

static inline bool snapshot_bit(const uint64_t *bits, uint64_t i) {
    return bits && (bits[i / 64] >> i % 64 & 1);
}

/* A dimension. Of a refreshed snapshot STUDENT_… and ACCOUNT_… say only how many there are. */
struct snapshot_column snapshot_column(const struct snapshot *snapshot,
                                       enum snapshot_section_id id);

static inline uint64_t snapshot_value(struct snapshot_column column, uint64_t i) {
    switch (column.width) {
    case 1:
        return ((const uint8_t *)column.data)[i];
    case 2:
        return ((const uint16_t *)column.data)[i];
    case 4:
        return ((const uint32_t *)column.data)[i];
    default:
        return ((const uint64_t *)column.data)[i];
    }
}

/* Where a value stands or would stand among [low, high) of an ascending column, the first of equal
 * ones. */
static inline uint64_t snapshot_lower_bound(struct snapshot_column column, uint64_t low,
                                            uint64_t high, uint64_t value) {
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (snapshot_value(column, middle) < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* `count` values from `first`, as 32 bits each. Only for columns whose width is at most 4. */
void snapshot_widen(struct snapshot_column column, uint64_t first, size_t count, uint32_t *out);

#endif
