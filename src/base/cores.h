/* How many cores this process may use: what is sized by them (threads that compute, passwords
 * hashed at a time) must fit the container it runs in, not the machine below it. */
#ifndef BASE_CORES_H
#define BASE_CORES_H

/* The cores the scheduler gives us (sched_getaffinity), and of those no more than the CPU quota of
 * our control group and its parents (version 2 cpu.max, version 1 cpu.cfs_quota_us), rounded up.
 * 1 or more. Reads a few small files; for the start. */
int cores_count(void);

/* The quota alone, rounded up, of the control groups below `root` ("": the machine's own): 0 where
 * there is none. */
int cores_quota(const char *root);

#endif
