/* `taller analytics`: brings the snapshot up to date, runs every report, prints them; on a terminal
 * it says meanwhile how far it is. */
#include "analytics/analytics.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/zone.h"
#include "cli/command.h"
#include "cli/folder.h"
#include "cli/report_text.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

enum { QUIET_MS = 300, REPEAT_MS = 200 };

/* ---- the run -------------------------------------------------------------------------------- */

struct run {
    struct analytics *analytics;
    const struct snapshot_moment *moment;
    enum err err;
};

static void *execute(void *arg) {
    struct run *run = arg;
    run->err = analytics_execute(run->analytics, run->moment);
    return NULL;
}

/* Whether the thread ended within so many milliseconds; then it is joined. */
static bool ended_within(pthread_t thread, long ms) {
    const struct timespec until = clock_deadline(ms * 1000);
    return pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &until) == 0;
}

/* Rewrites one line while it lasts and wipes it at the end; what is quick shows nothing. */
static void watch(pthread_t thread, struct analytics *analytics) {
    bool shown = false;
    for (long ms = QUIET_MS; !ended_within(thread, ms); ms = REPEAT_MS) {
        fprintf(stderr, "\rReading %3d %%", analytics_progress(analytics).permille / 10);
        shown = true;
    }
    if (shown)
        fputs("\r\033[K", stderr);
}

static enum err run_watched(struct analytics *analytics, const struct snapshot_moment *moment) {
    struct run run = {.analytics = analytics, .moment = moment};
    pthread_t thread;
    if (!isatty(STDERR_FILENO) || pthread_create(&thread, NULL, execute, &run) != 0)
        return analytics_execute(analytics, moment);
    watch(thread, analytics);
    return run.err;
}

/* ---- what it found -------------------------------------------------------------------------- */

static void print_json(const struct snapshot *snapshot, const struct report *report) {
    struct buf text = {0};
    report_json(snapshot, report, &text);
    puts(buf_text(&text));
    buf_free(&text);
}

static void print_text(const struct snapshot *snapshot, const struct report *report,
                       struct shop *shop, const char *currency, struct arena *arena) {
    struct db *db = store_reader(shop->store);
    report_text_print(report, db, currency, arena);
    store_release(shop->store, db);
    printf("\n%" PRIu64 " rows, read in %.1f ms and counted in %.1f ms. Everything: --json\n",
           snapshot_header(snapshot)->rows, (double)snapshot_header(snapshot)->build_us / 1000,
           (double)report->duration_us / 1000);
}

static const char *reason(enum err err) {
    return err == ERR_FULL      ? "the disk is full"
           : err == ERR_BUSY    ? "the database is busy"
           : err == ERR_IO      ? "the folder cannot be written or the disk fails"
           : err == ERR_INVALID ? "some orders were paid more than 179 years apart: look at the "
                                  "first and the last paid_at of the table orders"
                                : "the log above says why";
}

int analytics_run(const struct options *options, struct arena *arena) {
    log_setup(LOG_WARN, LOG_TEXT); /* a person reads the outcome, not each step */
    const char *data = options->value[OPTION_DATA];
    struct shop shop;
    if (folder_open_shop(data, &shop) != OK)
        return EXIT_FAILED;
    const char *folder = arena_printf(arena, "%s/snapshot", data);
    const struct settings *settings = shop_read_settings(&shop);
    const struct snapshot_moment moment = {settings->zone, settings->time_zone, clock_now()};
    struct analytics *analytics =
        analytics_create(shop.store, folder, option_int(options, OPTION_ANALYTICS_THREADS));
    enum err err = run_watched(analytics, &moment);
    struct snapshot *snapshot = err ? NULL : analytics_pin(analytics);
    if (snapshot) {
        struct report report;
        analytics_report(analytics, snapshot, &(struct report_filter){0}, REPORT_ALL, arena,
                         &report);
        if (options->flag[FLAG_JSON])
            print_json(snapshot, &report);
        else
            print_text(snapshot, &report, &shop, settings->currency, arena);
    }
    snapshot_release(snapshot);
    analytics_destroy(analytics);
    shop_close(&shop);
    return snapshot ? EXIT_DONE
                    : command_fail("no analytics: the snapshot in %s could not be made, %s.",
                                   folder, reason(err));
}
