/* What the school has at the moment, counted: orders, inscriptions, mail, money. For figures over
 * time, not for pages: in a large school a census reads millions of index rows. */
#ifndef SHOP_CENSUS_H
#define SHOP_CENSUS_H

#include "base/err.h"
#include "db/db.h"
#include <stdint.h>

/* The states as the database spells them, in the order of the fields below. */
enum { CENSUS_ORDER_STATES = 6, CENSUS_INSCRIPTION_STATES = 5 };
extern const char *const census_order_states[CENSUS_ORDER_STATES];
extern const char *const census_inscription_states[CENSUS_INSCRIPTION_STATES];

struct census {
    int64_t orders[CENSUS_ORDER_STATES];
    int64_t inscriptions[CENSUS_INSCRIPTION_STATES];
    int64_t revenue_cents;  /* totals of the orders that are paid as they stand */
    int64_t mail_waiting;   /* to be sent, now or later */
    int64_t mail_oldest_at; /* when the oldest of them was written, UTC seconds; 0: none waits */
    int64_t mail_given_up;  /* never sent, will not be tried again */
    int64_t counted_at;     /* when the figures of the statistics were last kept; 0: never */
};

/* Reads one consistent moment and changes nothing. */
enum err census_take(struct db *db, struct census *census) MUST_CHECK;

#endif
