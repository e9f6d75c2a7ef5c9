/* Tables of figures: putting them together, showing a cell, writing them as CSV. */
#include "site/admin/figures.h"
#include "base/csv.h"
#include "site/chart.h"
#include "site/filters.h"
#include <stdio.h>

struct figure figure_share(uint64_t part, uint64_t whole) {
    if (!whole)
        return figure_none(NULL);
    return (struct figure){FIGURE_PERMILLE,
                           .number = (int64_t)((part * 2000 + whole) / (2 * whole))};
}

struct figures *figures_make(struct arena *arena, const char *caption) {
    struct figures *figures = arena_alloc(arena, sizeof(*figures));
    *figures = (struct figures){.arena = arena, .caption = caption};
    return figures;
}

void figures_column(struct figures *f, const char *label) {
    f->labels = arena_grow(f->arena, f->labels, f->columns, sizeof(*f->labels));
    f->numeric = arena_grow(f->arena, f->numeric, f->columns, sizeof(*f->numeric));
    f->numeric[f->columns] = false;
    f->labels[f->columns++] = label;
}

void figures_columns(struct figures *f, enum lang lang, const char *const *english, size_t count) {
    for (size_t i = 0; i < count; i++)
        figures_column(f, tr(lang, english[i]));
}

void figures_add(struct figures *f, struct figure cell) {
    if (cell.kind == FIGURE_COUNT || cell.kind == FIGURE_MONEY || cell.kind == FIGURE_PERMILLE)
        f->numeric[f->count % f->columns] = true;
    f->cells = arena_grow(f->arena, f->cells, f->count, sizeof(*f->cells));
    f->cells[f->count++] = cell;
}

size_t figures_rows(const struct figures *f) {
    return f->columns ? f->count / f->columns : 0;
}

const struct figure *figures_at(const struct figures *f, size_t row, size_t column) {
    return &f->cells[row * f->columns + column];
}

static void put_day(struct out *o, int64_t days) {
    char text[DATE_TEXT_SIZE];
    date_format(date_from_days(days), text);
    filter_date_year(o, text);
}

void figures_put(struct out *o, const struct figure *cell, const char *currency) {
    switch (cell->kind) {
    case FIGURE_NONE:
    case FIGURE_TEXT:
        out_text(o, cell->text);
        return;
    case FIGURE_COUNT:
        filter_count(o, cell->number);
        return;
    case FIGURE_MONEY:
        filter_money(o, cell->number, currency);
        return;
    case FIGURE_PERMILLE:
        if (cell->bar)
            chart_share(o, (int)cell->number);
        out_literal(o, "<span class=\"percent\">");
        filter_count(o, (cell->number + 5) / 10);
        out_literal(o, "\u00a0%</span>");
        return;
    case FIGURE_MONTH:
        filter_month(o, (int)cell->number);
        return;
    case FIGURE_DAY:
        put_day(o, cell->number);
        return;
    }
}

const char *figures_heat(const struct figure *cell) {
    static const char *const CLASSES[FIGURES_HEAT + 1] = {"",       "heat-1", "heat-2", "heat-3",
                                                          "heat-4", "heat-5", "heat-6"};
    return CLASSES[cell->heat];
}

static void put_csv(struct buf *out, bool first, const struct figure *cell) {
    char text[DATE_TEXT_SIZE + 8];
    switch (cell->kind) {
    case FIGURE_NONE:
        csv_text(out, first, NULL);
        return;
    case FIGURE_TEXT:
        csv_text(out, first, cell->text);
        return;
    case FIGURE_COUNT:
        csv_int(out, first, cell->number);
        return;
    case FIGURE_MONEY:
        csv_money(out, first, cell->number);
        return;
    case FIGURE_PERMILLE:
        snprintf(text, sizeof(text), "%d.%d", (int)(cell->number / 10), (int)(cell->number % 10));
        break;
    case FIGURE_MONTH:
        snprintf(text, sizeof(text), "%04d-%02d", (int)(cell->number / 12),
                 (int)(cell->number % 12) + 1);
        break;
    case FIGURE_DAY:
        date_format(date_from_days(cell->number), text);
        break;
    }
    csv_text(out, first, text);
}

void figures_csv(struct buf *out, const struct figures *f) {
    csv_begin(out);
    for (size_t i = 0; i < f->columns; i++)
        csv_text(out, i == 0, f->labels[i]);
    csv_end_row(out);
    for (size_t row = 0; row < figures_rows(f); row++) {
        for (size_t column = 0; column < f->columns; column++)
            put_csv(out, column == 0, figures_at(f, row, column));
        csv_end_row(out);
    }
}
