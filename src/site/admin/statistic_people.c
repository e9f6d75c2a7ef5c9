/* Who enrols: ages and levels, countries and roles. */
#include "base/country.h"
#include "shop/account.h"
#include "site/admin/statistic.h"
#include <stdlib.h>
#include <string.h>

/* ---- ages and levels ------------------------------------------------------------------------- */

enum { LEVELS = 4 }; /* 0: none */

static const char *level_name(const struct statistic_source *source, int level) {
    static const char *const NAMES[LEVELS] = {N_("No level"), N_("Beginner"), N_("Intermediate"),
                                              N_("Advanced")};
    return tr(source->lang, NAMES[level]);
}

/* Years of age along the axis; a bar is one, or five of them where there are many. */
struct ages {
    int unit, first;
    size_t count;
    int64_t *values[LEVELS]; /* one a bar */
    uint64_t sums[LEVELS];
    uint64_t all;
    int most; /* the age with the most enrolments */
};

static struct ages count_ages(const struct statistic_source *source) {
    enum { SINGLE_MAX = 24, MANY = 5 };
    const struct report_age_level *rows = source->report.age_level;
    size_t count = source->report.age_level_count;
    int first = rows[0].age, last = rows[count - 1].age;
    int unit = last - first < SINGLE_MAX ? 1 : MANY;
    struct ages ages = {
        .unit = unit, .first = first / unit, .count = (size_t)(last / unit - first / unit + 1)};
    for (int level = 0; level < LEVELS; level++)
        ages.values[level] = arena_array(source->arena, ages.count, sizeof(*ages.values[level]));
    uint64_t most = 0, same = 0;
    for (size_t i = 0; i < count; i++) {
        ages.values[rows[i].level][rows[i].age / unit - ages.first] += (int64_t)rows[i].count;
        ages.sums[rows[i].level] += rows[i].count;
        ages.all += rows[i].count;
        same = i && rows[i - 1].age == rows[i].age ? same + rows[i].count : rows[i].count;
        if (same > most) {
            most = same;
            ages.most = rows[i].age;
        }
    }
    return ages;
}

static const char *age_name(const struct statistic_source *source, const struct ages *ages,
                            size_t bar) {
    int age = (ages->first + (int)bar) * ages->unit;
    if (ages->unit == 1)
        return arena_printf(source->arena, "%d", age);
    return arena_printf(source->arena, "%d–%d", age, age + ages->unit - 1);
}

static const char *age_words(const struct statistic_source *source, const struct ages *ages,
                             size_t bar) {
    return statistic_words(source, i18n_format, source->lang, N_("{age} years"),
                           I18N_TEXT("age", age_name(source, ages, bar)));
}

static struct chart *draw_ages(const struct statistic_source *source, const struct ages *ages) {
    static const int COLORS[LEVELS] = {0, 5, 1, 2};
    struct chart *chart = statistic_chart(source, ages->count, LEVELS, NULL);
    chart->series_count = 0;
    for (int level = 1; level <= LEVELS; level++) {
        int l = level % LEVELS; /* no level stands last */
        if (ages->sums[l])
            chart->series[chart->series_count++] =
                (struct chart_series){level_name(source, l), COLORS[l], ages->values[l]};
    }
    for (size_t i = 0; i < ages->count; i++) {
        chart->ticks[i] = age_name(source, ages, i);
        chart->places[i] = age_words(source, ages, i);
    }
    return chart;
}

static struct figures *age_table(const struct statistic_source *source, const struct ages *ages,
                                 const struct chart *chart) {
    struct figures *f = figures_make(source->arena, tr(source->lang, "Ages and levels"));
    figures_column(f, tr(source->lang, "Age"));
    for (size_t s = 0; s < chart->series_count; s++)
        figures_column(f, chart->series[s].label);
    if (chart->series_count > 1)
        figures_column(f, tr(source->lang, "Total"));
    for (size_t i = 0; i < ages->count; i++) {
        int64_t sum = 0;
        figures_add(f, figure_text(age_name(source, ages, i)));
        for (size_t s = 0; s < chart->series_count; s++) {
            sum += chart->series[s].values[i];
            figures_add(f, figure_count((uint64_t)chart->series[s].values[i]));
        }
        if (chart->series_count > 1)
            figures_add(f, figure_count((uint64_t)sum));
    }
    return f;
}

