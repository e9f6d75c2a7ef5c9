/* See disk.h. Each wrapper decides under one lock, does the real thing, and writes down what it
 * did, so that the trace has the order in which the disk saw it. Files that SQLite opens are
 * written down write by write; ours, which are written by other ways too (a mapping, a stream), are
 * written down whole when they are synced, and count as empty until then. */
#include "disk.h"
#include "trace.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 4096, NAME_SIZE = 200 };

/* A descriptor of a watched file. */
struct watched {
    bool is_watched, is_folder;
    bool is_ours; /* not SQLite's */
    uint64_t file;
    char name[NAME_SIZE];
};

enum operation { WRITE, TRUNCATE, SYNC, CREATE, NAME, UNLINK };

/* How a step is done. */
enum manner { WHOLE, HALF, HALF_AND_DIE, NOT };

const char *const disk_fault_names[DISK_FAULTS] = {
    [DISK_SOUND] = "sound",       [DISK_KILL] = "kill",     [DISK_TEAR] = "tear",
    [DISK_FULL] = "full",         [DISK_BAD] = "bad",       [DISK_SHORT] = "short",
    [DISK_UNSYNCED] = "unsynced", [DISK_SYNC_BAD] = "sync",
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards everything below */
static struct watched watched[FILES];
static const char *root;
static size_t root_length;
static int trace_file = -1;
static bool forgets_folders;
static enum disk_fault armed;
static uint64_t armed_step, steps;
static bool armed_for_ever;

int __real_open(const char *path, int flags, ...);
int __real_open64(const char *path, int flags, ...);
int __real_close(int fd);
ssize_t __real_write(int fd, const void *bytes, size_t count);
ssize_t __real_pwrite(int fd, const void *bytes, size_t count, off_t offset);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t count, off_t offset);
int __real_ftruncate(int fd, off_t size);
int __real_ftruncate64(int fd, off_t size);
int __real_posix_fallocate(int fd, off_t offset, off_t size);
int __real_fsync(int fd);
int __real_mkdir(const char *path, mode_t mode);
int __real_rename(const char *old, const char *new);
int __real_renameat2(int old_folder, const char *old, int new_folder, const char *new,
                     unsigned flags);
int __real_link(const char *old, const char *new);
int __real_unlink(const char *path);

int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap___open_2(const char *path, int flags);
int __wrap_close(int fd);
ssize_t __wrap_write(int fd, const void *bytes, size_t count);
ssize_t __wrap_pwrite(int fd, const void *bytes, size_t count, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t count, off_t offset);
int __wrap_ftruncate(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size);
int __wrap_posix_fallocate(int fd, off_t offset, off_t size);
int __wrap_fsync(int fd);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_rename(const char *old, const char *new);
int __wrap_renameat2(int old_folder, const char *old, int new_folder, const char *new,
                     unsigned flags);
int __wrap_link(const char *old, const char *new);
int __wrap_unlink(const char *path);

/* ---- the trace ------------------------------------------------------------------------------ */

/* One record, in one piece: several processes may write to a trace. */
static void record(enum trace_kind kind, uint64_t file, uint64_t offset, const void *bytes,
                   size_t size) {
    if (trace_file < 0)
        return;
    struct trace_record head = {(uint32_t)kind, (uint32_t)size, file, offset};
    unsigned char *whole = malloc(sizeof(head) + size);
    if (!whole)
        abort();
    memcpy(whole, &head, sizeof(head));
    if (size)
        memcpy(whole + sizeof(head), bytes, size);
    if (__real_write(trace_file, whole, sizeof(head) + size) != (ssize_t)(sizeof(head) + size))
        abort();
    free(whole);
}

static void record_name(enum trace_kind kind, uint64_t file, const char *name) {
    record(kind, file, 0, name, strlen(name) + 1);
}

static void record_names(enum trace_kind kind, const char *old, const char *new) {
    char both[2 * NAME_SIZE];
    size_t first = strlen(old) + 1, second = strlen(new) + 1;
    memcpy(both, old, first);
    memcpy(both + first, new, second);
    record(kind, 0, 0, both, first + second);
}

