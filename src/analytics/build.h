/* What making a snapshot shares: build_read.c reads the tables, build_file.c arranges what was read
 * and writes the file; not for others. */
#ifndef ANALYTICS_BUILD_H
#define ANALYTICS_BUILD_H

#include "analytics/fact.h"
#include "analytics/fares.h"
#include "analytics/snapshot.h"
#include <stdatomic.h>

enum { BUILD_NO_NUMBER = UINT32_MAX, BUILD_PARTS = 8 };

/* A growing list of items of one size. */
struct build_list {
    void *items;
    uint64_t count, room;
};

/* Ids in ascending order, and from an id to its dense number. */
struct build_ids {
    struct build_list list; /* uint64_t */
    uint32_t *table;        /* by id, where ids are dense enough; without a gap none is needed */
    uint64_t table_size;
};

struct build_workshop {
    uint64_t capacity; /* as WORKSHOP_CAPACITY */
    uint32_t topic, level;
};

struct build_group {
    uint16_t country, role;
};

struct build_order {
    uint32_t account;
    int32_t day;    /* since 1970 */
    uint32_t rows;  /* confirmed inscriptions; once orders are placed: the first row */
    uint16_t group; /* of the account, once orders are placed */
    bool paid;      /* else refunded */
};

/* What the inscriptions table says, in its own order. */
struct build_fact {
    uint32_t order, student;
    uint32_t fare;  /* of its part */
    uint32_t place; /* among the rows of its order */
};

/* A refunded one. */
struct build_back {
    uint32_t order, workshop, price;
};

struct build {
    const struct zone *zone;
    struct workers *workers;
    struct build_ids topics, workshops, accounts, students, orders;
    struct build_list workshop;      /* struct build_workshop, as those below by dense number */
    struct build_list account;       /* struct build_group */
    struct build_list account_group; /* uint16_t: which of `group` */
    struct build_list birth;         /* uint32_t: fact_date */
    struct build_list order;         /* struct build_order */
    struct build_list group;         /* struct build_group */
    /* by id of the inscription */
    struct build_list facts[BUILD_PARTS]; /* struct build_fact */
    struct build_list backs;              /* struct build_back */
    uint64_t fact_count;
    struct fares part_fares[BUILD_PARTS], fares; /* read, and all together */
    uint32_t *fare_numbers[BUILD_PARTS];         /* from the former to the latter */
    int64_t first_day, last_day;                 /* of all orders */
    atomic_int *progress;
    atomic_int_least64_t rows_read;
    int64_t rows_total; /* about */
};

/* Reads everything, and the header's last change. The connections see one moment, and there is one
 * for each worker. */
enum err build_read(struct build *build, struct db *const *dbs,
                    struct snapshot_header *header) MUST_CHECK;

/* Writes the file: beside, synced, renamed. `begin_us`: of the monotonic clock, when the build
 * began. The header's counts are set here, the rest by the caller. */
enum err build_write(struct build *build, struct snapshot_header *header, int64_t begin_us,
                     const char *path) MUST_CHECK;

#endif
