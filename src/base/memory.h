/* Memory that is there: where there is none left the process says so and ends, as nothing sensible
 * can be done without. What may be asked for by strangers in any size is bounded before. Freed with
 * free(). Safe from any thread. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* `count` times `size` bytes of zeros. */
void *memory_new(size_t count, size_t size)
    __attribute__((malloc, returns_nonnull, alloc_size(1, 2), warn_unused_result));

/* `memory` with room for `count` times `size` bytes, 1 or more; NULL: new, and not of zeros. */
void *memory_resize(void *memory, size_t count, size_t size)
    __attribute__((returns_nonnull, alloc_size(2, 3), warn_unused_result));

/* A copy of a text. */
char *memory_text(const char *text)
    __attribute__((malloc, returns_nonnull, nonnull, warn_unused_result));

#endif
