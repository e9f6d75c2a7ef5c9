/* Arrays that grow by far more than an arena is made for, each freed by its owner. As with arenas,
 * who finds no memory left ends the process with a log line. Any thread. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include "base/log.h"
#include <stdlib.h>

/* `old` with room for `count` items of `size` bytes, what stands in it kept; NULL: a new one. Also
 * of no items the answer is for free(). */
static inline void *array_resize(void *old, size_t count, size_t size) {
    void *items = reallocarray(old, count ? count : 1, size);
    if (!items) {
        log_error("out_of_memory", "items", "%zu of %zu bytes", count, size);
        abort();
    }
    return items;
}

/* A new one, of zeros. */
static inline void *array_zeros(size_t count, size_t size) {
    void *items = calloc(count ? count : 1, size);
    if (!items) {
        log_error("out_of_memory", "items", "%zu of %zu bytes", count, size);
        abort();
    }
    return items;
}

#endif
