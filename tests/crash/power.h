/* Power cuts: what processes did to a disk is written down, and then every moment of it is one at
 * which the power could have failed. */
#ifndef CRASH_POWER_H
#define CRASH_POWER_H

#include "stage.h"

/* A crowd buys; the school is closed, started again, and sells on. */
void power_cut_crowd(struct stage *stage);

/* Each sync fails once; the program is started again and sells on. What a sync that failed was for
 * is in memory and never on disk: nothing may be built on it. */
void power_cut_after_failed_syncs(struct stage *stage);

/* The program is killed before each sync, started again, and families look at their
 * orders. What was not synced by then may be read: it must be on disk before anybody sees it. */
void power_cut_after_kills(struct stage *stage);

/* A backup takes the place of a database that has gone on since, and whose server was killed. */
void power_cut_restore(struct stage *stage);

/* A database of the first version is brought up. */
void power_cut_upgrade(struct stage *stage);

/* The trace of a server: `before` is a copy of its disk from before it started. */
void power_cut_trace(struct stage *stage, const char *before, const char *trace);

#endif
