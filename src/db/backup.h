/* Copying a whole database while it is in use. Used inside db/ only; see store_backup in db.h. */
#ifndef DB_BACKUP_H
#define DB_BACKUP_H

#include "base/err.h"
#include <stddef.h>

/* Copies the last committed state of the database at `from` into a new file at `to`, replacing one
 * of that name only when the copy is complete and synced. The copy is in one file (no log beside
 * it). On failure `error` has a sentence. */
enum err backup_copy(const char *from, const char *to, char *error, size_t error_size) MUST_CHECK;

/* The same into a file that has no name to be found by yet: neither synced nor given another name.
 * What was at `to` is gone. `name` is what `error` calls it. */
enum err backup_write(const char *from, const char *to, const char *name, char *error,
                      size_t error_size) MUST_CHECK;

#endif
