/* Months along the axis of a chart: a bar is a month, a quarter or a year, so that there are never
 * too many of them. */
#ifndef SITE_ADMIN_MONTH_BARS_H
#define SITE_ADMIN_MONTH_BARS_H

#include "base/arena.h"
#include "base/i18n.h"
#include <stdbool.h>
#include <stddef.h>

struct month_bars {
    int unit;  /* months a bar: 1, 3 or 12 */
    int first; /* number of the first bar: its first month / unit */
    size_t count;
};

/* Of the months `first` to `last`, both included (year × 12 + month − 1). */
struct month_bars month_bars_over(int first, int last);

size_t month_bars_index(const struct month_bars *bars, int month);

/* In the arena: "ene 2026", "ene–mar 2026", "2026"; brief, below the axis, "ene 2026" also for a
 * quarter. */
const char *month_bars_name(const struct month_bars *bars, size_t index, bool brief, enum lang lang,
                            struct arena *arena);

/* What the rows of the table beside are: "Month", "Quarter", "Year"; translated. */
const char *month_bars_label(const struct month_bars *bars, enum lang lang);

#endif
