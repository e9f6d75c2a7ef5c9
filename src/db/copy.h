/* Database files as files: copying one in use, looking into one that nobody uses. For backups and
 * for what is restored from them; nothing here needs an open store. `error` gets a sentence.
 *
 * What is found wrong with a file is an answer here, never a line in the log. */
#ifndef DB_COPY_H
#define DB_COPY_H

#include "base/arena.h"
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

/* Copies the last committed state of the database at `from` into a file of mode 0600 at `to`, in
 * one file without a log, while others read and write. What was at `to` is gone. Not synced:
 * file_publish. `name` is what `error` calls it. */
enum err copy_make(const char *from, const char *to, const char *name, char *error,
                   size_t error_size) MUST_CHECK;

struct copy_table {
    const char *name;
    int64_t rows;
};

/* What a file says of itself, as of one moment. */
struct copy_facts {
    int64_t application_id;
    int64_t schema;            /* user_version */
    struct copy_table *tables; /* those that hold rows of their own, by name */
    size_t table_count;
    int64_t rows; /* in all of them */
};

/* ERR_REFUSED: it is damaged, or no database. */
enum err copy_facts(const char *path, struct arena *arena, struct copy_facts *out, char *error,
                    size_t error_size) MUST_CHECK;

/* The same without counting: tables are left out. */
enum err copy_identity(const char *path, struct copy_facts *out, char *error,
                       size_t error_size) MUST_CHECK;

/* One integer a statement answers about a file; NULL reads as 0. */
enum err copy_number(const char *path, const char *sql, int64_t *out, char *error,
                     size_t error_size) MUST_CHECK;

enum { COPY_FAULTS_MAX = 100 };

/* PRAGMA integrity_check and foreign_key_check. Each fault is a phrase; count 0: the file is whole,
 * whatever its rows mean. `references` are those of foreign keys. ERR_REFUSED: it is so damaged
 * that it cannot be checked. */
struct copy_faults {
    const char **damage, **references;
    size_t damage_count, reference_count;
};
enum err copy_check(const char *path, struct arena *arena, struct copy_faults *out, char *error,
                    size_t error_size) MUST_CHECK;

/* Copies the log into the file and does away with it: from then on the file alone is the database,
 * until it is opened again. ERR_BUSY: another program has it open. ERR_REFUSED: it is damaged; both
 * are as they were. */
enum err copy_settle(const char *path, char *error, size_t error_size) MUST_CHECK;

#endif
