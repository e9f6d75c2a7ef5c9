/* A delta begins as a copy of the one before, or of what the base says; workshops, topics,
 * accounts, students and groups get their numbers here. */
#include "analytics/delta.h"
#include "analytics/snapshot_file.h"
#include "base/array.h"
#include <string.h>

/* As arena_grow counts on it. */
static size_t room_for(size_t count) {
    size_t room = 8;
    while (room < count)
        room *= 2;
    return room;
}

static void *copy_list(struct arena *arena, const void *items, size_t count, size_t size) {
    void *copy = arena_array(arena, room_for(count), size);
    if (count)
        memcpy(copy, items, count * size);
    return copy;
}

static size_t place_of_id(const struct delta_ids *ids, uint64_t id) {
    return array_lower_bound(ids->items, ids->count, sizeof(*ids->items), id);
}

/* No two ids are equal; those without a gap before them are found at once. */
bool delta_search(struct snapshot_column ids, uint64_t id, uint32_t *number) {
    uint64_t guess = ids.count ? id - snapshot_value(ids, 0) : 0;
    bool found = guess < ids.count && snapshot_value(ids, guess) == id;
    uint64_t at = found ? guess : snapshot_lower_bound(ids, 0, ids.count, id);
    *number = (uint32_t)at;
    return at < ids.count && snapshot_value(ids, at) == id;
}

bool delta_find(const struct delta *d, enum delta_dimension dimension, uint64_t id,
                uint32_t *number) {
    static const enum snapshot_section_id IDS[] = {TOPIC_ID, WORKSHOP_ID, STUDENT_ID, ACCOUNT_ID};
    const struct delta_ids *ids = &d->ids[dimension];
    size_t at = place_of_id(ids, id);
    if (at < ids->count && ids->items[at].id == id) {
        *number = ids->items[at].number;
        return true;
    }
    return delta_search(d->base->dimensions[IDS[dimension]], id, number);
}

/* A new one gets the next number. */
uint32_t delta_number(struct delta *d, enum delta_dimension dimension, uint64_t id) {
    struct delta_ids *ids = &d->ids[dimension];
    uint32_t number;
    if (delta_find(d, dimension, id, &number))
        return number;
    size_t at = place_of_id(ids, id);
    ids->items = arena_grow(d->arena, ids->items, ids->count, sizeof(*ids->items));
    memmove(ids->items + at + 1, ids->items + at, (ids->count - at) * sizeof(*ids->items));
    ids->items[at] = (struct delta_id){id, ids->total};
    ids->count++;
    return ids->total++;
}

uint32_t delta_topic(struct delta *d, uint64_t id) {
    uint32_t number = delta_number(d, DELTA_TOPIC, id);
    if (number >= d->topic_count) {
        d->topics = arena_grow(d->arena, d->topics, d->topic_count, sizeof(*d->topics));
        d->topics[d->topic_count++] = id;
    }
    return number;
}

void delta_put_workshop(struct delta *d, struct delta_workshop workshop) {
    uint32_t number = delta_number(d, DELTA_WORKSHOP, workshop.id);
    if (number >= d->workshop_count) {
        d->workshops = arena_grow(d->arena, d->workshops, d->workshop_count, sizeof(*d->workshops));
        d->workshop_count++;
    }
    d->workshops[number] = workshop;
}

uint16_t delta_group(struct delta *d, uint64_t country, uint64_t role) {
    for (size_t i = 0; i < d->group_count; i++)
        if (d->groups[i].country == country && d->groups[i].role == role)
            return (uint16_t)i;
    d->groups = arena_grow(d->arena, d->groups, d->group_count, sizeof(*d->groups));
    d->groups[d->group_count] = (struct delta_group){(uint32_t)country, (uint32_t)role};
    return (uint16_t)d->group_count++;
}

/* ---- births and groups ------------------------------------------------------------------------
 */

static size_t value_place(const struct delta_values *values, uint32_t number) {
    return array_lower_bound(values->items, values->count, sizeof(*values->items), number);
}

bool delta_get(const struct delta *d, const struct delta_values *values,
               enum snapshot_section_id section, uint32_t number, uint32_t *value) {
    size_t at = value_place(values, number);
    if (at < values->count && values->items[at].number == number) {
        *value = values->items[at].value;
        return true;
    }
    struct snapshot_column base = d->base->dimensions[section];
    if (number >= base.count)
        return false;
    *value = (uint32_t)snapshot_value(base, number);
    return true;
}

