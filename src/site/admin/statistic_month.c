/* Revenue by month and topic: which topics a chart can show, and in which colours. */
#include "site/admin/month_bars.h"
#include "site/admin/statistic.h"
#include <assert.h>
#include <stdlib.h>

enum { TOPICS_MAX = CHART_COLORS };

/* A topic of the chart; the last one may be all the others together. */
struct share {
    int64_t id; /* 0: the others */
    const char *label;
    int color;
    uint64_t sum;
    int64_t *values; /* one a bar */
};

struct shares {
    struct share *items;
    size_t count;
    struct month_bars bars;
};

static int by_sum(const void *a, const void *b) {
    const struct share *x = a, *y = b;
    return x->sum != y->sum ? (x->sum < y->sum) - (x->sum > y->sum)
                            : (x->id > y->id) - (x->id < y->id);
}

static struct share *share_of(struct shares *shares, int64_t id) {
    for (size_t i = 0; i < shares->count; i++)
        if (shares->items[i].id == id)
            return &shares->items[i];
    return NULL;
}

/* The topics with revenue, the largest first. */
static void gather_topics(const struct statistic_source *source, struct shares *shares) {
    const struct report *report = &source->report;
    for (size_t i = 0; i < report->month_topic_count; i++) {
        const struct report_month_topic *row = &report->month_topic[i];
        struct share *share = share_of(shares, row->topic_id);
        if (!share) {
            shares->items =
                arena_grow(source->arena, shares->items, shares->count, sizeof(*shares->items));
            share = &shares->items[shares->count++];
            *share = (struct share){.id = row->topic_id,
                                    .label = statistic_topic_name(source, row->topic_id)};
        }
        share->sum += row->revenue_cents;
    }
    if (shares->count)
        qsort(shares->items, shares->count, sizeof(*shares->items), by_sum);
    if (shares->count <= TOPICS_MAX)
        return;
    shares->count = TOPICS_MAX;
    shares->items[TOPICS_MAX - 1] = (struct share){.label = tr(source->lang, "Other topics")};
}

static int topic_color(const struct statistic_source *source, int64_t id) {
    for (size_t i = 0; i < source->topics->count; i++)
        if (source->topics->items[i].id == id)
            return source->topics->items[i].color;
    return 1;
}

/* Each topic keeps the colour it has in the shop; of two with one colour, the smaller one takes a
 * free one. */
static void choose_colors(const struct statistic_source *source, struct shares *shares) {
    bool used[CHART_COLORS + 1] = {false};
    for (size_t i = 0; i < shares->count; i++) {
        struct share *share = &shares->items[i];
        if (!share->id)
            continue; /* keeps 0, the muted one */
        int color = topic_color(source, share->id);
        while (color < 1 || color > CHART_COLORS || used[color])
            color = color % CHART_COLORS + 1;
        used[share->color = color] = true;
    }
}

static int month_of(struct date day) {
    return day.year * 12 + day.month - 1;
}

/* From the first month with revenue to the period's last one, as far as it has come. */
static void choose_bars(const struct statistic_source *source, struct shares *shares) {
    const struct report *report = &source->report;
    int first = report->month_topic[0].month;
    int last = report->month_topic[report->month_topic_count - 1].month;
    struct date end = source->period->filter.to;
    if (!date_is_set(end) || date_compare(end, source->today) > 0)
        end = source->today;
    last = last > month_of(end) ? last : month_of(end);
    shares->bars = month_bars_over(first, last);
}

static void fill_values(const struct statistic_source *source, struct shares *shares) {
    const struct report *report = &source->report;
    for (size_t i = 0; i < shares->count; i++)
        shares->items[i].values =
            arena_array(source->arena, shares->bars.count, sizeof(*shares->items[i].values));
    for (size_t i = 0; i < report->month_topic_count; i++) {
        const struct report_month_topic *row = &report->month_topic[i];
        struct share *share = share_of(shares, row->topic_id);
        if (!share)
            share = share_of(shares, 0);
        assert(share); /* 0 is there where a topic has no share of its own */
        share->values[month_bars_index(&shares->bars, row->month)] += (int64_t)row->revenue_cents;
    }
}

static const char *bar_name(const struct statistic_source *source, const struct shares *shares,
                            size_t bar) {
    return month_bars_name(&shares->bars, bar, false, source->lang, source->arena);
}

static struct chart *draw(const struct statistic_source *source, const struct shares *shares) {
    struct chart *chart =
        statistic_chart(source, shares->bars.count, shares->count, source->currency);
    for (size_t i = 0; i < shares->count; i++)
        chart->series[i] = (struct chart_series){shares->items[i].label, shares->items[i].color,
                                                 shares->items[i].values};
    for (size_t i = 0; i < shares->bars.count; i++) {
        chart->places[i] = bar_name(source, shares, i);
        chart->ticks[i] = month_bars_name(&shares->bars, i, true, source->lang, source->arena);
    }
    return chart;
}

/* Bars as rows, newest first; topics as columns. */
static struct figures *table(const struct statistic_source *source, const struct shares *shares) {
    struct figures *f = figures_make(source->arena, tr(source->lang, "Revenue by month and topic"));
    figures_column(f, month_bars_label(&shares->bars, source->lang));
    for (size_t i = 0; i < shares->count; i++)
        figures_column(f, shares->items[i].label);
    figures_column(f, tr(source->lang, "Total"));
    for (size_t bar = shares->bars.count; bar-- > 0;) {
        int64_t sum = 0;
        figures_add(f, figure_text(bar_name(source, shares, bar)));
        for (size_t i = 0; i < shares->count; i++) {
            figures_add(f, figure_money(shares->items[i].values[bar]));
            sum += shares->items[i].values[bar];
        }
        figures_add(f, figure_money(sum));
    }
    return f;
}

static const char *say(const struct statistic_source *source, const struct shares *shares) {
    size_t best = 0;
    int64_t most = -1;
    for (size_t bar = 0; bar < shares->bars.count; bar++) {
        int64_t sum = 0;
        for (size_t i = 0; i < shares->count; i++)
            sum += shares->items[i].values[bar];
        if (sum > most) {
            most = sum;
            best = bar;
        }
    }
    return statistic_words(
        source, i18n_format, source->lang,
        N_("The most came in {month}; the topic with the largest revenue is {topic}."),
        I18N_TEXT("month", bar_name(source, shares, best)),
        I18N_TEXT("topic", shares->items[0].label));
}

void statistic_month_topic(const struct statistic_source *source, struct statistic_view *view) {
    struct shares shares = {0};
    if (!source->report.month_topic_count)
        return;
    gather_topics(source, &shares);
    choose_colors(source, &shares);
    choose_bars(source, &shares);
    fill_values(source, &shares);
    struct chart *chart = draw(source, &shares);
    chart->summary = view->about = say(source, &shares);
    view->chart = chart;
    view->draw = chart_stacked;
    view->table = table(source, &shares);
}

struct figures *statistic_month_topic_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, NULL);
    figures_head(f, source->lang, N_("Month"), N_("Topic"), N_("Enrolments"), N_("Revenue"));
    for (size_t i = 0; i < source->report.month_topic_count; i++) {
        const struct report_month_topic *row = &source->report.month_topic[i];
        figures_add(f, figure_month(row->month));
        figures_add(f, figure_text(statistic_topic_name(source, row->topic_id)));
        figures_add(f, figure_count(row->count));
        figures_add(f, figure_money((int64_t)row->revenue_cents));
    }
    return f;
}
