/* Memory that runs out on demand: stands between the program (SQLite in it) and malloc, where
 * MEMORY_WRAP of tests.mk links it in. */
#ifndef CRASH_MEMORY_H
#define CRASH_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Allocation `number`, counted from 1 from this call on, fails, or all from that one on. 0: none,
 * they are only counted. */
void memory_arm(uint64_t number, bool for_ever);

/* Allocations since memory_arm. */
uint64_t memory_count(void);

#endif
