/* Handlers of the page of statistics. */
#include "site/admin/analytics.h"
#include "analytics/analytics.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>
#include <time.h>

#define ADDRESS "/admin/analytics/"

/* ---- what is asked, what is known --------------------------------------------------------------
 */

/* Everything both the page and a file begin with. */
struct inquiry {
    struct topics topics;
    struct period period;
    struct snapshot *snapshot; /* to be released; NULL: nothing was counted yet */
    bool fine;                 /* the address makes sense */
};

static bool begin(struct visit *visit, struct inquiry *inquiry) {
    *inquiry = (struct inquiry){0};
    enum err err = topic_list(visit_db(visit), visit->arena, &inquiry->topics);
    if (err) {
        visit_fail(visit, err);
        return false;
    }
    inquiry->fine = period_read(visit, &inquiry->topics, &inquiry->period);
    inquiry->snapshot = analytics_pin(visit->site->analytics);
    return true;
}

/* The reports of `parts`, and the money that moved where `cash` asks for it. */
static enum err load(struct visit *visit, const struct inquiry *inquiry, unsigned parts, bool cash,
                     struct statistic_source *source) {
    struct analytics *analytics = visit->site->analytics;
    *source = (struct statistic_source){.arena = visit->arena,
                                        .lang = visit->lang,
                                        .currency = visit->settings->currency,
                                        .today = visit_today(visit),
                                        .period = &inquiry->period,
                                        .topics = &inquiry->topics};
    analytics_report(analytics, inquiry->snapshot, &inquiry->period.filter, parts, visit->arena,
                     &source->report);
    if (inquiry->period.has_before && parts & REPORT_TOTALS)
        analytics_report(analytics, inquiry->snapshot, &inquiry->period.before, REPORT_TOTALS,
                         visit->arena, &source->before);
    int64_t ids[REPORT_TOP];
    for (size_t i = 0; i < source->report.top_count; i++)
        ids[i] = source->report.top[i].workshop_id;
    enum err err = workshop_names(visit_db(visit), visit->arena, ids, source->report.top_count,
                                  &source->workshops, &source->workshop_count);
    if (err || !cash)
        return err;
    return cash_months(visit_db(visit), visit->settings, inquiry->period.filter.from,
                       inquiry->period.filter.to, visit->arena, &source->cash, &source->cash_count);
}

/* ---- the page ----------------------------------------------------------------------------------
 */

static const char *day_text(struct visit *visit, struct date day) {
    char text[DATE_TEXT_SIZE];
    if (!date_is_set(day))
        return NULL;
    date_format(day, text);
    return arena_strdup(visit->arena, text);
}

static void fill_days(struct visit *visit, const struct period *period,
                      struct admin_analytics *view) {
    view->from = day_text(visit, period->filter.from);
    view->to = day_text(visit, period->filter.to);
    if (!period->has_before)
        return;
    view->before_from = day_text(visit, period->before.from);
    view->before_to = day_text(visit, period->before.to);
}

static const char *file_address(struct visit *visit, const struct period *period,
                                const char *name) {
    return arena_printf(visit->arena, ADDRESS "%s.csv%s", name, period->query);
}

static void fill_sections(struct visit *visit, const struct statistic_source *source,
                          struct admin_analytics *view) {
    view->sections = arena_array(visit->arena, STATISTIC_COUNT, sizeof(*view->sections));
    for (size_t i = 0; i < STATISTIC_COUNT; i++) {
        const struct statistic *what = &STATISTICS[i];
        struct statistic_view section = {.id = what->name,
                                         .title = tr(visit->lang, what->title),
                                         .currency = visit->settings->currency};
        if (what->show)
            what->show(source, &section);
        if (!section.table)
            continue;
        if (section.chart) {
            section.chart->id = section.id;
            section.chart->title = section.title;
        }
        section.file = file_address(visit, source->period, what->name);
        view->sections[view->section_count++] = section;
    }
}

