/* The GNU .mo format: gettext's manual, "The Format of GNU MO Files". */
#include "tools/mo.h"
#include "tools/gen.h"
#include <stdlib.h>
#include <string.h>

static uint32_t word_at(const struct buf *file, const char *path, size_t offset) {
    uint32_t word;
    if (offset + sizeof(word) > file->len)
        gen_fail(path, 0, "is cut short");
    memcpy(&word, file->data + offset, sizeof(word));
    return word;
}

/* The NUL-terminated string that a table row (length, offset) at `row` names. */
static const char *string_at(const struct buf *file, const char *path, size_t row, uint32_t *len) {
    *len = word_at(file, path, row);
    uint32_t offset = word_at(file, path, row + 4);
    if ((size_t)offset + *len >= file->len)
        gen_fail(path, 0, "is cut short");
    return file->data + offset;
}

/* What follows the first NUL inside a string of `len` bytes, or NULL. */
static const char *second_text(const char *text, uint32_t len) {
    size_t first = strlen(text);
    return first < len ? text + first + 1 : NULL;
}

struct mo mo_read(const char *path) {
    struct buf file = {0};
    gen_read(path, &file);
    if (word_at(&file, path, 0) != 0x950412de)
        gen_fail(path, 0, "is not a catalogue made by msgfmt on this machine");
    uint32_t count = word_at(&file, path, 8);
    uint32_t keys = word_at(&file, path, 12), texts = word_at(&file, path, 16);
    struct mo mo = {.entries = calloc(count + 1, sizeof(struct mo_entry))};
    if (!mo.entries)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key_len, text_len;
        const char *key = string_at(&file, path, keys + 8 * (size_t)i, &key_len);
        const char *text = string_at(&file, path, texts + 8 * (size_t)i, &text_len);
        if (*key) /* the empty one is the header */
            mo.entries[mo.count++] = (struct mo_entry){key, second_text(key, key_len), text,
                                                       second_text(text, text_len)};
    }
    return mo;
}

int mo_compare(const void *a, const void *b) {
    return strcmp(((const struct mo_entry *)a)->key, ((const struct mo_entry *)b)->key);
}

const struct mo_entry *mo_find(const struct mo *mo, const char *key) {
    const struct mo_entry wanted = {.key = key};
    return bsearch(&wanted, mo->entries, mo->count, sizeof(wanted), mo_compare);
}
