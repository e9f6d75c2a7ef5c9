/* When to count, and keeping what was counted. */
#include "site/gauges.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "shop/shop.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Pauses before the same is counted again: so long at least, and so many times as long as it took.
 * A school of an ordinary size is counted in a millisecond, one of ten million seats in seconds. */
enum {
    CENSUS_PAUSE = 10, /* seconds */
    CENSUS_SPARING = 100,
    BOOKS_FIRST = 5, /* after the start */
    BOOKS_PAUSE = 60 * 60,
    BOOKS_SPARING = 1000,
    MICROSECONDS = 1000000,
    ROUND_US = MICROSECONDS / 2, /* no further part of the books after so long */
};

struct gauges {
    pthread_mutex_t lock; /* for `known` */
    struct gauges_now known;
    /* The counting thread's own. */
    int64_t census_due_us, books_due_us;
    uint64_t version; /* of the database at the last census */
    int books_part;   /* the next one of a check that is under way */
    int64_t books_took_us, broken[BOOKS_RULES];
};

struct gauges *gauges_create(void) {
    struct gauges *gauges = memory_new(1, sizeof(*gauges));
    pthread_mutex_init(&gauges->lock, NULL);
    gauges->books_due_us = clock_monotonic_us() + (int64_t)BOOKS_FIRST * MICROSECONDS;
    return gauges;
}

void gauges_destroy(struct gauges *gauges) {
    if (!gauges)
        return;
    pthread_mutex_destroy(&gauges->lock);
    free(gauges);
}

static int64_t next_due(int64_t took_us, int pause, int sparing) {
    int64_t least = (int64_t)pause * MICROSECONDS, spared = took_us * sparing;
    return clock_monotonic_us() + (spared > least ? spared : least);
}

static void keep_census(struct gauges *gauges, const struct census *census, int64_t now) {
    pthread_mutex_lock(&gauges->lock);
    if (census)
        gauges->known.census = *census;
    gauges->known.census_at = now;
    pthread_mutex_unlock(&gauges->lock);
}

static void take_census(struct gauges *gauges, struct shop *shop, int64_t now) {
    uint64_t version = store_version(shop->store);
    if (gauges->known.census_at > 0 && version == gauges->version) {
        keep_census(gauges, NULL, now);
        return;
    }
    int64_t began_us = clock_monotonic_us();
    struct census census;
    struct db *db = store_reader(shop->store);
    enum err err = census_take(db, &census);
    store_release(shop->store, db);
    gauges->census_due_us = next_due(clock_monotonic_us() - began_us, CENSUS_PAUSE, CENSUS_SPARING);
    if (err && store_reads_cancelled(shop->store))
        return;
    if (err) {
        log_warn("census_failed", "error", "%d", (int)err);
        return;
    }
    gauges->version = version;
    keep_census(gauges, &census, now);
}

static void note_faults(struct gauges *gauges, const struct books_fault *faults, size_t count) {
    for (size_t i = 0; i < count; i++) {
        LOG_FIELDS(LOG_ERROR, "books_broken", LOG_STR("rule", faults[i].rule),
                   LOG_STR("entity", faults[i].entity), LOG_INT("id", faults[i].id),
                   LOG_INT("expected", faults[i].expected), LOG_INT("found", faults[i].found));
        for (size_t rule = 0; rule < BOOKS_RULES; rule++)
            gauges->broken[rule] += strcmp(books_rules[rule], faults[i].rule) == 0;
    }
}

static enum err check_part(struct gauges *gauges, struct shop *shop) {
    struct books_fault *faults = NULL;
    size_t count = 0;
    struct arena *arena = arena_create();
    struct db *db = store_reader(shop->store);
    enum err err = books_check_part(db, arena, gauges->books_part, &faults, &count);
    store_release(shop->store, db);
    if (!err)
        note_faults(gauges, faults, count);
    arena_destroy(arena);
    return err;
}

static void keep_books(struct gauges *gauges, int64_t now) {
    pthread_mutex_lock(&gauges->lock);
    memcpy(gauges->known.broken, gauges->broken, sizeof(gauges->broken));
    gauges->known.books_at = now;
    pthread_mutex_unlock(&gauges->lock);
}

/* Part by part, and the rest in the next round when this one has taken long: a read connection is
 * not kept for all of it, and a server that is to stop does not wait for all of it. */
static void check_books(struct gauges *gauges, struct shop *shop, int64_t now) {
    int64_t began_us = clock_monotonic_us(), took_us = 0;
    enum err err = OK;
    if (gauges->books_part == 0) {
        memset(gauges->broken, 0, sizeof(gauges->broken));
        gauges->books_took_us = 0;
    }
    while (!err && gauges->books_part < BOOKS_PARTS && took_us < ROUND_US) {
        err = check_part(gauges, shop);
        gauges->books_part++;
        took_us = clock_monotonic_us() - began_us;
    }
    gauges->books_took_us += took_us;
    if (!err && gauges->books_part < BOOKS_PARTS)
        return;
    if (err && store_reads_cancelled(shop->store))
        return;
    if (err)
        log_warn("books_not_checked", "error", "%d", (int)err);
    else
        keep_books(gauges, now);
    gauges->books_part = 0;
    gauges->books_due_us = next_due(gauges->books_took_us, BOOKS_PAUSE, BOOKS_SPARING);
}

void gauges_round(struct gauges *gauges, struct shop *shop, int64_t now) {
    if (clock_monotonic_us() >= gauges->census_due_us)
        take_census(gauges, shop, now);
    if (clock_monotonic_us() >= gauges->books_due_us)
        check_books(gauges, shop, now);
}

void gauges_read(struct gauges *gauges, struct gauges_now *now) {
    pthread_mutex_lock(&gauges->lock);
    *now = gauges->known;
    pthread_mutex_unlock(&gauges->lock);
}
