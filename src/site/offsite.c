/* Compares two places, sends, removes; remembers what became of it. */
#include "site/offsite.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/deadline.h"
#include "shop/backup.h"
#include "site/offsite_shelf.h"
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    RETRY_FIRST_MS = 60 * 1000,
    RETRY_LAST_MS = 60 * 60 * 1000,
};

struct offsite {
    struct offsite_options options;
    int stop_fd, wake_fd;
    pthread_t thread;
    pthread_mutex_t lock; /* for `status` */
    struct offsite_status status;
};

/* ---- what became of it -----------------------------------------------------------------------
 */

static void note_sent(struct offsite *offsite) {
    pthread_mutex_lock(&offsite->lock);
    offsite->status.sent++;
    pthread_mutex_unlock(&offsite->lock);
}

static void note_newest(struct offsite *offsite, int64_t at) {
    pthread_mutex_lock(&offsite->lock);
    offsite->status.last_at = at;
    pthread_mutex_unlock(&offsite->lock);
}

static void note_end(struct offsite *offsite, enum err err, const char *reason) {
    pthread_mutex_lock(&offsite->lock);
    offsite->status.failed_at = err ? clock_now() : 0;
    offsite->status.failures += err != OK;
    snprintf(offsite->status.reason, sizeof(offsite->status.reason), "%s", err ? reason : "");
    pthread_mutex_unlock(&offsite->lock);
}

struct offsite_status offsite_status(struct offsite *offsite) {
    pthread_mutex_lock(&offsite->lock);
    struct offsite_status status = offsite->status;
    pthread_mutex_unlock(&offsite->lock);
    return status;
}

bool offsite_is_bad(const struct offsite_status *status, int64_t interval, int64_t now) {
    return status->failed_at && now - status->last_at > backup_patience(interval);
}

/* ---- a round ---------------------------------------------------------------------------------
 */

/* The newest of the clock's own; NULL: there is none. */
static const struct shelf_item *newest(const struct shelf *shelf) {
    for (size_t i = 0; i < shelf->count; i++)
        if (shelf->items[i].kind == SHELF_SCHEDULED)
            return &shelf->items[i];
    return NULL;
}

/* The record goes last: where it is, the file is whole. */
static enum err send_newest(struct offsite *offsite, struct arena *arena,
                            const struct s3_names *there, char *error, size_t error_size) {
    const struct offsite_options *options = &offsite->options;
    struct shelf shelf;
    if (shelf_read(options->folder, arena, &shelf) != OK)
        return OK; /* the backups' own business */
    const struct shelf_item *item = newest(&shelf);
    const char *record = item ? backup_record_name(arena, item->name) : NULL;
    if (!item || s3_names_have(there, item->name))
        return OK;
    int64_t begin_us = clock_monotonic_us();
    enum err err = s3_put(&options->s3, arena_printf(arena, "%s/%s", options->folder, item->name),
                          item->name, error, error_size);
    if (!err)
        err = s3_put(&options->s3, arena_printf(arena, "%s/%s", options->folder, record), record,
                     error, error_size);
    if (err)
        return err;
    note_sent(offsite);
    LOG_FIELDS(LOG_INFO, "backup_sent", LOG_STR("name", item->name), LOG_INT("bytes", item->bytes),
               LOG_INT("ms", (clock_monotonic_us() - begin_us) / 1000));
    return OK;
}

/* Those without a record too: the rest of one that was being sent or taken away. */
static enum err rotate(const struct offsite *offsite, struct arena *arena,
                       const struct s3_names *names, char *error, size_t error_size) {
    struct s3_names there;
    offsite_pick(names, false, arena, &there);
    int64_t *at = arena_array(arena, there.count, sizeof(*at));
    bool *keep = arena_array(arena, there.count, sizeof(*keep));
    size_t gone = 0;
    for (size_t i = 0; i < there.count; i++)
        at[i] = shelf_moment(there.names[i]);
    backup_rota_keep(&offsite->options.rota, at, there.count, keep);
    enum err err = OK;
    for (size_t i = 0; !err && i < there.count; i++) {
        if (keep[i])
            continue;
        const char *name = there.names[i], *record = backup_record_name(arena, name);
        err = s3_remove(&offsite->options.s3, record, error, error_size);
        if (!err)
            err = s3_remove(&offsite->options.s3, name, error, error_size);
        gone += !err;
    }
    if (gone)
        log_info("backups_removed_offsite", "removed", "%zu", gone);
    return err;
}

