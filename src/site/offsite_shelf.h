/* What lies in S3-compatible storage: the scheduled backups that offsite.h sends, under the names
 * they have in backups/, each with its record. */
#ifndef SITE_OFFSITE_SHELF_H
#define SITE_OFFSITE_SHELF_H

#include "base/arena.h"
#include "base/err.h"
#include "net/s3.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "s3.example.org/school/", as people are told it. */
const char *offsite_place(struct arena *arena, const struct s3_place *place);

/* Out of all names that are there those of backups of the clock, newest first; `whole`: only those
 * whose record is there too. */
void offsite_pick(const struct s3_names *there, bool whole, struct arena *arena,
                  struct s3_names *out);

/* Brings a backup and its record into `folder`, under its own name, checked against the SHA-256 of
 * the record; `file` is its path. One that is there already and the same is not fetched again. An
 * empty name is the newest. ERR_NOT_FOUND: there is none. ERR_CONFLICT: another file has that name.
 * ERR_REFUSED: it is damaged, or the storage says no. `error` gets a sentence and nothing is left
 * behind. */
enum err offsite_fetch(const struct s3_options *s3, const char *name, const char *folder,
                       struct arena *arena, const char **file, char *error,
                       size_t error_size) MUST_CHECK;

#endif
