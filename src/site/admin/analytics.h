/* The page of statistics: how enrolment goes, for a period, a topic, a level, answered from the
 * snapshot of analytics; each of its tables as a spreadsheet; counting again on request. */
#ifndef SITE_ADMIN_ANALYTICS_H
#define SITE_ADMIN_ANALYTICS_H

#include "site/admin/admin.h"
#include "site/admin/statistic.h"

void admin_analytics_get(struct visit *visit);
void admin_analytics_file_get(struct visit *visit); /* NAME.csv */
void admin_analytics_refresh_post(struct visit *visit);

/* ---- for the template ------------------------------------------------------------------------ */

struct admin_analytics {
    const struct admin_page *page;
    const struct period *period;
    bool narrowed;    /* by topic, level or two days: the form stands open */
    const char *path; /* this page with what it is asked for */
    bool counting;    /* figures are being counted right now */
    int permille;     /* how far */
    bool counted;     /* there are figures */
    bool failed;      /* the last count */
    const char *age;  /* "3 minutes ago" */
    int64_t as_of, rows;
    const struct zone *zone;
    const char *from, *to, *before_from, *before_to; /* ISO; NULL: no limit, nothing before */
    struct statistic_tile tiles[STATISTIC_TILES];
    bool any; /* something was enrolled or given back in the period */
    struct statistic_view *sections;
    size_t section_count;
    const char *currency;
    const char *totals_file;
};

#endif
