/* Every point at which a machine may fail, one after the other: a small school sells in a process
 * of its own, something fails there, and what is left is judged (verdict.h).
 *
 *   points faults EVERY SEED   each step on the disk: killed before it, within it, full, failing …
 *   points syncs EVERY SEED    each sync fails; the program is started again and sells; power cut
 *   points memory EVERY SEED   each allocation fails, alone or with all after it
 *   points cuts EVERY SEED     a power cut after each change of the disk, four times
 *   points trace BASE TRACE EVERY SEED   the same for the trace of a server: BASE is a copy of the
 *                              folder that its data folder lies in, from before it started
 *   points at FAULT STEP [ever] | points at memory NUMBER [ever]   one of them
 *   points school FOLDER       makes the school that all this happens to, as a data folder
 *
 * EVERY 1 tries all points, 10 each tenth, drawn by SEED. CRASH_SYNCHRONOUS and
 * CRASH_FORGET_FOLDERS in the environment weaken the product or the disk. The last line is what was
 * done, as JSON; status 1 when anything was violated. */
#include "base/log.h"
#include "base/secret.h"
#include "chance.h"
#include "disk.h"
#include "image.h"
#include "memory.h"
#include "school.h"
#include "verdict.h"
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHILD_SECONDS = 60, FATES = 4 };

/* Where everything happens: DISK is the folder that is watched, DATA the school in it. */
static char place[PATH_MAX], disk[PATH_MAX], data[PATH_MAX], cut[PATH_MAX], cut_data[PATH_MAX],
    trace[PATH_MAX];
static struct image *base; /* the disk with a school that has sold nothing yet */
static int pipe_out = -1;  /* to whom the selling process tells */

static char before_cut[TOLD_SIZE] = ""; /* what happened before the power cuts */

/* What was done. */
static struct figures { uint64_t points, tried, kills, crashes, told, violations; } figures;

/* ---- places -----------------------------------------------------------------------------------
 */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    return remove(path);
}

static void clear(const char *folder) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* In memory, where there is a file system for it: what a disk does is up to disk.c. */
static void make_place(void) {
    bool in_memory = access("/dev/shm", W_OK) == 0;
    snprintf(place, sizeof(place), "%s/taller-crash-XXXXXX", in_memory ? "/dev/shm" : "/tmp");
    if (!mkdtemp(place))
        abort();
    snprintf(disk, sizeof(disk), "%.4000s/disk", place);
    snprintf(data, sizeof(data), "%.4000s/disk/data", place);
    snprintf(cut, sizeof(cut), "%.4000s/cut", place);
    snprintf(cut_data, sizeof(cut_data), "%.4000s/cut/data", place);
    snprintf(trace, sizeof(trace), "%.4000s/trace", place);
}

static void make_school(const char *folder) {
    struct school school;
    char error[512];
    if (!school_open(&school, folder, error, sizeof(error)) || !school_fill(&school)) {
        fprintf(stderr, "points: %s\n", error);
        exit(2);
    }
    school_close(&school);
}

static void make_base(void) {
    mkdir(disk, 0700);
    make_school(data);
    base = image_create(disk);
}

static void empty_disk(void) {
    clear(disk);
    mkdir(disk, 0700);
}

static void reset_disk(void) {
    clear(disk);
    image_write(base, disk, IMAGE_ALL, 0);
}

/* ---- a process that sells ---------------------------------------------------------------------
 */

static void tell(const char *text) {
    disk_mark(text);
    if (dprintf(pipe_out, "%s\n", text) < 0)
        abort();
}

typedef void sell_fn(struct school *school);

static void sell(struct school *school) {
    if (school_fill(school))
        school_sell(school, tell);
}

static void sell_and_back_up(struct school *school) {
    sell(school);
    school_back_up(school, "crash.db", tell);
    school_count(school);
}

/* Memory counts from here: what is to be seen is the purchase, not the start. */
static uint64_t memory_number;
static bool memory_ever;

