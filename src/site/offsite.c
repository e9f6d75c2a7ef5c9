/* Compares two places, sends, removes. */
#include "site/offsite.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "net/deadline.h"
#include "shop/backup.h"
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RETRY_FIRST_MS = 60 * 1000, RETRY_LAST_MS = 60 * 60 * 1000 };

struct offsite {
    struct offsite_options options;
    int stop_fd, wake_fd;
    pthread_t thread;
};

/* When a backup of the clock was made, by its name (shelf_name); -1: it is none. */
static int64_t moment_of(const char *name) {
    static const char shape[] = "taller-00000000T000000Z.db";
    size_t length = sizeof(shape) - 1;
    if (strlen(name) < length || (name[length] && strcmp(name + length, ".sealed") != 0))
        return -1;
    for (size_t i = 0; i < length; i++)
        if (shape[i] == '0' ? name[i] < '0' || name[i] > '9' : name[i] != shape[i])
            return -1;
    const char *digit = name + strlen("taller-");
    const struct date day = {
        .year = (int)strtol((char[]){digit[0], digit[1], digit[2], digit[3], 0}, NULL, 10),
        .month = (digit[4] - '0') * 10 + digit[5] - '0',
        .day = (digit[6] - '0') * 10 + digit[7] - '0'};
    digit += strlen("00000000T");
    int64_t seconds = ((digit[0] - '0') * 10 + digit[1] - '0') * 3600 +
                      ((digit[2] - '0') * 10 + digit[3] - '0') * 60 + (digit[4] - '0') * 10 +
                      digit[5] - '0';
    return date_to_days(day) * 86400 + seconds;
}

static bool is_there(const struct s3_names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

/* The newest of the clock's own; NULL: there is none. */
static const struct shelf_item *newest(const struct shelf *shelf) {
    for (size_t i = 0; i < shelf->count; i++)
        if (shelf->items[i].kind == SHELF_SCHEDULED)
            return &shelf->items[i];
    return NULL;
}

/* The record goes last: where it is, the file is whole. */
static enum err send_newest(const struct offsite *offsite, struct arena *arena,
                            const struct s3_names *there, char *error, size_t error_size) {
    const struct offsite_options *options = &offsite->options;
    struct shelf shelf;
    if (shelf_read(options->folder, arena, &shelf) != OK)
        return OK; /* the backups' own business */
    const struct shelf_item *item = newest(&shelf);
    const char *record = item ? backup_record_name(arena, item->name) : NULL;
    if (!item || is_there(there, record))
        return OK;
    int64_t begin_us = clock_monotonic_us();
    enum err err = s3_put(&options->s3, arena_printf(arena, "%s/%s", options->folder, item->name),
                          item->name, error, error_size);
    if (!err)
        err = s3_put(&options->s3, arena_printf(arena, "%s/%s", options->folder, record), record,
                     error, error_size);
    if (!err)
        LOG_FIELDS(LOG_INFO, "backup_sent", LOG_STR("name", item->name),
                   LOG_INT("bytes", item->bytes),
                   LOG_INT("ms", (clock_monotonic_us() - begin_us) / 1000));
    return err;
}

static int newest_first(const void *a, const void *b) {
    return strcmp(*(const char *const *)b, *(const char *const *)a); /* their names are in order */
}

static enum err rotate(const struct offsite *offsite, struct arena *arena,
                       const struct s3_names *there, char *error, size_t error_size) {
    const char **names = arena_array(arena, there->count, sizeof(*names));
    int64_t *at = arena_array(arena, there->count, sizeof(*at));
    bool *keep = arena_array(arena, there->count, sizeof(*keep));
    size_t count = 0, gone = 0;
    for (size_t i = 0; i < there->count; i++)
        if (moment_of(there->names[i]) >= 0)
            names[count++] = there->names[i];
    if (count)
        qsort(names, count, sizeof(*names), newest_first);
    for (size_t i = 0; i < count; i++)
        at[i] = moment_of(names[i]);
    backup_rota_keep(&offsite->options.rota, at, count, keep);
    enum err err = OK;
    for (size_t i = 0; !err && i < count; i++) {
        if (keep[i])
            continue;
        err =
            s3_remove(&offsite->options.s3, backup_record_name(arena, names[i]), error, error_size);
        if (!err)
            err = s3_remove(&offsite->options.s3, names[i], error, error_size);
        gone += !err;
    }
    if (gone)
        log_info("backups_removed_offsite", "removed", "%zu", gone);
    return err;
}

static enum err run(const struct offsite *offsite, char *error, size_t error_size) {
    struct arena *arena = arena_create();
    struct s3_names there;
    enum err err = s3_list(&offsite->options.s3, arena, &there, error, error_size);
    if (!err)
        err = send_newest(offsite, arena, &there, error, error_size);
    if (!err) /* with what has just come */
        err = s3_list(&offsite->options.s3, arena, &there, error, error_size);
    if (!err)
        err = rotate(offsite, arena, &there, error, error_size);
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
    if (offsite->stop_fd >= 0 && offsite->wake_fd >= 0 &&
        pthread_create(&offsite->thread, NULL, keep_sending, offsite) == 0)
        return offsite;
    if (offsite->stop_fd >= 0)
        close(offsite->stop_fd);
    if (offsite->wake_fd >= 0)
        close(offsite->wake_fd);
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
    free(offsite);
}
