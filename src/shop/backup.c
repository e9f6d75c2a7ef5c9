/* Making a backup and its record. What happens to it afterwards: backup_shelf.c, restore.c. */
#include "shop/backup.h"
#include "base/buf.h"
#include "base/date.h"
#include "db/file.h"
#include <cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    DAY = 86400,
    HOUR = 3600,
    RECORD_BYTES = 1 << 20,
    SPARE_BYTES = 16 << 20, /* that a backup leaves to the shop on its disk */
};

const char *backup_record_name(struct arena *arena, const char *file) {
    return arena_printf(arena, "%s.json", file);
}

/* ---- the record as text ---------------------------------------------------------------------- */

static void put_int(cJSON *object, const char *name, int64_t value) {
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    cJSON_AddRawToObject(object, name, text);
}

static void put_moment(cJSON *object, int64_t at) {
    char day[DATE_TEXT_SIZE], text[40];
    date_format(date_from_days(at / DAY), day);
    int second = (int)(at % DAY);
    snprintf(text, sizeof(text), "%sT%02d:%02d:%02dZ", day, second / HOUR, second / 60 % 60,
             second % 60);
    cJSON_AddStringToObject(object, "made", text);
}

static char *print_record(const char *file, const struct backup_record *record) {
    const char *slash = strrchr(file, '/');
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "file", slash ? slash + 1 : file);
    put_moment(root, record->made_at);
    put_int(root, "made_at", record->made_at);
    put_int(root, "bytes", record->bytes);
    cJSON_AddStringToObject(root, "sha256", record->sum);
    cJSON_AddBoolToObject(root, "encrypted", record->sealed);
    put_int(root, "schema", record->schema);
    cJSON *rows = cJSON_AddObjectToObject(root, "rows");
    for (size_t i = 0; i < record->table_count; i++)
        put_int(rows, record->tables[i].name, record->tables[i].rows);
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    return text;
}

/* Counts are far below 2^53, so a double holds them. */
static bool read_number(const cJSON *root, const char *name, int64_t *out) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, name);
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > 9e15)
        return false;
    *out = (int64_t)item->valuedouble;
    return true;
}

static bool read_rows(const cJSON *root, struct arena *arena, struct backup_record *out) {
    const cJSON *rows = cJSON_GetObjectItemCaseSensitive(root, "rows"), *table;
    if (!cJSON_IsObject(rows))
        return false;
    cJSON_ArrayForEach(table, rows) {
        struct copy_table row = {.name = arena_strdup(arena, table->string)};
        if (!read_number(rows, table->string, &row.rows))
            return false;
        out->tables = arena_grow(arena, out->tables, out->table_count, sizeof(*out->tables));
        out->tables[out->table_count++] = row;
        out->rows += row.rows;
    }
    return true;
}

static bool read_record(const cJSON *root, struct arena *arena, struct backup_record *out) {
    const cJSON *sum = cJSON_GetObjectItemCaseSensitive(root, "sha256");
    const cJSON *sealed = cJSON_GetObjectItemCaseSensitive(root, "encrypted");
    if (!cJSON_IsString(sum) || strlen(sum->valuestring) != SEAL_SUM_SIZE - 1 ||
        !cJSON_IsBool(sealed))
        return false;
    memcpy(out->sum, sum->valuestring, SEAL_SUM_SIZE);
    out->sealed = cJSON_IsTrue(sealed);
    return read_number(root, "made_at", &out->made_at) && read_number(root, "bytes", &out->bytes) &&
           read_number(root, "schema", &out->schema) && read_rows(root, arena, out);
}

enum err backup_read_record(const char *file, struct arena *arena, struct backup_record *out,
                            char *error, size_t error_size) {
    *out = (struct backup_record){0};
    const char *name = backup_record_name(arena, file);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        enum err err = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
        snprintf(error, error_size, "the record %s cannot be read: %s.", name, strerror(errno));
        return err;
    }
    char *text = arena_alloc(arena, RECORD_BYTES);
    ssize_t length = read(fd, text, RECORD_BYTES);
    close(fd);
    cJSON *root = length > 0 ? cJSON_ParseWithLength(text, (size_t)length) : NULL;
    bool read = root && read_record(root, arena, out);
    cJSON_Delete(root);
    if (read)
        return OK;
    snprintf(error, error_size, "%s is not the record of a backup.", name);
    return ERR_INVALID;
}

/* ---- making ---------------------------------------------------------------------------------- */

struct making {
    const struct backup_plan *plan;
    struct arena *arena;
    struct backup_record *record;
    const char *copy, *sealed, *note; /* files on their way */
    char *error;
    size_t error_size;
};

static enum err fail(struct making *m, enum err err, const char *file) {
    snprintf(m->error, m->error_size, "the backup %s cannot be written: %s.", file,
             strerror(errno));
    return err;
}

