/* Figures that take reading: a census of the school and whether the books are true. They are
 * counted in the background when something has changed, seldom enough to cost less than a hundredth
 * of one core however large the school is, and kept; asking for them is free. */
#ifndef SITE_GAUGES_H
#define SITE_GAUGES_H

#include "shop/books.h"
#include "shop/census.h"
#include <stdbool.h>

struct gauges;
struct shop;

struct gauges *gauges_create(void);
void gauges_destroy(struct gauges *gauges); /* NULL is fine */

/* Counts what is due: to be called every few seconds, from one thread that may take its time. What
 * breaks a rule of the books is logged as an error, row by row. */
void gauges_round(struct gauges *gauges, struct shop *shop, int64_t now);

struct gauges_now {
    int64_t census_at; /* UTC seconds when the census was known to be true; 0: never yet */
    struct census census;
    int64_t books_at;            /* when the books were last checked; 0: never yet */
    int64_t broken[BOOKS_RULES]; /* rows that break each of books_rules */
};

/* What is known. Any thread. */
void gauges_read(struct gauges *gauges, struct gauges_now *now);

#endif
