/* The walls around the server: each try is a process of its own, which says how it ended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/confine.h"
#include "base/err.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char inside[64], outside[64];

/* 0, or the errno it failed with. */
typedef int attempt_fn(void);

static int error_of(long result) {
    return result == -1 ? errno : 0;
}

/* ---- what is forbidden ----------------------------------------------------------------------- */

static int write_outside(void) {
    char path[96];
    snprintf(path, sizeof(path), "%s/new", outside);
    return error_of(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}
static int change_outside(void) {
    char path[96];
    snprintf(path, sizeof(path), "%s/old", outside);
    return error_of(open(path, O_WRONLY | O_CLOEXEC));
}
static int remove_outside(void) {
    char path[96];
    snprintf(path, sizeof(path), "%s/old", outside);
    return error_of(unlink(path));
}
static int run_a_shell(void) {
    char *const words[] = {(char *)"sh", (char *)"-c", (char *)"exit 0", NULL};
    return error_of(execv("/bin/sh", words));
}
static int trace(void) {
    return error_of(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}
static int read_another_process(void) {
    return error_of(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0));
}
static int executable_memory(void) {
    void *got =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return got == MAP_FAILED ? errno : 0;
}
static int memory_made_executable(void) {
    void *got = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return error_of(mprotect(got, 4096, PROT_READ | PROT_EXEC));
}
static int packet_socket(void) {
    return error_of(socket(AF_PACKET, SOCK_RAW, 0));
}
static int kernel_socket(void) {
    return error_of(socket(AF_NETLINK, SOCK_RAW, 0));
}
static int new_namespace(void) {
    return error_of(syscall(SYS_unshare, CLONE_NEWUSER));
}
static int clone_with_namespace(void) {
    return error_of(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL));
}
static int mount_something(void) {
    return error_of(syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL));
}
static int load_a_filter(void) {
    return error_of(syscall(SYS_bpf, 0, NULL, 0));
}
static int ring(void) {
    return error_of(syscall(SYS_io_uring_setup, 1, NULL));
}
static int set_the_clock(void) {
    return error_of(syscall(SYS_clock_settime, 0, NULL));
}
static int restart_the_machine(void) {
    return error_of(syscall(SYS_reboot, 0, 0, 0, NULL));
}
static int keys(void) {
    return error_of(syscall(SYS_keyctl, 0, 0, 0, 0, 0));
}
static int type_into_the_terminal(void) {
    return error_of(syscall(SYS_ioctl, 0, 0x5412, "x")); /* TIOCSTI */
}

/* ---- what goes on ---------------------------------------------------------------------------- */

static int write_inside(void) {
    char path[96], other[96];
    snprintf(path, sizeof(path), "%s/new", inside);
    snprintf(other, sizeof(other), "%s/newer", inside);
    int fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, "x", 1) != 1 || ftruncate(fd, 0) != 0 || fsync(fd) != 0 ||
        rename(path, other) != 0 || unlink(other) != 0)
        return errno;
    return error_of(close(fd));
}
static int read_outside(void) {
    return error_of(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}
static int a_socket(void) {
    return error_of(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
}
static void *nothing(void *arg) {
    return arg;
}
static int a_thread(void) {
    pthread_t thread;
    int failed = pthread_create(&thread, NULL, nothing, NULL);
    return failed ? failed : pthread_join(thread, NULL);
}
/* ---- the tries ------------------------------------------------------------------------------- */

struct walls {
    bool calls, files;
};

/* How a confined process fared. */
static int fare(attempt_fn *attempt, struct walls *walls) {
    pid_t pid = fork();
    if (pid == 0) {
        const char *const folders[] = {inside, "/nowhere"};
        struct confinement got;
        confine(folders, ARRAY_COUNT(folders), &got);
        if (!attempt)
            _exit(got.calls + 2 * (got.landlock > 0));
        _exit(attempt());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    if (walls)
        *walls = (struct walls){WEXITSTATUS(status) & 1, WEXITSTATUS(status) & 2};
    return WEXITSTATUS(status);
}

static struct walls look(void) {
    struct walls walls;
    (void)fare(NULL, &walls);
    return walls;
}

/* Not in a sanitizer's build, nor where the kernel does not let us. */
static bool is_there(bool wall, const char *name) {
    if (!wall)
        print_message("no %s here: not tried\n", name);
    return wall;
}

static void each_ends_with(attempt_fn *const *attempts, size_t count, int error) {
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fare(attempts[i], NULL), error);
}

static void calls_that_a_shop_never_makes_fail(void **state) {
    static attempt_fn *const ATTEMPTS[] = {trace,
                                           read_another_process,
                                           executable_memory,
                                           memory_made_executable,
                                           packet_socket,
                                           kernel_socket,
                                           new_namespace,
                                           clone_with_namespace,
                                           mount_something,
                                           load_a_filter,
                                           ring,
                                           set_the_clock,
                                           restart_the_machine,
                                           keys,
                                           type_into_the_terminal};
    (void)state;
    if (!is_there(look().calls, "seccomp"))
        return;
    each_ends_with(ATTEMPTS, ARRAY_COUNT(ATTEMPTS), EPERM);
}

static void files_outside_stay_as_they_are(void **state) {
    static attempt_fn *const ATTEMPTS[] = {write_outside, change_outside, remove_outside,
                                           run_a_shell};
    (void)state;
    if (!is_there(look().files, "Landlock"))
        return;
    each_ends_with(ATTEMPTS, ARRAY_COUNT(ATTEMPTS), EACCES);
}

static void what_a_shop_does_goes_on(void **state) {
    static attempt_fn *const ATTEMPTS[] = {write_inside, read_outside, a_socket, a_thread};
    (void)state;
    each_ends_with(ATTEMPTS, ARRAY_COUNT(ATTEMPTS), 0);
}

static int set_up(void **state) {
    (void)state;
    snprintf(inside, sizeof(inside), "/tmp/taller-inside-%d", (int)getpid());
    snprintf(outside, sizeof(outside), "/tmp/taller-outside-%d", (int)getpid());
    char path[96];
    snprintf(path, sizeof(path), "%s/old", outside);
    int failed = mkdir(inside, 0700) | mkdir(outside, 0700);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    return failed | close(fd);
}

static int tear_down(void **state) {
    (void)state;
    char path[96];
    snprintf(path, sizeof(path), "%s/old", outside);
    return unlink(path) | rmdir(outside) | rmdir(inside);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_that_a_shop_never_makes_fail),
        cmocka_unit_test(files_outside_stay_as_they_are),
        cmocka_unit_test(what_a_shop_does_goes_on),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