static enum err look(struct offsite *offsite, struct arena *arena, struct s3_names *names,
                     struct s3_names *there, char *error, size_t error_size) {
    enum err err = s3_list(&offsite->options.s3, arena, names, error, error_size);
    if (err)
        return err;
    offsite_pick(names, true, arena, there);
    note_newest(offsite, there->count ? shelf_moment(there->names[0]) : 0);
    return OK;
}

static enum err run(struct offsite *offsite, char *error, size_t error_size) {
    struct arena *arena = arena_create();
    struct s3_names names, there;
    enum err err = look(offsite, arena, &names, &there, error, error_size);
    if (!err)
        err = send_newest(offsite, arena, &there, error, error_size);
    if (!err) /* with what has just come */
        err = look(offsite, arena, &names, &there, error, error_size);
    if (!err && backup_rota_interval(&offsite->options.rota)) /* else nobody makes new ones */
        err = rotate(offsite, arena, &names, error, error_size);
    arena_destroy(arena);
    return err;
}

static void *keep_sending(void *arg) {
    struct offsite *offsite = arg;
    int retry_ms = RETRY_FIRST_MS;
    while (!deadline_stopped(offsite->stop_fd)) {
        char error[512] = "";
        enum err err = run(offsite, error, sizeof(error));
        if (deadline_stopped(offsite->stop_fd))
            break;
        note_end(offsite, err, error);
        if (err)
            LOG_FIELDS(LOG_WARN, "backup_not_sent", LOG_STR("reason", error),
                       LOG_INT("next_try_in", retry_ms / 1000));
        struct deadline next = deadline_in(err ? retry_ms : RETRY_LAST_MS, 0, offsite->stop_fd);
        retry_ms = !err                           ? RETRY_FIRST_MS
                   : retry_ms < RETRY_LAST_MS / 2 ? retry_ms * 2
                                                  : RETRY_LAST_MS;
        eventfd_t times;
        if (deadline_wait(&next, offsite->wake_fd, POLLIN))
            (void)eventfd_read(offsite->wake_fd, &times);
    }
    return NULL;
}

struct offsite *offsite_start(const struct offsite_options *options) {
    struct offsite *offsite = calloc(1, sizeof(*offsite));
    if (!offsite)
        return NULL;
    offsite->options = *options;
    offsite->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    offsite->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    offsite->options.s3.stop_fd = offsite->stop_fd;
    pthread_mutex_init(&offsite->lock, NULL);
    if (offsite->stop_fd >= 0 && offsite->wake_fd >= 0 &&
        pthread_create(&offsite->thread, NULL, keep_sending, offsite) == 0)
        return offsite;
    if (offsite->stop_fd >= 0)
        close(offsite->stop_fd);
    if (offsite->wake_fd >= 0)
        close(offsite->wake_fd);
    pthread_mutex_destroy(&offsite->lock);
    free(offsite);
    return NULL;
}

void offsite_taken(void *arg, const char *file, const char *record) {
    const struct offsite *offsite = arg;
    (void)file, (void)record; /* the folder is read anyway: one may have failed before */
    eventfd_write(offsite->wake_fd, 1);
}

void offsite_stop(struct offsite *offsite) {
    if (!offsite)
        return;
    eventfd_write(offsite->stop_fd, 1);
    pthread_join(offsite->thread, NULL);
    close(offsite->stop_fd);
    close(offsite->wake_fd);
    pthread_mutex_destroy(&offsite->lock);
    free(offsite);
}
