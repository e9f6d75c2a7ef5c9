/* Input and output are files in memory: neither side can make the other wait. */
#include "base/child.h"
#include "base/clock.h"
#include "base/log.h"
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_all(int file, const void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t count = write(file, (const char *)bytes + done, size - done);
        if (count <= 0)
            return false;
        done += (size_t)count;
    }
    return lseek(file, 0, SEEK_SET) == 0;
}

/* Where there is no /proc it is the path it was started by. */
const char *child_program(void) {
    static const char OWN[] = "/proc/self/exe";
    return access(OWN, X_OK) == 0 ? OWN : (const char *)getauxval(AT_EXECFN);
}

static int start(const struct child *child, int in, int out, pid_t *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    char *const argv[] = {(char *)"taller", (char *)child->command, (char *)child->argument, NULL};
    char *const no_environment[] = {NULL};
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&how);
    posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    int failed = posix_spawn(pid, child_program(), &files, &how, argv, no_environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

/* Waits for the end, or brings it about. */
static bool ended_well(pid_t pid, int seconds) {
    static const struct timespec BREATH = {.tv_nsec = 2000000};
    int64_t deadline = clock_monotonic_us() + INT64_C(1000000) * seconds;
    siginfo_t info = {0};
    while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0) {
        if (clock_monotonic_us() > deadline)
            kill(pid, SIGKILL);
        nanosleep(&BREATH, NULL);
    }
    return info.si_code == CLD_EXITED && info.si_status == 0;
}

static enum err read_output(int out, const struct child *child, struct arena *arena,
                            const void **output, size_t *output_size) {
    struct stat info;
    if (fstat(out, &info) != 0 || (size_t)info.st_size > child->output_max)
        return ERR_REFUSED;
    *output_size = (size_t)info.st_size;
    char *bytes = arena_alloc(arena, *output_size + 1);
    *output = bytes;
    return pread(out, bytes, *output_size, 0) == info.st_size ? OK : ERR_REFUSED;
}

enum err child_run(const struct child *child, struct arena *arena, const void **output,
                   size_t *output_size) {
    int in = memfd_create("child-in", MFD_CLOEXEC), out = memfd_create("child-out", MFD_CLOEXEC);
    enum err err = ERR_INTERNAL;
    pid_t pid = 0;
    bool ready = in >= 0 && out >= 0 && write_all(in, child->input, child->input_size);
    int failed = ready ? start(child, in, out, &pid) : errno;
    if (!ready || failed)
        log_error("child_not_started", "reason", "%s: %s", child->command, strerror(failed));
    else if (!ended_well(pid, child->seconds))
        err = ERR_REFUSED;
    else
        err = read_output(out, child, arena, output, output_size);
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return err;
}
