/* Putting a backup in the place of the school's database. It is written beside, opened, migrated
 * and checked there, and only then given the database's name, in one step of the file system: at
 * whatever moment the machine stops, the old or the new one is there, whole. The one that was there
 * is kept in backups/, and so is its log where it is too damaged to take that up.
 *
 * Damage is always refused: another SHA-256 or other row counts than the record says, a failed
 * integrity check, a file that is not ours or newer than this program. What is only doubtful (no
 * record beside it, references to rows that do not exist, books that are not true) is told, and
 * refused with `verify`.
 *
 * The caller holds the lock of the folder; nobody else has the database open. */
#ifndef SHOP_RESTORE_H
#define SHOP_RESTORE_H

#include "base/arena.h"
#include "base/err.h"
#include "shop/backup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct restore_plan {
    const char *data; /* the data folder */
    const char *file; /* the backup; sealed or not */
    const char *key;  /* NULL or "": none */
    bool verify;      /* doubts are refused too */
    bool as_it_is;    /* its schema stays, for an older program; the books are not asked */
    int64_t now;
};

struct restore_done {
    int64_t made_at;         /* as its record says; 0: unknown */
    struct copy_facts facts; /* of the backup, before any migration */
    const char *kept;        /* where the replaced database is; NULL: there was none */
    const char **doubts;     /* phrases */
    size_t doubt_count;
    int64_t mail_waiting; /* that it will send */
};

/* ERR_REFUSED: the backup is not fit. ERR_BUSY: the database is in use. ERR_NOT_FOUND: no such
 * file. Whatever fails, the school is as it was and `error` has a sentence. */
enum err restore_run(const struct restore_plan *plan, struct arena *arena,
                     struct restore_done *done, char *error, size_t error_size) MUST_CHECK;

/* Takes away what an interrupted restore left, on whoever holds the lock. */
void restore_sweep(const char *data);

#endif
