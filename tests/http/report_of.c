/* Prints the reports of a snapshot file as `taller analytics --json` does, one line a filter. For
 * the tests that compare them with plain SQL.
 *
 * usage: report_of SNAPSHOT THREADS [FROM TO TOPIC LEVEL]...   -: no limit; 0: any */
#include "analytics/report.h"
#include "base/buf.h"
#include <stdio.h>
#include <stdlib.h>

static struct date day(const char *text) {
    struct date date = {0};
    if (!date_parse(text, &date))
        date = (struct date){0};
    return date;
}

static int64_t number(const char *text) {
    return strtoll(text, NULL, 10);
}

int main(int argc, char **argv) {
    struct snapshot *snapshot;
    if (argc < 3 || snapshot_open(argv[1], &snapshot) != OK)
        return 1;
    struct workers *workers = workers_create((int)number(argv[2]));
    struct arena *arena = arena_create();
    for (char **f = argv + 3; f + 4 <= argv + argc; f += 4) {
        const struct report_filter filter = {day(f[0]), day(f[1]), number(f[2]), (int)number(f[3])};
        struct report report;
        struct buf text = {0};
        report_run(snapshot, workers, &filter, REPORT_ALL, arena, &report);
        report_json(snapshot, &report, &text);
        puts(buf_text(&text));
        buf_free(&text);
        arena_reset(arena);
    }
    workers_destroy(workers);
    snapshot_release(snapshot);
    arena_destroy(arena);
    return 0;
}
