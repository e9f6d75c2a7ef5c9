/* Reading the folder of backups and taking away what is too old. */
#include "shop/backup_shelf.h"
#include "base/date.h"
#include "shop/backup.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOUR = 3600, DAY = 86400, ROTA_MAX = 1000, MONDAY = 3 /* 1970 began on a Thursday */ };

#define SEALED ".sealed"

/* ---- names ----------------------------------------------------------------------------------- */

static const struct {
    const char *prefix;
    enum shelf_kind kind;
} PREFIXES[] = {
    {"taller-", SHELF_SCHEDULED},
    {"before-migration-", SHELF_BEFORE_UPGRADE},
    {"replaced-", SHELF_REPLACED},
};

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

/* taller-20260309T140000Z.db, of our own making and nobody else's. */
static bool is_stamped(const char *rest) {
    static const char SHAPE[] = "00000000T000000Z.db";
    size_t length = sizeof(SHAPE) - 1;
    if (strlen(rest) < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (SHAPE[i] == '0' ? rest[i] < '0' || rest[i] > '9' : rest[i] != SHAPE[i])
            return false;
    return !rest[length] || strcmp(rest + length, SEALED) == 0;
}

static enum shelf_kind kind_of(const char *name) {
    for (size_t i = 0; i < ARRAY_COUNT(PREFIXES); i++) {
        size_t length = strlen(PREFIXES[i].prefix);
        if (strncmp(name, PREFIXES[i].prefix, length) == 0 &&
            (PREFIXES[i].kind != SHELF_SCHEDULED || is_stamped(name + length)))
            return PREFIXES[i].kind;
    }
    return SHELF_BY_HAND;
}

const char *shelf_name(struct arena *arena, enum shelf_kind kind, int64_t at, bool sealed) {
    struct date day = date_from_days(at / DAY);
    int second = (int)(at % DAY);
    return arena_printf(arena, "%s-%04d%02d%02dT%02d%02d%02dZ.db%s",
                        kind == SHELF_REPLACED ? "replaced" : "taller", day.year, day.month,
                        day.day, second / HOUR, second / 60 % 60, second % 60,
                        sealed ? SEALED : "");
}

static int number(const char **at, int digits) {
    int value = 0;
    for (int i = 0; i < digits; i++)
        value = value * 10 + *(*at)++ - '0';
    return value;
}

int64_t shelf_moment(const char *name) {
    if (kind_of(name) != SHELF_SCHEDULED)
        return -1;
    const char *at = name + strlen(PREFIXES[0].prefix);
    struct date day;
    day.year = number(&at, 4);
    day.month = number(&at, 2);
    day.day = number(&at, 2);
    at++; /* T */
    int64_t hours = number(&at, 2), minutes = number(&at, 2), seconds = number(&at, 2);
    return date_to_days(day) * DAY + hours * HOUR + minutes * 60 + seconds;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Ends of names of what belongs to the file it is called after. */
static const char *const BESIDE[] = {".json", ".part", "-wal", "-shm", "-journal"};

/* What has neither a record nor a name of ours is not a backup. */
static bool read_item(const char *folder, const char *name, const struct stat *file,
                      struct arena *arena, struct shelf_item *out) {
    char error[256];
    struct backup_record record;
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    *out = (struct shelf_item){.kind = kind_of(name),
                               .name = arena_strdup(arena, name),
                               .at = file->st_mtime,
                               .bytes = file->st_size,
                               .rows = -1};
    for (size_t i = 0; i < ARRAY_COUNT(BESIDE); i++)
        if (ends_with(name, BESIDE[i]))
            return false;
    if (backup_read_record(path, arena, &record, error, sizeof(error)) == OK) {
        out->at = record.made_at;
        out->rows = record.rows;
        out->sealed = record.sealed;
        return true;
    }
    return out->kind == SHELF_BEFORE_UPGRADE || out->kind == SHELF_REPLACED;
}

static int newest_first(const void *a, const void *b) {
    const struct shelf_item *one = a, *other = b;
    if (one->at != other->at)
        return one->at < other->at ? 1 : -1;
    return strcmp(other->name, one->name);
}

enum err shelf_read(const char *folder, struct arena *arena, struct shelf *out) {
    *out = (struct shelf){0};
    DIR *dir = opendir(folder);
    if (!dir)
        return errno == ENOENT ? OK : ERR_IO;
    struct dirent *entry;
    /* One stream, one thread: readdir_r is deprecated for that reason. */
    /* cppcheck-suppress readdirCalled */
    while ((entry = readdir(dir))) {
        struct stat file;
        struct shelf_item item;
        if (fstatat(dirfd(dir), entry->d_name, &file, 0) != 0 || !S_ISREG(file.st_mode) ||
            !read_item(folder, entry->d_name, &file, arena, &item))
            continue;
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        out->items[out->count++] = item;
    }
    closedir(dir);
    if (out->count)
        qsort(out->items, out->count, sizeof(*out->items), newest_first);
    return OK;
}

const struct shelf_item *shelf_newest(const struct shelf *shelf, int64_t now) {
    for (size_t i = 0; i < shelf->count; i++) {
        const struct shelf_item *item = &shelf->items[i];
        bool is_backup = item->kind == SHELF_SCHEDULED || item->kind == SHELF_BY_HAND;
        if (is_backup && item->at <= now + HOUR)
            return item;
    }
    return NULL;
}

/* ---- the rota -------------------------------------------------------------------------------- */

static bool read_count(const char **text, char end, int *out) {
    char *rest;
    if (**text < '0' || **text > '9')
        return false;
    long number = strtol(*text, &rest, 10);
    if (number > ROTA_MAX || *rest != end)
        return false;
    *out = (int)number;
    *text = rest + 1;
    return true;
}

bool backup_rota_parse(const char *text, struct backup_rota *out) {
    *out = (struct backup_rota){0};
    return !*text || (read_count(&text, ',', &out->hourly) && read_count(&text, ',', &out->daily) &&
                      read_count(&text, '\0', &out->weekly));
}

int64_t backup_rota_interval(const struct backup_rota *rota) {
    return rota->hourly ? HOUR : rota->daily ? DAY : rota->weekly ? INT64_C(7) * DAY : 0;
}

int64_t backup_patience(int64_t interval) {
    return 2 * DAY + 2 * interval;
}

void backup_rota_keep(const struct backup_rota *rota, const int64_t *at, size_t count, bool *keep) {
    struct {
        int left;
        int64_t last; /* the hour, day or week of the one kept before */
    } spans[] = {{rota->hourly, -1}, {rota->daily, -1}, {rota->weekly, -1}};
    for (size_t i = 0; i < count; i++) {
        const int64_t now[] = {at[i] / HOUR, at[i] / DAY, (at[i] / DAY + MONDAY) / 7};
        keep[i] = i == 0;
        for (size_t s = 0; s < ARRAY_COUNT(spans); s++) {
            if (spans[s].left == 0 || now[s] == spans[s].last)
                continue;
            spans[s].left--;
            spans[s].last = now[s];
            keep[i] = true;
        }
    }
}

/* ---- taking away ----------------------------------------------------------------------------- */

static bool remove_backup(const char *folder, const char *name, struct arena *arena) {
    const char *path = arena_printf(arena, "%s/%s", folder, name);
    bool gone = unlink(path) == 0;
    if (gone)
        unlink(backup_record_name(arena, path));
    return gone;
}

/* Files on their way, and records whose file never came. */
static bool is_litter(const char *folder, const char *name, struct arena *arena) {
    if (ends_with(name, ".part"))
        return true;
    if (!ends_with(name, ".json") || kind_of(name) == SHELF_REPLACED)
        return false;
    const char *file = arena_strndup(arena, name, strlen(name) - strlen(".json"));
    return kind_of(file) == SHELF_SCHEDULED &&
           access(arena_printf(arena, "%s/%s", folder, file), F_OK) != 0;
}

static void sweep(const char *folder, int64_t now, struct arena *arena) {
    DIR *dir = opendir(folder);
    struct dirent *entry;
    /* As above. */
    /* cppcheck-suppress readdirCalled */
    while (dir && (entry = readdir(dir))) {
        struct stat file;
        if (fstatat(dirfd(dir), entry->d_name, &file, 0) == 0 && S_ISREG(file.st_mode) &&
            file.st_mtime < now - DAY && is_litter(folder, entry->d_name, arena))
            unlinkat(dirfd(dir), entry->d_name, 0);
    }
    if (dir)
        closedir(dir);
}

size_t shelf_rotate(const char *folder, const struct backup_rota *rota, int64_t now) {
    struct arena *arena = arena_create();
    struct shelf shelf;
    size_t count = 0, gone = 0;
    if (shelf_read(folder, arena, &shelf) != OK)
        shelf.count = 0;
    int64_t *at = arena_array(arena, shelf.count, sizeof(*at));
    const char **names = arena_array(arena, shelf.count, sizeof(*names));
    bool *keep = arena_array(arena, shelf.count, sizeof(*keep));
    for (size_t i = 0; i < shelf.count; i++) {
        if (shelf.items[i].kind != SHELF_SCHEDULED)
            continue;
        at[count] = shelf.items[i].at;
        names[count++] = shelf.items[i].name;
    }
    backup_rota_keep(rota, at, count, keep);
    for (size_t i = 0; i < count; i++)
        gone += !keep[i] && remove_backup(folder, names[i], arena);
    sweep(folder, now, arena);
    arena_destroy(arena);
    return gone;
}
