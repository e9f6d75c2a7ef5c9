/* When the next backup is due, making it, remembering how it went. */
#include "shop/backup_clock.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/file.h"
#include "shop/backup.h"
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    FIRST_SECONDS = 60,  /* after the start: answering comes first */
    RETRY_SECONDS = 600, /* after a failure */
    LOOK_SECONDS = 60,   /* files may come and go by hand */
};
static const int64_t SECOND_US = 1000000;

struct backup_clock {
    struct backup_clock_options options;
    int request_fd;
    int64_t next_us, look_us; /* of the serving thread; monotonic */
    pthread_mutex_t lock;     /* guards the status */
    struct backup_status status;
};

static void look(struct backup_clock *clock, int64_t now) {
    struct arena *arena = arena_create();
    struct shelf shelf;
    enum err err = shelf_read(clock->options.folder, arena, &shelf);
    const struct shelf_item *newest = err ? NULL : shelf_newest(&shelf, now);
    pthread_mutex_lock(&clock->lock);
    clock->status.last_at = newest ? newest->at : 0;
    clock->status.last_bytes = newest ? newest->bytes : 0;
    pthread_mutex_unlock(&clock->lock);
    arena_destroy(arena);
    clock->look_us = clock_monotonic_us() + LOOK_SECONDS * SECOND_US;
}

/* The one before may have been made by an earlier run of the program; one from the future says
 * nothing. */
static int64_t first_wait(const struct backup_clock *clock, int64_t now) {
    int64_t age = now - clock->status.last_at, left = clock->status.interval - age;
    return age < 0 || left < FIRST_SECONDS ? FIRST_SECONDS : left;
}

static char *copy(const char *text) {
    char *copied = strdup(text ? text : "");
    if (!copied)
        abort();
    return copied;
}

struct backup_clock *backup_clock_create(const struct backup_clock_options *options, int64_t now) {
    struct backup_clock *clock = calloc(1, sizeof(*clock));
    if (!clock)
        abort();
    clock->options = *options;
    clock->options.database = copy(options->database);
    clock->options.folder = copy(options->folder);
    clock->options.key = copy(options->key);
    clock->request_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init(&clock->lock, NULL);
    clock->status.interval = backup_rota_interval(&options->rota);
    look(clock, now);
    clock->next_us = clock_monotonic_us() + first_wait(clock, now) * SECOND_US;
    return clock;
}

void backup_clock_destroy(struct backup_clock *clock) {
    if (!clock)
        return;
    if (clock->request_fd >= 0)
        close(clock->request_fd);
    pthread_mutex_destroy(&clock->lock);
    free((char *)clock->options.database);
    free((char *)clock->options.folder);
    free((char *)clock->options.key);
    free(clock);
}

void backup_clock_request(struct backup_clock *clock) {
    pthread_mutex_lock(&clock->lock);
    clock->status.waiting = true;
    pthread_mutex_unlock(&clock->lock);
    eventfd_write(clock->request_fd, 1);
}

int backup_clock_fd(const struct backup_clock *clock) {
    return clock->request_fd;
}

struct backup_status backup_clock_status(struct backup_clock *clock) {
    pthread_mutex_lock(&clock->lock);
    struct backup_status status = clock->status;
    pthread_mutex_unlock(&clock->lock);
    return status;
}

bool backup_status_is_bad(const struct backup_status *status, int64_t now) {
    if (status->failed_at)
        return true;
    return status->last_at && now - status->last_at > backup_patience(status->interval);
}

/* ---- making one ------------------------------------------------------------------------------ */

static void note(struct backup_clock *clock, const struct backup_record *record, enum err err,
                 int64_t now, const char *reason) {
    pthread_mutex_lock(&clock->lock);
    struct backup_status *status = &clock->status;
    status->waiting = false;
    status->failed_at = err ? now : 0;
    status->failure = err;
    snprintf(status->reason, sizeof(status->reason), "%s", err ? reason : "");
    if (err) {
        status->failures++;
    } else {
        status->made++;
        status->last_at = record->made_at;
        status->last_bytes = record->bytes;
    }
    pthread_mutex_unlock(&clock->lock);
    int64_t wait = status->interval && err && status->interval > RETRY_SECONDS ? RETRY_SECONDS
                                                                               : status->interval;
    clock->next_us = clock_monotonic_us() + wait * SECOND_US;
    if (err)
        log_error("backup_failed", "reason", "%s", reason);
    else
        LOG_FIELDS(LOG_INFO, "backup_made", LOG_INT("bytes", record->bytes),
                   LOG_INT("rows", record->rows));
}

/* Two in one second would have one name: the first will do. */
static enum err make(struct backup_clock *clock, struct arena *arena, int64_t now,
                     struct backup_record *record, char *error, size_t error_size) {
    const struct backup_clock_options *options = &clock->options;
    enum err err = file_create_folder(options->folder);
    if (err && errno != EEXIST) {
        snprintf(error, error_size, "the folder %s cannot be made: %s.", options->folder,
                 strerror(errno));
        return err;
    }
    const char *name = shelf_name(arena, SHELF_SCHEDULED, now, *options->key != '\0');
    const char *file = arena_printf(arena, "%s/%s", options->folder, name);
    const struct backup_plan plan = {options->database, file, options->key, now};
    err = access(file, F_OK) == 0 ? backup_read_record(file, arena, record, error, error_size)
                                  : backup_make(&plan, arena, record, error, error_size);
    if (!err && options->taken)
        options->taken(options->taken_arg, file, backup_record_name(arena, file));
    return err;
}

static void rotate(struct backup_clock *clock, int64_t now) {
    size_t gone = shelf_rotate(clock->options.folder, &clock->options.rota, now);
    if (gone)
        log_info("backups_rotated", "removed", "%zu", gone);
}

/* Old ones go first: they may be what the new one needs room for. */
static void run(struct backup_clock *clock, int64_t now) {
    struct arena *arena = arena_create();
    struct backup_record record;
    char error[256] = "";
    pthread_mutex_lock(&clock->lock);
    clock->status.waiting = true;
    pthread_mutex_unlock(&clock->lock);
    if (clock->status.interval)
        rotate(clock, now);
    enum err err = make(clock, arena, now, &record, error, sizeof(error));
    note(clock, &record, err, now, error);
    if (!err && clock->status.interval)
        rotate(clock, now);
    arena_destroy(arena);
}

void backup_clock_serve(struct backup_clock *clock, int64_t now) {
    eventfd_t times = 0;
    bool asked = eventfd_read(clock->request_fd, &times) == 0 && times > 0;
    bool due = clock->status.interval && clock_monotonic_us() >= clock->next_us;
    if (asked || due)
        run(clock, now);
    else if (clock_monotonic_us() >= clock->look_us)
        look(clock, now);
}
