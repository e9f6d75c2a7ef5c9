/* Money by the day it moved, which is not the revenue of analytics: that follows the orders as they
 * stand today, by the day each was paid. Here a payment counts in the month it came in and what was
 * given back in the month it went out, whatever became of the order; so a month that is over does
 * not change any more, as in the bank's statement. Only reads. */
#ifndef SHOP_CASH_H
#define SHOP_CASH_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include <stddef.h>
#include <stdint.h>

struct settings;

struct cash_month {
    int month;                               /* year × 12 + month − 1, in the school's zone */
    int64_t in_cents, back_cents, net_cents; /* came in; given back, not negative; difference */
    int64_t in_count, back_count;            /* payments; refunds */
};

/* The months of the local days `from` to `to`, both included; unset: no limit. They run from the
 * first to the last one with a movement in the period, those between without any are there with
 * zeros; *count is 0 when nothing moved. Of a month that the period cuts, its days inside count. A
 * movement's moment is when the payment was settled; one without that, when it was made. */
enum err cash_months(struct db *db, const struct settings *settings, struct date from,
                     struct date to, struct arena *arena, struct cash_month **out,
                     size_t *count) MUST_CHECK;

#endif
