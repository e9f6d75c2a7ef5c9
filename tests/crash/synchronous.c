/* What if the product asked SQLite for less? CRASH_SYNCHRONOUS=NORMAL or OFF in the environment
 * takes the place of what the writing connection sets. The checks must notice. Linked as disk.c
 * is. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int row_fn(void *context, int count, char **values, char **names);

int __real_sqlite3_exec(sqlite3 *db, const char *sql, row_fn *each, void *context, char **error);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, row_fn *each, void *context, char **error);

int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, row_fn *each, void *context, char **error) {
    int code = __real_sqlite3_exec(db, sql, each, context, error);
    const char *instead = getenv("CRASH_SYNCHRONOUS");
    if (code != SQLITE_OK || !instead || !strstr(sql, "PRAGMA synchronous = FULL"))
        return code;
    char pragma[64];
    snprintf(pragma, sizeof(pragma), "PRAGMA synchronous = %s", instead);
    return __real_sqlite3_exec(db, pragma, NULL, NULL, NULL);
}
