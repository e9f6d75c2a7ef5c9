/* A backup on its way back: beside, checked, swapped. */
#include "shop/restore.h"
#include "base/date.h"
#include "db/db.h"
#include "db/file.h"
#include "shop/audit.h"
#include "shop/backup_shelf.h"
#include "shop/books.h"
#include "shop/restore_sql.h"
#include "shop/shop.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SPARE_BYTES = 16 << 20 };

#define BESIDE "taller.restoring"

struct work {
    const struct restore_plan *plan;
    struct arena *arena;
    struct restore_done *done;
    const char *database, *beside, *backups;
    struct backup_record record;
    bool has_record;
    char *error;
    size_t error_size;
};

static enum err fail(struct work *work, enum err err, const char *format, ...) PRINTF_LIKE(3, 4);

static enum err fail(struct work *work, enum err err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(work->error, work->error_size, format, args);
    va_end(args);
    return err;
}

static void doubt(struct work *work, const char *phrase) {
    struct restore_done *done = work->done;
    done->doubts = arena_grow(work->arena, done->doubts, done->doubt_count, sizeof(*done->doubts));
    done->doubts[done->doubt_count++] = phrase;
}

void restore_sweep(const char *data) {
    static const char *const ENDS[] = {"", "-wal", "-shm", "-journal"};
    char path[PATH_MAX];
    for (size_t i = 0; i < ARRAY_COUNT(ENDS); i++)
        if (snprintf(path, sizeof(path), "%s/" BESIDE "%s", data, ENDS[i]) < (int)sizeof(path))
            unlink(path);
}

/* ---- beside ---------------------------------------------------------------------------------- */

static enum err check_record(struct work *work) {
    const char *file = work->plan->file;
    char sum[SEAL_SUM_SIZE], why[256];
    enum err err = backup_read_record(file, work->arena, &work->record, why, sizeof(why));
    if (err == ERR_NOT_FOUND) {
        doubt(work, arena_printf(work->arena, "%s.json, its record, is not beside it", file));
        return OK;
    }
    if (err)
        return fail(work, ERR_REFUSED, "%s", why);
    if (seal_sum(file, sum) != OK)
        return fail(work, ERR_IO, "%s cannot be read: %s.", file, strerror(errno));
    if (strcmp(sum, work->record.sum) != 0)
        return fail(
            work, ERR_REFUSED,
            "%s is not what it was when it was made: its SHA-256 is not the one in %s.json. "
            "Nothing was replaced.",
            file, file);
    work->has_record = true;
    work->done->made_at = work->record.made_at;
    return OK;
}

static enum err check_file(struct work *work) {
    const char *file = work->plan->file;
    if (access(file, R_OK) != 0)
        return fail(work, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s cannot be read: %s.", file,
                    strerror(errno));
    if (file_size(arena_printf(work->arena, "%s-wal", file)) > 0)
        return fail(work, ERR_REFUSED,
                    "%s was copied from a running database: %s-wal beside it holds a part of it. "
                    "Use a backup made by 'taller backup'.",
                    file, file);
    int64_t needed = file_size(file) + SPARE_BYTES, room = file_space(work->beside);
    if (room >= 0 && room < needed)
        return fail(work, ERR_FULL,
                    "there is no room for %s in %s: it needs %" PRId64 " MB, %" PRId64
                    " MB are free.",
                    file, work->plan->data, needed >> 20, room >> 20);
    return check_record(work);
}

static enum err fetch(struct work *work) {
    const char *file = work->plan->file, *key = work->plan->key;
    bool sealed = seal_is_sealed(file);
    if (sealed && (!key || !*key))
        return fail(work, ERR_REFUSED,
                    "%s is encrypted: set TALLER_BACKUP_KEY to the key it was made with.", file);
    enum err err = sealed ? seal_open(file, work->beside, key) : seal_copy(file, work->beside);
    if (err == ERR_REFUSED)
        return fail(work, err,
                    "%s cannot be decrypted: TALLER_BACKUP_KEY is not the key it was made with, or "
                    "the file is damaged.",
                    file);
    return err ? fail(work, err, "%s cannot be copied to %s: %s.", file, work->beside,
                      strerror(errno))
               : OK;
}

/* ---- checks ---------------------------------------------------------------------------------- */

/* A sentence that names the backup, not the copy of it that was looked at. */
static enum err not_fit(struct work *work, enum err err) {
    return err == ERR_REFUSED
               ? fail(work, err, "%s is damaged, or no database. Nothing was replaced.",
                      work->plan->file)
               : err;
}

