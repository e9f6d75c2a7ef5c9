/* Money in time: revenue by day, what an order is worth, what came in and went out. */
#include "base/money.h"
#include "base/words.h"
#include "site/admin/month_bars.h"
#include "site/admin/statistic.h"

static const char *money_words(const struct statistic_source *source, int64_t cents) {
    return statistic_words(source, money_print, cents, source->currency);
}

/* ---- by day -----------------------------------------------------------------------------------
 */

/* A chart has at most so many places: of more days it shows every second one's average, or every
 * third …; the table shows the latest ones. */
enum { DAYS_DRAWN = 400, DAYS_LISTED = 100 };

static struct chart *draw_days(const struct statistic_source *source) {
    const struct report_day *days = source->report.daily;
    size_t count = source->report.daily_count, step = count / DAYS_DRAWN + 1;
    struct chart *chart = statistic_chart(source, count / step, 2, source->currency);
    int64_t *revenue = arena_array(source->arena, chart->count, sizeof(*revenue));
    int64_t *average = arena_array(source->arena, chart->count, sizeof(*average));
    for (size_t i = 0; i < chart->count; i++) {
        const struct report_day *day = &days[count - 1 - (chart->count - 1 - i) * step];
        revenue[i] = (int64_t)day->revenue_cents;
        average[i] = (int64_t)day->average_7d_cents;
        chart->places[i] = statistic_words(source, words_date_year, source->lang, day->day);
        chart->ticks[i] = count > CHART_BARS
                              ? statistic_words(source, words_month_short, source->lang,
                                                day->day.year * 12 + day->day.month - 1)
                              : statistic_words(source, words_day_month, source->lang, day->day);
    }
    chart->series_count = 0;
    if (count <= CHART_BARS)
        chart->series[chart->series_count++] =
            (struct chart_series){tr(source->lang, "The day"), 0, revenue};
    chart->series[chart->series_count++] =
        (struct chart_series){tr(source->lang, "Mean of seven days"), 1, average};
    return chart;
}

static struct figures *day_table(const struct statistic_source *source, size_t most) {
    struct figures *f = figures_make(source->arena, tr(source->lang, "Revenue day by day"));
    size_t count = source->report.daily_count;
    figures_head(f, source->lang, N_("Day"), N_("Revenue"), N_("Mean of seven days"));
    for (size_t i = 0; i < count && i < most; i++) {
        const struct report_day *day = &source->report.daily[count - 1 - i];
        figures_add(f, figure_day(day->day));
        figures_add(f, figure_money((int64_t)day->revenue_cents));
        figures_add(f, figure_money((int64_t)day->average_7d_cents));
    }
    return f;
}

void statistic_daily(const struct statistic_source *source, struct statistic_view *view) {
    size_t count = source->report.daily_count;
    const struct report_day *best = source->report.daily;
    if (!count)
        return;
    for (size_t i = 1; i < count; i++)
        if (source->report.daily[i].revenue_cents > best->revenue_cents)
            best = &source->report.daily[i];
    view->chart = draw_days(source);
    view->draw = chart_line;
    view->table = day_table(source, DAYS_LISTED);
    const char *day = statistic_words(source, words_date_year, source->lang, best->day);
    view->chart->summary = view->about =
        statistic_words(source, i18n_format, source->lang,
                        N_("The best day was {day}, with {money}."), I18N_TEXT("day", day),
                        I18N_TEXT("money", money_words(source, (int64_t)best->revenue_cents)));
    if (count > DAYS_LISTED)
        view->less =
            tr(source->lang, "Here are the latest hundred days; the file has all of them.");
}

struct figures *statistic_daily_file(const struct statistic_source *source) {
    return day_table(source, SIZE_MAX);
}

/* ---- orders -----------------------------------------------------------------------------------
 */

