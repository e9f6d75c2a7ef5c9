/* Making a snapshot: the tables are read in the order they lie on disk, by readers of one moment
 * (build_read.c); everything else, which order a row belongs to, on which day, in what order,
 * happens in memory (build_file.c). */
#include "analytics/build.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/workers.h"
#include <stdio.h>
#include <stdlib.h>

static void build_free(struct build *b) {
    struct build_ids *const ids[] = {&b->topics, &b->workshops, &b->accounts, &b->students,
                                     &b->orders};
    struct build_list *const lists[] = {&b->workshop, &b->account, &b->account_group, &b->birth,
                                        &b->order,    &b->group,   &b->backs};
    for (size_t i = 0; i < ARRAY_COUNT(ids); i++) {
        free(ids[i]->list.items);
        free(ids[i]->table);
    }
    for (size_t i = 0; i < ARRAY_COUNT(lists); i++)
        free(lists[i]->items);
    for (size_t i = 0; i < BUILD_PARTS; i++) {
        free(b->facts[i].items);
        free(b->fare_numbers[i]);
        fares_free(&b->part_fares[i]);
    }
    fares_free(&b->fares);
}

enum err snapshot_build(struct store *store, size_t readers, const struct snapshot_moment *moment,
                        const char *path, atomic_int *progress) {
    int64_t begin_us = clock_monotonic_us();
    struct db *dbs[STORE_READERS];
    size_t lent = store_readers(store, dbs, readers);
    struct build b = {.zone = moment->zone,
                      .workers = workers_create((int)lent),
                      .first_day = INT64_MAX,
                      .last_day = INT64_MIN,
                      .progress = progress};
    struct snapshot_header header = {.as_of = moment->now};
    snprintf(header.zone, sizeof(header.zone), "%s", moment->zone_name);
    enum err err = build_read(&b, dbs, &header);
    for (size_t i = 0; i < lent; i++)
        store_release(store, dbs[i]);
    if (!err)
        err = build_write(&b, &header, begin_us, path);
    if (err)
        LOG_FIELDS(LOG_ERROR, "snapshot_not_made", LOG_INT("err", (int)err),
                   LOG_INT("first_day", b.first_day), LOG_INT("last_day", b.last_day));
    workers_destroy(b.workers);
    build_free(&b);
    return err;
}