static enum err check_identity(struct work *work) {
    struct store_options ours = shop_store_options(work->beside, NULL);
    int64_t newest = (int64_t)ours.migration_count + 1;
    struct copy_facts *facts = &work->done->facts;
    enum err err = copy_facts(work->beside, work->arena, facts, work->error, work->error_size);
    if (err)
        return not_fit(work, err);
    if (facts->application_id != ours.application_id || facts->schema < 1)
        return fail(work, ERR_REFUSED, "%s is a database of another program. Nothing was replaced.",
                    work->plan->file);
    if (facts->schema > newest)
        return fail(work, ERR_REFUSED,
                    "%s was made by a newer version of this program (schema %" PRId64
                    ", this one knows %" PRId64 "): restore it with that one.",
                    work->plan->file, facts->schema, newest);
    return OK;
}

static enum err check_whole(struct work *work) {
    struct copy_faults faults;
    enum err err = copy_check(work->beside, work->arena, &faults, work->error, work->error_size);
    if (err)
        return not_fit(work, err);
    if (faults.damage_count)
        return fail(work, ERR_REFUSED, "%s is damaged (%s). Nothing was replaced.",
                    work->plan->file, faults.damage[0]);
    for (size_t i = 0; i < faults.reference_count; i++)
        doubt(work, faults.references[i]);
    return OK;
}

static enum err check_counts(struct work *work) {
    const struct copy_facts *facts = &work->done->facts;
    const struct backup_record *record = &work->record;
    if (!work->has_record)
        return OK;
    bool same = record->table_count == facts->table_count;
    for (size_t i = 0; same && i < facts->table_count; i++) {
        const struct copy_table *is = &facts->tables[i], *was = &record->tables[i];
        same = strcmp(is->name, was->name) == 0;
        if (same && is->rows != was->rows)
            return fail(work, ERR_REFUSED,
                        "%s has %" PRId64 " rows in %s, its record says %" PRId64
                        ". Nothing was replaced.",
                        work->plan->file, is->rows, is->name, was->rows);
    }
    return same ? OK
                : fail(work, ERR_REFUSED,
                       "%s has not the tables its record names. Nothing was replaced.",
                       work->plan->file);
}

/* ---- in the schema of today -------------------------------------------------------------------
 */

static enum err ask_books(struct work *work, struct db *db) {
    struct books_fault *faults;
    size_t count;
    enum err err = books_check(db, work->arena, &faults, &count);
    for (size_t i = 0; !err && i < count; i++)
        doubt(work, arena_printf(work->arena,
                                 "the books are not true: %s of %s %" PRId64 ", %" PRId64
                                 " instead of %" PRId64,
                                 faults[i].rule, faults[i].entity, faults[i].id, faults[i].found,
                                 faults[i].expected));
    return err ? err : db_int(db, restore_sql[RESTORE_MAIL_WAITING], &work->done->mail_waiting);
}

static enum err renew_tx(struct tx *tx, void *arg) {
    const struct work *work = arg;
    enum err err = tx_exec(tx, restore_sql[RESTORE_RENEW]);
    return err ? err
               : audit_write_tx(
                     tx, 0, "restore", "database", 0,
                     arena_printf(work->arena, "{\"made_at\": %" PRId64 "}", work->done->made_at));
}

static enum err modernize(struct work *work) {
    struct store_options options = shop_store_options(work->beside, NULL);
    options.check_statements = true;
    struct store *store;
    enum err err = store_open(&options, &store, work->error, work->error_size);
    if (err)
        return err;
    struct db *db = store_reader(store);
    err = ask_books(work, db);
    store_release(store, db);
    if (!err)
        err = store_write(store, renew_tx, work);
    store_close(store);
    if (err)
        return fail(work, err, "%s could not be checked; the log above says why.",
                    work->plan->file);
    return copy_settle(work->beside, work->error, work->error_size);
}

static enum err refuse_doubts(struct work *work) {
    const struct restore_done *done = work->done;
    if (!work->plan->verify || !done->doubt_count)
        return OK;
    if (done->doubt_count == 1)
        return fail(work, ERR_REFUSED,
                    "%s is not restored with --verify: %s. Nothing was replaced.", work->plan->file,
                    done->doubts[0]);
    return fail(work, ERR_REFUSED,
                "%s is not restored with --verify: %s, and %zu more. Nothing was replaced.",
                work->plan->file, done->doubts[0], done->doubt_count - 1);
}