static void sell_with_little_memory(struct school *school) {
    memory_arm(memory_number, memory_ever);
    school_sell(school, tell);
}

static void sell_to_crowd(struct school *school) {
    if (school_fill(school))
        school_sell_to_crowd(school, tell);
    school_back_up(school, "crash.db", tell);
    school_count(school);
}

/* Opens, sells, closes; without closing where the machine stops before. */
static void run_child(sell_fn *fn, bool closes) {
    struct school school;
    char error[512];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDERR_FILENO);
    alarm(CHILD_SECONDS);
    if (!school_open(&school, data, error, sizeof(error)))
        _exit(3);
    fn(&school);
    if (!closes)
        _exit(0);
    school_close(&school);
    dprintf(pipe_out, "=%llu %llu\n", (unsigned long long)disk_steps(),
            (unsigned long long)memory_count());
    _exit(0);
}

/* What a run that was not disturbed counted. */
struct counted {
    unsigned long long steps, allocations;
};

static void read_counted(const char *text, struct counted *counted) {
    char *rest;
    counted->steps = strtoull(text, &rest, 10);
    counted->allocations = strtoull(rest, NULL, 10);
}

static void listen_to(int from, struct told *told, struct counted *counted) {
    FILE *in = fdopen(from, "r");
    char line[TOLD_SIZE];
    while (in && fgets(line, sizeof(line), in)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '=')
            read_counted(line + 1, counted);
        else
            told_add(told, line);
    }
    if (in)
        fclose(in);
}

/* Answers the process's status as waitpid gives it. */
static int run(sell_fn *fn, bool closes, struct told *told, struct counted *counted) {
    int ends[2], status = 0;
    fflush(stdout);
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        pipe_out = ends[1];
        run_child(fn, closes);
    }
    close(ends[1]);
    struct counted ignored;
    listen_to(ends[0], told, counted ? counted : &ignored);
    waitpid(child, &status, 0);
    return status;
}

/* ---- judging -----------------------------------------------------------------------------------
 */

static void judge(const char *folder, const struct told *told, const char *where) {
    figures.tried++;
    figures.told += told->count;
    figures.violations += (uint64_t)verdict_check(folder, told, where);
}

/* A process that hangs, or does not open a sound school, is wrong whatever is left. */
static void judge_end(int status, bool may_crash, const char *where) {
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool crashed = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    figures.kills += killed;
    figures.crashes += crashed;
    if (WIFSIGNALED(status) && !killed && !(crashed && may_crash)) {
        printf("VIOLATION %s: ended by signal %d\n", where, WTERMSIG(status));
        figures.violations++;
    }
}

/* ---- the points --------------------------------------------------------------------------------
 */

/* Which of the points are tried. */
struct sample {
    uint64_t every;
    struct chance chance;
};

static bool is_drawn(struct sample *sample) {
    figures.points++;
    return sample->every <= 1 || chance_below(&sample->chance, sample->every) == 0;
}

static uint64_t count_steps(enum disk_fault fault, void (*prepare)(void), sell_fn *fn) {
    struct told told = {0};
    struct counted counted = {0};
    prepare();
    disk_arm(fault, 0, false);
    run(fn, true, &told, &counted);
    told_free(&told);
    return counted.steps;
}

static void try_fault(enum disk_fault fault, uint64_t step, bool for_ever) {
    char where[TOLD_SIZE];
    struct told told = {0};
    snprintf(where, sizeof(where), "%s %llu%s", disk_fault_names[fault], (unsigned long long)step,
             for_ever ? " ever" : "");
    reset_disk();
    disk_arm(fault, step, for_ever);
    judge_end(run(sell_and_back_up, true, &told, NULL), false, where);
    disk_arm(DISK_SOUND, 0, false);
    judge(data, &told, where);
    told_free(&told);
}

