/* When the write-ahead log is copied into the database file. Used by the writer thread only. */
#ifndef DB_CHECKPOINT_H
#define DB_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct db;

struct checkpoint {
    int log_pages;    /* in the log after our last commit */
    int copied_pages; /* of these, already in the file */
    int64_t next_restart_us;
    uint64_t count;
    bool is_refused; /* the disk took no writes when it was tried last */
};

/* From now on every commit on this connection is noticed; SQLite's own checkpoints are off. */
void checkpoint_attach(struct checkpoint *checkpoint, struct db *db);

/* Is there anything that a quiet moment could be used for? */
bool checkpoint_pending(const struct checkpoint *checkpoint);

/* After a commit: copies when enough has gathered. Never waits for readers, unless the log has
 * become very long; then at most 100 ms, at most once a second. */
void checkpoint_after_commit(struct checkpoint *checkpoint, struct db *db);

/* Copies what can be copied now. */
void checkpoint_when_idle(struct checkpoint *checkpoint, struct db *db);

/* Copies everything and empties the log, if nobody else has the file open. */
void checkpoint_at_close(struct checkpoint *checkpoint, struct db *db);

#endif