void statistic_age_level(const struct statistic_source *source, struct statistic_view *view) {
    if (!source->report.age_level_count)
        return;
    struct ages ages = count_ages(source);
    view->chart = draw_ages(source, &ages);
    view->draw = chart_stacked;
    view->table = age_table(source, &ages, view->chart);
    view->chart->summary = view->about = statistic_words(
        source, i18n_format, source->lang,
        N_("Age on the day of the purchase. Most enrolments are for children of {age} years."),
        I18N_INT("age", ages.most));
}

struct figures *statistic_age_level_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, NULL);
    figures_head(f, source->lang, N_("Age"), N_("Level"), N_("Enrolments"));
    for (size_t i = 0; i < source->report.age_level_count; i++) {
        const struct report_age_level *row = &source->report.age_level[i];
        figures_add(f, figure_count((uint64_t)row->age));
        figures_add(f, figure_text(level_name(source, row->level)));
        figures_add(f, figure_count(row->count));
    }
    return f;
}

/* ---- countries and roles ----------------------------------------------------------------------
 */

static const char *group_country(const struct statistic_source *source,
                                 const struct report_group *row) {
    const char *name = *row->country ? country_name(source->lang, row->country) : NULL;
    return name ? name : *row->country ? row->country : tr(source->lang, "No country");
}

static const char *group_role(const struct statistic_source *source,
                              const struct report_group *row) {
    switch (row->role) {
    case ACCOUNT_PARENT:
        return tr(source->lang, "Parent");
    case ACCOUNT_TEACHER:
        return tr(source->lang, "Teacher");
    case ACCOUNT_STUDENT:
        return tr(source->lang, "Adult student");
    default:
        return "";
    }
}

static int by_revenue(const void *a, const void *b) {
    const struct report_group *x = a, *y = b;
    if (x->revenue_cents != y->revenue_cents)
        return x->revenue_cents < y->revenue_cents ? 1 : -1;
    int order = strcmp(x->country, y->country);
    return order ? order : x->role - y->role;
}

void statistic_country_role(const struct statistic_source *source, struct statistic_view *view) {
    size_t count = source->report.group_count;
    if (!count)
        return;
    struct report_group *rows = arena_array(source->arena, count, sizeof(*rows));
    memcpy(rows, source->report.groups, count * sizeof(*rows));
    qsort(rows, count, sizeof(*rows), by_revenue);
    struct figures *f =
        figures_make(source->arena, tr(source->lang, "Country and role of the buyer"));
    figures_head(f, source->lang, N_("Country"), N_("Role"), N_("Enrolments"), N_("Revenue"),
                 N_("Share of the revenue"));
    for (size_t i = 0; i < count; i++) {
        struct figure share =
            figure_share(rows[i].revenue_cents, source->report.totals.revenue_cents);
        share.bar = share.kind == FIGURE_PERMILLE;
        figures_add(f, figure_text(group_country(source, &rows[i])));
        figures_add(f, figure_text(group_role(source, &rows[i])));
        figures_add(f, figure_count(rows[i].count));
        figures_add(f, figure_money((int64_t)rows[i].revenue_cents));
        figures_add(f, share);
    }
    view->table = f;
    view->open = true;
}

struct figures *statistic_country_role_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, NULL);
    figures_head(f, source->lang, N_("Country"), N_("Role"), N_("Enrolments"), N_("Revenue"));
    for (size_t i = 0; i < source->report.group_count; i++) {
        const struct report_group *row = &source->report.groups[i];
        figures_add(f, figure_text(group_country(source, row)));
        figures_add(f, figure_text(group_role(source, row)));
        figures_add(f, figure_count(row->count));
        figures_add(f, figure_money((int64_t)row->revenue_cents));
    }
    return f;
}
