/* Bringing a file to the schema this program knows. Used inside db/ only; see store_open in db.h.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "db/db.h"

/* Makes a fresh file from the schema, or runs the steps an older one lacks (after a backup), or
 * leaves a current one alone. Refuses a file that is not ours, or is newer, without touching it.
 * `db` is a writing connection; afterwards the file is in WAL mode. */
enum err migrate_file(struct db *db, const struct store_options *options, char *error,
                      size_t error_size) MUST_CHECK;

#endif
