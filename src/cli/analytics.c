/* `taller analytics`: makes the snapshot anew, runs every report, prints them. */
#include "analytics/analytics_sql.h"
#include "analytics/report.h"
#include "base/clock.h"
#include "base/money.h"
#include "base/zone.h"
#include "cli/command.h"
#include "cli/folder.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static enum err refresh(struct shop *shop, const char *path, struct snapshot **out) {
    struct db *db = store_reader(shop->store);
    const struct settings *settings = shop_settings(shop, db);
    enum err err = snapshot_build(db, settings->zone, settings->time_zone, clock_now(), path);
    store_release(shop->store, db);
    return err ? err : snapshot_open(path, out);
}

static void print_json(const struct snapshot *snapshot, const struct report *report) {
    struct buf text = {0};
    report_json(snapshot, report, &text);
    puts(buf_text(&text));
    buf_free(&text);
}

int analytics_run(const struct options *options, struct arena *arena) {
    const char *data = options->value[OPTION_DATA];
    struct shop shop;
    if (folder_open_shop(data, &shop) != OK)
        return EXIT_FAILED;
    const char *folder = arena_printf(arena, "%s/snapshot", data);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
        shop_close(&shop);
        return command_fail("%s cannot be made: %s.", folder, strerror(errno));
    }
    struct snapshot *snapshot = NULL;
    enum err err = refresh(&shop, arena_printf(arena, "%s/analytics.snapshot", folder), &snapshot);
    if (!err) {
        struct workers *workers = workers_create(0);
        struct report report;
        report_run(snapshot, workers, &(struct report_filter){0}, REPORT_ALL, arena, &report);
        print_json(snapshot, &report);
        workers_destroy(workers);
        snapshot_release(snapshot);
    }
    shop_close(&shop);
    return err ? command_fail("the snapshot in %s could not be made.", folder) : EXIT_DONE;
}
