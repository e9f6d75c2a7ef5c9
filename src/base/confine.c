/* The walls around the server. */
#include "base/confine.h"
#include "base/child.h"
#include "base/err.h"
#include "base/seccomp.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- system calls ---------------------------------------------------------------------------- */

#define REFUSE(call, error) \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), SECCOMP_END(SECCOMP_RET_ERRNO | (error))
#define EQUALS(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (yes), (no))
#define HAS_ANY(bits, yes, no) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (yes), (no))

/* The low half of an argument: the machines of ours put it first. Call by call: does the argument
 * hold one of these bits? is it one of these numbers? Either way the number of the call is loaded
 * again for what comes behind. */
#define ALLOW_WITHOUT(call, argument, bits)                                       \
    EQUALS(__NR_##call, 0, 4), SECCOMP_LOAD(args[argument]), HAS_ANY(bits, 0, 1), \
        SECCOMP_END(SECCOMP_RET_ERRNO | EPERM), SECCOMP_END(SECCOMP_RET_ALLOW)
#define ALLOW_ONE_OF_THREE(call, argument, a, b, c)                                            \
    EQUALS(__NR_##call, 0, 6), SECCOMP_LOAD(args[argument]), EQUALS(a, 3, 0), EQUALS(b, 2, 0), \
        EQUALS(c, 1, 0), SECCOMP_END(SECCOMP_RET_ERRNO | EPERM), SECCOMP_END(SECCOMP_RET_ALLOW)

enum {
    NEW_NAMESPACES = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                     CLONE_NEWPID | CLONE_NEWNET,
};

/* What traced runs of the tests asked for, and what glibc may take instead. The most frequent ones
 * first. */
static const struct sock_filter CALLS[] = {
    SECCOMP_BEGIN,
    SECCOMP_ALLOW(read),
    SECCOMP_ALLOW(write),
    SECCOMP_ALLOW(recvfrom),
    SECCOMP_ALLOW(sendto),
    SECCOMP_ALLOW(futex),
    SECCOMP_ALLOW(ppoll),
    SECCOMP_ALLOW(pread64),
    SECCOMP_ALLOW(pwrite64),
    SECCOMP_ALLOW(fcntl),
    SECCOMP_ALLOW(fsync),
    SECCOMP_ALLOW(fdatasync),
    SECCOMP_ALLOW(clock_gettime),
    SECCOMP_ALLOW(clock_nanosleep),
    SECCOMP_ALLOW(nanosleep),
    SECCOMP_ALLOW(close),
    SECCOMP_ALLOW(accept4),
    SECCOMP_ALLOW(setsockopt),
    SECCOMP_ALLOW(getsockopt),
    SECCOMP_ALLOW(getsockname),
    SECCOMP_ALLOW(getpeername),
    SECCOMP_ALLOW(shutdown),
    SECCOMP_ALLOW(sendmsg),
    SECCOMP_ALLOW(sendmmsg), /* names */
    SECCOMP_ALLOW(recvmsg),
    SECCOMP_ALLOW(recvmmsg),
    SECCOMP_ALLOW(bind),
    SECCOMP_ALLOW(listen),
    SECCOMP_ALLOW(connect),
    SECCOMP_ALLOW(readv),
    SECCOMP_ALLOW(writev),
    SECCOMP_ALLOW(lseek),
    SECCOMP_ALLOW(openat),
    SECCOMP_ALLOW(newfstatat),
    SECCOMP_ALLOW(fstat),
    SECCOMP_ALLOW(statx),
    SECCOMP_ALLOW(statfs),
    SECCOMP_ALLOW(fstatfs),
    SECCOMP_ALLOW(faccessat),
    SECCOMP_ALLOW(faccessat2),
    SECCOMP_ALLOW(readlinkat),
    SECCOMP_ALLOW(getdents64),
    SECCOMP_ALLOW(getcwd),
    SECCOMP_ALLOW(ftruncate),
    SECCOMP_ALLOW(fallocate),
    SECCOMP_ALLOW(flock),
    SECCOMP_ALLOW(fchown), /* SQLite's log gets the owner of the database */
    SECCOMP_ALLOW(fchmod),
    SECCOMP_ALLOW(fchmodat),
    SECCOMP_ALLOW(mkdirat),
    SECCOMP_ALLOW(unlinkat),
    SECCOMP_ALLOW(linkat),
    SECCOMP_ALLOW(renameat),
    SECCOMP_ALLOW(renameat2),
    SECCOMP_ALLOW(utimensat),
    SECCOMP_ALLOW(umask),
    SECCOMP_ALLOW(brk),
    ALLOW_WITHOUT(mmap, 2, PROT_EXEC),
    ALLOW_WITHOUT(mprotect, 2, PROT_EXEC),
    SECCOMP_ALLOW(munmap),
    SECCOMP_ALLOW(mremap),
    SECCOMP_ALLOW(madvise),
    SECCOMP_ALLOW(msync),
    SECCOMP_ALLOW(rt_sigprocmask),
    SECCOMP_ALLOW(rt_sigaction),
    SECCOMP_ALLOW(rt_sigreturn),
    SECCOMP_ALLOW(rt_sigtimedwait),
    SECCOMP_ALLOW(sigaltstack),
    SECCOMP_ALLOW(restart_syscall),
    SECCOMP_ALLOW(getrandom),
    SECCOMP_ALLOW(gettid),
    SECCOMP_ALLOW(getpid),
    SECCOMP_ALLOW(getppid),
    SECCOMP_ALLOW(getuid),
    SECCOMP_ALLOW(geteuid),
    SECCOMP_ALLOW(getgid),
    SECCOMP_ALLOW(getegid),
    SECCOMP_ALLOW(uname),
    SECCOMP_ALLOW(sysinfo),
    SECCOMP_ALLOW(getrusage),
    SECCOMP_ALLOW(gettimeofday),
    SECCOMP_ALLOW(times),
    SECCOMP_ALLOW(sched_yield),
    SECCOMP_ALLOW(sched_getaffinity),
    SECCOMP_ALLOW(setpriority),
    SECCOMP_ALLOW(prlimit64),
    SECCOMP_ALLOW(setrlimit),
    SECCOMP_ALLOW(getrlimit),
    SECCOMP_ALLOW(eventfd2),
    SECCOMP_ALLOW(pipe2),
    SECCOMP_ALLOW(dup),
    SECCOMP_ALLOW(dup3),
    SECCOMP_ALLOW(set_robust_list),
    SECCOMP_ALLOW(set_tid_address),
    SECCOMP_ALLOW(rseq),
    SECCOMP_ALLOW(membarrier),
    SECCOMP_ALLOW(exit),
    SECCOMP_ALLOW(exit_group),
    SECCOMP_ALLOW(tgkill),
    SECCOMP_ALLOW(kill), /* a reader of pictures that takes too long */
    SECCOMP_ALLOW(memfd_create),
    SECCOMP_ALLOW(close_range),
    SECCOMP_ALLOW(wait4),
    SECCOMP_ALLOW(waitid),
    SECCOMP_ALLOW(execve), /* Landlock says of what */
    ALLOW_WITHOUT(clone, 0, NEW_NAMESPACES),
    REFUSE(clone3, ENOSYS), /* its flags cannot be seen; glibc takes clone then */
    ALLOW_ONE_OF_THREE(socket, 0, AF_INET, AF_INET6, AF_UNIX),
    ALLOW_ONE_OF_THREE(ioctl, 1, TCGETS, FIONBIO, FIONREAD),
    ALLOW_ONE_OF_THREE(prctl, 0, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_NAME),
#if defined(__x86_64__) /* the ones that newer machines no longer have */
    SECCOMP_ALLOW(poll),
    SECCOMP_ALLOW(open),
    SECCOMP_ALLOW(stat),
    SECCOMP_ALLOW(lstat),
    SECCOMP_ALLOW(access),
    SECCOMP_ALLOW(readlink),
    SECCOMP_ALLOW(mkdir),
    SECCOMP_ALLOW(rmdir),
    SECCOMP_ALLOW(unlink),
    SECCOMP_ALLOW(link),
    SECCOMP_ALLOW(rename),
    SECCOMP_ALLOW(chmod),
    SECCOMP_ALLOW(dup2),
    SECCOMP_ALLOW(pipe),
    SECCOMP_ALLOW(time),
    SECCOMP_ALLOW(vfork),
    SECCOMP_ALLOW(arch_prctl),
#endif
    SECCOMP_END(SECCOMP_RET_ERRNO | EPERM),
};

/* ---- files ----------------------------------------------------------------------------------- */

/* Rights that headers older than the kernel do not name. */
enum { TRUNCATE = 1 << 14, WITH_REFER = 2, WITH_TRUNCATE = 3 };

/* Everything that changes a file or runs one; reading is for the rights of files to say. */
static uint64_t guarded(int version) {
    uint64_t rights =
        LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
        LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
        LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
        LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    if (version >= WITH_REFER)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (version >= WITH_TRUNCATE)
        rights |= TRUNCATE;
    return rights;
}

static uint64_t needed(int version) {
    uint64_t never = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                     LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    return guarded(version) & ~never;
}

static bool allow(int rules, const char *path, uint64_t rights) {
    int fd = open(path, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return false;
    const struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
    bool added = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
    close(fd);
    return added;
}

/* Answers the version, 0 when there is none. */
static int guard_files(const char *const *folders, size_t count) {
    int version =
        (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1)
        return 0;
    const struct landlock_ruleset_attr wanted = {.handled_access_fs = guarded(version)};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &wanted, sizeof(wanted), 0);
    if (rules < 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        (void)allow(rules, folders[i], needed(version));
    bool guarded_now = allow(rules, child_program(), LANDLOCK_ACCESS_FS_EXECUTE) &&
                       prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                       syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return guarded_now ? version : 0;
}

void confine(const char *const *folders, size_t count, struct confinement *out) {
    *out = (struct confinement){0};
    if (!SECCOMP_STANDS)
        return;
    out->landlock = guard_files(folders, count); /* the filter does not know its calls */
    out->calls = SECCOMP_INSTALL(CALLS) == 0;
}
