/* A delta in the form that kernels read: columns. */
#include "analytics/delta.h"
#include "analytics/snapshot_file.h"

static void *column(struct delta *d, struct snapshot_column *out, size_t count, size_t width) {
    void *values = arena_array(d->arena, count, width);
    *out = (struct snapshot_column){values, (uint32_t)width, count};
    return values;
}

/* Every row has a fare of its own: there are few. */
static void rows(struct delta *d, struct snapshot_source *source) {
    struct snapshot_column *c = source->columns;
    uint32_t *fare = column(d, &c[ROW_FARE], d->row_count, sizeof(*fare));
    uint32_t *workshop = column(d, &c[FARE_WORKSHOP], d->row_count, sizeof(*workshop));
    uint32_t *student = column(d, &c[ROW_STUDENT], d->row_count, sizeof(*student));
    uint32_t *price = column(d, &c[ROW_PRICE], d->row_count, sizeof(*price));
    uint32_t *discount = column(d, &c[FARE_DISCOUNT], d->row_count, sizeof(*discount));
    uint16_t *bracket = column(d, &c[ROW_BRACKET], d->row_count, sizeof(*bracket));
    uint16_t *group = column(d, &c[ROW_GROUP], d->row_count, sizeof(*group));
    for (size_t i = 0; i < d->row_count; i++) {
        const struct delta_row *row = &d->rows[i];
        fare[i] = (uint32_t)i;
        workshop[i] = row->workshop;
        student[i] = row->student;
        price[i] = row->price;
        discount[i] = row->discount;
        bracket[i] = row->bracket;
        group[i] = row->group;
    }
    c[FARE_PRICE] = c[ROW_PRICE];
    source->rows = d->row_count;
}

/* Up to the last day that has a row. */
static void days(struct delta *d, struct snapshot_source *source) {
    size_t days = d->row_count ? d->rows[d->row_count - 1].day + (size_t)1 : 0, row = 0;
    uint32_t *first = column(d, &source->columns[DAY_FIRST], days + 1, sizeof(*first));
    for (size_t day = 0; day <= days; day++) {
        while (row < d->row_count && d->rows[row].day < day)
            row++;
        first[day] = (uint32_t)row;
    }
}

static void orders(struct delta *d, struct snapshot_source *source) {
    size_t count = 0;
    for (size_t i = 0; i < d->row_count; i++)
        count += !i || d->rows[i].order != d->rows[i - 1].order;
    struct snapshot_column *c = source->columns;
    uint64_t *ids = column(d, &c[ORDER_ID], count, sizeof(*ids));
    uint32_t *first = column(d, &c[ORDER_FIRST], count + 1, sizeof(*first));
    uint32_t *account = column(d, &c[ORDER_ACCOUNT], count, sizeof(*account));
    size_t order = 0;
    for (size_t i = 0; i < d->row_count; i++) {
        if (i && d->rows[i].order == d->rows[i - 1].order)
            continue;
        ids[order] = d->rows[i].order;
        account[order] = d->rows[i].account;
        first[order++] = (uint32_t)i;
    }
    first[count] = (uint32_t)d->row_count;
    source->orders = count;
}

static void backs(struct delta *d, struct snapshot_source *source) {
    struct snapshot_column *c = source->columns;
    uint32_t *day = column(d, &c[BACK_DAY], d->back_count, sizeof(*day));
    uint32_t *workshop = column(d, &c[BACK_WORKSHOP], d->back_count, sizeof(*workshop));
    uint32_t *price = column(d, &c[BACK_PRICE], d->back_count, sizeof(*price));
    uint64_t *order = column(d, &c[BACK_ORDER], d->back_count, sizeof(*order));
    for (size_t i = 0; i < d->back_count; i++) {
        day[i] = d->backs[i].day;
        workshop[i] = d->backs[i].workshop;
        price[i] = d->backs[i].price;
        order[i] = d->backs[i].order;
    }
}

static void dimensions(struct delta *d, struct snapshot_column *c) {
    uint64_t *workshop = column(d, &c[WORKSHOP_ID], d->workshop_count, sizeof(*workshop));
    uint32_t *topic = column(d, &c[WORKSHOP_TOPIC], d->workshop_count, sizeof(*topic));
    uint32_t *level = column(d, &c[WORKSHOP_LEVEL], d->workshop_count, sizeof(*level));
    uint64_t *capacity = column(d, &c[WORKSHOP_CAPACITY], d->workshop_count, sizeof(*capacity));
    uint32_t *country = column(d, &c[GROUP_COUNTRY], d->group_count, sizeof(*country));
    uint32_t *role = column(d, &c[GROUP_ROLE], d->group_count, sizeof(*role));
    uint8_t *age = column(d, &c[BRACKET_AGE], d->brackets.count, sizeof(*age));
    uint8_t *bracket_level =
        column(d, &c[BRACKET_LEVEL], d->brackets.count, sizeof(*bracket_level));
    for (size_t i = 0; i < d->workshop_count; i++) {
        workshop[i] = d->workshops[i].id;
        topic[i] = d->workshops[i].topic;
        level[i] = d->workshops[i].level;
        capacity[i] = d->workshops[i].capacity;
    }
    for (size_t i = 0; i < d->group_count; i++) {
        country[i] = d->groups[i].country;
        role[i] = d->groups[i].role;
    }
    for (size_t i = 0; i < d->brackets.count; i++) {
        age[i] = d->brackets.of[i].age;
        bracket_level[i] = d->brackets.of[i].level;
    }
    c[TOPIC_ID] = (struct snapshot_column){d->topics, sizeof(*d->topics), d->topic_count};
    c[STUDENT_ID].count = d->ids[DELTA_STUDENT].total;
    c[ACCOUNT_ID].count = d->ids[DELTA_ACCOUNT].total;
}

void delta_columns(struct delta *delta, struct snapshot *snapshot) {
    struct snapshot_source *source = &snapshot->sources[1];
    rows(delta, source);
    days(delta, source);
    orders(delta, source);
    backs(delta, source);
    dimensions(delta, snapshot->dimensions);
}
