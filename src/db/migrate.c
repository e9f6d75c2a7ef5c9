/* Migrations. A file says what it is by application_id and which schema it has by user_version;
 * both are part of the transaction that changes them, so a file is always wholly old or wholly new.
 */
#include "db/migrate.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/log.h"
#include "db/backup.h"
#include "db/connection.h"
#include "db/file.h"
#include "db/statement.h"
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct migration_run {
    struct db *db;
    const struct store_options *options;
    char *error;
    size_t error_size;
};

/* What a file says of itself. */
struct identity {
    int64_t application_id, version;
    int64_t objects; /* tables, indexes, triggers */
};

static enum err fail(struct migration_run *run, enum err err, const char *format, ...)
    PRINTF_LIKE(3, 4);

static enum err fail(struct migration_run *run, enum err err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(run->error, run->error_size, format, args);
    va_end(args);
    return err;
}

static enum err fail_sqlite(struct migration_run *run, int code, const char *doing) {
    return fail(run, connection_err(code), "The database %s: %s failed: %s.", run->options->path,
                doing, sqlite3_errmsg(run->db->handle));
}

static int64_t newest(const struct store_options *options) {
    return (int64_t)options->migration_count + 1;
}

static enum err identify(struct migration_run *run, struct identity *out) {
    *out = (struct identity){0};
    int code = connection_number(run->db, "PRAGMA application_id", &out->application_id);
    if (code == SQLITE_OK)
        code = connection_number(run->db, "PRAGMA user_version", &out->version);
    if (code == SQLITE_OK)
        code = connection_number(run->db, "SELECT count(*) FROM sqlite_schema", &out->objects);
    return code == SQLITE_OK ? OK : fail_sqlite(run, code, "reading its version");
}

static bool is_blank(const struct identity *identity) {
    return identity->application_id == 0 && identity->version == 0 && identity->objects == 0;
}

/* OK for a file that is blank or ours and not from the future. */
static enum err judge(struct migration_run *run, const struct identity *identity) {
    const struct store_options *options = run->options;
    if (is_blank(identity))
        return OK;
    if (identity->application_id != options->application_id || identity->version < 1)
        return fail(run, ERR_REFUSED, "%s is a database of another program; it was not touched.",
                    options->path);
    if (identity->version > newest(options))
        return fail(
            run, ERR_REFUSED,
            "%s was written by a newer version of this program (schema %lld, this one knows "
            "%lld): start the newer program, or restore an older backup.",
            options->path, (long long)identity->version, (long long)newest(options));
    return OK;
}

/* ---- inside the transaction ----------------------------------------------------------------- */

static enum err create_schema(struct migration_run *run) {
    int code = connection_script(run->db, run->options->schema);
    if (code != SQLITE_OK)
        return fail_sqlite(run, code, "creating its schema");
    struct identity made;
    enum err err = identify(run, &made);
    if (err)
        return err;
    if (made.application_id != run->options->application_id || made.version != newest(run->options))
        return fail(
            run, ERR_INTERNAL,
            "The schema sets application_id %lld and user_version %lld, the program expects "
            "%ld and %lld.",
            (long long)made.application_id, (long long)made.version,
            (long)run->options->application_id, (long long)newest(run->options));
    return OK;
}

/* Day by day, so that a program that fails and is started again for ever keeps one copy a day. */
static enum err back_up(struct migration_run *run, int64_t version) {
    const struct store_options *options = run->options;
    if (!options->backup_dir)
        return OK;
    char day[DATE_TEXT_SIZE], path[PATH_MAX];
    date_format(date_from_days(clock_now() / 86400), day);
    int length = snprintf(path, sizeof(path), "%s/before-migration-from-%lld-%s.db",
                          options->backup_dir, (long long)version, day);
    if (length >= (int)sizeof(path))
        return fail(run, ERR_INVALID, "The name of the backup folder is too long.");
    enum err err = file_create_folder(options->backup_dir);
    if (err)
        return fail(run, err, "The backup folder %s cannot be made: %s.", options->backup_dir,
                    strerror(errno));
    err = backup_copy(options->path, path, run->error, run->error_size);
    if (err == OK)
        log_info("database_backed_up", "file", "%s", path);
    return err;
}

static enum err run_step(struct migration_run *run, int64_t version) {
    const struct migration *step = &run->options->migrations[version - 1];
    char set_version[64];
    snprintf(set_version, sizeof(set_version), "PRAGMA user_version = %lld",
             (long long)version + 1);
    int code = connection_script(run->db, step->sql);
    if (code == SQLITE_OK)
        code = connection_script(run->db, set_version);
    if (code != SQLITE_OK)
        return fail_sqlite(run, code, step->title);
    if (sqlite3_get_autocommit(run->db->handle))
        return fail(run, ERR_INTERNAL, "The migration \"%s\" ended its transaction.", step->title);
    log_debug("migration_step", "title", "%s", step->title);
    return OK;
}

