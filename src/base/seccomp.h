/* Filters of system calls (seccomp(2)): programs for the kernel's packet filter that look at each
 * call. Used by sandbox.c and confine.c. */
#ifndef BASE_SECCOMP_H
#define BASE_SECCOMP_H

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* Sanitizers and whoever counts lines need calls that no filter of ours lets through. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(COVERAGE)
#define SECCOMP_STANDS 0
#else
#define SECCOMP_STANDS 1
#endif

#if defined(__x86_64__)
#define SECCOMP_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define SECCOMP_ARCH AUDIT_ARCH_AARCH64
#else
#error "seccomp: which AUDIT_ARCH is this machine?"
#endif

#define SECCOMP_LOAD(field) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field))
#define SECCOMP_END(verdict) BPF_STMT(BPF_RET | BPF_K, (verdict))
#define SECCOMP_ALLOW(call) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), SECCOMP_END(SECCOMP_RET_ALLOW)

/* The number of the call is loaded behind this; one of another architecture ends the process. */
#define SECCOMP_BEGIN                                                            \
    SECCOMP_LOAD(arch), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_ARCH, 1, 0), \
        SECCOMP_END(SECCOMP_RET_KILL_PROCESS), SECCOMP_LOAD(nr)

/* Takes no privilege back by exec from here on, and installs a program for this thread and those it
 * starts. 0, or -1 and errno. */
#define SECCOMP_INSTALL(program)                                                    \
    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0                                    \
         ? -1                                                                       \
         : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,                               \
                 &(const struct sock_fprog){sizeof(program) / sizeof((program)[0]), \
                                            (struct sock_filter *)(program)},       \
                 0, 0))

#endif
