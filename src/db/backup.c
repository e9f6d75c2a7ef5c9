/* Backups by SQLite's online backup: one read transaction, so the copy is one moment, and in WAL
 * mode neither readers nor the writer wait for it. */
#include "db/backup.h"
#include "db/connection.h"
#include "db/file.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* All pages in one step: between steps another commit could begin the copy anew, for ever. */
static int copy_pages(sqlite3 *to, sqlite3 *from) {
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return sqlite3_extended_errcode(to);
    int code = sqlite3_backup_step(backup, -1);
    int finished = sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? finished : code;
}

/* The target needs no journal and no sync of SQLite's: until file_publish it is nobody's. At the
 * end the mark "has a log beside it" is taken off, so that the copy opens from a read-only folder
 * too. */
static int copy_into(struct db *from, const char *path) {
    sqlite3 *to = NULL;
    int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(to, "PRAGMA synchronous = OFF; PRAGMA journal_mode = OFF", NULL, NULL,
                            NULL);
    if (code == SQLITE_OK)
        code = copy_pages(to, from->handle);
    if (code == SQLITE_OK)
        code = sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    int closed = sqlite3_close(to);
    return code == SQLITE_OK ? closed : code;
}

static enum err fail(enum err err, const char *to, const char *reason, char *error,
                     size_t error_size) {
    snprintf(error, error_size, "The backup %s cannot be written: %s.", to, reason);
    return err;
}

/* What an interrupted backup left there goes first. */
enum err backup_write(const char *from, const char *to, const char *name, char *error,
                      size_t error_size) {
    unlink(to);
    struct db source;
    enum err err = connection_open(&source, from, CONNECTION_READER, error, error_size);
    if (err)
        return err;
    err = file_create_private(to);
    if (err) {
        fail(err, name, strerror(errno), error, error_size);
    } else {
        int code = copy_into(&source, to);
        err = connection_err(code);
        if (err) {
            fail(err, name, sqlite3_errstr(code), error, error_size);
            unlink(to);
        }
    }
    connection_close(&source);
    return err;
}

enum err backup_copy(const char *from, const char *to, char *error, size_t error_size) {
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof(temporary), "%s.part", to) >= (int)sizeof(temporary))
        return fail(ERR_INVALID, to, "its name is too long", error, error_size);
    enum err err = backup_write(from, temporary, to, error, error_size);
    if (err)
        return err;
    err = file_publish(temporary, to);
    if (err) {
        fail(err, to, strerror(errno), error, error_size);
        unlink(temporary);
    }
    return err;
}