static struct figures *order_table(const struct statistic_source *source) {
    const struct report_order_value *value = &source->report.order_value;
    struct figures *f = figures_make(source->arena, tr(source->lang, "What an order is worth"));
    figures_head(f, source->lang, N_("Orders"), N_("Median"), N_("95th percentile"));
    figures_add(f, figure_count(value->orders));
    figures_add(f, figure_money((int64_t)value->median_cents));
    figures_add(f, figure_money((int64_t)value->p95_cents));
    return f;
}

void statistic_order_value(const struct statistic_source *source, struct statistic_view *view) {
    const struct report_order_value *value = &source->report.order_value;
    if (!value->orders)
        return;
    view->table = order_table(source);
    view->open = true;
    view->about = statistic_words(
        source, i18n_format, source->lang,
        N_("Half of the orders are worth {median} or less, and 95 of 100 {p95} or less."),
        I18N_TEXT("median", money_words(source, (int64_t)value->median_cents)),
        I18N_TEXT("p95", money_words(source, (int64_t)value->p95_cents)));
}

struct figures *statistic_order_value_file(const struct statistic_source *source) {
    return order_table(source);
}

/* ---- cash -------------------------------------------------------------------------------------
 */

static struct chart *draw_cash(const struct statistic_source *source,
                               const struct month_bars *bars) {
    struct chart *chart = statistic_chart(source, bars->count, 2, source->currency);
    int64_t *in = arena_array(source->arena, bars->count, sizeof(*in));
    int64_t *back = arena_array(source->arena, bars->count, sizeof(*back));
    for (size_t i = 0; i < source->cash_count; i++) {
        size_t bar = month_bars_index(bars, source->cash[i].month);
        in[bar] += source->cash[i].in_cents;
        back[bar] += source->cash[i].back_cents;
    }
    for (size_t i = 0; i < bars->count; i++) {
        chart->places[i] = month_bars_name(bars, i, false, source->lang, source->arena);
        chart->ticks[i] = month_bars_name(bars, i, true, source->lang, source->arena);
    }
    chart->series[0] = (struct chart_series){tr(source->lang, "Came in"), 5, in};
    chart->series[1] = (struct chart_series){tr(source->lang, "Given back"), 4, back};
    return chart;
}

static const char *say_cash(const struct statistic_source *source) {
    int64_t in = 0, back = 0;
    for (size_t i = 0; i < source->cash_count; i++) {
        in += source->cash[i].in_cents;
        back += source->cash[i].back_cents;
    }
    const char *words = statistic_words(
        source, i18n_format, source->lang,
        N_("{in} came in and {back} was given back: {net}. Here money counts on the day it moved, "
           "as on the bank's statement; revenue follows the orders as they stand today, by the day "
           "each was paid."),
        I18N_TEXT("in", money_words(source, in)), I18N_TEXT("back", money_words(source, back)),
        I18N_TEXT("net", money_words(source, in - back)));
    if (!source->period->filter.topic_id && !source->period->filter.level)
        return words;
    return arena_printf(source->arena, "%s %s", words,
                        tr(source->lang, "All topics and levels: a payment has none."));
}

struct figures *statistic_cash_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, tr(source->lang, "Money by the day it moved"));
    figures_head(f, source->lang, N_("Month"), N_("Came in"), N_("Given back"), N_("Difference"),
                 N_("Payments"), N_("Refunds"));
    for (size_t i = source->cash_count; i-- > 0;) {
        const struct cash_month *month = &source->cash[i];
        figures_add(f, figure_month(month->month));
        figures_add(f, figure_money(month->in_cents));
        figures_add(f, figure_money(month->back_cents));
        figures_add(f, figure_money(month->net_cents));
        figures_add(f, figure_count((uint64_t)month->in_count));
        figures_add(f, figure_count((uint64_t)month->back_count));
    }
    return f;
}

void statistic_cash(const struct statistic_source *source, struct statistic_view *view) {
    if (!source->cash_count)
        return;
    const struct month_bars bars =
        month_bars_over(source->cash[0].month, source->cash[source->cash_count - 1].month);
    view->chart = draw_cash(source, &bars);
    view->draw = chart_grouped;
    view->chart->summary = view->about = say_cash(source);
    view->table = statistic_cash_file(source);
}
