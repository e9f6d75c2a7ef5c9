/* The stage on which points are tried: a disk that is watched, with a school's data folder on it;
 * processes that do something there and tell what families were told; judging what is left. */
#ifndef CRASH_STAGE_H
#define CRASH_STAGE_H

#include "chance.h"
#include "image.h"
#include "school.h"
#include "verdict.h"
#include <stdbool.h>
#include <stdint.h>

enum { STAGE_PATH = 64, WHERE_SIZE = 128 };

struct stage {
    char place[STAGE_PATH];
    char disk[STAGE_PATH], data[STAGE_PATH];    /* the watched disk, the school's folder on it */
    char cut[STAGE_PATH], cut_data[STAGE_PATH]; /* the same after a power cut */
    char trace[STAGE_PATH];
    struct image *base; /* the disk with a school that has sold nothing yet */
    uint64_t every;     /* how many points one is drawn of */
    uint64_t seed;
    struct chance chance;
    struct figures {
        uint64_t points, tried, kills, crashes, told, violations;
    } figures;
};

void stage_open(struct stage *stage, uint64_t every, uint64_t seed);
void stage_close(struct stage *stage);

/* Counts a point; is it to be tried? */
bool stage_draws(struct stage *stage);

/* The disk as a new one, or with the school of `base`. */
void stage_empty(struct stage *stage);
void stage_reset(struct stage *stage);

/* What a process does: opens the school, does `fn`, closes it. */
struct job {
    void (*fn)(struct school *school);
    bool is_offline; /* nothing is opened: fn finds only school->data */
    bool stays_open; /* it ends without closing, as by a kill */
};

/* What a process counted that came to its end. */
struct counted {
    uint64_t steps, allocations;
};

/* Runs the job in a process of its own and adds to `told`. Answers the status of waitpid. */
int stage_run(struct stage *stage, const struct job *job, struct told *told);

/* The same for a job that comes to its end, for what it counted. */
struct counted stage_count(struct stage *stage, const struct job *job);

/* For jobs: hands on what a family was told, and marks it in the trace. */
void stage_tell(const char *text);

/* Opens the school that lies in `data` and judges it. */
void stage_judge(struct stage *stage, const char *data, const struct told *told, const char *where);

/* A process may be killed, and may crash if `may_crash`; it may never hang or end otherwise. */
void stage_judge_end(struct stage *stage, int status, bool may_crash, const char *where);

#endif
