/* A disk that fails on demand: writes to and syncs of write-ahead logs, in this process. */
#ifndef UNIT_DISK_FAULT_H
#define UNIT_DISK_FAULT_H

enum disk_fault {
    DISK_SOUND,
    DISK_FULL,      /* writing says that no space is left */
    DISK_WRITE_BAD, /* writing fails */
    DISK_SYNC_BAD,  /* syncing fails */
    DISK_READ_ONLY, /* both fail, as on a file system that is read-only since an error */
};

/* Puts the faulty disk between SQLite and the system, for files opened from now on. */
void disk_fault_install(void);
void disk_fault_set(enum disk_fault fault);

#endif
