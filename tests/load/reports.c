/* One process that keeps a snapshot mapped and runs reports when told, for analytics.js:
 *
 *     reports SNAPSHOT THREADS [DATA]
 *
 * reads lines from standard input and answers each with one line of JSON:
 *
 *     PARTS       runs the reports of enum report_part, added up
 *     refresh     brings the snapshot up to the database of the folder DATA; the next one begins
 *                 with the same file again
 *     bandwidth   reads memory of the size of a row's columns with as many threads
 *
 * Linked with what the program is made of, compiled the same way. */
#include "analytics/report.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cli/folder.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 256 << 20, CHUNK = 1 << 20 };

struct reading {
    const uint64_t *memory;
    uint64_t sums[64][8]; /* by worker, a cache line apart */
};

static void read_chunk(void *ctx, size_t chunk, int worker) {
    struct reading *r = ctx;
    const uint64_t *p = r->memory + chunk * CHUNK / sizeof(*p);
    uint64_t sum[8] = {0};
    for (size_t i = 0; i < CHUNK / sizeof(*p); i += 8)
        for (size_t lane = 0; lane < 8; lane++)
            sum[lane] += p[i + lane];
    for (size_t lane = 0; lane < 8; lane++)
        r->sums[worker][lane] += sum[lane];
}

/* Best of a few passes over memory that no cache holds. */
static void bandwidth(struct workers *workers) {
    static struct reading r;
    static uint64_t *memory;
    int64_t best = INT64_MAX;
    if (!memory) {
        memory = aligned_alloc(CHUNK, MEMORY);
        if (!memory)
            abort();
        memset(memory, 1, MEMORY);
    }
    r.memory = memory;
    for (int i = 0; i < 5; i++) {
        int64_t begin = clock_monotonic_us();
        workers_run(workers, MEMORY / CHUNK, read_chunk, &r);
        int64_t took = clock_monotonic_us() - begin;
        best = took < best ? took : best;
    }
    printf("{\"bytes\": %d, \"us\": %" PRId64 ", \"sum\": %" PRIu64 "}\n", MEMORY, best,
           r.sums[0][0]);
}

/* Best of a few: what the snapshot in the file lacks is the same each time. */
static void refresh(struct snapshot *base, struct workers *workers, struct shop *shop) {
    const struct settings *settings = shop_read_settings(shop);
    const struct snapshot_moment moment = {settings->zone, settings->time_zone, clock_now()};
    int64_t best = INT64_MAX;
    uint64_t rows = 0;
    for (int i = 0; i < 5; i++) {
        struct snapshot *fresh = NULL;
        int64_t begin = clock_monotonic_us();
        enum err err = snapshot_refresh(shop->store, workers, &moment, base, &fresh);
        int64_t took = clock_monotonic_us() - begin;
        if (err)
            exit(1);
        best = took < best ? took : best;
        rows = snapshot_header(fresh)->rows;
        snapshot_release(fresh);
    }
    printf("{\"us\": %" PRId64 ", \"rows\": %" PRIu64 "}\n", best, rows);
}

static void run(const struct snapshot *snapshot, struct workers *workers, unsigned parts) {
    struct arena *arena = arena_create();
    struct report report;
    struct buf text = {0};
    report_run(snapshot, workers, &(struct report_filter){0}, parts, arena, &report);
    report_json(snapshot, &report, &text);
    puts(buf_text(&text));
    buf_free(&text);
    arena_destroy(arena);
}

int main(int argc, char **argv) {
    struct snapshot *snapshot;
    char line[32];
    struct shop shop = {0};
    if (argc < 3 || snapshot_open(argv[1], &snapshot) != OK ||
        (argc > 3 && folder_open_shop(argv[3], &shop) != OK)) {
        fputs("usage: reports SNAPSHOT THREADS [DATA]\n", stderr);
        return 1;
    }
    struct workers *workers = workers_create((int)strtol(argv[2], NULL, 10));
    while (fgets(line, sizeof(line), stdin)) {
        if (strcmp(line, "bandwidth\n") == 0)
            bandwidth(workers);
        else if (strcmp(line, "refresh\n") == 0 && argc > 3)
            refresh(snapshot, workers, &shop);
        else
            run(snapshot, workers, (unsigned)strtoul(line, NULL, 10));
        fflush(stdout);
    }
    workers_destroy(workers);
    snapshot_release(snapshot);
    if (argc > 3)
        shop_close(&shop);
    return 0;
}
