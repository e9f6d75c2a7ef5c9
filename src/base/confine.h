/* What the running server can no longer do from the moment it has opened its data folder, whoever
 * has taken it over by then: change a file outside the folder, run any program but itself, make
 * memory executable, trace another process, mount, load, reboot, open a raw socket …
 *
 * Three walls of the kernel: no_new_privs (prctl(2)), a list of the system calls it knows
 * (seccomp(2); any other one fails with EPERM), Landlock (landlock(7)) where the kernel has it.
 * They hold for the calling thread and all that it starts, so it is called before the first one,
 * and cannot be taken back. */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct confinement {
    bool calls;   /* no_new_privs and seccomp are in force */
    int landlock; /* its version (ABI); 0: this kernel has none, or does not let us */
};

/* `folders` are those that may be written to; one that is not there is passed over. Only a program
 * linked statically can start itself again behind these walls. Where SECCOMP_STANDS is 0
 * (base/seccomp.h) it does nothing. */
void confine(const char *const *folders, size_t count, struct confinement *out);

#endif