static enum err taken(struct making *m, const char *file) {
    snprintf(m->error, m->error_size,
             "%s exists already and is not replaced; name another file, or remove it.", file);
    return ERR_CONFLICT;
}

/* Without its file a record is what an interrupted backup left. */
static enum err check_name(struct making *m) {
    const char *file = m->plan->file, *note = backup_record_name(m->arena, file);
    struct backup_record record;
    if (access(file, F_OK) == 0)
        return taken(m, file);
    if (access(note, F_OK) != 0)
        return OK;
    if (backup_read_record(file, m->arena, &record, m->error, m->error_size) != OK)
        return taken(m, note);
    return unlink(note) == 0 ? OK : fail(m, ERR_IO, file);
}

/* A disk that a backup fills would stop the shop. */
static enum err check_room(struct making *m) {
    const struct backup_plan *plan = m->plan;
    int64_t log = file_size(arena_printf(m->arena, "%s-wal", plan->database));
    int64_t size = file_size(plan->database) + (log > 0 ? log : 0);
    int64_t needed = (plan->key && *plan->key ? 2 : 1) * size + SPARE_BYTES;
    int64_t free_bytes = file_space(plan->file);
    if (free_bytes < 0 || free_bytes >= needed)
        return OK;
    snprintf(m->error, m->error_size,
             "there is no room for the backup %s: it needs %" PRId64 " MB, %" PRId64
             " MB are free.",
             plan->file, needed >> 20, free_bytes >> 20);
    return ERR_FULL;
}

static enum err copy(struct making *m) {
    struct copy_facts facts;
    enum err err = copy_make(m->plan->database, m->copy, m->plan->file, m->error, m->error_size);
    if (!err)
        err = copy_facts(m->copy, m->arena, &facts, m->error, m->error_size);
    if (err)
        return err;
    m->record->schema = facts.schema;
    m->record->tables = facts.tables;
    m->record->table_count = facts.table_count;
    m->record->rows = facts.rows;
    return OK;
}

static enum err seal(struct making *m) {
    m->record->sealed = true;
    enum err err = seal_close(m->copy, m->sealed, m->plan->key);
    return err ? fail(m, err, m->plan->file) : OK;
}

static enum err write_note(struct making *m) {
    char *text = print_record(m->plan->file, m->record);
    unlink(m->note);
    FILE *out = file_create_private(m->note) == OK ? fopen(m->note, "we") : NULL;
    bool written = out && text && fprintf(out, "%s\n", text) > 0 && fflush(out) == 0;
    enum err err = written ? OK : errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
    int why = errno;
    if (out)
        fclose(out);
    cJSON_free(text);
    errno = why;
    return err;
}

/* Nobody sees the record before it is whole, nor the file before its record is there. */
static enum err publish(struct making *m, const char *made) {
    const char *file = m->plan->file, *note = backup_record_name(m->arena, file);
    if (seal_sum(made, m->record->sum) != OK)
        return fail(m, ERR_IO, file);
    m->record->bytes = file_size(made);
    enum err err = write_note(m);
    if (!err)
        err = file_publish_new(m->note, note);
    if (err)
        return err == ERR_CONFLICT ? taken(m, note) : fail(m, err, file);
    err = file_publish_new(made, file);
    if (!err)
        return OK;
    err = err == ERR_CONFLICT ? taken(m, file) : fail(m, err, file);
    if (err == ERR_CONFLICT || access(file, F_OK) != 0)
        unlink(note); /* it says nothing of a file that is not ours */
    return err;
}

static enum err make(struct making *m) {
    bool sealing = m->plan->key && *m->plan->key;
    enum err err = check_name(m);
    if (!err)
        err = check_room(m);
    if (!err)
        err = copy(m);
    if (!err && sealing)
        err = seal(m);
    if (!err)
        err = publish(m, sealing ? m->sealed : m->copy);
    unlink(m->copy);
    unlink(m->sealed);
    unlink(m->note);
    return err;
}

/* Two that make the same file would write into one another's, and leave the record of one beside
 * the file of the other. */
enum err backup_make(const struct backup_plan *plan, struct arena *arena,
                     struct backup_record *record, char *error, size_t error_size) {
    *record = (struct backup_record){.made_at = plan->now};
    struct making m = {.plan = plan,
                       .arena = arena,
                       .record = record,
                       .copy = arena_printf(arena, "%s.part", plan->file),
                       .sealed = arena_printf(arena, "%s.seal.part", plan->file),
                       .note = arena_printf(arena, "%s.json.part", plan->file),
                       .error = error,
                       .error_size = error_size};
    const char *hold = arena_printf(arena, "%s.hold.part", plan->file);
    int held;
    enum err err = file_hold(hold, &held);
    if (err == ERR_CONFLICT) {
        snprintf(error, error_size, "%s is being made by another backup already.", plan->file);
        return err;
    }
    if (err)
        return fail(&m, err, plan->file);
    err = make(&m);
    file_release(hold, held);
    return err;
}
