/* The statistics of the page: for each report its title, its table for the page, its table for the
 * spreadsheet, its chart. What the figures mean is analytics/report.h. */
#ifndef SITE_ADMIN_STATISTIC_H
#define SITE_ADMIN_STATISTIC_H

#include "analytics/report.h"
#include "shop/cash.h"
#include "shop/workshop.h"
#include "site/admin/figures.h"
#include "site/admin/period.h"
#include "site/chart.h"

/* What they are made of. */
struct statistic_source {
    struct arena *arena;
    enum lang lang;
    const char *currency;
    struct date today;
    const struct period *period;
    const struct topics *topics;
    struct report report;
    struct report before;            /* its totals, where period->has_before */
    struct workshop_name *workshops; /* of report.top */
    size_t workshop_count;
    struct cash_month *cash; /* of the period, whatever its topic and level */
    size_t cash_count;
};

/* A section of the page. */
struct statistic_view {
    const char *id, *title, *about; /* translated; about NULL: nothing to say */
    const char *file;               /* address of the spreadsheet */
    const char *currency;
    const struct figures *table;
    bool open;        /* the table is what there is to see, not behind a chart */
    const char *less; /* what the table leaves out and the file has; NULL: nothing */
    struct chart *chart;
    void (*draw)(struct out *o, const struct chart *chart); /* NULL: no chart */
};

struct statistic {
    const char *name;  /* in addresses and ids: "month-topic" */
    const char *title; /* N_("…") */
    unsigned part;     /* enum report_part; 0: it is made of the money that moved */
    /* Fills about, table, chart; leaves the table NULL where there is nothing to show. */
    void (*show)(const struct statistic_source *source, struct statistic_view *view);
    struct figures *(*file)(const struct statistic_source *source);
};

extern const struct statistic STATISTICS[];
extern const size_t STATISTIC_COUNT;

const struct statistic *statistic_find(const char *name); /* NULL: there is none */

/* ---- one function a report (statistic_NAME.c) ------------------------------------------------ */

struct figures *statistic_totals_file(const struct statistic_source *source);
#define STATISTIC(name)                                                                        \
    void statistic_##name(const struct statistic_source *source, struct statistic_view *view); \
    struct figures *statistic_##name##_file(const struct statistic_source *source)
STATISTIC(month_topic);
STATISTIC(top_workshops);
STATISTIC(age_level);
STATISTIC(cohorts);
STATISTIC(daily);
STATISTIC(country_role);
STATISTIC(order_value);
STATISTIC(cash);
#undef STATISTIC

/* ---- the totals ------------------------------------------------------------------------------ */

struct statistic_tile {
    const char *label;
    struct figure figure;
    const char *change; /* "12 % more than before: 1,075"; NULL: there is nothing before */
    int direction;      /* 1 more, -1 less, 0 the same */
    bool good;          /* more of it is good news */
};
enum { STATISTIC_TILES = 4 };
void statistic_tiles(const struct statistic_source *source,
                     struct statistic_tile tiles[STATISTIC_TILES]);

/* ---- for those functions ----------------------------------------------------------------------
 */

/* With room for as many places and series. */
struct chart *statistic_chart(const struct statistic_source *source, size_t places, size_t series,
                              const char *currency);
const char *statistic_topic_name(const struct statistic_source *source, int64_t id);
/* A text in the arena, of what `say` writes. */
#define statistic_words(source, say, ...)                                     \
    ({                                                                        \
        struct buf words_ = {0};                                              \
        say(&words_, __VA_ARGS__);                                            \
        const char *text_ = arena_strdup((source)->arena, buf_text(&words_)); \
        buf_free(&words_);                                                    \
        text_;                                                                \
    })

#endif