void delta_set(struct delta *d, struct delta_values *values, uint32_t number, uint32_t value) {
    size_t at = value_place(values, number);
    if (at == values->count || values->items[at].number != number) {
        values->items = arena_grow(d->arena, values->items, values->count, sizeof(*values->items));
        memmove(values->items + at + 1, values->items + at,
                (values->count - at) * sizeof(*values->items));
        values->count++;
    }
    values->items[at] = (struct delta_value){number, value};
}

/* ---- where it begins --------------------------------------------------------------------------
 */

/* What the base says of workshops, topics and groups, in the delta's own form. */
static void begin_from_base(struct delta *d) {
    const struct snapshot_column *c = d->base->dimensions;
    d->topic_count = c[TOPIC_ID].count;
    d->workshop_count = c[WORKSHOP_ID].count;
    d->group_count = c[GROUP_COUNTRY].count;
    for (size_t i = 0; i < d->topic_count; i++) {
        d->topics = arena_grow(d->arena, d->topics, i, sizeof(*d->topics));
        d->topics[i] = snapshot_value(c[TOPIC_ID], i);
    }
    for (size_t i = 0; i < d->workshop_count; i++) {
        d->workshops = arena_grow(d->arena, d->workshops, i, sizeof(*d->workshops));
        d->workshops[i] =
            (struct delta_workshop){.id = snapshot_value(c[WORKSHOP_ID], i),
                                    .topic = (uint32_t)snapshot_value(c[WORKSHOP_TOPIC], i),
                                    .level = (uint32_t)snapshot_value(c[WORKSHOP_LEVEL], i),
                                    .capacity = snapshot_value(c[WORKSHOP_CAPACITY], i)};
    }
    for (size_t i = 0; i < d->group_count; i++) {
        d->groups = arena_grow(d->arena, d->groups, i, sizeof(*d->groups));
        d->groups[i] = (struct delta_group){(uint32_t)snapshot_value(c[GROUP_COUNTRY], i),
                                            (uint32_t)snapshot_value(c[GROUP_ROLE], i)};
    }
    for (size_t i = 0; i < c[BRACKET_AGE].count; i++)
        fact_bracket(&d->brackets, (uint32_t)snapshot_value(c[BRACKET_AGE], i),
                     (uint32_t)snapshot_value(c[BRACKET_LEVEL], i));
    d->ids[DELTA_TOPIC].total = (uint32_t)d->topic_count;
    d->ids[DELTA_WORKSHOP].total = (uint32_t)d->workshop_count;
    d->ids[DELTA_STUDENT].total = (uint32_t)c[STUDENT_ID].count;
    d->ids[DELTA_ACCOUNT].total = (uint32_t)c[ACCOUNT_ID].count;
}

static struct delta_values copy_values(struct arena *arena, struct delta_values values) {
    values.items = copy_list(arena, values.items, values.count, sizeof(*values.items));
    return values;
}

static void begin_from_before(struct delta *d, const struct delta *b) {
    struct arena *arena = d->arena;
    d->topic_count = b->topic_count;
    d->workshop_count = b->workshop_count;
    d->group_count = b->group_count;
    d->topics = copy_list(arena, b->topics, b->topic_count, sizeof(*b->topics));
    d->workshops = copy_list(arena, b->workshops, b->workshop_count, sizeof(*b->workshops));
    d->groups = copy_list(arena, b->groups, b->group_count, sizeof(*b->groups));
    d->brackets = b->brackets;
    d->birth = copy_values(arena, b->birth);
    d->account_group = copy_values(arena, b->account_group);
    for (int i = 0; i < DELTA_DIMENSIONS; i++) {
        d->ids[i] = b->ids[i];
        d->ids[i].items =
            copy_list(arena, b->ids[i].items, b->ids[i].count, sizeof(*d->ids->items));
    }
    d->dead_rows = b->dead_rows;
}

static uint64_t *copy_bits(struct arena *arena, const uint64_t *bits, uint64_t count) {
    uint64_t *copy = arena_array(arena, count / 64 + 1, sizeof(*copy));
    if (bits)
        memcpy(copy, bits, (count / 64 + 1) * sizeof(*copy));
    return copy;
}

struct delta *delta_begin(const struct snapshot *base, const struct delta *before) {
    struct arena *arena = arena_create();
    struct delta *d = arena_alloc(arena, sizeof(*d));
    const struct snapshot_source *source = &base->sources[0];
    d->arena = arena;
    d->base = base;
    if (before)
        begin_from_before(d, before);
    else
        begin_from_base(d);
    d->dead = copy_bits(arena, before ? before->dead : NULL, source->rows);
    d->dead_backs =
        copy_bits(arena, before ? before->dead_backs : NULL, source->columns[BACK_ORDER].count);
    return d;
}

void delta_destroy(struct delta *delta) {
    if (delta)
        arena_destroy(delta->arena);
}
