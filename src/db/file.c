/* The few calls to the file system that SQLite does not make for us. errno says why one failed. */
#include "db/file.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static enum err err_from_errno(void) {
    switch (errno) {
    case ENOSPC:
    case EDQUOT:
        return ERR_FULL;
    case EEXIST:
        return ERR_CONFLICT;
    default:
        return ERR_IO;
    }
}

static enum err sync_path(const char *path, int flags) {
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_from_errno();
    enum err err = fsync(fd) == 0 ? OK : err_from_errno();
    close(fd);
    return err;
}

static bool folder_of(const char *path, char folder[PATH_MAX]) {
    const char *slash = strrchr(path, '/');
    int length = !slash ? 1 : slash == path ? 1 : (int)(slash - path);
    if (snprintf(folder, PATH_MAX, "%.*s", length, slash ? path : ".") < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

enum err file_sync_folder(const char *path) {
    char folder[PATH_MAX];
    return folder_of(path, folder) ? sync_path(folder, O_DIRECTORY) : ERR_IO;
}

enum err file_create_private(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? OK : err_from_errno();
    close(fd);
    return file_sync_folder(path);
}

enum err file_publish(const char *temporary, const char *path) {
    enum err err = sync_path(temporary, 0);
    if (err)
        return err;
    if (rename(temporary, path) != 0)
        return err_from_errno();
    return file_sync_folder(path);
}

/* A file system that cannot refuse to replace (some network ones) has links. */
enum err file_publish_new(const char *temporary, const char *path) {
    enum err err = sync_path(temporary, 0);
    if (err)
        return err;
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
        return file_sync_folder(path);
    if (errno != EINVAL && errno != ENOSYS)
        return err_from_errno();
    err = file_link(temporary, path);
    return err ? err : file_remove(temporary);
}

enum err file_link(const char *path, const char *name) {
    return link(path, name) == 0 ? file_sync_folder(name) : err_from_errno();
}

enum err file_remove(const char *path) {
    if (unlink(path) == 0)
        return file_sync_folder(path);
    return errno == ENOENT ? OK : err_from_errno();
}

/* Whether a file that was opened under a name is still the one that has it. */
static bool has_name(int fd, const char *path) {
    struct stat ours, there;
    return fstat(fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_dev == there.st_dev &&
           ours.st_ino == there.st_ino;
}

/* Who held it before may have removed the file between our opening and our locking it: what is
 * locked then has no name any more. */
enum err file_hold(const char *path, int *held) {
    for (;;) {
        *held = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
        if (*held < 0)
            return err_from_errno();
        bool locked = flock(*held, LOCK_EX | LOCK_NB) == 0;
        if (locked && has_name(*held, path))
            return OK;
        int why = errno;
        close(*held);
        errno = why;
        if (!locked && errno != EINTR)
            return errno == EWOULDBLOCK ? ERR_CONFLICT : err_from_errno();
    }
}

void file_release(const char *path, int held) {
    unlink(path);
    close(held);
}

int64_t file_size(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 ? info.st_size : -1;
}

int64_t file_space(const char *path) {
    char folder[PATH_MAX];
    struct statvfs disk;
    if (!folder_of(path, folder) || statvfs(folder, &disk) != 0)
        return -1;
    return (int64_t)(disk.f_bavail * disk.f_frsize);
}

/* Whoever made a folder that is there may have been stopped before its name was on disk. A folder
 * above that we may not read can only be trusted. */
enum err file_create_folder(const char *path) {
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_from_errno();
    enum err err = file_sync_folder(path);
    return err && errno == EACCES ? OK : err;
}
