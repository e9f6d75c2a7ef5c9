/* What the files of an import share: one run over a file, inside a transaction. Used by
 * shop/import*.c. */
#ifndef SHOP_IMPORT_RUN_H
#define SHOP_IMPORT_RUN_H

#include "base/csv_read.h"
#include "base/date.h"
#include "shop/import.h"
#include "shop/setting.h"

enum { IMPORT_COLUMNS_MAX = 32 };

struct import_run {
    struct shop *shop;
    struct tx *tx;
    const struct settings *settings;
    const struct import_options *options;
    int64_t actor_id, now;
    struct date today;
    struct arena *arena; /* for what the result says */
    struct arena *row_arena;
    struct import_result *result;
    const struct import_column *columns;
    int places[IMPORT_COLUMNS_MAX]; /* of each column among the cells; -1: not in this file */
    const struct csv_row *row;
    size_t problems_before; /* of this row */
    void *state;            /* the kind's own */
};

/* A kind of import: its columns, and what it does with a row. A row with problems is left out, and
 * the others are looked at all the same. */
struct import_rules {
    const char *name;
    const struct import_column *columns;
    enum err (*begin)(struct import_run *run); /* NULL: nothing to prepare */
    enum err (*row)(struct import_run *run);
};

extern const struct import_rules import_workshops, import_families;

/* The cell, squeezed, in the row's arena; NULL when it is empty, or there is no such column. Too
 * long a one is a problem. */
const char *import_cell(struct import_run *run, int column);
/* The same of a text of several lines. */
const char *import_lines(struct import_run *run, int column);
/* Each NULL-like (false, *out untouched) where there is nothing, or a problem. */
bool import_date(struct import_run *run, int column, struct date *out);
bool import_money(struct import_run *run, int column, int64_t *out);
bool import_int(struct import_run *run, int column, int64_t min, int64_t max, int64_t *out);
bool import_flag(struct import_run *run, int column, bool *out);

/* Column -1: the row. `text` may live in the row's arena. */
void import_problem(struct import_run *run, int column, const char *english, int64_t n,
                    const char *text);
/* Whether this row has one. */
bool import_row_bad(const struct import_run *run);

#endif