static void try_faults(struct sample *sample) {
    for (enum disk_fault fault = DISK_KILL; fault < DISK_FAULTS; fault++) {
        bool lasts = fault == DISK_FULL || fault == DISK_BAD || fault == DISK_SYNC_BAD;
        uint64_t steps = count_steps(fault, reset_disk, sell_and_back_up);
        for (uint64_t step = 1; step <= steps; step++)
            for (int for_ever = 0; for_ever <= lasts; for_ever++)
                if (is_drawn(sample))
                    try_fault(fault, step, for_ever);
    }
}

static uint64_t count_allocations(void) {
    struct told told = {0};
    struct counted counted = {0};
    reset_disk();
    memory_number = 0;
    run(sell_with_little_memory, true, &told, &counted);
    told_free(&told);
    return counted.allocations;
}

static void try_memory(uint64_t number, bool for_ever) {
    char where[TOLD_SIZE];
    struct told told = {0};
    snprintf(where, sizeof(where), "memory %llu%s", (unsigned long long)number,
             for_ever ? " ever" : "");
    reset_disk();
    memory_number = number;
    memory_ever = for_ever;
    judge_end(run(sell_with_little_memory, true, &told, NULL), true, where);
    judge(data, &told, where);
    told_free(&told);
}

static void try_all_memory(struct sample *sample) {
    uint64_t allocations = count_allocations();
    for (uint64_t number = 1; number <= allocations; number++)
        for (int for_ever = 0; for_ever <= 1; for_ever++)
            if (is_drawn(sample))
                try_memory(number, for_ever);
}

/* ---- power cuts --------------------------------------------------------------------------------
 */

struct recording {
    const unsigned char *bytes;
    size_t size;
};

static struct recording read_trace(const char *file) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0)
        abort();
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        abort();
    return (struct recording){bytes, (size_t)info.st_size};
}

/* The next record and what follows it; the headers are not aligned. */
static const void *next_record(const struct recording *recording, size_t *at,
                               struct trace_record *record) {
    if (*at + sizeof(*record) > recording->size)
        return NULL;
    memcpy(record, recording->bytes + *at, sizeof(*record));
    const void *payload = recording->bytes + *at + sizeof(*record);
    *at += sizeof(*record) + record->size;
    return payload;
}

static void cut_power(const struct image *image, const struct told *told, const char *folder,
                      uint64_t point, uint64_t seed) {
    for (uint64_t i = 0; i < FATES; i++) {
        char where[2 * TOLD_SIZE];
        enum image_fate fate = i == 0 ? IMAGE_NONE : i == 1 ? IMAGE_ALL : IMAGE_SOME;
        snprintf(where, sizeof(where), "%scut %llu, fate %llu", before_cut,
                 (unsigned long long)point, (unsigned long long)i);
        clear(cut);
        image_write(image, cut, fate, seed * 1000003 + point * FATES + i);
        judge(folder, told, where);
    }
}

/* A cut before each record that changes anything, and one after the last. */
static void replay(struct image *image, const char *file, const char *folder, struct sample *sample,
                   uint64_t seed) {
    struct recording recording = read_trace(file);
    struct told told = {0};
    struct trace_record record;
    size_t at = 0;
    uint64_t point = 0;
    for (const void *payload; (payload = next_record(&recording, &at, &record));) {
        if (record.kind == TRACE_MARK)
            told_add(&told, payload);
        else if (record.kind != TRACE_OPEN && is_drawn(sample))
            cut_power(image, &told, folder, point, seed);
        image_apply(image, &record, payload);
        point++;
    }
    cut_power(image, &told, folder, point, seed);
    told_free(&told);
    munmap((void *)(uintptr_t)recording.bytes, recording.size);
}

/* The school is made, sells, is started and sells once more; the disk was empty. */
static void try_cuts(struct sample *sample, uint64_t seed) {
    struct told told = {0};
    empty_disk();
    struct image *empty = image_create(disk);
    disk_trace(trace);
    run(sell_to_crowd, true, &told, NULL);
    run(sell, false, &told, NULL);
    replay(empty, trace, cut_data, sample, seed);
    image_destroy(empty);
    told_free(&told);
}

