/* What the generators share: reading inputs, writing outputs, C literals, and ending with one clear
 * sentence. They run on the build machine, so any failure ends the program. */
#ifndef TOOLS_GEN_H
#define TOOLS_GEN_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Prints "path:line: message" (line 0: "path: message") on standard error and exits with 1. */
_Noreturn void gen_fail(const char *path, int line, const char *format, ...) PRINTF_LIKE(3, 4);

/* A whole file, appended. */
void gen_read(const char *path, struct buf *content);
bool gen_exists(const char *path);

/* Writes a file and the folders above it, but only when its content changes, so that what depends
 * on it is not rebuilt for nothing. */
void gen_write(const char *path, const struct buf *content);

/* The regular files below a folder, as paths relative to it, sorted; hidden ones are left out.
 * A list of `count` heap strings, for the life of the program. */
char **gen_list(const char *folder, size_t *count);

/* "…" with escapes, long texts on several lines. */
void gen_literal(struct buf *c, const char *bytes, size_t count);

/* A definition `static const unsigned char NAME[] = "…";` (a NUL follows the bytes). */
void gen_bytes(struct buf *c, const char *name, const void *bytes, size_t count);

/* FNV-1a, 64 bits: names of generated symbols and of files by content. */
uint64_t gen_hash(const void *bytes, size_t count);

/* Heap text for the life of the program. */
char *gen_printf(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
