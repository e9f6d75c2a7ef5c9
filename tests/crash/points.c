/* Every point at which a machine may fail, one after the other: a small school sells in a process
 * of its own, something fails there, and what is left is judged (verdict.h).
 *
 *   points faults EVERY SEED     each step on the disk: killed before it, within it, full, failing
 * … points memory EVERY SEED     each allocation fails, alone or with all after it points cuts
 * EVERY SEED       the power fails after each change of the disk, four times, while a crowd buys
 *   points syncs EVERY SEED      each sync fails; the program is started again; the power fails
 *   points kills EVERY SEED      killed before each sync; started again; the power fails
 *   points restore EVERY SEED    the power fails while a backup is put back
 *   points upgrade EVERY SEED    the power fails while an old database is brought up
 *   points trace BEFORE TRACE EVERY SEED   the same for the trace of a server
 *   points at FAULT STEP [ever] | points at memory NUMBER [ever]   one point of the first two
 *   points school FOLDER         makes the school that all this happens to, as a data folder
 *
 * EVERY 1 tries all points, 10 each tenth, drawn by SEED. CRASH_SYNCHRONOUS and
 * CRASH_FORGET_FOLDERS in the environment weaken the product or the disk. The last line is what was
 * done, as JSON; status 1 when anything was violated. */
#include "base/log.h"
#include "base/secret.h"
#include "disk.h"
#include "memory.h"
#include "power.h"
#include "stage.h"
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the disk ---------------------------------------------------------------------------------
 */

static void sell(struct school *school) {
    school_sell(school, stage_tell);
    school_back_up(school, "crash.db", stage_tell);
    school_count(school);
}

static const struct job selling = {.fn = sell};

static uint64_t count_steps(struct stage *stage, enum disk_fault fault) {
    stage_reset(stage);
    disk_arm(fault, 0, false);
    return stage_count(stage, &selling).steps;
}

static void try_fault(struct stage *stage, enum disk_fault fault, uint64_t step, bool for_ever) {
    char where[WHERE_SIZE];
    struct told told = {0};
    snprintf(where, sizeof(where), "%s %llu%s", disk_fault_names[fault], (unsigned long long)step,
             for_ever ? " ever" : "");
    stage_reset(stage);
    disk_arm(fault, step, for_ever);
    stage_judge_end(stage, stage_run(stage, &selling, &told), false, where);
    disk_arm(DISK_SOUND, 0, false);
    stage_judge(stage, stage->data, &told, where);
    told_free(&told);
}

static void try_faults(struct stage *stage) {
    for (enum disk_fault fault = DISK_KILL; fault < DISK_FAULTS; fault++) {
        bool lasts = fault == DISK_FULL || fault == DISK_BAD || fault == DISK_SYNC_BAD;
        uint64_t steps = count_steps(stage, fault);
        for (uint64_t step = 1; step <= steps; step++)
            for (int for_ever = 0; for_ever <= lasts; for_ever++)
                if (stage_draws(stage))
                    try_fault(stage, fault, step, for_ever);
    }
}

/* ---- memory -----------------------------------------------------------------------------------
 */

static uint64_t memory_number;
static bool memory_ever;

/* Counted from here: what is to be seen is the purchase, not the start. */
static void sell_with_little_memory(struct school *school) {
    memory_arm(memory_number, memory_ever);
    school_sell(school, stage_tell);
}

static const struct job selling_with_little_memory = {.fn = sell_with_little_memory};

static uint64_t count_allocations(struct stage *stage) {
    stage_reset(stage);
    memory_number = 0;
    return stage_count(stage, &selling_with_little_memory).allocations;
}

