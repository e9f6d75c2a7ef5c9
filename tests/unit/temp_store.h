/* A small store in a folder of its own, for the tests of db/. */
#ifndef UNIT_TEMP_STORE_H
#define UNIT_TEMP_STORE_H

#include "base/err.h"
#include "db/db.h"
#include <stddef.h>
#include <stdint.h>

/* cmocka's header needs those before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>

#include <cmocka.h>

enum { TEMP_APPLICATION_ID = 0x54455354 };

/* CREATE TABLE item: id, name (unique), amount (0 to 1000), parent_id (an item). */
extern const char temp_schema[];

struct temp_store {
    char folder[32];
    char path[80];
    char backups[80];
    struct store *store;
};

/* cmocka set-up and tear-down: *state is a struct temp_store with an open store. */
int temp_store_setup(void **state);
int temp_store_teardown(void **state);

/* The same without a store: only the folder and its paths. */
int temp_folder_setup(void **state);

/* Options for temp_schema at temp->path, without statements. */
struct store_options temp_options(const struct temp_store *temp);

/* Opens or fails the test; closes and opens again. */
void temp_store_open(struct temp_store *temp);
void temp_store_reopen(struct temp_store *temp);

/* Runs SQL as another process would: by the sqlite3 shell. Answers its exit status. */
int temp_shell(const struct temp_store *temp, const char *sql);

/* Starts such a shell that writes an item named 'outside', holds the write lock for so long, and
 * commits. Returns when it has the lock; the answer is for waitpid. */
int temp_shell_holding(const struct temp_store *temp, const char *seconds);

/* One number through a loan of its own; -1 when the query fails. */
int64_t temp_number(struct store *store, const char *sql);

/* A closure that runs the statement it is given as argument. */
enum err temp_run_sql(struct tx *tx, void *sql);

/* Threads running `body(index)`, all joined. */
void temp_threads(int count, void (*body)(int index, void *arg), void *arg);

#endif