/* A file as it is now. */
static void record_content(int fd, uint64_t file) {
    char path[64];
    struct stat info;
    if (trace_file < 0)
        return;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int copy = __real_open(path, O_RDONLY | O_CLOEXEC);
    if (copy < 0 || fstat(copy, &info) != 0)
        abort();
    size_t size = (size_t)info.st_size;
    unsigned char *bytes = malloc(size + 1);
    if (!bytes || pread(copy, bytes, size, 0) != (ssize_t)size)
        abort();
    record(TRACE_TRUNCATE, file, size, NULL, 0);
    record(TRACE_WRITE, file, 0, bytes, size);
    free(bytes);
    __real_close(copy);
}

/* ---- names ---------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* The name of a path below the watched folder. */
static bool inside(const char *path, char name[NAME_SIZE]) {
    if (!root || strncmp(path, root, root_length) != 0 ||
        (path[root_length] != '/' && path[root_length] != '\0'))
        return false;
    path += root_length;
    path += *path == '/';
    if (ends_with(path, "-shm") || ends_with(path, ".lock") || strlen(path) >= NAME_SIZE)
        return false;
    memcpy(name, path, strlen(path) + 1);
    return true;
}

static bool is_watched(int fd) {
    return fd >= 0 && fd < FILES && watched[fd].is_watched;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

static bool concerns(enum disk_fault fault, enum operation operation) {
    switch (fault) {
    case DISK_KILL:
    case DISK_TEAR:
        return true;
    case DISK_FULL:
        return operation == WRITE || operation == CREATE || operation == NAME;
    case DISK_BAD:
        return operation != SYNC;
    case DISK_SHORT:
        return operation == WRITE;
    case DISK_UNSYNCED:
    case DISK_SYNC_BAD:
        return operation == SYNC;
    case DISK_SOUND:
    case DISK_FAULTS:
        break;
    }
    return false;
}

/* Counts a step and says how it is to be done; NOT: errno says why. */
static enum manner step(enum operation operation) {
    if (!concerns(armed, operation))
        return WHOLE;
    steps++;
    if (armed_step == 0 || steps < armed_step || (steps > armed_step && !armed_for_ever))
        return WHOLE;
    if (armed == DISK_KILL || armed == DISK_UNSYNCED)
        die();
    if (armed == DISK_TEAR)
        return HALF_AND_DIE;
    if (armed == DISK_SHORT)
        return HALF;
    errno = armed == DISK_FULL ? ENOSPC : EIO;
    return NOT;
}

/* After a step that is done whole or not at all. */
static int done(enum manner manner, int result) {
    if (manner == HALF_AND_DIE)
        die();
    return result;
}

/* ---- files ---------------------------------------------------------------------------------- */

static void note(int fd, const char *name, bool is_ours, bool is_new, int flags) {
    struct stat info;
    if (fd < 0 || fd >= FILES || fstat(fd, &info) != 0)
        abort();
    struct watched *w = &watched[fd];
    *w = (struct watched){.is_watched = true,
                          .is_folder = S_ISDIR(info.st_mode),
                          .is_ours = is_ours,
                          .file = info.st_ino};
    memcpy(w->name, name, strlen(name) + 1);
    if (w->is_folder)
        return;
    record_name(is_new ? TRACE_CREATE : TRACE_OPEN, w->file, name);
    if (!is_new && (flags & O_TRUNC))
        record(TRACE_TRUNCATE, w->file, 0, NULL, 0);
}

static int open_watched(const char *path, const char *name, int flags, mode_t mode, bool is_ours) {
    pthread_mutex_lock(&lock);
    bool is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
    enum manner manner = is_new ? step(CREATE) : WHOLE;
    int fd = manner == NOT ? -1 : __real_open(path, flags, mode);
    if (fd >= 0)
        note(fd, name, is_ours, is_new, flags);
    done(manner, 0);
    pthread_mutex_unlock(&lock);
    return fd;
}

int __wrap_open(const char *path, int flags, ...) {
    char name[NAME_SIZE];
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? (mode_t)va_arg(more, int) : 0;
    va_end(more);
    return inside(path, name) ? open_watched(path, name, flags, mode, true)
                              : __real_open(path, flags, mode);
}

int __wrap___open_2(const char *path, int flags) {
    return __wrap_open(path, flags);
}

/* SQLite's. */
int __wrap_open64(const char *path, int flags, ...) {
    char name[NAME_SIZE];
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & O_CREAT ? (mode_t)va_arg(more, int) : 0;
    va_end(more);
    return inside(path, name) ? open_watched(path, name, flags, mode, false)
                              : __real_open64(path, flags, mode);
}

int __wrap_close(int fd) {
    if (is_watched(fd)) {
        pthread_mutex_lock(&lock);
        watched[fd].is_watched = false;
        pthread_mutex_unlock(&lock);
    }
    return __real_close(fd);
}

/* `offset` -1: where the file is now. */
static ssize_t put(int fd, const void *bytes, size_t count, off_t offset) {
    pthread_mutex_lock(&lock);
    enum manner manner = step(WRITE);
    size_t part = manner == WHOLE ? count : count / 2;
    ssize_t written = -1;
    if (manner != NOT && offset >= 0) {
        record(TRACE_WRITE, watched[fd].file, (uint64_t)offset, bytes, part);
        written = __real_pwrite(fd, bytes, part, offset);
    } else if (manner != NOT) {
        written = __real_write(fd, bytes, part);
    }
    done(manner, 0);
    pthread_mutex_unlock(&lock);
    return written;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t count) {
    return is_watched(fd) ? put(fd, bytes, count, -1) : __real_write(fd, bytes, count);
}

ssize_t __wrap_pwrite(int fd, const void *bytes, size_t count, off_t offset) {
    return is_watched(fd) ? put(fd, bytes, count, offset) : __real_pwrite(fd, bytes, count, offset);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t count, off_t offset) {
    return __wrap_pwrite(fd, bytes, count, offset);
}

int __wrap_ftruncate(int fd, off_t size) {
    if (!is_watched(fd))
        return __real_ftruncate(fd, size);
    pthread_mutex_lock(&lock);
    enum manner manner = step(TRUNCATE);
    if (manner != NOT)
        record(TRACE_TRUNCATE, watched[fd].file, (uint64_t)size, NULL, 0);
    int result = done(manner, manner == NOT ? -1 : __real_ftruncate(fd, size));
    pthread_mutex_unlock(&lock);
    return result;
}

int __wrap_ftruncate64(int fd, off_t size) {
    return __wrap_ftruncate(fd, size);
}

/* Answers the error itself. */
int __wrap_posix_fallocate(int fd, off_t offset, off_t size) {
    if (!is_watched(fd))
        return __real_posix_fallocate(fd, offset, size);
    pthread_mutex_lock(&lock);
    enum manner manner = step(WRITE);
    int result = done(manner, manner == NOT ? errno : __real_posix_fallocate(fd, offset, size));
    pthread_mutex_unlock(&lock);
    return result;
}

static int sync_watched(int fd) {
    const struct watched *w = &watched[fd];
    enum manner manner = step(SYNC);
    if (manner == NOT) {
        if (!w->is_folder)
            record(TRACE_SYNC_FAILED, w->file, 0, NULL, 0);
        return -1;
    }
    if (w->is_ours && !w->is_folder)
        record_content(fd, w->file);
    int result = __real_fsync(fd);
    if (result == 0 && !w->is_folder)
        record(TRACE_SYNC, w->file, 0, NULL, 0);
    if (result == 0 && w->is_folder && !forgets_folders)
        record_name(TRACE_SYNC_FOLDER, 0, w->name);
    return done(manner, result);
}

int __wrap_fsync(int fd) {
    if (!is_watched(fd))
        return __real_fsync(fd);
    pthread_mutex_lock(&lock);
    int result = sync_watched(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- names that come and go ----------------------------------------------------------------- */

int __wrap_mkdir(const char *path, mode_t mode) {
    char name[NAME_SIZE];
    if (!inside(path, name) || access(path, F_OK) == 0)
        return __real_mkdir(path, mode);
    pthread_mutex_lock(&lock);
    enum manner manner = step(CREATE);
    if (manner != NOT)
        record_name(TRACE_FOLDER, 0, name);
    int result = done(manner, manner == NOT ? -1 : __real_mkdir(path, mode));
    pthread_mutex_unlock(&lock);
    return result;
}

/* The trace says only what came to be. */
static int name_watched(enum trace_kind kind, const char *old, const char *new, unsigned flags) {
    char from[NAME_SIZE], to[NAME_SIZE];
    if (!inside(old, from) || !inside(new, to))
        return kind == TRACE_LINK ? __real_link(old, new)
                                  : __real_renameat2(AT_FDCWD, old, AT_FDCWD, new, flags);
    pthread_mutex_lock(&lock);
    enum manner manner = step(NAME);
    int result = -1;
    if (manner != NOT)
        result = kind == TRACE_LINK ? __real_link(old, new)
                                    : __real_renameat2(AT_FDCWD, old, AT_FDCWD, new, flags);
    if (result == 0)
        record_names(kind, from, to);
    done(manner, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int __wrap_rename(const char *old, const char *new) {
    return name_watched(TRACE_RENAME, old, new, 0);
}

/* Only ever called with whole paths. */
int __wrap_renameat2(int old_folder, const char *old, int new_folder, const char *new,
                     unsigned flags) {
    (void)old_folder, (void)new_folder;
    return name_watched(TRACE_RENAME, old, new, flags);
}

int __wrap_link(const char *old, const char *new) {
    return name_watched(TRACE_LINK, old, new, 0);
}

int __wrap_unlink(const char *path) {
    char name[NAME_SIZE];
    if (!inside(path, name) || access(path, F_OK) != 0)
        return __real_unlink(path);
    pthread_mutex_lock(&lock);
    enum manner manner = step(UNLINK);
    int result = manner == NOT ? -1 : __real_unlink(path);
    if (result == 0)
        record_name(TRACE_UNLINK, 0, name);
    done(manner, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- orders to this disk -------------------------------------------------------------------- */

void disk_watch(const char *folder) {
    root = folder;
    root_length = strlen(folder);
}

void disk_arm(enum disk_fault fault, uint64_t step_number, bool for_ever) {
    pthread_mutex_lock(&lock);
    armed = fault;
    armed_step = step_number;
    armed_for_ever = for_ever;
    steps = 0;
    pthread_mutex_unlock(&lock);
}

uint64_t disk_steps(void) {
    pthread_mutex_lock(&lock);
    uint64_t counted = steps;
    pthread_mutex_unlock(&lock);
    return counted;
}

void disk_trace(const char *file) {
    if (trace_file >= 0)
        __real_close(trace_file);
    trace_file = __real_open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (trace_file < 0)
        abort();
}

void disk_mark(const char *text) {
    pthread_mutex_lock(&lock);
    record_name(TRACE_MARK, 0, text);
    pthread_mutex_unlock(&lock);
}

void disk_forget_folders(void) {
    forgets_folders = true;
}

/* "kill 17", "sync 3 ever". */
static void arm_by_text(const char *text) {
    char *rest;
    size_t length = strcspn(text, " ");
    uint64_t number = strtoull(text + length, &rest, 10);
    for (int fault = 0; fault < DISK_FAULTS; fault++)
        if (strncmp(text, disk_fault_names[fault], length) == 0)
            disk_arm((enum disk_fault)fault, number, *rest != '\0');
}

__attribute__((constructor)) static void read_environment(void) {
    const char *folder = getenv("CRASH_FOLDER"), *trace = getenv("CRASH_TRACE"),
               *fault = getenv("CRASH_FAULT");
    if (folder)
        disk_watch(folder);
    if (folder && trace)
        disk_trace(trace);
    if (folder && fault)
        arm_by_text(fault);
}
