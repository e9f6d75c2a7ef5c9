/* Files, literals and failures for the generators. Nothing here knows a format. */
#include "tools/gen.h"
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void gen_fail(const char *path, int line, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fflush(stdout);
    if (line > 0)
        fprintf(stderr, "%s:%d: ", path, line);
    else
        fprintf(stderr, "%s: ", path);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void gen_read(const char *path, struct buf *content) {
    FILE *file = fopen(path, "rb");
    if (!file)
        gen_fail(path, 0, "cannot be read: %s", strerror(errno));
    char block[16384];
    size_t count;
    while ((count = fread(block, 1, sizeof(block), file)) > 0)
        buf_append(content, block, count);
    if (ferror(file))
        gen_fail(path, 0, "cannot be read: %s", strerror(errno));
    fclose(file);
}

bool gen_exists(const char *path) {
    return access(path, R_OK) == 0;
}

static void make_folders(const char *path) {
    char *folder = gen_printf("%s", path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            gen_fail(folder, 0, "cannot be made: %s", strerror(errno));
        *slash = '/';
    }
    free(folder);
}

static bool is_unchanged(const char *path, const struct buf *content) {
    if (!gen_exists(path))
        return false;
    struct buf old = {0};
    gen_read(path, &old);
    bool same =
        old.len == content->len && (old.len == 0 || memcmp(old.data, content->data, old.len) == 0);
    buf_free(&old);
    return same;
}

void gen_write(const char *path, const struct buf *content) {
    if (is_unchanged(path, content))
        return;
    make_folders(path);
    char *beside = gen_printf("%s.new", path);
    FILE *file = fopen(beside, "wb");
    if (!file)
        gen_fail(beside, 0, "cannot be written: %s", strerror(errno));
    size_t written = fwrite(buf_text(content), 1, content->len, file);
    if (fclose(file) != 0 || written != content->len || rename(beside, path) != 0)
        gen_fail(path, 0, "cannot be written: %s", strerror(errno));
    free(beside);
}

struct list {
    char **names;
    size_t count;
};

/* gcc's analyzer takes the list of a folder within a folder for another one. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
static void list_folder(struct list *list, const char *root, const char *below) {
    char *folder = gen_printf("%s/%s", root, below);
    DIR *dir = opendir(folder);
    if (!dir)
        gen_fail(folder, 0, "cannot be read: %s", strerror(errno));
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        char *name = gen_printf("%s%s%s", below, *below ? "/" : "", entry->d_name);
        char *path = gen_printf("%s/%s", root, name);
        struct stat info;
        if (stat(path, &info) != 0)
            gen_fail(path, 0, "cannot be read: %s", strerror(errno));
        if (S_ISDIR(info.st_mode)) {
            list_folder(list, root, name);
            free(name);
        } else {
            list->names = realloc(list->names, (list->count + 1) * sizeof(char *));
            if (!list->names)
                abort();
            list->names[list->count++] = name;
        }
        free(path);
    }
    closedir(dir);
    free(folder);
}
#pragma GCC diagnostic pop

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

char **gen_list(const char *folder, size_t *count) {
    struct list list = {0};
    list_folder(&list, folder, "");
    if (list.count)
        qsort(list.names, list.count, sizeof(char *), compare_names);
    *count = list.count;
    return list.names;
}

void gen_literal(struct buf *c, const char *bytes, size_t count) {
    buf_putc(c, '"');
    size_t column = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        bool within_character = (byte & 0xc0) == 0x80;
        if ((column > 90 || (column > 0 && bytes[i - 1] == '\n')) && !within_character) {
            buf_puts(c, "\"\n    \"");
            column = 0;
        }
        if (byte == '\n')
            buf_puts(c, "\\n");
        else if (byte == '"' || byte == '\\' || byte == '?') /* "??=" would be a trigraph */
            buf_printf(c, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            buf_printf(c, "\\%03o", byte);
        else
            buf_putc(c, (char)byte);
        column++;
    }
    buf_putc(c, '"');
}

void gen_bytes(struct buf *c, const char *name, const void *bytes, size_t count) {
    /* A string literal: the compiler reads it many times faster than a list of numbers. */
    const unsigned char *byte = bytes;
    buf_printf(c, "static const unsigned char %s[] =\n    \"", name);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && i % 32 == 0)
            buf_puts(c, "\"\n    \"");
        buf_printf(c, "\\%03o", byte[i]);
    }
    buf_puts(c, "\";\n");
}

uint64_t gen_hash(const void *bytes, size_t count) {
    const unsigned char *byte = bytes;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < count; i++)
        hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}

char *gen_printf(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text;
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return text;
}