/* ---- the swap -------------------------------------------------------------------------------- */

static enum err keep_one(struct work *work, const char *path, const char *kept) {
    enum err err = file_link(path, kept);
    if (err && (errno == EXDEV || errno == EPERM || errno == EOPNOTSUPP)) { /* another disk */
        const char *part = arena_printf(work->arena, "%s.part", kept);
        err = seal_copy(path, part);
        if (!err)
            err = file_publish_new(part, kept);
    }
    return err ? fail(work, err, "%s cannot be kept as %s: %s.", path, kept, strerror(errno)) : OK;
}

static const char *const LOGS[] = {"-wal", "-journal"};

static bool is_taken(struct work *work, const char *kept) {
    bool taken = access(kept, F_OK) == 0;
    for (size_t i = 0; !taken && i < ARRAY_COUNT(LOGS); i++)
        taken = access(arena_printf(work->arena, "%s%s", kept, LOGS[i]), F_OK) == 0;
    return taken;
}

/* Two restores in one second take two names. */
static const char *free_name(struct work *work) {
    for (int64_t at = work->plan->now;; at++) {
        const char *name = shelf_name(work->arena, SHELF_REPLACED, at, false);
        const char *kept = arena_printf(work->arena, "%s/%s", work->backups, name);
        if (!is_taken(work, kept))
            return kept;
    }
}

/* Where the database is damaged, empty or gone, its log cannot be brought into it: it is kept
 * beside, as it is, and must be gone before another file takes the name, which it would be read
 * into. */
static enum err keep_logs(struct work *work, const char *kept) {
    enum err err = OK;
    for (size_t i = 0; !err && i < ARRAY_COUNT(LOGS); i++) {
        const char *log = arena_printf(work->arena, "%s%s", work->database, LOGS[i]);
        if (access(log, F_OK) != 0)
            continue;
        err = keep_one(work, log, arena_printf(work->arena, "%s%s", kept, LOGS[i]));
        if (!err && file_remove(log) != OK)
            err = fail(work, ERR_IO, "%s cannot be removed: %s.", log, strerror(errno));
    }
    const char *index = arena_printf(work->arena, "%s-shm", work->database);
    if (!err && file_remove(index) != OK)
        err = fail(work, ERR_IO, "%s cannot be removed: %s.", index, strerror(errno));
    return err;
}

/* SQLite would throw away the log of an empty file: it is not asked about one. */
static enum err keep_old(struct work *work) {
    bool there = access(work->database, F_OK) == 0;
    if (!is_taken(work, work->database))
        return OK;
    enum err settled = file_size(work->database) > 0
                           ? copy_settle(work->database, work->error, work->error_size)
                           : ERR_REFUSED;
    if (settled && settled != ERR_REFUSED)
        return settled;
    enum err err = file_create_folder(work->backups);
    if (err)
        return fail(work, err, "%s cannot be made: %s.", work->backups, strerror(errno));
    const char *kept = free_name(work);
    if (there)
        err = keep_one(work, work->database, kept);
    if (!err && settled)
        err = keep_logs(work, kept);
    work->done->kept = there ? kept : NULL;
    return err;
}

static enum err swap(struct work *work) {
    enum err err = keep_old(work);
    if (err)
        return err;
    err = file_publish(work->beside, work->database);
    return err ? fail(work, err, "%s cannot take the place of %s: %s.", work->beside,
                      work->database, strerror(errno))
               : OK;
}

enum err restore_run(const struct restore_plan *plan, struct arena *arena,
                     struct restore_done *done, char *error, size_t error_size) {
    *done = (struct restore_done){0};
    struct work work = {.plan = plan,
                        .arena = arena,
                        .done = done,
                        .database = arena_printf(arena, "%s/taller.db", plan->data),
                        .beside = arena_printf(arena, "%s/" BESIDE, plan->data),
                        .backups = arena_printf(arena, "%s/backups", plan->data),
                        .error = error,
                        .error_size = error_size};
    static const struct {
        enum err (*run)(struct work *);
    } STEPS[] = {{check_file},   {fetch},     {check_identity}, {check_whole},
                 {check_counts}, {modernize}, {refuse_doubts},  {swap}};
    enum err err = OK;
    restore_sweep(plan->data);
    for (size_t i = 0; !err && i < ARRAY_COUNT(STEPS); i++)
        if (STEPS[i].run != modernize || !plan->as_it_is)
            err = STEPS[i].run(&work);
    restore_sweep(plan->data);
    return err;
}
