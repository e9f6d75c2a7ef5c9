/* Who bought what and when in the demonstration school: worked out from the tables before anything
 * is written, always the same for the same day. No database here. */
#ifndef SHOP_DEMO_PLAN_H
#define SHOP_DEMO_PLAN_H

#include "base/arena.h"
#include "base/date.h"
#include "base/zone.h"
#include "shop/demo_data.h"
#include "shop/workshop.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A generator whose numbers follow from its seed: SplitMix64 (Steele, Lea, Flood, 2014). */
uint64_t demo_random(uint64_t *state);
int demo_random_below(uint64_t *state, int limit);

enum { DEMO_SELF = 0, DEMO_LINES_MAX = 4 };

/* A student: child 0 to 2 of a family; an adult student is child DEMO_SELF of their own. */
struct demo_seat {
    int child, workshop;
};

enum demo_state {
    DEMO_PAID,
    DEMO_CART,     /* still open, seats held for minutes */
    DEMO_PENDING,  /* waits for a transfer */
    DEMO_REPORTED, /* the same, and the family reported an operation number */
    DEMO_OVERPAID, /* in review: more money came than was due */
    DEMO_LATE,     /* in review: money came when the seats were gone */
    DEMO_LAPSED,   /* cancelled: no money came in time */
    DEMO_REFUNDED,
};

struct demo_order {
    int family;
    enum demo_state state;
    bool card; /* else by transfer, or free */
    int64_t placed_at, paid_at;
    int64_t list_cents, total_cents;
    struct demo_seat seats[DEMO_LINES_MAX];
    size_t count;
};

struct demo_plan {
    int64_t now;
    const struct zone *zone;
    struct date monday;                                   /* of the current week */
    struct workshop workshops[DEMO_WORKSHOPS];            /* dates, hours, ages and capacity only */
    struct date births[DEMO_FAMILIES][DEMO_CHILDREN_MAX]; /* unset: no such child */
    struct demo_order *orders;                            /* by placed_at */
    size_t count;
};

void demo_plan_make(struct arena *arena, const struct zone *zone, int64_t now,
                    struct demo_plan *out);

/* What a seat costs, in cents. */
int64_t demo_plan_list_price(int workshop);
int64_t demo_plan_price(int workshop);

#endif
