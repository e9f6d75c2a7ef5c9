/* Backups: one file that is the whole school as of one moment, made while it sells, and a record
 * beside it (FILE.json) of when that was, its SHA-256 and how many rows each table has. With a key
 * the file is sealed (base/seal.h); the record stays readable.
 *
 * A backup is there once its file is: the record comes first, the file last, and neither is seen
 * half-written. */
#ifndef SHOP_BACKUP_H
#define SHOP_BACKUP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/seal.h"
#include "db/copy.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backup_record {
    int64_t made_at; /* UTC seconds */
    int64_t bytes;   /* of the file as it lies there */
    int64_t schema;
    bool sealed;
    char sum[SEAL_SUM_SIZE];   /* its SHA-256 */
    struct copy_table *tables; /* by name */
    size_t table_count;
    int64_t rows; /* in all of them */
};

struct backup_plan {
    const char *database; /* the taller.db in use */
    const char *file;     /* to be made; nothing is ever replaced */
    const char *key;      /* NULL or "": not sealed */
    int64_t now;
};

/* ERR_CONFLICT: there is a file of that name, or another backup is making it. ERR_FULL: there would
 * not be room for it, or was not. `error` gets a sentence; nothing is left behind. */
enum err backup_make(const struct backup_plan *plan, struct arena *arena,
                     struct backup_record *record, char *error, size_t error_size) MUST_CHECK;

/* The record beside a file. ERR_NOT_FOUND: there is none. ERR_INVALID: it is none of ours. */
enum err backup_read_record(const char *file, struct arena *arena, struct backup_record *out,
                            char *error, size_t error_size) MUST_CHECK;

const char *backup_record_name(struct arena *arena, const char *file);

#endif