/* Foreign keys are off while tables are rebuilt; here every one is looked at. */
static enum err check_references(struct migration_run *run) {
    int64_t broken = 0;
    int code = connection_number(run->db, "SELECT count(*) FROM pragma_foreign_key_check", &broken);
    if (code != SQLITE_OK)
        return fail_sqlite(run, code, "checking its references");
    if (broken > 0)
        return fail(run, ERR_INTERNAL,
                    "The migration of %s would leave %lld references to rows that do not exist; "
                    "it was undone.",
                    run->options->path, (long long)broken);
    return OK;
}

static enum err migrate_steps(struct migration_run *run, int64_t version) {
    enum err err = back_up(run, version);
    for (; err == OK && version < newest(run->options); version++)
        err = run_step(run, version);
    return err ? err : check_references(run);
}

/* A new schema that does not fit the statements is not saved. */
static enum err check_statements(struct migration_run *run) {
    const struct store_options *options = run->options;
    return statement_check(run->db, options->tables, options->table_count, run->error,
                           run->error_size);
}

/* Another process may have been quicker: what the file is, is asked again under the lock. */
static enum err bring_up_locked(struct migration_run *run, int64_t *before) {
    struct identity now;
    enum err err = identify(run, &now);
    if (err == OK)
        err = judge(run, &now);
    if (err)
        return err;
    *before = now.version;
    if (now.version == newest(run->options))
        return OK;
    err = is_blank(&now) ? create_schema(run) : migrate_steps(run, now.version);
    return err ? err : check_statements(run);
}

/* ---- around it ------------------------------------------------------------------------------ */

/* Foreign keys can only be switched outside of a transaction. */
static enum err bring_up(struct migration_run *run) {
    int code = connection_script(run->db, "PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE");
    if (code != SQLITE_OK)
        return fail_sqlite(run, code, "locking it");
    int64_t before = 0; /* 0: a fresh file */
    enum err err = bring_up_locked(run, &before);
    if (err == OK) {
        code = connection_script(run->db, "COMMIT");
        err = code == SQLITE_OK ? OK : fail_sqlite(run, code, "saving its new schema");
    }
    if (err == OK)
        LOG_FIELDS(LOG_INFO, "database_schema", LOG_INT("before", before),
                   LOG_INT("now", newest(run->options)));
    if (!sqlite3_get_autocommit(run->db->handle))
        connection_script(run->db, "ROLLBACK");
    code = connection_script(run->db, "PRAGMA foreign_keys = ON");
    return err == OK && code != SQLITE_OK ? fail_sqlite(run, code, "enforcing references") : err;
}

/* The statement answers with the mode that is in force, not with an error. */
static int ask_for_log(struct db *db, bool *is_on) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db->handle, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (code != SQLITE_OK)
        return code;
    *is_on = sqlite3_step(statement) == SQLITE_ROW &&
             strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    return sqlite3_finalize(statement);
}

/* Two programs that switch a file at the same moment get SQLITE_BUSY at once, as waiting inside
 * SQLite could be for ever: each holds what the other wants. So the waiting is done here. */
static enum err use_log(struct migration_run *run) {
    enum { PAUSE_MS = 10 };
    bool is_on = false;
    int code = ask_for_log(run->db, &is_on);
    for (int ms = 0; (code & 0xff) == SQLITE_BUSY && ms < CONNECTION_BUSY_MS; ms += PAUSE_MS) {
        sqlite3_sleep(PAUSE_MS);
        code = ask_for_log(run->db, &is_on);
    }
    if (code != SQLITE_OK)
        return fail_sqlite(run, code, "switching to a write-ahead log");
    if (!is_on)
        return fail(run, ERR_IO, "The database %s cannot keep a write-ahead log on this disk.",
                    run->options->path);
    return OK;
}

/* All of it as of one moment: another program may be making the schema just now. */
static enum err identify_at_once(struct migration_run *run, struct identity *out) {
    int code = connection_script(run->db, "BEGIN");
    if (code != SQLITE_OK)
        return fail_sqlite(run, code, "reading its version");
    enum err err = identify(run, out);
    code = connection_script(run->db, "ROLLBACK");
    return err || code == SQLITE_OK ? err : fail_sqlite(run, code, "reading its version");
}

enum err migrate_file(struct db *db, const struct store_options *options, char *error,
                      size_t error_size) {
    struct migration_run run = {
        .db = db, .options = options, .error = error, .error_size = error_size};
    struct identity identity = {0};
    enum err err = identify_at_once(&run, &identity);
    if (err == OK)
        err = judge(&run, &identity);
    if (err == OK)
        err = use_log(&run);
    if (err == OK && identity.version != newest(options))
        err = bring_up(&run);
    return err;
}
