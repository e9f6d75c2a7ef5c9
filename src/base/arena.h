/* An arena: memory that lives as long as one request or one job and is given back all at once.
 *
 * Allocation never fails: when the system has no memory left the process ends with a log line, as
 * nothing half-done is worth keeping (what was confirmed is on disk; the supervisor restarts us).
 * An arena belongs to one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/err.h"
#include <stddef.h>

struct arena;

struct arena *arena_create(void);
void arena_destroy(struct arena *arena); /* NULL is fine */

/* Forgets everything allocated; keeps the first block for the next use, returns the rest. */
void arena_reset(struct arena *arena);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/* Zeroed memory aligned for any type. size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) __attribute__((returns_nonnull, malloc));

/* Zeroed array; count × size is checked for overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));

/* A list that doubles: returns `items` or a larger copy with room for one more behind `count`. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t item_size)
    __attribute__((returns_nonnull));

char *arena_strdup(struct arena *arena, const char *text); /* NULL gives NULL */
char *arena_strndup(struct arena *arena, const char *text, size_t length)
    __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3)
    __attribute__((returns_nonnull));

#endif
