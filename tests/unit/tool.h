/* Runs the generators of src/tools as a build does, on files in a temporary folder. */
#ifndef TOOL_H
#define TOOL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include <stdbool.h>

/* A cmocka setup and teardown: *state is the path of an empty folder. */
int tool_setup(void **state);
int tool_teardown(void **state);

/* Writes folder/name, with the folders above it. */
void tool_write(const char *folder, const char *name, const char *text);
/* Reads folder/name; the caller frees the buffer. */
struct buf tool_read(const char *folder, const char *name);

/* Runs a program with arguments (a NULL ends them) inside `folder` (NULL: here) and gives its exit
 * status; what it printed on standard output and error is put into *output. A path that begins with
 * "build/" or "src/" is taken from the source tree. */
int tool_run(const char *folder, struct buf *output, const char *const *args);

#define TOOL_RUN(folder, output, ...) \
    tool_run((folder), (output), (const char *const[]){__VA_ARGS__, NULL})

#endif
