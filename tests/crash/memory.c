/* See memory.h. */
#include "memory.h"
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

static atomic_uint_fast64_t count, armed;
static atomic_bool ever;

void *__real_malloc(size_t size);
void *__real_calloc(size_t items, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t items, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t items, size_t size);
char *__wrap_strdup(const char *text);

static bool is_out(void) {
    uint64_t number = atomic_fetch_add(&count, 1) + 1, first = atomic_load(&armed);
    return first && (number == first || (number > first && atomic_load(&ever)));
}

void *__wrap_malloc(size_t size) {
    return is_out() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t items, size_t size) {
    return is_out() ? NULL : __real_calloc(items, size);
}

void *__wrap_realloc(void *old, size_t size) {
    return is_out() ? NULL : __real_realloc(old, size);
}

void *__wrap_reallocarray(void *old, size_t items, size_t size) {
    size_t bytes;
    return is_out() || __builtin_mul_overflow(items, size, &bytes) ? NULL
                                                                   : __real_realloc(old, bytes);
}

char *__wrap_strdup(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = __wrap_malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void memory_arm(uint64_t number, bool for_ever) {
    atomic_store(&armed, number);
    atomic_store(&ever, for_ever);
    atomic_store(&count, 0);
}

uint64_t memory_count(void) {
    return atomic_load(&count);
}
