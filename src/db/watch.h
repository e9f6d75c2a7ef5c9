/* Notices that the database has changed, whoever changed it. Used inside db/ only. */
#ifndef DB_WATCH_H
#define DB_WATCH_H

#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct watch;

/* Holds a connection to the file, which must exist, until watch_close. On failure *out is NULL and
 * `error` a sentence, as for connection_open. */
enum err watch_open(const char *path, struct watch **out, char *error,
                    size_t error_size) MUST_CHECK;
void watch_close(struct watch *watch); /* NULL is allowed */

/* What store_version() answers. Any thread; some twenty nanoseconds, no lock, no system call. */
uint64_t watch_version(struct watch *watch);

#endif