static enum err fill_figures(struct visit *visit, const struct inquiry *inquiry,
                             struct admin_analytics *view) {
    struct statistic_source source;
    enum err err = load(visit, inquiry, REPORT_ALL, true, &source);
    if (err)
        return err;
    const struct snapshot_header *header = snapshot_header(inquiry->snapshot);
    view->as_of = header->as_of;
    view->rows = (int64_t)header->rows;
    view->age = visit_age(visit, header->as_of);
    view->any = source.report.totals.inscriptions || source.report.totals.refunded_cents ||
                source.cash_count;
    fill_days(visit, &inquiry->period, view);
    statistic_tiles(&source, view->tiles);
    view->totals_file = file_address(visit, &inquiry->period, "totals");
    fill_sections(visit, &source, view);
    return OK;
}

static void show(struct visit *visit, const struct inquiry *inquiry) {
    const struct analytics_progress progress = analytics_progress(visit->site->analytics);
    const struct period *period = &inquiry->period;
    struct admin_analytics view = {.period = period,
                                   .narrowed = !inquiry->fine || !*period->preset ||
                                               period->filter.topic_id || period->filter.level,
                                   .path = arena_printf(visit->arena, ADDRESS "%s", period->query),
                                   .counting = progress.waiting || progress.running,
                                   .permille = progress.permille,
                                   .counted = inquiry->snapshot != NULL,
                                   .failed = progress.outcome != OK,
                                   .zone = visit->settings->zone,
                                   .currency = visit->settings->currency};
    enum err err = inquiry->snapshot && inquiry->fine ? fill_figures(visit, inquiry, &view) : OK;
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct admin_page page = admin_page_start(visit, "analytics", tr(visit->lang, "Statistics"));
    view.page = &page;
    if (!inquiry->fine)
        page.page.form = &period->form;
    if (view.counting)
        response_header(visit->response, "Refresh", "2"); /* until it is done */
    struct out out = visit_page(visit, inquiry->fine ? 200 : 422, &page.page);
    view_admin_analytics(&out, &view);
}

void admin_analytics_get(struct visit *visit) {
    struct inquiry inquiry;
    if (!begin(visit, &inquiry))
        return;
    show(visit, &inquiry);
    snapshot_release(inquiry.snapshot);
}

/* ---- the files ---------------------------------------------------------------------------------
 */

static void answer_file(struct visit *visit, const struct inquiry *inquiry,
                        const struct statistic *what) {
    struct statistic_source source;
    enum err err = load(visit, inquiry, what->part, !what->part, &source);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    figures_csv(&visit->response->body, what->file(&source));
    visit_csv(visit, what->name, true);
}

void admin_analytics_file_get(struct visit *visit) {
    const struct statistic *what = statistic_find(visit_name(visit, 0));
    struct inquiry inquiry;
    if (!what) {
        visit_error(visit, 404);
        return;
    }
    if (!begin(visit, &inquiry))
        return;
    if (!inquiry.fine)
        show(visit, &inquiry);
    else if (!inquiry.snapshot)
        visit_redirect(visit, ADDRESS "%s", inquiry.period.query); /* which offers to count */
    else
        answer_file(visit, &inquiry, what);
    snapshot_release(inquiry.snapshot);
}

/* ---- counting again ----------------------------------------------------------------------------
 */

/* Most counts take a few milliseconds; a long one goes on and the page shows how far it is. */
static bool wait_for_count(struct analytics *analytics) {
    enum { STEPS = 30 };
    const struct timespec step = {.tv_nsec = 10000000}; /* 10 ms */
    for (int i = 0; i < STEPS; i++) {
        struct analytics_progress progress = analytics_progress(analytics);
        if (!progress.waiting && !progress.running)
            return true;
        nanosleep(&step, NULL);
    }
    return false;
}

void admin_analytics_refresh_post(struct visit *visit) {
    struct analytics *analytics = visit->site->analytics;
    const char *next = fields_get(&visit->request->form, "next");
    bool ours = next && strncmp(next, ADDRESS "?", strlen(ADDRESS "?")) == 0;
    visit_shop(visit); /* nobody holds a reader while waiting */
    analytics_request(analytics);
    if (wait_for_count(analytics) && analytics_progress(analytics).outcome == OK)
        visit_flash(visit, FLASH_SUCCESS,
                    tr(visit->lang, "Counted.")); /* the page tells a failure */
    visit_redirect(visit, "%s", ours ? visit_safe_next(next, ADDRESS) : ADDRESS);
}
