/* Backups by the clock, and what became of them: one handle that the running server has. Safe from
 * any thread; backup_clock_serve from one. */
#ifndef SHOP_BACKUP_CLOCK_H
#define SHOP_BACKUP_CLOCK_H

#include "base/err.h"
#include "shop/backup_shelf.h"
#include <stdbool.h>
#include <stdint.h>

struct backup_clock;

/* A backup and its record have just been finished, in the folder of backups: called on the thread
 * of backup_clock_serve, with both names. For what sends them elsewhere. */
typedef void backup_taken_fn(void *arg, const char *file, const char *record);

struct backup_clock_options {
    const char *database, *folder; /* taller.db; backups/, made when it is needed */
    const char *key;               /* NULL or "": backups are not sealed */
    struct backup_rota rota;
    backup_taken_fn *taken; /* NULL: they stay where they are */
    void *taken_arg;
};

/* Texts are copied. */
struct backup_clock *backup_clock_create(const struct backup_clock_options *options, int64_t now);
void backup_clock_destroy(struct backup_clock *clock); /* NULL is fine */

/* Asks for one now; whoever waits on backup_clock_fd makes it. */
void backup_clock_request(struct backup_clock *clock);
int backup_clock_fd(const struct backup_clock *clock); /* readable when one is asked for */

/* Makes one if it is asked for or due, takes away old ones. When one is due is measured, not read
 * from the calendar: a clock that jumps neither skips one nor makes many. Call it every few
 * seconds. */
void backup_clock_serve(struct backup_clock *clock, int64_t now);

struct backup_status {
    int64_t last_at;         /* UTC seconds; 0: there is none in the folder */
    int64_t last_bytes;      /* its size */
    int64_t interval;        /* seconds between two; 0: none is made by the clock */
    int64_t failed_at;       /* the last attempt failed, then; 0: it did not */
    uint64_t made, failures; /* since the start */
    bool waiting;            /* one is asked for or being made */
    enum err failure;        /* why it failed; OK: it did not */
    char reason[256];        /* the same as a sentence; "" */
};

/* No file is touched: cheap enough for every scrape. */
struct backup_status backup_clock_status(struct backup_clock *clock);

/* Whether somebody should look: the last attempt failed, or the last backup is older than two days
 * and two intervals. */
bool backup_status_is_bad(const struct backup_status *status, int64_t now);

#endif
