/* See power.h. */
#include "power.h"
#include "base/clock.h"
#include "disk.h"
#include "shop/restore.h"
#include <fcntl.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FATES = 4,
    AFTER_SYNC_EVERY = 40,      /* of the moments after a failed sync, one of so many is tried */
    AFTER_KILL_EVERY = 1000000, /* after a kill only the last one, when families have looked */
};

/* ---- a trace ----------------------------------------------------------------------------------
 */

struct recording {
    const unsigned char *bytes;
    size_t size;
};

static struct recording recording_open(const char *file) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0)
        abort();
    void *bytes = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        abort();
    return (struct recording){bytes, (size_t)info.st_size};
}

static void recording_close(struct recording *recording) {
    munmap((void *)(uintptr_t)recording->bytes, recording->size);
}

/* The next record and what follows it; NULL after the last one. Headers are not aligned. */
static const void *next_record(const struct recording *recording, size_t *at,
                               struct trace_record *record) {
    if (*at + sizeof(*record) > recording->size)
        return NULL;
    memcpy(record, recording->bytes + *at, sizeof(*record));
    const void *payload = recording->bytes + *at + sizeof(*record);
    *at += sizeof(*record) + record->size;
    return payload;
}

/* ---- cutting ----------------------------------------------------------------------------------
 */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    return remove(path);
}

/* Nothing survives of what was not synced; all of it; twice some of it. */
static void cut(struct stage *stage, const struct image *image, const struct told *told,
                const char *when, uint64_t moment) {
    static const enum image_fate fates[FATES] = {IMAGE_NONE, IMAGE_ALL, IMAGE_SOME, IMAGE_SOME};
    for (uint64_t i = 0; i < FATES; i++) {
        char where[WHERE_SIZE];
        snprintf(where, sizeof(where), "%scut %llu, fate %llu", when, (unsigned long long)moment,
                 (unsigned long long)i);
        nftw(stage->cut, remove_one, 8, FTW_DEPTH | FTW_PHYS);
        image_write(image, stage->cut, fates[i], stage->seed * 1000003 + moment * FATES + i);
        stage_judge(stage, stage->cut_data, told, where);
    }
}

/* A cut before each record that changes anything, if it is drawn, and one after the last. `told`
 * was told before. */
static void replay(struct stage *stage, struct image *image, const char *file, struct told *told,
                   const char *when) {
    struct recording recording = recording_open(file);
    struct trace_record record;
    size_t at = 0;
    uint64_t moment = 0;
    for (const void *payload; (payload = next_record(&recording, &at, &record));) {
        if (record.kind == TRACE_MARK)
            told_add(told, payload);
        else if (record.kind != TRACE_OPEN && stage_draws(stage))
            cut(stage, image, told, when, moment);
        image_apply(image, &record, payload);
        moment++;
    }
    cut(stage, image, told, when, moment);
    recording_close(&recording);
}

/* From here on the disk is written down; gives what it holds. */
static struct image *begin_trace(struct stage *stage) {
    struct image *image = image_create(stage->disk);
    unlink(stage->trace);
    disk_trace(stage->trace);
    return image;
}

static void run(struct stage *stage, const struct job *job) {
    struct told told = {0}; /* the trace has it too, in its place */
    stage_run(stage, job, &told);
    told_free(&told);
}

void power_cut_trace(struct stage *stage, const char *before, const char *trace) {
    struct told told = {0};
    struct image *image = image_create(before);
    replay(stage, image, trace, &told, "");
    image_destroy(image);
    told_free(&told);
}

/* ---- selling ----------------------------------------------------------------------------------
 */

static void sell(struct school *school) {
    if (school_fill(school))
        school_sell(school, stage_tell);
}

static void sell_to_crowd(struct school *school) {
    if (school_fill(school))
        school_sell_to_crowd(school, stage_tell);
    school_back_up(school, "crash.db", stage_tell);
    school_count(school);
}

static const struct job selling = {.fn = sell}, selling_on = {.fn = sell, .stays_open = true};

void power_cut_crowd(struct stage *stage) {
    struct told told = {0};
    stage_empty(stage);
    struct image *image = begin_trace(stage);
    run(stage, &(struct job){.fn = sell_to_crowd});
    run(stage, &selling_on);
    replay(stage, image, stage->trace, &told, "");
    image_destroy(image);
    told_free(&told);
}

/* ---- starting again ---------------------------------------------------------------------------
 */

static void look(struct school *school) {
    school_look(school, stage_tell);
}

static const struct job looking = {.fn = look, .stays_open = true};

static uint64_t count_steps(struct stage *stage, enum disk_fault fault) {
    stage_empty(stage);
    disk_arm(fault, 0, false);
    return stage_count(stage, &selling).steps;
}

