/* Is a server running, and is it ready? */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include "base/arena.h"
#include "base/err.h"
#include <stddef.h>

/* Asks /readyz of the ops listener, "ADDR:PORT" as the option says it, within seconds. OK: ready.
 * ERR_NOT_FOUND: nobody listens. ERR_BUSY: a server that is not ready, or does not answer.
 * ERR_INVALID: the option names nobody. `error` gets a sentence. */
enum err live_ask(const char *listener, struct arena *arena, char *error,
                  size_t error_size) MUST_CHECK;

#endif