/* A sync that failed leaves in memory what is not on disk: the next start must not build on it. */
static void try_sync(uint64_t step, uint64_t seed) {
    struct told told = {0};
    empty_disk();
    struct image *image = image_create(disk);
    unlink(trace);
    disk_trace(trace);
    disk_arm(DISK_SYNC_BAD, step, false);
    run(sell, true, &told, NULL);
    disk_arm(DISK_SOUND, 0, false);
    run(sell, false, &told, NULL);
    snprintf(before_cut, sizeof(before_cut), "sync %llu, ", (unsigned long long)step);
    struct sample some = {.every = 40, .chance = chance_of(seed + step)};
    replay(image, trace, cut_data, &some, seed);
    image_destroy(image);
    told_free(&told);
}

static void try_syncs(struct sample *sample, uint64_t seed) {
    uint64_t steps = count_steps(DISK_SYNC_BAD, empty_disk, sell);
    for (uint64_t step = 1; step <= steps; step++)
        if (is_drawn(sample))
            try_sync(step, seed);
}

/* ---- the command -------------------------------------------------------------------------------
 */

static void try_trace(const char *before, const char *file, uint64_t every, uint64_t seed) {
    struct sample sample = {.every = every, .chance = chance_of(seed)};
    struct image *image = image_create(before);
    replay(image, file, cut_data, &sample, seed);
    image_destroy(image);
}

static void try_one(int argc, char **argv) {
    uint64_t number = strtoull(argv[3], NULL, 10);
    bool for_ever = argc > 4;
    if (strcmp(argv[2], "memory") == 0)
        try_memory(number, for_ever);
    for (enum disk_fault fault = DISK_KILL; fault < DISK_FAULTS; fault++)
        if (strcmp(argv[2], disk_fault_names[fault]) == 0)
            try_fault(fault, number, for_ever);
}

/* Commands that take EVERY and SEED and nothing else. */
static bool try_many(const char *command, uint64_t every, uint64_t seed) {
    struct sample sample = {.every = every, .chance = chance_of(seed)};
    if (strcmp(command, "faults") == 0)
        try_faults(&sample);
    else if (strcmp(command, "memory") == 0)
        try_all_memory(&sample);
    else if (strcmp(command, "cuts") == 0)
        try_cuts(&sample, seed);
    else if (strcmp(command, "syncs") == 0)
        try_syncs(&sample, seed);
    else
        return false;
    return true;
}

/* False: no such command. */
static bool dispatch(int argc, char **argv) {
    const char *command = argv[1];
    if (strcmp(command, "at") == 0 && argc >= 4)
        try_one(argc, argv);
    else if (strcmp(command, "trace") == 0 && argc == 6)
        try_trace(argv[2], argv[3], strtoull(argv[4], NULL, 10), strtoull(argv[5], NULL, 10));
    else
        return argc == 4 &&
               try_many(command, strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10));
    return true;
}

static void print_figures(void) {
    printf("{\"points\": %llu, \"tried\": %llu, \"kills\": %llu, \"crashes\": %llu, "
           "\"told\": %llu, \"violations\": %llu}\n",
           (unsigned long long)figures.points, (unsigned long long)figures.tried,
           (unsigned long long)figures.kills, (unsigned long long)figures.crashes,
           (unsigned long long)figures.told, (unsigned long long)figures.violations);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fputs("usage: points faults|syncs|memory|cuts EVERY SEED\n", stderr);
        return 2;
    }
    log_setup(LOG_ERROR, LOG_TEXT);
    if (secret_setup(1) != OK)
        return 2;
    if (strcmp(argv[1], "school") == 0) {
        make_school(argv[2]);
        return 0;
    }
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* every allocation is one of malloc's */
    make_place();
    disk_watch(disk);
    if (getenv("CRASH_FORGET_FOLDERS"))
        disk_forget_folders();
    make_base();
    bool known = dispatch(argc, argv);
    clear(place);
    image_destroy(base);
    print_figures();
    return !known ? 2 : figures.violations ? 1 : 0;
}
