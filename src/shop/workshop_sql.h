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
    WORKSHOP_NAMES,
    WORKSHOP_SQL_COUNT
};

extern const char *const workshop_sql[];

/* What the catalogue lists, of `workshop w`: exactly the condition of the index
 * workshop_listed and a range of its first column. `today` is a parameter, ISO text. */
#define WORKSHOP_LISTED(today)        \
    " w.active = 1 AND w.private = 0" \
    " AND coalesce(w.end_date, w.start_date, '9999-12-31') >= " today

/* What every part of the shop wants to know of `workshop w` with its `topic t`. A statement selects
 * one more column behind these: how many of its holds have lapsed but were not swept yet, whose
 * seats are free. */
#define WORKSHOP_CORE                                                                           \
    "w.id, w.slug, w.title, t.color, w.price_cents,"                                            \
    " coalesce(w.discount_price_cents, w.price_cents), w.min_age, w.max_age, w.level, w.place," \
    " w.start_date, w.end_date, w.weekdays, w.start_minute, w.end_minute, w.schedule, w.hours," \
    " w.weeks, w.capacity, w.seats_taken, w.active, w.private, w.private_key, w.sales_open_at," \
    " w.sales_close_at"
enum { WORKSHOP_CORE_COUNT = 25 };

/* Reads them, and the count behind, from the current row; `first` is the column of w.id. */
struct workshop workshop_read_core(struct rows *rows, int first, struct arena *arena);

/* A row of a statement that selects whole workshops. */
struct workshop workshop_read(struct rows *rows, struct arena *arena);

#endif