/* The school sells until the fault ends it, and is started again for the job. */
static void start_again(struct stage *stage, enum disk_fault fault, uint64_t step,
                        const struct job *job, uint64_t every) {
    struct told told = {0};
    char when[WHERE_SIZE / 2];
    stage_empty(stage);
    struct image *image = begin_trace(stage);
    disk_arm(fault, step, false);
    run(stage, &selling);
    disk_arm(DISK_SOUND, 0, false);
    run(stage, job);
    snprintf(when, sizeof(when), "%s %llu, ", disk_fault_names[fault], (unsigned long long)step);
    uint64_t every_step = stage->every;
    stage->every = every;
    replay(stage, image, stage->trace, &told, when);
    stage->every = every_step;
    image_destroy(image);
    told_free(&told);
}

void power_cut_after_failed_syncs(struct stage *stage) {
    uint64_t steps = count_steps(stage, DISK_SYNC_BAD);
    for (uint64_t step = 1; step <= steps; step++)
        if (stage_draws(stage))
            start_again(stage, DISK_SYNC_BAD, step, &selling_on, AFTER_SYNC_EVERY);
}

void power_cut_after_kills(struct stage *stage) {
    uint64_t steps = count_steps(stage, DISK_UNSYNCED);
    for (uint64_t step = 1; step <= steps; step++)
        if (stage_draws(stage))
            start_again(stage, DISK_UNSYNCED, step, &looking, AFTER_KILL_EVERY);
}

/* ---- restoring --------------------------------------------------------------------------------
 */

static void sell_and_back_up(struct school *school) {
    sell(school);
    school_back_up(school, "crash.db", stage_tell);
    for (int family = 0; family < SCHOOL_CROWD; family++)
        school_buy(school, family, SCHOOL_LARGE, "card", stage_tell);
}

static size_t paid_before; /* the backup that is put back */

/* When it says that it is done, the school of the backup is there and no other. */
static void restore(struct school *school) {
    struct arena *arena = arena_create();
    const struct restore_plan plan = {.data = school->data,
                                      .file =
                                          arena_printf(arena, "%s/backups/crash.db", school->data),
                                      .now = clock_now()};
    struct restore_done done;
    char error[512];
    if (restore_run(&plan, arena, &done, error, sizeof(error)) == OK)
        stage_tell(arena_printf(arena, "either %zu %zu", paid_before, paid_before));
    arena_destroy(arena);
}

/* How many of the families that were told "paid" were so before the backup. */
static size_t paid_before_backup(const struct told *told) {
    size_t paid = 0;
    for (size_t i = 0; i < told->count && strncmp(told->texts[i], "backup", 6) != 0; i++)
        paid += strncmp(told->texts[i], "paid", 4) == 0;
    return paid;
}

/* Until then either school may be there, whole. */
void power_cut_restore(struct stage *stage) {
    struct told sold = {0}, told = {0};
    char either[TOLD_SIZE];
    stage_empty(stage);
    stage_run(stage, &(struct job){.fn = sell_and_back_up, .stays_open = true}, &sold);
    paid_before = paid_before_backup(&sold);
    snprintf(either, sizeof(either), "either %zu %zu", paid_before, told_count(&sold, "paid"));
    told_add(&told, either);
    told_add(&told, "backup crash.db");
    struct image *image = begin_trace(stage);
    run(stage, &(struct job){.fn = restore, .is_offline = true});
    replay(stage, image, stage->trace, &told, "restore, ");
    image_destroy(image);
    told_free(&sold);
    told_free(&told);
}

/* ---- upgrading --------------------------------------------------------------------------------
 */

static void run_file(sqlite3 *db, const char *path) {
    struct recording text = recording_open(path);
    char *sql = strndup((const char *)text.bytes, text.size);
    char *error = NULL;
    if (!sql || sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fprintf(stderr, "points: %s: %s\n", path, error);
        exit(2);
    }
    free(sql);
    recording_close(&text);
}

/* The mails that tests/fixtures/school-1.sql leaves out. */
static const char OLD_MAILS[] =
    "INSERT INTO outbox (dedupe_key, recipient, subject, body_text, order_id, next_attempt_at)"
    " VALUES ('receipt:1', 'ana@example.org', 's', 't', 1, 1),"
    " ('transfer:2', 'luis@example.org', 's', 't', 2, 1)";

static void make_old_school(struct school *school) {
    char path[2 * STAGE_PATH];
    sqlite3 *db;
    mkdir(school->data, 0700);
    snprintf(path, sizeof(path), "%s/taller.db", school->data);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        abort();
    run_file(db, "tests/fixtures/schema-1.sql");
    run_file(db, "tests/fixtures/school-1.sql");
    if (sqlite3_exec(db, OLD_MAILS, NULL, NULL, NULL) != SQLITE_OK)
        abort();
    sqlite3_close(db);
}

static void do_nothing(struct school *school) {
    (void)school;
}

void power_cut_upgrade(struct stage *stage) {
    struct told told = {0};
    stage_empty(stage);
    run(stage, &(struct job){.fn = make_old_school, .is_offline = true});
    told_add(&told, "paid 1");
    told_add(&told, "placed 2");
    struct image *image = begin_trace(stage);
    run(stage, &(struct job){.fn = do_nothing});
    replay(stage, image, stage->trace, &told, "upgrade, ");
    image_destroy(image);
    told_free(&told);
}
