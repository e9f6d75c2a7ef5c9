/* The thread that owns the one writing connection. Used inside db/ only; store_write in db.h is the
 * manual of what callers may rely on. */
#ifndef DB_WRITER_H
#define DB_WRITER_H

#include "db/db.h"

struct writer;

/* Starts the thread. Takes over the open connection *db (closed by writer_stop, or left alone on
 * failure). ERR_BUSY: the system has no thread left. */
enum err writer_start(struct db *db, struct writer **out) MUST_CHECK;

/* Does what is queued, makes a last checkpoint, ends the thread. NULL is fine. */
void writer_stop(struct writer *writer);

enum err writer_run(struct writer *writer, store_fn *fn, void *arg) MUST_CHECK;
void writer_run_later(struct writer *writer, store_fn *fn, void *arg, void (*free_arg)(void *));

/* Fills in everything but the readers' figures. */
void writer_stats(struct writer *writer, struct store_stats *out);

#endif
