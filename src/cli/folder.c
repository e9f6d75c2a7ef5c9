/* Creating, owning and locking the data folder. */
#include "cli/folder.h"
#include "analytics/analytics_sql.h"
#include "cli/command.h"
#include "db/file.h"
#include "site/mail.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Root leaves its powers before it writes anything, so that no file of the folder becomes root's.
 */
static bool become_owner(const struct stat *folder) {
    if (geteuid() != 0 || folder->st_uid == 0)
        return true;
    return setgroups(0, NULL) == 0 && setgid(folder->st_gid) == 0 && setuid(folder->st_uid) == 0;
}

enum err folder_enter(const char *data, char *error, size_t error_size) {
    if (file_create_folder(data) != OK) {
        snprintf(error, error_size, "the data folder %s cannot be created: %s.", data,
                 strerror(errno));
        return ERR_IO;
    }
    return folder_visit(data, error, error_size);
}

enum err folder_visit(const char *data, char *error, size_t error_size) {
    struct stat folder;
    if (stat(data, &folder) != 0 || !S_ISDIR(folder.st_mode)) {
        snprintf(error, error_size, "the data folder %s is not a folder.", data);
        return ERR_IO;
    }
    if (!become_owner(&folder)) {
        snprintf(error, error_size, "the identity of the owner of %s cannot be taken: %s.", data,
                 strerror(errno));
        return ERR_IO;
    }
    if (access(data, R_OK | W_OK | X_OK) != 0) {
        snprintf(error, error_size, "the data folder %s cannot be written: %s.", data,
                 strerror(errno));
        return ERR_IO;
    }
    return OK;
}

enum err folder_enter_school(const char *data, struct arena *arena, const char **database,
                             char *error, size_t error_size) {
    struct stat file;
    *database = arena_printf(arena, "%s/taller.db", data);
    if (stat(*database, &file) != 0) {
        snprintf(error, error_size, "there is no school in %s: %s cannot be found (%s).", data,
                 *database, strerror(errno));
        return ERR_NOT_FOUND;
    }
    return folder_enter(data, error, error_size);
}

enum err folder_lock(struct arena *arena, const char *data, char *error, size_t error_size) {
    const char *path = arena_printf(arena, "%s/taller.lock", data);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        snprintf(error, error_size, "%s cannot be opened: %s.", path, strerror(errno));
        return ERR_IO;
    }
    /* The descriptor stays open on purpose: the kernel gives the lock back when the process ends.
     */
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        close(file);
        snprintf(error, error_size, "another server holds the data folder %s.", data);
        return ERR_BUSY;
    }
    char pid[24];
    int length = snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
    if (ftruncate(file, 0) != 0 || pwrite(file, pid, (size_t)length, 0) != length) {
        snprintf(error, error_size, "%s cannot be written: %s.", path, strerror(errno));
        close(file);
        return ERR_IO;
    }
    /* It stays open, and so locked, as long as the process lives. */
    /* cppcheck-suppress resourceLeak */
    return OK;
}

/* ---- which server holds it --------------------------------------------------------------------
 */

/* A record lock on the first byte of the lock file: unlike flock's, its holder can be asked for. */
static struct flock announcement(void) {
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
}

enum err folder_announce(struct arena *arena, const char *data, int *mark, char *error,
                         size_t error_size) {
    const char *path = arena_printf(arena, "%s/taller.lock", data);
    struct flock lock = announcement();
    *mark = open(path, O_RDWR | O_CLOEXEC);
    if (*mark >= 0 && fcntl(*mark, F_SETLK, &lock) == 0)
        return OK;
    snprintf(error, error_size, "%s cannot be locked: %s.", path, strerror(errno));
    if (*mark >= 0)
        close(*mark);
    return ERR_IO;
}

void folder_retire(int mark) {
    close(mark);
}

static int open_lock(const char *data) {
    char path[4096];
    int length = snprintf(path, sizeof(path), "%s/taller.lock", data);
    return length > 0 && (size_t)length < sizeof(path) ? open(path, O_RDWR | O_CLOEXEC) : -1;
}

pid_t folder_server(const char *data) {
    struct flock lock = announcement();
    int file = open_lock(data);
    bool known = file >= 0 && fcntl(file, F_GETLK, &lock) == 0;
    if (file >= 0)
        close(file);
    if (!known || lock.l_type == F_UNLCK)
        return FOLDER_NO_SERVER;
    return lock.l_pid > 0 ? lock.l_pid : FOLDER_FOREIGN_SERVER;
}

bool folder_free(const char *data) {
    int file = open_lock(data);
    bool unlocked = file < 0 || flock(file, LOCK_SH | LOCK_NB) == 0;
    if (file >= 0)
        close(file);
    return unlocked;
}

enum err folder_open_shop(const char *data, struct shop *shop) {
    char error[512];
    enum err err = folder_enter(data, error, sizeof(error));
    if (!err) {
        const struct shop_options options = {.data = data,
                                             .base_url = "https://localhost",
                                             .render_mail = mail_render,
                                             .more_tables = analytics_tables,
                                             .more_table_count = analytics_table_count};
        err = shop_open(&options, shop, error, sizeof(error));
    }
    if (err)
        command_fail("%s", error);
    return err;
}
