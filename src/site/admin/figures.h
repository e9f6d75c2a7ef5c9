/* A table of figures, as the page of statistics shows it and as a spreadsheet takes it. A cell
 * knows what kind of figure it holds, so that page and file each write it in their own way. */
#ifndef SITE_ADMIN_FIGURES_H
#define SITE_ADMIN_FIGURES_H

#include "base/arena.h"
#include "base/date.h"
#include "base/i18n.h"
#include "base/out.h"
#include <stdbool.h>

enum figure_kind {
    FIGURE_NONE, /* there is no figure: `text` says why, or nothing does */
    FIGURE_TEXT,
    FIGURE_COUNT,
    FIGURE_MONEY, /* cents */
    FIGURE_PERMILLE,
    FIGURE_MONTH, /* year × 12 + month − 1 */
    FIGURE_DAY,   /* days since 1970-01-01 */
};

struct figure {
    enum figure_kind kind;
    int64_t number;
    const char *text;
    const char *href; /* where it leads; NULL: nowhere */
    bool bar;         /* a small bar beside a FIGURE_PERMILLE */
    int heat;         /* 1 to FIGURES_HEAT: how dark the cell is; 0: not at all */
};

enum { FIGURES_HEAT = 6 };

struct figures {
    struct arena *arena;
    const char *caption; /* translated as all texts here */
    const char **labels; /* of the columns; the first one names the rows */
    bool *numeric;       /* columns of numbers, right-aligned; known with the first row */
    size_t columns;
    struct figure *cells; /* row by row */
    size_t count;
};

static inline struct figure figure_text(const char *text) {
    return (struct figure){FIGURE_TEXT, .text = text};
}
static inline struct figure figure_none(const char *why) {
    return (struct figure){FIGURE_NONE, .text = why};
}
static inline struct figure figure_count(uint64_t count) {
    return (struct figure){FIGURE_COUNT, .number = (int64_t)count};
}
static inline struct figure figure_money(int64_t cents) {
    return (struct figure){FIGURE_MONEY, .number = cents};
}
static inline struct figure figure_month(int month) {
    return (struct figure){FIGURE_MONTH, .number = month};
}
static inline struct figure figure_day(struct date day) {
    return (struct figure){FIGURE_DAY, .number = date_to_days(day)};
}
/* part / whole; none for a whole of 0. */
struct figure figure_share(uint64_t part, uint64_t whole);

struct figures *figures_make(struct arena *arena, const char *caption);
/* Before the first cell: one column more; several whose labels are N_("…"), to be translated. */
void figures_column(struct figures *figures, const char *label);
void figures_columns(struct figures *figures, enum lang lang, const char *const *english,
                     size_t count);
#define figures_head(figures, lang, ...)                                   \
    figures_columns((figures), (lang), (const char *const[]){__VA_ARGS__}, \
                    ARRAY_COUNT(((const char *const[]){__VA_ARGS__})))
void figures_add(struct figures *figures, struct figure cell);
size_t figures_rows(const struct figures *figures);
const struct figure *figures_at(const struct figures *figures, size_t row, size_t column);

/* For the template: the cell's text, and the class of its ground. */
void figures_put(struct out *o, const struct figure *cell, const char *currency);
const char *figures_heat(const struct figure *cell);

/* The table as CSV, with its headings. */
void figures_csv(struct buf *out, const struct figures *figures);

#endif
