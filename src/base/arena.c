/* Bump allocation in a chain of blocks. The first block is kept over a reset, so that an ordinary
 * request costs no call to malloc; larger requests add blocks, each at least twice as large. */
#include "base/arena.h"
#include "base/memory.h"
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 16 * 1024, LARGEST_STEP = 1024 * 1024 };

struct block {
    struct block *next;
    size_t size, used;
    bool zeroed; /* of one large item */
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *first, *current;
    size_t handed_out;
};

/* What is large comes as zeros from the system, and what is not touched of it costs nothing. */
static struct block *block_new(size_t size) {
    bool large = size > LARGEST_STEP;
    struct block *block = large ? memory_new(1, sizeof(*block) + size)
                                : memory_resize(NULL, 1, sizeof(*block) + size);
    block->next = NULL;
    block->size = size;
    block->used = 0;
    block->zeroed = large;
    return block;
}

struct arena *arena_create(void) {
    struct arena *arena = memory_new(1, sizeof(*arena));
    arena->first = arena->current = block_new(FIRST_BLOCK);
    return arena;
}

static void blocks_free(struct block *block) {
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void arena_destroy(struct arena *arena) {
    if (!arena)
        return;
    blocks_free(arena->first);
    free(arena);
}

void arena_reset(struct arena *arena) {
    blocks_free(arena->first->next);
    arena->first->next = NULL;
    arena->first->used = 0;
    arena->current = arena->first;
    arena->handed_out = 0;
}

size_t arena_used(const struct arena *arena) {
    return arena->handed_out;
}

/* Memory that holds anything. */
static void *claim(struct arena *arena, size_t size) {
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        abort();
    size = (size + align - 1) & ~(align - 1);
    struct block *block = arena->current;
    if (block->size - block->used < size) {
        size_t step = block->size < LARGEST_STEP / 2 ? block->size * 2 : LARGEST_STEP;
        block->next = block_new(size > step ? size : step);
        block = arena->current = block->next;
    }
    void *memory = block->bytes + block->used;
    block->used += size;
    arena->handed_out += size;
    return memory;
}

void *arena_alloc(struct arena *arena, size_t size) {
    void *memory = claim(arena, size);
    return arena->current->zeroed ? memory : memset(memory, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        abort();
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t item_size) {
    enum { FIRST_ITEMS = 8 };
    if (count == 0)
        return items ? items : arena_array(arena, FIRST_ITEMS, item_size);
    bool full = count >= FIRST_ITEMS && (count & (count - 1)) == 0;
    if (!full)
        return items;
    void *larger = arena_array(arena, count * 2, item_size);
    return memcpy(larger, items, count * item_size);
}

char *arena_strdup(struct arena *arena, const char *text) {
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length) {
    char *copy = claim(arena, length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Most texts fit into what is left of the block, so it is tried first. */
char *arena_printf(struct arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    size_t room = arena->current->size - arena->current->used;
    char *text = (char *)arena->current->bytes + arena->current->used;
    int length = vsnprintf(text, room, format, args);
    va_end(args);
    if (length < 0)
        abort();
    bool fits = (size_t)length < room;
    text = claim(arena, (size_t)length + 1); /* the same memory when it fits */
    if (!fits)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
