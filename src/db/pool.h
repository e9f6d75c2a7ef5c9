/* The read connections of a store. Used inside db/ only; store_reader in db.h is the manual. */
#ifndef DB_POOL_H
#define DB_POOL_H

#include "base/err.h"
#include <stdbool.h>

struct db;
struct pool;
struct store_stats;

enum { POOL_READERS = 4 };

/* Opens nothing yet. `path` is kept and must outlive the pool. */
struct pool *pool_create(const char *path);

/* Waits for all loans to come back, closes the connections. NULL is fine. */
void pool_destroy(struct pool *pool);

struct db *pool_borrow(struct pool *pool);
void pool_return(struct pool *pool, struct db *db);

/* What is being read, or is asked for later, ends with ERR_BUSY. Any thread. */
void pool_cancel(struct pool *pool);
bool pool_cancelled(const struct pool *pool);

/* What a connection on loan reads from now on is of this moment, not of its first statement's. */
enum err pool_begin(struct db *db) MUST_CHECK;

/* Fills in what the readers know: the fields about readers, and queries. Any thread. */
void pool_stats(struct pool *pool, struct store_stats *out);

#endif
