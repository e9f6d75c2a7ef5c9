/* The few calls to the file system that SQLite does not make for us. errno says why one failed. */
#include "db/file.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err err_from_errno(void) {
    return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
}

static enum err sync_path(const char *path, int flags) {
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_from_errno();
    enum err err = fsync(fd) == 0 ? OK : err_from_errno();
    close(fd);
    return err;
}

/* A new name is only on disk once its folder is. */
static enum err sync_folder_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        return sync_path(".", O_DIRECTORY);
    char folder[PATH_MAX];
    int length = slash == path ? 1 : (int)(slash - path);
    if (snprintf(folder, sizeof(folder), "%.*s", length, path) >= (int)sizeof(folder)) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    return sync_path(folder, O_DIRECTORY);
}

enum err file_create_private(const char *path) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? OK : err_from_errno();
    close(fd);
    return sync_folder_of(path);
}

enum err file_publish(const char *temporary, const char *path) {
    enum err err = sync_path(temporary, 0);
    if (err)
        return err;
    if (rename(temporary, path) != 0)
        return err_from_errno();
    return sync_folder_of(path);
}

enum err file_create_folder(const char *path) {
    if (mkdir(path, 0700) == 0)
        return sync_folder_of(path);
    return errno == EEXIST ? OK : err_from_errno();
}

int64_t file_newest(const char *folder) {
    DIR *dir = opendir(folder);
    int64_t newest = 0;
    struct dirent *entry;
    /* One stream, one thread: readdir_r is deprecated for that reason. */
    /* cppcheck-suppress readdirCalled */
    while (dir && (entry = readdir(dir))) {
        struct stat file;
        if (fstatat(dirfd(dir), entry->d_name, &file, 0) == 0 && S_ISREG(file.st_mode) &&
            file.st_mtime > newest)
            newest = file.st_mtime;
    }
    if (dir)
        closedir(dir);
    return newest;
}
