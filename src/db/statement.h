/* Prepared statements of one connection. Used inside db/ only; db.h has what everybody calls. */
#ifndef DB_STATEMENT_H
#define DB_STATEMENT_H

#include "base/err.h"
#include <stddef.h>

struct db;
struct sql_table;

/* Runs a statement of db/ itself that takes no values (BEGIN, COMMIT, SAVEPOINT …) to its end. */
enum err statement_run(struct db *db, const char *sql) MUST_CHECK;

/* Ends what a careless caller left open, with a log line each. Answers how many there were. */
size_t statement_end_all(struct db *db);

/* Forgets all prepared statements; the connection is about to be closed. */
void statement_close_all(struct db *db);

/* Prepares every statement of the tables once. ERR_INTERNAL and a sentence that names the first one
 * that does not compile. */
enum err statement_check(struct db *db, const struct sql_table *tables, size_t count, char *error,
                         size_t error_size) MUST_CHECK;

#endif
