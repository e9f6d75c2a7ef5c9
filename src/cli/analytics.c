/* `taller analytics`: makes the snapshot anew, runs every report, prints them. */
#include "analytics/analytics.h"
#include "analytics/analytics_sql.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/zone.h"
#include "cli/command.h"
#include "cli/folder.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_json(const struct snapshot *snapshot, const struct report *report) {
    struct buf text = {0};
    report_json(snapshot, report, &text);
    puts(buf_text(&text));
    buf_free(&text);
}

/* ---- for people ----------------------------------------------------------------------------- */

static const char *amount(struct arena *arena, uint64_t cents, const char *currency) {
    struct buf text = {0};
    money_print(&text, (int64_t)cents, currency);
    const char *copy = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return copy;
}

static void print_months(const struct report *r, struct arena *arena, const char *currency) {
    puts("\nMonth and topic");
    for (size_t i = 0; i < r->month_topic_count; i++) {
        const struct report_month_topic *m = &r->month_topic[i];
        printf("  %04d-%02d  topic %-4" PRId64 " %8" PRIu64 "  %14s\n", m->month / 12,
               m->month % 12 + 1, m->topic_id, m->count, amount(arena, m->revenue_cents, currency));
    }
}

static void print_top(const struct report *r, struct arena *arena, const char *currency) {
    puts("\nWorkshops by revenue");
    for (size_t i = 0; i < r->top_count; i++) {
        const struct report_workshop *w = &r->top[i];
        printf("  workshop %-6" PRId64 " %8" PRIu64 "  %14s", w->workshop_id, w->count,
               amount(arena, w->revenue_cents, currency));
        if (w->capacity > 0)
            printf("  %3" PRIu64 " %% full", w->count * 100 / (uint64_t)w->capacity);
        puts("");
    }
}

static void print_groups(const struct report *r, struct arena *arena, const char *currency) {
    puts("\nCountry and role");
    for (size_t i = 0; i < r->group_count; i++)
        printf("  %-3s role %d      %8" PRIu64 "  %14s\n",
               *r->groups[i].country ? r->groups[i].country : "-", r->groups[i].role,
               r->groups[i].count, amount(arena, r->groups[i].revenue_cents, currency));
}

static void print_text(const struct snapshot *snapshot, const struct report *r, struct arena *arena,
                       const char *currency) {
    printf("Enrolments  %" PRIu64 "\nStudents    %" PRIu64 "\nRevenue     %s\nRefunded    %s\n",
           r->totals.inscriptions, r->totals.students,
           amount(arena, r->totals.revenue_cents, currency),
           amount(arena, r->totals.refunded_cents, currency));
    printf("Orders      %" PRIu64 ", half of them up to %s, 95 %% up to %s\n",
           r->order_value.orders, amount(arena, r->order_value.median_cents, currency),
           amount(arena, r->order_value.p95_cents, currency));
    print_months(r, arena, currency);
    print_top(r, arena, currency);
    print_groups(r, arena, currency);
    printf("\n%" PRIu64 " rows, read in %.1f ms and counted in %.1f ms. Everything: --json\n",
           snapshot_header(snapshot)->rows, (double)snapshot_header(snapshot)->build_us / 1000,
           (double)r->duration_us / 1000);
}

int analytics_run(const struct options *options, struct arena *arena) {
    const char *data = options->value[OPTION_DATA];
    struct shop shop;
    if (folder_open_shop(data, &shop) != OK)
        return EXIT_FAILED;
    const char *folder = arena_printf(arena, "%s/snapshot", data);
    const struct settings *settings = shop_read_settings(&shop);
    const struct snapshot_moment moment = {settings->zone, settings->time_zone, clock_now()};
    struct analytics *analytics =
        analytics_create(shop.store, folder, option_int(options, OPTION_ANALYTICS_THREADS));
    enum err err = analytics_execute(analytics, &moment);
    struct snapshot *snapshot = err ? NULL : analytics_pin(analytics);
    if (snapshot) {
        struct report report;
        analytics_report(analytics, snapshot, &(struct report_filter){0}, REPORT_ALL, arena,
                         &report);
        if (options->flag[FLAG_JSON])
            print_json(snapshot, &report);
        else
            print_text(snapshot, &report, arena, settings->currency);
    }
    snapshot_release(snapshot);
    analytics_destroy(analytics);
    shop_close(&shop);
    return snapshot ? EXIT_DONE : command_fail("the snapshot in %s could not be made.", folder);
}
