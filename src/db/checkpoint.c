/* The checkpoint policy.
 *
 * SQLite's own way, a checkpoint inside the commit that crosses the limit, would make callers wait
 * for it. Here they have been woken before. A passive checkpoint never waits; it copies what no
 * reader still needs in its old form. The log starts over by itself once everything is copied and
 * no reader looks into it. With readers always in it the log would grow for ever, so beyond
 * RESTART_PAGES new transactions wait a moment for the readers of old pages to leave (new ones then
 * read the file, not the log, so this ends as soon as the requests at work are done). */
#include "db/checkpoint.h"
#include "base/clock.h"
#include "base/log.h"
#include "db/connection.h"
#include <errno.h>

enum {
    PASSIVE_PAGES = 2000,  /* 8 MB with 4 KB pages */
    RESTART_PAGES = 16000, /* 64 MB */
    RESTART_WAIT_MS = 100,
    RESTART_PAUSE_US = 1000000,
};

static int after_commit(void *context, sqlite3 *handle, const char *name, int pages) {
    (void)handle;
    (void)name;
    struct checkpoint *checkpoint = context;
    if (pages < checkpoint->log_pages)
        checkpoint->copied_pages = 0; /* the log has started over */
    checkpoint->log_pages = pages;
    return SQLITE_OK;
}

void checkpoint_attach(struct checkpoint *checkpoint, struct db *db) {
    *checkpoint = (struct checkpoint){0};
    sqlite3_wal_hook(db->handle, after_commit, checkpoint);
}

bool checkpoint_pending(const struct checkpoint *checkpoint) {
    return checkpoint->log_pages > checkpoint->copied_pages;
}

/* A disk that has become read-only (most do after an error) takes no sync either. That is no reason
 * to end: what is committed was synced with its commit, what was copied will be copied again, and
 * pages can be read meanwhile. Tried every quiet second, said once. */
static void refused(struct checkpoint *checkpoint, struct db *db, int code) {
    bool read_only = (code & 0xff) == SQLITE_IOERR && sqlite3_system_errno(db->handle) == EROFS;
    if (!read_only)
        connection_failed(db, code, "checkpoint");
    else if (!checkpoint->is_refused)
        log_error("disk_read_only", "error", "%s", sqlite3_errmsg(db->handle));
    checkpoint->is_refused = true;
}

static void run(struct checkpoint *checkpoint, struct db *db, int mode) {
    int log_pages = 0, copied_pages = 0;
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, mode, &log_pages, &copied_pages);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        refused(checkpoint, db, code);
        return;
    }
    checkpoint->is_refused = false;
    checkpoint->count++;
    checkpoint->log_pages = log_pages;
    checkpoint->copied_pages = copied_pages;
}

static void restart_log(struct checkpoint *checkpoint, struct db *db) {
    int64_t now = clock_monotonic_us();
    if (now < checkpoint->next_restart_us)
        return;
    checkpoint->next_restart_us = now + RESTART_PAUSE_US;
    sqlite3_busy_timeout(db->handle, RESTART_WAIT_MS);
    run(checkpoint, db, SQLITE_CHECKPOINT_RESTART);
    sqlite3_busy_timeout(db->handle, CONNECTION_BUSY_MS);
}

void checkpoint_after_commit(struct checkpoint *checkpoint, struct db *db) {
    if (checkpoint->log_pages - checkpoint->copied_pages >= PASSIVE_PAGES)
        run(checkpoint, db, SQLITE_CHECKPOINT_PASSIVE);
    if (checkpoint->log_pages >= RESTART_PAGES)
        restart_log(checkpoint, db);
}

void checkpoint_when_idle(struct checkpoint *checkpoint, struct db *db) {
    run(checkpoint, db, SQLITE_CHECKPOINT_PASSIVE);
}

void checkpoint_at_close(struct checkpoint *checkpoint, struct db *db) {
    run(checkpoint, db, SQLITE_CHECKPOINT_TRUNCATE);
}
