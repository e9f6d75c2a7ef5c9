/* Runs this program once more beside itself, for work that may come to grief. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/arena.h"
#include "base/err.h"
#include <stddef.h>

struct child {
    const char *command, *argument; /* argv[1] and [2] */
    const void *input;              /* its standard input */
    size_t input_size;
    size_t output_max; /* bytes; more counts as coming to grief */
    int seconds;       /* then it is ended */
};

/* Starts it with an empty environment and nothing open but input, output and standard error, and
 * waits for its end. OK: it ended with status 0, and *output, in the arena, is what it wrote.
 * ERR_REFUSED: it ended in another way, was ended for want of time, or wrote too much. ERR_INTERNAL
 * (logged): it could not be started. Any thread, several at once. */
enum err child_run(const struct child *child, struct arena *arena, const void **output,
                   size_t *output_size) MUST_CHECK;

/* The path of this program; also the right one when its file was replaced by a newer one. */
const char *child_program(void);

#endif
