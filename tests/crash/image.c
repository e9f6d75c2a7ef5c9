/* See image.h. A file is its synced bytes and the list of what was done since; the folder is its
 * synced names and the list of what became of names since. */
#include "image.h"
#include "base/arena.h"
#include "chance.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512, FIRST_ITEMS = 16 };

/* A write, or a change of size when bytes is NULL. */
struct change {
    const unsigned char *bytes;
    uint64_t offset, size;
};

struct file {
    bool is_folder;
    uint64_t inode; /* 0: not yet seen, or somebody else's by now */
    unsigned char *bytes;
    uint64_t size;
    struct change *changes;
    size_t change_count, change_room;
};

/* A name and its file; NULL: there is none of that name any more. */
struct entry {
    const char *name;
    struct file *file;
    uint64_t operation; /* entries of one operation are there together or not at all */
};

struct names {
    struct entry *items;
    size_t count, room;
};

struct image {
    struct arena *arena; /* of names and paths of `base` */
    struct file **files;
    size_t file_count, file_room;
    struct names synced, waiting, seen; /* seen: as the program sees it */
    uint64_t operations;
};

static void *grow(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : FIRST_ITEMS;
    items = realloc(items, *room * size);
    if (!items)
        abort();
    return items;
}

/* ---- files ---------------------------------------------------------------------------------- */

static struct file *file_create(struct image *image, bool is_folder) {
    struct file *file = calloc(1, sizeof(*file));
    if (!file)
        abort();
    file->is_folder = is_folder;
    image->files = grow(image->files, image->file_count, &image->file_room, sizeof(struct file *));
    image->files[image->file_count++] = file;
    return file;
}

static struct file *file_of(struct image *image, uint64_t inode) {
    for (size_t i = 0; i < image->file_count; i++)
        if (image->files[i]->inode == inode)
            return image->files[i];
    fprintf(stderr, "crash: the trace names a file that was never opened\n");
    abort();
}

/* An inode is used again after its file is gone. */
static void file_claim(struct image *image, struct file *file, uint64_t inode) {
    for (size_t i = 0; i < image->file_count; i++)
        if (image->files[i]->inode == inode)
            image->files[i]->inode = 0;
    file->inode = inode;
}

static void file_change(struct file *file, struct change change) {
    file->changes =
        grow(file->changes, file->change_count, &file->change_room, sizeof(struct change));
    file->changes[file->change_count++] = change;
}

static void resize(struct file *file, uint64_t size) {
    file->bytes = realloc(file->bytes, size + 1);
    if (!file->bytes)
        abort();
    if (size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
}

/* One sector, or the part of it that was written. */
static void put_sector(struct file *file, const struct change *change, uint64_t from, uint64_t to,
                       struct chance *chance) {
    if (chance && !chance_hits(chance))
        return;
    if (to > file->size)
        resize(file, to);
    memcpy(file->bytes + from, change->bytes + (from - change->offset), to - from);
    if (chance && chance_below(chance, 16) == 0)
        for (uint64_t i = from; i < to; i++)
            file->bytes[i] = (unsigned char)chance_below(chance, 256);
}

/* `chance` NULL: certainly. */
static void put_change(struct file *file, const struct change *change, struct chance *chance) {
    if (!change->bytes) {
        if (!chance || chance_hits(chance))
            resize(file, change->size);
        return;
    }
    uint64_t end = change->offset + change->size;
    for (uint64_t from = change->offset; from < end;) {
        uint64_t to = (from / SECTOR + 1) * SECTOR;
        to = to < end ? to : end;
        put_sector(file, change, from, to, chance);
        from = to;
    }
}

static void file_synced(struct file *file) {
    for (size_t i = 0; i < file->change_count; i++)
        put_change(file, &file->changes[i], NULL);
    file->change_count = 0;
}

/* ---- names ---------------------------------------------------------------------------------- */

static void set_name(struct names *names, const char *name, struct file *file) {
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].name, name) == 0) {
            names->items[i].file = file;
            return;
        }
    }
    names->items = grow(names->items, names->count, &names->room, sizeof(struct entry));
    names->items[names->count++] = (struct entry){.name = name, .file = file};
}

static struct file *find_name(const struct names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].name, name) == 0)
            return names->items[i].file;
    return NULL;
}

static void change_name(struct image *image, const char *name, struct file *file) {
    struct names *waiting = &image->waiting;
    set_name(&image->seen, name, file);
    waiting->items = grow(waiting->items, waiting->count, &waiting->room, sizeof(struct entry));
    waiting->items[waiting->count++] =
        (struct entry){.name = name, .file = file, .operation = image->operations};
}

static bool lies_in(const char *name, const char *folder) {
    const char *slash = strrchr(name, '/');
    size_t length = slash ? (size_t)(slash - name) : 0;
    return strlen(folder) == length && strncmp(name, folder, length) == 0;
}

static void folder_synced(struct image *image, const char *folder) {
    struct names *waiting = &image->waiting;
    size_t kept = 0;
    for (size_t i = 0; i < waiting->count; i++) {
        if (lies_in(waiting->items[i].name, folder))
            set_name(&image->synced, waiting->items[i].name, waiting->items[i].file);
        else
            waiting->items[kept++] = waiting->items[i];
    }
    waiting->count = kept;
}

/* ---- what happens --------------------------------------------------------------------------- */

static void opened(struct image *image, const char *name, uint64_t inode) {
    struct file *file = find_name(&image->seen, name);
    if (!file) {
        fprintf(stderr, "crash: %s was opened and never made\n", name);
        abort();
    }
    file_claim(image, file, inode);
}

