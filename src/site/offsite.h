/* Copies of backups elsewhere (--s3): after each backup, and at the start, the newest scheduled one
 * that is not there yet is sent with its record to S3-compatible storage, and old ones there are
 * removed by the same rota as at home. A thread of its own, as lines are slow; what fails is tried
 * again, later each time. */
#ifndef SITE_OFFSITE_H
#define SITE_OFFSITE_H

#include "net/s3.h"
#include "shop/backup_shelf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct offsite;

struct offsite_options {
    struct s3_options s3; /* stop_fd is set here */
    const char *folder;   /* backups/ */
    struct backup_rota rota;
};

/* Texts outlive it. NULL when the system has no thread left. */
struct offsite *offsite_start(const struct offsite_options *options);

struct offsite_status {
    int64_t last_at;         /* when the newest whole backup there was made; 0: none is known yet */
    int64_t failed_at;       /* the last attempt failed, then; 0: it did not */
    uint64_t sent, failures; /* since the start */
    char reason[512];        /* why it failed, a sentence; "" */
};

/* No line is used: cheap enough for every scrape. Any thread. */
struct offsite_status offsite_status(struct offsite *offsite);

/* Whether somebody should look: the last attempt failed, and nothing there is younger than two days
 * and two intervals of the backups. What a line does for an hour is not worth a word. */
bool offsite_is_bad(const struct offsite_status *status, int64_t interval, int64_t now);

/* A backup_taken_fn; `arg` is the offsite. Any thread. */
void offsite_taken(void *arg, const char *file, const char *record);

/* Ends the thread at once: what was being sent is sent anew after the next start. NULL is fine. */
void offsite_stop(struct offsite *offsite);

#endif
