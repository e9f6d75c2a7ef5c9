/* The statements of workshop.c and workshop_list.c, and how their rows are read. */
#ifndef SHOP_WORKSHOP_SQL_H
#define SHOP_WORKSHOP_SQL_H

#include "shop/workshop.h"

enum {
    WORKSHOP_BY_ID,
    WORKSHOP_BY_SLUG,
    WORKSHOP_STARTING,
    WORKSHOP_STARTING_COUNT,
    WORKSHOP_REST,
    WORKSHOP_LISTED_COUNT,
    WORKSHOP_CANDIDATES,
    WORKSHOP_TEXTS,
    WORKSHOP_INSTRUCTORS,
    WORKSHOP_TEACHERS,
    WORKSHOP_TAUGHT_BY,
    WORKSHOP_SQL_COUNT
};

extern const char *const workshop_sql[];

/* What the catalogue lists, of `workshop w`: exactly the condition of the index
 * workshop_listed and a range of its first column. `today` is a parameter, ISO text. */
#define WORKSHOP_LISTED(today)        \
    " w.active = 1 AND w.private = 0" \
    " AND coalesce(w.end_date, w.start_date, '9999-12-31') >= " today

/* A row of a statement that selects whole workshops. */
struct workshop workshop_read(struct rows *rows, struct arena *arena);

#endif
