/* See stage.h. */
#include "stage.h"
#include "disk.h"
#include "memory.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOB_SECONDS = 60 };

static int told_pipe = -1; /* of a process with a job */

/* ---- places -----------------------------------------------------------------------------------
 */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    return remove(path);
}

static void clear(const char *folder) {
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void name_place(struct stage *stage, char path[STAGE_PATH], const char *name) {
    if (snprintf(path, STAGE_PATH, "%s%s", stage->place, name) >= STAGE_PATH)
        abort();
}

static void make_base(struct stage *stage) {
    struct school school;
    char error[512] = "it cannot be filled";
    stage_empty(stage);
    if (!school_open(&school, stage->data, error, sizeof(error)) || !school_fill(&school)) {
        fprintf(stderr, "points: %s\n", error);
        exit(2);
    }
    school_close(&school);
    stage->base = image_create(stage->disk);
}

/* In memory, where there is a file system for it: what a disk does is up to disk.c. */
void stage_open(struct stage *stage, uint64_t every, uint64_t seed) {
    *stage = (struct stage){.every = every, .seed = seed, .chance = chance_of(seed)};
    bool in_memory = access("/dev/shm", W_OK) == 0;
    snprintf(stage->place, STAGE_PATH, "%s/taller-crash-XXXXXX", in_memory ? "/dev/shm" : "/tmp");
    if (!mkdtemp(stage->place))
        abort();
    name_place(stage, stage->disk, "/disk");
    name_place(stage, stage->data, "/disk/data");
    name_place(stage, stage->cut, "/cut");
    name_place(stage, stage->cut_data, "/cut/data");
    name_place(stage, stage->trace, "/trace");
    disk_watch(stage->disk);
    make_base(stage);
}

void stage_close(struct stage *stage) {
    image_destroy(stage->base);
    clear(stage->place);
}

void stage_empty(struct stage *stage) {
    clear(stage->disk);
    mkdir(stage->disk, 0700);
}

void stage_reset(struct stage *stage) {
    clear(stage->disk);
    image_write(stage->base, stage->disk, IMAGE_ALL, 0);
}

bool stage_draws(struct stage *stage) {
    stage->figures.points++;
    return stage->every <= 1 || chance_below(&stage->chance, stage->every) == 0;
}

/* ---- processes --------------------------------------------------------------------------------
 */

void stage_tell(const char *text) {
    disk_mark(text);
    if (dprintf(told_pipe, "%s\n", text) < 0)
        abort();
}

static _Noreturn void do_job(struct stage *stage, const struct job *job) {
    struct school school = {.data = stage->data};
    char error[512];
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDERR_FILENO);
    alarm(JOB_SECONDS);
    if (!job->is_offline && !school_open(&school, stage->data, error, sizeof(error)))
        _exit(EXIT_FAILURE);
    job->fn(&school);
    if (job->stays_open)
        _exit(EXIT_SUCCESS);
    if (!job->is_offline)
        school_close(&school);
    dprintf(told_pipe, "=%llu %llu\n", (unsigned long long)disk_steps(),
            (unsigned long long)memory_count());
    _exit(EXIT_SUCCESS);
}

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

static int run(struct stage *stage, const struct job *job, struct told *told,
               struct counted *counted) {
    int ends[2], status = 0;
    fflush(stdout);
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    pid_t child = fork();
    if (child == 0) {
        told_pipe = ends[1];
        do_job(stage, job);
    }
    close(ends[1]);
    listen_to(ends[0], told, counted);
    waitpid(child, &status, 0);
    return status;
}

int stage_run(struct stage *stage, const struct job *job, struct told *told) {
    struct counted ignored;
    return run(stage, job, told, &ignored);
}

struct counted stage_count(struct stage *stage, const struct job *job) {
    struct told told = {0};
    struct counted counted = {0};
    (void)run(stage, job, &told, &counted);
    told_free(&told);
    return counted;
}

/* ---- judging ----------------------------------------------------------------------------------
 */

void stage_judge(struct stage *stage, const char *data, const struct told *told,
                 const char *where) {
    stage->figures.tried++;
    stage->figures.told += told->count;
    stage->figures.violations += (uint64_t)verdict_check(data, told, where);
}

void stage_judge_end(struct stage *stage, int status, bool may_crash, const char *where) {
    bool killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    bool crashed = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
    stage->figures.kills += killed;
    stage->figures.crashes += crashed;
    if (WIFSIGNALED(status) && !killed && !(crashed && may_crash)) {
        printf("VIOLATION %s: ended by signal %d\n", where, WTERMSIG(status));
        stage->figures.violations++;
    }
}
