/* For a process that is about to read what it cannot trust, with everything it needs already open:
 * from here on it can read, write and ask for memory, and nothing else. */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* Bounds address space (bytes) and processor time (seconds), forbids new files and processes, gives
 * up every privilege that exec could bring back, and leaves only the system calls above (seccomp);
 * any other one ends the process. False when the kernel refuses one of it. Where SECCOMP_STANDS is
 * 0 (base/seccomp.h) it does nothing. */
bool sandbox_enter(size_t memory, unsigned seconds) MUST_CHECK;

#endif
