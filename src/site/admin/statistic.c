/* The list of statistics, and the totals, which stand above them. */
#include "site/admin/statistic.h"
#include "base/money.h"
#include "base/words.h"
#include <string.h>

const struct statistic STATISTICS[] = {
    {"totals", N_("Totals"), REPORT_TOTALS, NULL, statistic_totals_file},
    {"month-topic", N_("Revenue by month and topic"), REPORT_MONTH_TOPIC, statistic_month_topic,
     statistic_month_topic_file},
    {"top-workshops", N_("Workshops with the largest revenue"), REPORT_TOP_WORKSHOPS,
     statistic_top_workshops, statistic_top_workshops_file},
    {"age-level", N_("Ages and levels"), REPORT_AGE_LEVEL, statistic_age_level,
     statistic_age_level_file},
    {"cohorts", N_("Families that come back"), REPORT_COHORTS, statistic_cohorts,
     statistic_cohorts_file},
    {"daily", N_("Revenue day by day"), REPORT_DAILY, statistic_daily, statistic_daily_file},
    {"country-role", N_("Country and role of the buyer"), REPORT_COUNTRY_ROLE,
     statistic_country_role, statistic_country_role_file},
    {"order-value", N_("What an order is worth"), REPORT_ORDER_VALUE, statistic_order_value,
     statistic_order_value_file},
    {"cash", N_("Money by the day it moved"), 0, statistic_cash, statistic_cash_file},
};
const size_t STATISTIC_COUNT = ARRAY_COUNT(STATISTICS);

const struct statistic *statistic_find(const char *name) {
    for (size_t i = 0; i < STATISTIC_COUNT; i++)
        if (strcmp(STATISTICS[i].name, name) == 0)
            return &STATISTICS[i];
    return NULL;
}

struct chart *statistic_chart(const struct statistic_source *source, size_t places, size_t series,
                              const char *currency) {
    struct chart *chart = arena_alloc(source->arena, sizeof(*chart));
    *chart = (struct chart){
        .places = arena_array(source->arena, places, sizeof(*chart->places)),
        .ticks = arena_array(source->arena, places, sizeof(*chart->ticks)),
        .count = places,
        .series = arena_array(source->arena, series, sizeof(*chart->series)),
        .series_count = series,
        .currency = currency,
    };
    return chart;
}

const char *statistic_topic_name(const struct statistic_source *source, int64_t id) {
    for (size_t i = 0; i < source->topics->count; i++)
        if (source->topics->items[i].id == id)
            return source->topics->items[i].name;
    return tr(source->lang, "A topic that is gone");
}

/* ---- the totals ------------------------------------------------------------------------------ */

static const struct total {
    const char *label;
    bool money, good;
} TOTALS[STATISTIC_TILES] = {
    {N_("Enrolments"), false, true},
    {N_("Students"), false, true},
    {N_("Revenue"), true, true},
    {N_("Given back"), true, false},
};

static uint64_t total_of(const struct report *report, size_t i) {
    const struct report_totals *t = &report->totals;
    return (const uint64_t[STATISTIC_TILES]){t->inscriptions, t->students, t->revenue_cents,
                                             t->refunded_cents}[i];
}

static struct figure total_figure(size_t i, uint64_t value) {
    return TOTALS[i].money ? figure_money((int64_t)value) : figure_count(value);
}

/* What it was before, as the end of a sentence. */
static const char *value_words(const struct statistic_source *source, size_t i, uint64_t value) {
    if (TOTALS[i].money)
        return statistic_words(source, money_print, (int64_t)value, source->currency);
    return statistic_words(source, words_count, (int64_t)value);
}

static const char *change_words(const struct statistic_source *source, size_t i, uint64_t now,
                                uint64_t then) {
    enum { MANY = 1000 }; /* per cent: nobody wants to read more exactly */
    struct buf text = {0};
    const char *value = value_words(source, i, then);
    uint64_t apart = now > then ? now - then : then - now;
    int64_t percent = then ? (int64_t)((apart * 200 + then) / (2 * then)) : 0;
    const char *rounded = arena_printf(source->arena, "%lld\u00a0%%", (long long)percent);
    if (!then)
        buf_puts(&text, tr(source->lang, now ? N_("none before") : N_("none before either")));
    else if (now == then)
        i18n_format(&text, source->lang, "as before: {value}", I18N_TEXT("value", value));
    else if (percent > MANY)
        i18n_format(&text, source->lang, "many times more than before: {value}",
                    I18N_TEXT("value", value));
    else if (now > then)
        i18n_format(&text, source->lang, "{percent} more than before: {value}",
                    I18N_TEXT("percent", rounded), I18N_TEXT("value", value));
    else
        i18n_format(&text, source->lang, "{percent} less than before: {value}",
                    I18N_TEXT("percent", rounded), I18N_TEXT("value", value));
    const char *words = arena_strdup(source->arena, buf_text(&text));
    buf_free(&text);
    return words;
}

void statistic_tiles(const struct statistic_source *source,
                     struct statistic_tile tiles[STATISTIC_TILES]) {
    for (size_t i = 0; i < STATISTIC_TILES; i++) {
        uint64_t now = total_of(&source->report, i), then = total_of(&source->before, i);
        tiles[i] = (struct statistic_tile){.label = tr(source->lang, TOTALS[i].label),
                                           .figure = total_figure(i, now),
                                           .direction = (now > then) - (now < then),
                                           .good = TOTALS[i].good};
        if (source->period->has_before)
            tiles[i].change = change_words(source, i, now, then);
    }
}

struct figures *statistic_totals_file(const struct statistic_source *source) {
    struct figures *f = figures_make(source->arena, NULL);
    figures_head(f, source->lang, N_("Totals"), N_("This period"), N_("The period before"));
    for (size_t i = 0; i < STATISTIC_TILES; i++) {
        figures_add(f, figure_text(tr(source->lang, TOTALS[i].label)));
        figures_add(f, total_figure(i, total_of(&source->report, i)));
        figures_add(f, source->period->has_before ? total_figure(i, total_of(&source->before, i))
                                                  : figure_none(NULL));
    }
    return f;
}
