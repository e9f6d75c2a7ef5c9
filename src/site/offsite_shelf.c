/* Names there, and the way back from there. */
#include "site/offsite_shelf.h"
#include "db/file.h"
#include "shop/backup.h"
#include "shop/backup_shelf.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *offsite_place(struct arena *arena, const struct s3_place *place) {
    return arena_printf(arena, "%s%s/%s", place->host, place->bucket, place->prefix);
}

/* ---- names ----------------------------------------------------------------------------------- */

static int newest_first(const void *a, const void *b) {
    return strcmp(*(const char *const *)b, *(const char *const *)a); /* their names are in order */
}

void offsite_pick(const struct s3_names *there, bool whole, struct arena *arena,
                  struct s3_names *out) {
    *out = (struct s3_names){.names = arena_array(arena, there->count, sizeof(*out->names))};
    for (size_t i = 0; i < there->count; i++)
        if (shelf_moment(there->names[i]) >= 0 &&
            (!whole || s3_names_have(there, backup_record_name(arena, there->names[i]))))
            out->names[out->count++] = there->names[i];
    if (out->count)
        qsort(out->names, out->count, sizeof(*out->names), newest_first);
}

/* ---- fetching -------------------------------------------------------------------------------- */

struct fetching {
    const struct s3_options *s3;
    struct arena *arena;
    const char *name, *record;          /* there */
    const char *file, *file_record;     /* here, */
    const char *coming, *coming_record; /* and on their way */
    struct backup_record says;
    char *error;
    size_t error_size;
};

static enum err find(struct fetching *f) {
    struct s3_names there, shelf;
    enum err err = s3_list(f->s3, f->arena, &there, f->error, f->error_size);
    if (err)
        return err;
    offsite_pick(&there, true, f->arena, &shelf);
    const char *place = offsite_place(f->arena, &f->s3->place);
    if (!*f->name && shelf.count)
        f->name = shelf.names[0];
    if (*f->name && !strchr(f->name, '/') && s3_names_have(&there, f->name) &&
        s3_names_have(&there, backup_record_name(f->arena, f->name)))
        return OK;
    if (!shelf.count)
        snprintf(f->error, f->error_size, "there is no backup at %s", place);
    else
        snprintf(f->error, f->error_size,
                 "there is no backup %s at %s with its record; the newest is %s", f->name, place,
                 shelf.names[0]);
    return ERR_NOT_FOUND;
}

static enum err fetch_record(struct fetching *f) {
    enum err err = s3_get(f->s3, f->record, f->coming_record, f->error, f->error_size);
    if (err || backup_read_record(f->coming, f->arena, &f->says, f->error, f->error_size) == OK)
        return err;
    snprintf(f->error, f->error_size, "%s at %s is not the record of a backup", f->record,
             f->s3->place.host);
    return ERR_REFUSED;
}

/* OK: it is here already. ERR_NOT_FOUND: it is not. */
static enum err look_here(struct fetching *f) {
    char sum[SEAL_SUM_SIZE];
    if (access(f->file, F_OK) != 0)
        return ERR_NOT_FOUND;
    if (seal_sum(f->file, sum) == OK && strcmp(sum, f->says.sum) == 0)
        return OK;
    snprintf(f->error, f->error_size,
             "%s is there already and is not the same; it is not replaced: move it away", f->file);
    return ERR_CONFLICT;
}

static enum err fetch_file(struct fetching *f) {
    char sum[SEAL_SUM_SIZE];
    int64_t room = file_space(f->file);
    if (room >= 0 && room < f->says.bytes) {
        snprintf(f->error, f->error_size, "there is no room for %s: it needs %lld MB", f->file,
                 (long long)(f->says.bytes >> 20));
        return ERR_FULL;
    }
    enum err err = s3_get(f->s3, f->name, f->coming, f->error, f->error_size);
    if (err)
        return err;
    if (seal_sum(f->coming, sum) == OK && strcmp(sum, f->says.sum) == 0)
        return OK;
    snprintf(f->error, f->error_size,
             "%s at %s is not what it was when it was made: its SHA-256 is not the one in %s",
             f->name, f->s3->place.host, f->record);
    return ERR_REFUSED;
}

/* The record first: a file with none would be a backup of nobody. */
static enum err publish(struct fetching *f) {
    enum err err = file_publish(f->coming_record, f->file_record);
    if (!err)
        err = file_publish_new(f->coming, f->file);
    if (err)
        snprintf(f->error, f->error_size, "%s cannot be written: %s", f->file, strerror(errno));
    return err;
}

static enum err bring(struct fetching *f) {
    enum err err = fetch_record(f);
    if (err)
        return err;
    err = look_here(f);
    if (err != ERR_NOT_FOUND)
        return err;
    err = fetch_file(f);
    return err ? err : publish(f);
}

enum err offsite_fetch(const struct s3_options *s3, const char *name, const char *folder,
                       struct arena *arena, const char **file, char *error, size_t error_size) {
    struct fetching f = {
        .s3 = s3, .arena = arena, .name = name, .error = error, .error_size = error_size};
    enum err err = find(&f);
    if (err)
        return err;
    if (file_create_folder(folder) != OK) {
        snprintf(error, error_size, "%s cannot be made: %s", folder, strerror(errno));
        return ERR_IO;
    }
    f.record = backup_record_name(arena, f.name);
    f.file = arena_printf(arena, "%s/%s", folder, f.name);
    f.file_record = backup_record_name(arena, f.file);
    f.coming = arena_printf(arena, "%s.part", f.file);
    f.coming_record = backup_record_name(arena, f.coming);
    *file = f.file;
    err = bring(&f);
    unlink(f.coming);
    unlink(f.coming_record);
    return err;
}
