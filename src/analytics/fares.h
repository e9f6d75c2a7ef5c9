/* Fares: a workshop at a price and a discount. A school has a few for each of its workshops, so a
 * row of a snapshot holds the number of one, and counting the rows of a fare counts its money too.
 * Not for others than the build. */
#ifndef ANALYTICS_FARES_H
#define ANALYTICS_FARES_H

#include <stddef.h>
#include <stdint.h>

struct fare {
    uint32_t workshop; /* dense */
    uint32_t price, discount;
};

/* Distinct fares, numbered from 0; begins as zeros. One thread. */
struct fares {
    struct fare *items;
    uint32_t count;
    uint32_t *slots; /* numbers plus one, by hash; at most half of them are taken */
    size_t slot_count;
};

/* The number of a fare; a new one gets the next. */
uint32_t fares_number(struct fares *fares, struct fare fare);

/* All fares of some lists in one, which begins as zeros, in the order of workshop, price, discount;
 * numbers[i] leads from a number of lists[i] to that in `all`, and is the caller's to free. */
void fares_merge(const struct fares *lists, size_t count, struct fares *all, uint32_t **numbers);

void fares_free(struct fares *fares);

#endif
