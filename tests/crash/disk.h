/* A disk that fails on demand and remembers what was done to it. It stands between the program and
 * the C library: linked with DISK_WRAP of tests.mk, every call of our code and of SQLite that
 * changes a file below one folder comes here first. Never part of the product.
 *
 * What may be counted and made to fail is a step: one write, sync, creation, renaming … of a file
 * in that folder. Memory shared by a server's processes (-shm) and lock files are no files in this
 * sense: nothing of them matters after a stop.
 *
 * For a program that knows nothing of all this the environment says what to do when it starts:
 * CRASH_FOLDER, and CRASH_TRACE (a file) or CRASH_FAULT ("kill 17") or both. */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include <stdbool.h>
#include <stdint.h>

/* What happens at the step in question. Only steps that a fault can happen to are counted. */
enum disk_fault {
    DISK_SOUND,
    DISK_KILL,     /* the process is killed before the step */
    DISK_TEAR,     /* it is killed within: half of a write is done, or all of another step */
    DISK_FULL,     /* no space: writes, creations, new names */
    DISK_BAD,      /* an I/O error: everything but syncs */
    DISK_SHORT,    /* half of a write is done, and the caller is told so */
    DISK_UNSYNCED, /* the process is killed before a sync */
    DISK_SYNC_BAD, /* a sync fails, and what it was for is never written */
    DISK_FAULTS,
};

/* Their names, as CRASH_FAULT has them: "kill", "tear", "full" … */
extern const char *const disk_fault_names[DISK_FAULTS];

/* Watches the folder from now on; its name is absolute and lasts as long as the process. */
void disk_watch(const char *folder);

/* The fault happens at step `step`, counted from 1 from this call on, or from that one on `for
 * ever`. Step 0: never, steps are only counted. */
void disk_arm(enum disk_fault fault, uint64_t step, bool for_ever);

/* Steps counted since disk_arm. */
uint64_t disk_steps(void);

/* Appends everything to a trace (trace.h) from now on. */
void disk_trace(const char *file);

/* Adds a mark to the trace, if there is one. */
void disk_mark(const char *text);

/* Folders are not synced from now on, although they seem to be: what a program that forgot it
 * would leave. */
void disk_forget_folders(void);

#endif
