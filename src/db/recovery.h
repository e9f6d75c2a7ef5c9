/* The end of the write-ahead log after a process that died. Used inside db/ only. */
#ifndef DB_RECOVERY_H
#define DB_RECOVERY_H

#include "base/err.h"

struct db;

/* Puts on disk whatever an earlier process left in the log, and the names of the database and its
 * log. On a writing connection to the file at `path`, in WAL mode, before anybody is told what the
 * file says and before anything is added. Fails when the disk does; nothing may be told then. */
enum err recovery_settle(struct db *db, const char *path) MUST_CHECK;

/* After a failed sync, by a process about to end: takes what was being committed out of the log, so
 * that no later process believes it. */
void recovery_disown(struct db *db);

#endif
