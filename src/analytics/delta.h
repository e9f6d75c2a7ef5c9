/* What changed since the base of a snapshot, in memory; not for others than a refresh. Immutable
 * once made, freed with its arena. */
#ifndef ANALYTICS_DELTA_H
#define ANALYTICS_DELTA_H

#include "analytics/fact.h"
#include "analytics/snapshot.h"
#include "base/arena.h"

/* A row as the snapshot has them, of an order that was looked at again. */
struct delta_row {
    uint64_t order;
    uint32_t day, workshop, student, account, price, discount;
    uint16_t bracket, group;
};

struct delta_back {
    uint64_t order;
    uint32_t day, workshop, price;
};

struct delta_workshop {
    uint64_t id, capacity; /* as WORKSHOP_CAPACITY */
    uint32_t topic, level;
};

struct delta_group {
    uint32_t country, role;
};

enum delta_dimension {
    DELTA_TOPIC,
    DELTA_WORKSHOP,
    DELTA_STUDENT,
    DELTA_ACCOUNT,
    DELTA_DIMENSIONS,
};

/* Ids that the base does not have, ascending, with their numbers. */
struct delta_id {
    uint64_t id;
    uint32_t number;
};

struct delta_ids {
    struct delta_id *items;
    size_t count;
    uint32_t total; /* numbers given, those of the base included */
};

/* What a student or an account is now, where the base says otherwise or nothing: by number. */
struct delta_value {
    uint64_t number;
    uint32_t value;
};

struct delta_values {
    struct delta_value *items; /* ascending */
    size_t count;
};

struct delta {
    struct arena *arena;
    const struct snapshot *base;
    struct delta_row *rows; /* by day, then order */
    size_t row_count;
    struct delta_back *backs; /* in no order that counts */
    size_t back_count;
    uint64_t *orders; /* all that were looked at again, ascending */
    size_t order_count;
    uint64_t *dead, *dead_backs; /* rows of the base, one bit each */
    uint64_t dead_rows;
    /* dimensions as they are now, by number */
    struct delta_ids ids[DELTA_DIMENSIONS];
    uint64_t *topics; /* ids */
    struct delta_workshop *workshops;
    struct delta_group *groups;
    struct fact_brackets brackets;
    struct delta_values birth, account_group;
    size_t topic_count, workshop_count, group_count;
};

/* A copy of `before`, or what the base says; `before` is one over the same base, or NULL. */
struct delta *delta_begin(const struct snapshot *base, const struct delta *before);
void delta_destroy(struct delta *delta); /* NULL is fine */

/* The position of an id in an ascending column; false: where it would stand. */
bool delta_search(struct snapshot_column ids, uint64_t id, uint32_t *number);

/* The number of an id; delta_number gives the next one to an id that has none. */
bool delta_find(const struct delta *delta, enum delta_dimension dimension, uint64_t id,
                uint32_t *number);
uint32_t delta_number(struct delta *delta, enum delta_dimension dimension, uint64_t id);
uint32_t delta_topic(struct delta *delta, uint64_t id);

/* What a workshop is now. */
void delta_put_workshop(struct delta *delta, struct delta_workshop workshop);

/* The number of a country, as fact_country, and a role. */
uint16_t delta_group(struct delta *delta, uint64_t country, uint64_t role);

/* What a number has in `values` (of the delta), else in the base's section; false: in neither. */
bool delta_get(const struct delta *delta, const struct delta_values *values,
               enum snapshot_section_id section, uint32_t number, uint32_t *value);
void delta_set(struct delta *delta, struct delta_values *values, uint32_t number, uint32_t value);

/* Makes columns of it: the second source of the snapshot, and its dimensions. */
void delta_columns(struct delta *delta, struct snapshot *snapshot);

#endif
