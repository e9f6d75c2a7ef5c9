/* malloc(3) that never answers NULL. */
#include "base/memory.h"
#include "base/log.h"
#include <stdlib.h>
#include <string.h>

static void *insist(void *memory, size_t count, size_t size) {
    if (!memory) {
        log_error("out_of_memory", "items", "%zu of %zu bytes", count, size);
        abort();
    }
    return memory;
}

void *memory_new(size_t count, size_t size) {
    return insist(calloc(count, size), count, size);
}

void *memory_resize(void *memory, size_t count, size_t size) {
    return insist(reallocarray(memory, count, size), count, size);
}

char *memory_text(const char *text) {
    return insist(strdup(text), 1, strlen(text) + 1);
}
