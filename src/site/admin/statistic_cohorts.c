/* Families that come back: those who first enrolled in a month, and how many of them enrolled again
 * in each month after it. */
#include "base/words.h"
#include "site/admin/statistic.h"

/* The page shows so many months back and so many after; the file has all of them. */
enum { SHOWN = 24, AFTER = 12 };

struct triangle {
    int first, last; /* months with a purchase */
    size_t width;    /* months after the first one, itself among them */
    uint64_t *cells; /* [month − first][months after], cut at AFTER */
};

static uint64_t *cell_of(const struct triangle *t, int month, int since) {
    return &t->cells[(size_t)(month - t->first) * t->width + (size_t)since];
}

static struct triangle arrange(const struct statistic_source *source) {
    const struct report_cohort *rows = source->report.cohorts;
    size_t count = source->report.cohort_count;
    struct triangle t = {.first = rows[0].first_month, .last = rows[0].first_month};
    for (size_t i = 0; i < count; i++)
        if (rows[i].first_month + rows[i].months_since > t.last)
            t.last = rows[i].first_month + rows[i].months_since;
    size_t months = (size_t)t.last - (size_t)t.first + 1;
    t.width = months < AFTER + 1 ? months : AFTER + 1;
    t.cells = arena_array(source->arena, months * t.width, sizeof(*t.cells));
    for (size_t i = 0; i < count; i++)
        if ((size_t)rows[i].months_since < t.width)
            *cell_of(&t, rows[i].first_month, rows[i].months_since) = rows[i].accounts;
    return t;
}

/* Darker for more. */
static int heat_of(int64_t permille) {
    static const int STEPS[FIGURES_HEAT] = {1, 100, 200, 350, 500, 700};
    int heat = 0;
    while (heat < FIGURES_HEAT && permille >= STEPS[heat])
        heat++;
    return heat;
}

static struct figure share_figure(const struct triangle *t, int month, int since) {
    if (month + since > t->last)
        return figure_none(NULL); /* has not come yet */
    struct figure cell = figure_share(*cell_of(t, month, since), *cell_of(t, month, 0));
    cell.heat = heat_of(cell.number);
    return cell;
}

static void add_month(const struct statistic_source *source, struct figures *f,
                      const struct triangle *t, int month) {
    figures_add(f, figure_text(statistic_words(source, words_month_short, source->lang, month)));
    figures_add(f, figure_count(*cell_of(t, month, 0)));
    for (int since = 1; since < (int)t->width; since++)
        figures_add(f, share_figure(t, month, since));
}

static struct figures *table(const struct statistic_source *source, const struct triangle *t,
                             int from) {
    struct figures *f = figures_make(source->arena, tr(source->lang, "Families that come back"));
    figures_head(f, source->lang, N_("First enrolment"), N_("Families"));
    for (int since = 1; since < (int)t->width; since++)
        figures_column(f, arena_printf(source->arena, "+%d", since));
    for (int month = from; month <= t->last; month++)
        if (*cell_of(t, month, 0))
            add_month(source, f, t, month);
    return f;
}

/* Of all families that had the time to: how many enrolled again in the month after the first. */
static const char *say(const struct statistic_source *source, const struct triangle *t) {
    uint64_t first = 0, again = 0;
    for (int month = t->first; month < t->last; month++) {
        first += *cell_of(t, month, 0);
        again += *cell_of(t, month, 1);
    }
    if (!first)
        return tr(source->lang, "After a second month this shows who comes back.");
    const char *count = statistic_words(source, words_count, (int64_t)first);
    const char *share = arena_printf(source->arena, "%lld\u00a0%%",
                                     (long long)(figure_share(again, first).number + 5) / 10);
    return statistic_words(
        source, i18n_format, source->lang,
        N_("Of the families that first enrolled in a month, how many enrolled again one "
           "month later (+1), two (+2) and so on. Of {count}, {share} did so after one month."),
        I18N_TEXT("count", count), I18N_TEXT("share", share));
}

void statistic_cohorts(const struct statistic_source *source, struct statistic_view *view) {
    if (!source->report.cohort_count)
        return;
    struct triangle t = arrange(source);
    int from = t.last - t.first < SHOWN ? t.first : t.last - SHOWN + 1;
    view->table = table(source, &t, from);
    view->open = true;
    view->about = say(source, &t);
    if (from > t.first || t.last - t.first > AFTER)
        view->less = tr(source->lang, "Here are the latest two years, twelve months each; "
                                      "the file has all of them.");
}

struct figures *statistic_cohorts_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, NULL);
    figures_head(f, source->lang, N_("First enrolment"), N_("Months later"), N_("Families"));
    for (size_t i = 0; i < source->report.cohort_count; i++) {
        const struct report_cohort *row = &source->report.cohorts[i];
        figures_add(f, figure_month(row->first_month));
        figures_add(f, figure_count((uint64_t)row->months_since));
        figures_add(f, figure_count(row->accounts));
    }
    return f;
}
