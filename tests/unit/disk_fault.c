/* See disk_fault.h. The system's own file objects are used; only the methods of files opened as
 * write-ahead logs are replaced by a copy with two of them ours. */
#include "disk_fault.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int current;
static sqlite3_vfs *system_vfs, faulty_vfs;
static const sqlite3_io_methods *system_methods;
static sqlite3_io_methods faulty_methods;

/* errno is what sqlite3_system_errno tells. */
static int read_only(int code) {
    errno = EROFS;
    return code;
}

static int faulty_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
    int fault = atomic_load(&current);
    if (fault == DISK_FULL)
        return SQLITE_FULL;
    if (fault == DISK_WRITE_BAD)
        return SQLITE_IOERR_WRITE;
    if (fault == DISK_READ_ONLY)
        return read_only(SQLITE_IOERR_WRITE);
    return system_methods->xWrite(file, bytes, count, offset);
}

static int faulty_sync(sqlite3_file *file, int flags) {
    if (atomic_load(&current) == DISK_SYNC_BAD)
        return SQLITE_IOERR_FSYNC;
    if (atomic_load(&current) == DISK_READ_ONLY)
        return read_only(SQLITE_IOERR_FSYNC);
    return system_methods->xSync(file, flags);
}

/* The first log is opened by a test's only thread. */
static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                       int *out) {
    (void)vfs;
    int code = system_vfs->xOpen(system_vfs, name, file, flags, out);
    if (code != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
        return code;
    if (!system_methods) {
        system_methods = file->pMethods;
        faulty_methods = *system_methods;
        faulty_methods.xWrite = faulty_write;
        faulty_methods.xSync = faulty_sync;
    }
    file->pMethods = &faulty_methods;
    return code;
}

void disk_fault_install(void) {
    sqlite3_initialize();
    if (system_vfs)
        return;
    system_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *system_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.xOpen = faulty_open;
    sqlite3_vfs_register(&faulty_vfs, 1);
}

void disk_fault_set(enum disk_fault fault) {
    atomic_store(&current, (int)fault);
}