static void try_memory(struct stage *stage, uint64_t number, bool for_ever) {
    char where[WHERE_SIZE];
    struct told told = {0};
    snprintf(where, sizeof(where), "memory %llu%s", (unsigned long long)number,
             for_ever ? " ever" : "");
    stage_reset(stage);
    memory_number = number;
    memory_ever = for_ever;
    int status = stage_run(stage, &selling_with_little_memory, &told);
    stage_judge_end(stage, status, true, where);
    stage_judge(stage, stage->data, &told, where);
    told_free(&told);
}

static void try_all_memory(struct stage *stage) {
    uint64_t allocations = count_allocations(stage);
    for (uint64_t number = 1; number <= allocations; number++)
        for (int for_ever = 0; for_ever <= 1; for_ever++)
            if (stage_draws(stage))
                try_memory(stage, number, for_ever);
}

/* ---- the command ------------------------------------------------------------------------------
 */

static const struct {
    const char *name;
    void (*run)(struct stage *stage);
} COMMANDS[] = {
    {"faults", try_faults},           {"memory", try_all_memory},
    {"cuts", power_cut_crowd},        {"syncs", power_cut_after_failed_syncs},
    {"kills", power_cut_after_kills}, {"restore", power_cut_restore},
    {"upgrade", power_cut_upgrade},
};

static void try_one(struct stage *stage, const char *fault_name, uint64_t number, bool for_ever) {
    if (strcmp(fault_name, "memory") == 0)
        try_memory(stage, number, for_ever);
    for (enum disk_fault fault = DISK_KILL; fault < DISK_FAULTS; fault++)
        if (strcmp(fault_name, disk_fault_names[fault]) == 0)
            try_fault(stage, fault, number, for_ever);
}

static int print_figures(const struct figures *f) {
    printf("{\"points\": %llu, \"tried\": %llu, \"kills\": %llu, \"crashes\": %llu, "
           "\"told\": %llu, \"violations\": %llu}\n",
           (unsigned long long)f->points, (unsigned long long)f->tried,
           (unsigned long long)f->kills, (unsigned long long)f->crashes,
           (unsigned long long)f->told, (unsigned long long)f->violations);
    return f->violations ? 1 : 0;
}

static int make_school(const char *folder) {
    struct school school;
    char error[512] = "it cannot be filled";
    if (!school_open(&school, folder, error, sizeof(error)) || !school_fill(&school)) {
        fprintf(stderr, "points: %s\n", error);
        return 2;
    }
    school_close(&school);
    return 0;
}

static int usage(void) {
    fputs("usage: points faults|memory|cuts|syncs|kills|restore|upgrade EVERY SEED\n", stderr);
    return 2;
}

static int run(int argc, char **argv) {
    struct stage stage;
    const char *command = argv[1];
    bool is_trace = strcmp(command, "trace") == 0, is_one = strcmp(command, "at") == 0;
    if (argc < 4 || (is_trace && argc != 6))
        return usage();
    stage_open(&stage, is_one ? 1 : strtoull(argv[argc - 2], NULL, 10),
               is_one ? 1 : strtoull(argv[argc - 1], NULL, 10));
    if (is_one)
        try_one(&stage, argv[2], strtoull(argv[3], NULL, 10), argc > 4);
    if (is_trace)
        power_cut_trace(&stage, argv[2], argv[3]);
    for (size_t i = 0; i < ARRAY_COUNT(COMMANDS); i++)
        if (strcmp(command, COMMANDS[i].name) == 0)
            COMMANDS[i].run(&stage);
    stage_close(&stage);
    return print_figures(&stage.figures);
}

int main(int argc, char **argv) {
    if (argc < 3)
        return usage();
    setlinebuf(stdout); /* a violation is told even if judging it ends this process */
    log_setup(LOG_ERROR, LOG_TEXT);
    if (secret_setup(1, 8) != OK)
        return 2;
    if (strcmp(argv[1], "school") == 0)
        return make_school(argv[2]);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation is one of malloc's */
    if (getenv("CRASH_FORGET_FOLDERS"))
        disk_forget_folders();
    return run(argc, argv);
}