static void created(struct image *image, const char *name, uint64_t inode) {
    struct file *file = file_create(image, false);
    file_claim(image, file, inode);
    change_name(image, name, file);
}

static void renamed(struct image *image, const char *names, bool is_link) {
    const char *new = names + strlen(names) + 1;
    struct file *file = find_name(&image->seen, names);
    if (!is_link)
        change_name(image, names, NULL);
    change_name(image, new, file);
}

void image_apply(struct image *image, const struct trace_record *record, const void *payload) {
    image->operations++;
    switch ((enum trace_kind)record->kind) {
    case TRACE_OPEN:
        opened(image, payload, record->file);
        return;
    case TRACE_CREATE:
        created(image, payload, record->file);
        return;
    case TRACE_FOLDER:
        change_name(image, payload, file_create(image, true));
        return;
    case TRACE_WRITE:
        file_change(
            file_of(image, record->file),
            (struct change){.bytes = payload, .offset = record->offset, .size = record->size});
        return;
    case TRACE_TRUNCATE:
        file_change(file_of(image, record->file), (struct change){.size = record->offset});
        return;
    case TRACE_SYNC:
        file_synced(file_of(image, record->file));
        return;
    case TRACE_SYNC_FAILED:
        file_of(image, record->file)->change_count = 0;
        return;
    case TRACE_SYNC_FOLDER:
        folder_synced(image, payload);
        return;
    case TRACE_RENAME:
        renamed(image, payload, false);
        return;
    case TRACE_LINK:
        renamed(image, payload, true);
        return;
    case TRACE_UNLINK:
        change_name(image, payload, NULL);
        return;
    case TRACE_MARK:
        return;
    }
    abort();
}

uint64_t image_unsynced(const struct image *image) {
    uint64_t count = image->waiting.count;
    for (size_t i = 0; i < image->file_count; i++)
        count += image->files[i]->change_count;
    return count;
}

/* ---- from a folder and into one ------------------------------------------------------------- */

static void read_file(struct file *file, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0)
        abort();
    resize(file, (uint64_t)info.st_size);
    if (read(fd, file->bytes, file->size) != (ssize_t)file->size)
        abort();
    close(fd);
}

static void read_folder(struct image *image, const char *base, const char *below) {
    DIR *folder = opendir(arena_printf(image->arena, "%s/%s", base, below));
    if (!folder)
        abort();
    for (struct dirent *item; (item = readdir(folder));) {
        if (item->d_name[0] == '.')
            continue;
        const char *name =
            arena_printf(image->arena, "%s%s%s", below, *below ? "/" : "", item->d_name);
        bool is_folder = item->d_type == DT_DIR;
        struct file *file = file_create(image, is_folder);
        set_name(&image->synced, name, file);
        set_name(&image->seen, name, file);
        if (is_folder)
            read_folder(image, base, name);
        else
            read_file(file, arena_printf(image->arena, "%s/%s", base, name));
    }
    closedir(folder);
}

struct image *image_create(const char *base) {
    struct image *image = calloc(1, sizeof(*image));
    if (!image)
        abort();
    image->arena = arena_create();
    read_folder(image, base, "");
    return image;
}

void image_destroy(struct image *image) {
    for (size_t i = 0; i < image->file_count; i++) {
        free(image->files[i]->bytes);
        free(image->files[i]->changes);
        free(image->files[i]);
    }
    free(image->files);
    free(image->synced.items);
    free(image->waiting.items);
    free(image->seen.items);
    arena_destroy(image->arena);
    free(image);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* The names there are, a folder before what lies in it. Operations that change two of them do so at
 * once. */
static struct names surviving_names(const struct image *image, enum image_fate fate,
                                    struct chance *chance) {
    struct names names = {0};
    for (size_t i = 0; i < image->synced.count; i++)
        set_name(&names, image->synced.items[i].name, image->synced.items[i].file);
    uint64_t operation = 0;
    bool survives = false;
    for (size_t i = 0; fate != IMAGE_NONE && i < image->waiting.count; i++) {
        const struct entry *entry = &image->waiting.items[i];
        if (entry->operation != operation)
            survives = fate == IMAGE_ALL || chance_hits(chance);
        operation = entry->operation;
        if (survives)
            set_name(&names, entry->name, entry->file);
    }
    if (names.count)
        qsort(names.items, names.count, sizeof(struct entry), by_name);
    return names;
}

static void write_file(const struct file *file, const char *path, enum image_fate fate,
                       struct chance *chance) {
    struct file copy = {0};
    resize(&copy, file->size);
    if (file->size)
        memcpy(copy.bytes, file->bytes, file->size);
    for (size_t i = 0; fate != IMAGE_NONE && i < file->change_count; i++)
        put_change(&copy, &file->changes[i], fate == IMAGE_SOME ? chance : NULL);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd >= 0 && write(fd, copy.bytes, copy.size) != (ssize_t)copy.size)
        abort();
    if (fd >= 0) /* else the folder it lay in is gone */
        close(fd);
    free(copy.bytes);
}

void image_write(const struct image *image, const char *folder, enum image_fate fate,
                 uint64_t seed) {
    struct chance chance = chance_of(seed);
    struct names names = surviving_names(image, fate, &chance);
    struct arena *arena = arena_create();
    mkdir(folder, 0700);
    for (size_t i = 0; i < names.count; i++) {
        const struct entry *entry = &names.items[i];
        const char *path = arena_printf(arena, "%s/%s", folder, entry->name);
        if (entry->file && entry->file->is_folder)
            mkdir(path, 0700);
        else if (entry->file)
            write_file(entry->file, path, fate, &chance);
    }
    arena_destroy(arena);
    free(names.items);
}
