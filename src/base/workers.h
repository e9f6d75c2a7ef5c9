/* A few threads that share the pieces of one job: each takes the next piece until none is left. For
 * computing, not for waiting. They run at the lowest priority while the caller waits, so that
 * answering requests comes first. */
#ifndef BASE_WORKERS_H
#define BASE_WORKERS_H

#include <stddef.h>

struct workers;

/* `count` 0: one a core. Threads are made with the first job. */
struct workers *workers_create(int count);
void workers_destroy(struct workers *workers); /* NULL is fine */

/* How many work on a job at a time; they are numbered from 0. */
int workers_count(const struct workers *workers);

/* Runs piece(ctx, 0 … pieces-1, worker) in any order and returns when all are done. One job at a
 * time: a second caller waits. */
typedef void workers_piece(void *ctx, size_t piece, int worker);
void workers_run(struct workers *workers, size_t pieces, workers_piece *piece, void *ctx);

#endif
