/* Arrays: those too large for an arena, each freed by its owner, and looking into those in order.
 * As with arenas, who finds no memory left ends the process with a log line. Any thread. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include "base/memory.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Below 0, 0, above 0: for what qsort(3) asks. */
static inline int array_compare(int64_t a, int64_t b) {
    return (a > b) - (a < b);
}

/* `old` with room for `count` items of `size` bytes, what stands in it kept; NULL: a new one. Also
 * of no items the answer is for free(). */
static inline void *array_resize(void *old, size_t count, size_t size) {
    return memory_resize(old, count ? count : 1, size);
}

/* A new one, of zeros. */
static inline void *array_zeros(size_t count, size_t size) {
    return memory_new(count ? count : 1, size);
}

/* Where an id stands or would stand among items of `size` bytes that begin with one, 64 bits and
 * not negative, ascending; the first of equal ones. */
static inline size_t array_lower_bound(const void *items, size_t count, size_t size, uint64_t id) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t there;
        memcpy(&there, (const char *)items + middle * size, sizeof(there));
        if (there < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
