/* A small school whose families buy, by the very functions the pages call. What they were told is
 * handed on as it is known: "paid 7" and "placed 8" (orders), "backup NAME" (a file below the data
 * folder). Whatever fails is left; the next purchase is tried. */
#ifndef CRASH_SCHOOL_H
#define CRASH_SCHOOL_H

#include "base/arena.h"
#include "shop/shop.h"
#include <stdbool.h>

/* The workshops, by capacity: for two, for five, for any number. */
#define SCHOOL_SMALL "small"
#define SCHOOL_MIDDLE "middle"
#define SCHOOL_LARGE "large"

/* Each has one child. The first ones are the crowd, the last one buys only in verdict.c. */
enum { SCHOOL_CROWD = 8, SCHOOL_FAMILIES = 13, SCHOOL_LAST_FAMILY = SCHOOL_FAMILIES - 1 };

struct school {
    const char *data;
    struct shop shop;
};

typedef void school_tell(const char *text);

/* Opens the data folder's school, which is made when there is none. False, and a sentence, when it
 * cannot be opened. */
bool school_open(struct school *school, const char *data, char *error, size_t error_size);
void school_close(struct school *school);

/* Families, their children and the workshops, where there are none. */
bool school_fill(struct school *school);

/* A seat in the workshop for the family's child, paid by card or ordered by transfer; true: paid,
 * or placed. */
bool school_buy(struct school *school, int family, const char *workshop, const char *method,
                school_tell *tell);

/* One after the other, some in vain: paid, sold out, by transfer. */
void school_sell(struct school *school, school_tell *tell);

/* Many at once, several times over, with a pause in which the log is copied. */
void school_sell_to_crowd(struct school *school, school_tell *tell);

/* Families look at their orders: each that is paid is told again. */
void school_look(struct school *school, school_tell *tell);

/* A backup of that name in backups/. */
void school_back_up(struct school *school, const char *name, school_tell *tell);

/* The snapshot for the reports is made or brought up to date. */
bool school_count(struct school *school);

#endif
