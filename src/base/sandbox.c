/* Limits, and the filter of system calls. */
#include "base/sandbox.h"
#include "base/seccomp.h"
#include <sys/resource.h>

static bool limit(int what, rlim_t most) {
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){most, most}) == 0;
}

static bool filter_calls(void) {
    static const struct sock_filter PROGRAM[] = {
        SECCOMP_BEGIN,
        SECCOMP_ALLOW(read),
        SECCOMP_ALLOW(write),
        SECCOMP_ALLOW(brk),
        SECCOMP_ALLOW(mmap),
        SECCOMP_ALLOW(mremap),
        SECCOMP_ALLOW(munmap),
        SECCOMP_ALLOW(madvise),
        SECCOMP_ALLOW(getrandom),      /* malloc's key of its cache */
        SECCOMP_ALLOW(rt_sigprocmask), /* abort() */
        SECCOMP_ALLOW(gettid),
        SECCOMP_ALLOW(getpid),
        SECCOMP_ALLOW(tgkill),
        SECCOMP_ALLOW(exit_group),
        SECCOMP_END(SECCOMP_RET_KILL_PROCESS),
    };
    return SECCOMP_INSTALL(PROGRAM) == 0;
}

bool sandbox_enter(size_t memory, unsigned seconds) {
    if (!SECCOMP_STANDS)
        return true;
    return limit(RLIMIT_AS, memory) && limit(RLIMIT_CPU, seconds) && limit(RLIMIT_NOFILE, 0) &&
           limit(RLIMIT_NPROC, 0) && limit(RLIMIT_CORE, 0) && filter_calls();
}
