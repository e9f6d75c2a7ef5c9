/* The workshops with the largest revenue, and how full they are. */
#include "site/admin/statistic.h"

static const char *title_of(const struct statistic_source *source, int64_t id) {
    for (size_t i = 0; i < source->workshop_count; i++)
        if (source->workshops[i].id == id)
            return source->workshops[i].title;
    return NULL;
}

static struct figure workshop_figure(const struct statistic_source *source, int64_t id) {
    const char *title = title_of(source, id);
    struct figure cell = figure_text(title ? title : tr(source->lang, "A workshop that is gone"));
    if (title)
        cell.href = arena_printf(source->arena, "/admin/workshops/%lld/", (long long)id);
    return cell;
}

static struct figure fill_figure(const struct statistic_source *source,
                                 const struct report_workshop *row) {
    struct figure cell = row->capacity < 0 ? figure_none(tr(source->lang, "no limit"))
                                           : figure_share(row->count, (uint64_t)row->capacity);
    cell.bar = cell.kind == FIGURE_PERMILLE;
    return cell;
}

void statistic_top_workshops(const struct statistic_source *source, struct statistic_view *view) {
    const struct report *report = &source->report;
    if (!report->top_count)
        return;
    struct figures *f =
        figures_make(source->arena, tr(source->lang, "Workshops with the largest revenue"));
    figures_head(f, source->lang, N_("Workshop"), N_("Revenue"), N_("Enrolments"), N_("Filled"),
                 N_("Mean discount"));
    for (size_t i = 0; i < report->top_count; i++) {
        const struct report_workshop *row = &report->top[i];
        figures_add(f, workshop_figure(source, row->workshop_id));
        figures_add(f, figure_money((int64_t)row->revenue_cents));
        figures_add(f, figure_count(row->count));
        figures_add(f, fill_figure(source, row));
        figures_add(f, figure_money((int64_t)row->mean_discount_cents));
    }
    view->table = f;
    view->open = true;
    view->about = tr(source->lang, report->top_count == REPORT_TOP
                                       ? N_("The first twenty. “Filled” is this period's "
                                            "enrolments out of the places there are.")
                                       : N_("“Filled” is this period's enrolments out of the "
                                            "places there are."));
}

struct figures *statistic_top_workshops_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, NULL);
    figures_head(f, source->lang, N_("Workshop"), N_("Enrolments"), N_("Places"), N_("Filled, %"),
                 N_("Revenue"), N_("Mean discount"));
    for (size_t i = 0; i < source->report.top_count; i++) {
        const struct report_workshop *row = &source->report.top[i];
        bool limited = row->capacity >= 0;
        figures_add(f, workshop_figure(source, row->workshop_id));
        figures_add(f, figure_count(row->count));
        figures_add(f, limited ? figure_count((uint64_t)row->capacity) : figure_none(NULL));
        figures_add(f, limited ? figure_share(row->count, (uint64_t)row->capacity)
                               : figure_none(NULL));
        figures_add(f, figure_money((int64_t)row->revenue_cents));
        figures_add(f, figure_money((int64_t)row->mean_discount_cents));
    }
    return f;
}
