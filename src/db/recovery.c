/* What a log may hold that the disk does not.
 *
 * A process that is killed between writing to the log and syncing it leaves frames that the kernel
 * shows to the next one, which reads them as committed: a page could say "paid" of an order that a
 * power cut then takes away. So the log is synced before anything is read to anybody.
 *
 * A sync that fails is worse. The kernel has dropped the pages without writing them and calls them
 * clean: later syncs succeed and write nothing. A next process that read those frames would add its
 * own behind them, synced and told, and recovery after a power cut would end at the gap before them
 * (Rebello et al., Can Applications Recover from fsync Failures?, USENIX ATC 2020). So they are cut
 * off while it is known where they begin: what is added there later makes the pages dirty again. */
#include "db/recovery.h"
#include "base/log.h"
#include "db/connection.h"
#include "db/file.h"

/* https://www.sqlite.org/walformat.html */
enum {
    LOG_HEADER = 32,
    FRAME_HEADER = 24,
    INDEX_REGION = 32 * 1024, /* bytes the index is mapped in */
    INDEX_FRAMES = 4,         /* the word of the index that counts the committed frames */
};

static int find_log(struct db *db, sqlite3_file **log) {
    int code = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, log);
    return code == SQLITE_OK && !(*log)->pMethods ? SQLITE_MISUSE : code;
}

/* Reading opens the log, and reads what there is in it; what others add from now on they sync. */
enum err recovery_settle(struct db *db, const char *path) {
    sqlite3_file *log = NULL;
    int64_t ignored;
    int code = connection_number(db, "SELECT count(*) FROM sqlite_schema", &ignored);
    if (code == SQLITE_OK)
        code = find_log(db, &log);
    if (code == SQLITE_OK)
        code = log->pMethods->xSync(log, SQLITE_SYNC_FULL);
    if (code != SQLITE_OK)
        return connection_err(code);
    return file_sync_folder(path); /* SQLite does it too, but does not look whether that worked */
}

/* How long the log is up to the end of its last commit; one that begins anew has none. */
static int committed_size(struct db *db, int64_t *size) {
    int64_t page_size = 0;
    sqlite3_file *file = NULL;
    void volatile *index = NULL;
    int code = connection_number(db, "PRAGMA page_size", &page_size);
    if (code == SQLITE_OK)
        code = sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK)
        code = file->pMethods->xShmMap(file, 0, INDEX_REGION, 0, &index);
    if (code != SQLITE_OK || !index)
        return code == SQLITE_OK ? SQLITE_CANTOPEN : code;
    int64_t frames = ((const volatile uint32_t *)index)[INDEX_FRAMES];
    *size = frames ? LOG_HEADER + frames * (FRAME_HEADER + page_size) : 0;
    return SQLITE_OK;
}

void recovery_disown(struct db *db) {
    sqlite3_file *log = NULL;
    int64_t size = 0;
    if (!sqlite3_get_autocommit(db->handle))
        connection_script(db, "ROLLBACK");
    int code = connection_script(db, "BEGIN IMMEDIATE"); /* nobody else adds to it meanwhile */
    if (code == SQLITE_OK)
        code = find_log(db, &log);
    if (code == SQLITE_OK)
        code = committed_size(db, &size);
    if (code == SQLITE_OK)
        code = log->pMethods->xTruncate(log, size);
    if (code != SQLITE_OK)
        log_error("log_not_cut", "error", "%s", sqlite3_errstr(code));
}
