/* catalogc [--check] TEMPLATES.mo SPANISH.mo [OUTPUT.c]: makes the table behind base/i18n.h from
 * two catalogues compiled by msgfmt: the messages in use (their translation being the English
 * itself) and their Spanish. With --check it writes nothing and fails where a translation's
 * {placeholders} differ from the English; what is missing or fuzzy is found by gettext's msgcmp
 * (tools.mk). */
#include "tools/gen.h"
#include "tools/view_parse.h"
#include "tools/view_pot.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Texts point into the catalogue file, which stays in memory. */
struct entry {
    const char *key;  /* msgctxt '\4' msgid */
    const char *many; /* msgid_plural or NULL */
    const char *text, *plural;
};

struct catalogue {
    struct entry *entries; /* sorted by key, as msgfmt leaves them */
    size_t count;
};

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

/* The GNU .mo format: gettext's manual, "The Format of GNU MO Files". */
static struct catalogue read_catalogue(const char *path) {
    struct buf file = {0};
    gen_read(path, &file);
    if (word_at(&file, path, 0) != 0x950412de)
        gen_fail(path, 0, "is not a catalogue made by msgfmt on this machine");
    uint32_t count = word_at(&file, path, 8);
    uint32_t keys = word_at(&file, path, 12), texts = word_at(&file, path, 16);
    struct catalogue catalogue = {.entries = calloc(count + 1, sizeof(struct entry))};
    if (!catalogue.entries)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key_len, text_len;
        const char *key = string_at(&file, path, keys + 8 * (size_t)i, &key_len);
        const char *text = string_at(&file, path, texts + 8 * (size_t)i, &text_len);
        if (*key) /* the empty one is the header */
            catalogue.entries[catalogue.count++] =
                (struct entry){key, second_text(key, key_len), text, second_text(text, text_len)};
    }
    return catalogue;
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

static const struct entry *find(const struct catalogue *catalogue, const char *key) {
    const struct entry wanted = {.key = key};
    return bsearch(&wanted, catalogue->entries, catalogue->count, sizeof(wanted), compare_entries);
}

/* ---- --check ---- */

/* Reports every {name} of `from` that `in` lacks. */
static int check_names(const char *from, const char *in, const char *english) {
    int faults = 0;
    for (const char *at = from; (at = strchr(at, '{')) != NULL; at++) {
        const char *close = strchr(at, '}');
        char *name = close ? gen_printf("%.*s", (int)(close + 1 - at), at) : gen_printf("%s", at);
        if (!strstr(in, name)) {
            fprintf(stderr, "es.po: \"%s\": %s is not in both the text and its translation\n",
                    english, name);
            faults++;
        }
        free(name);
    }
    return faults;
}

static int check(const struct catalogue *english, const struct catalogue *spanish) {
    int faults = 0;
    for (size_t i = 0; i < english->count; i++) {
        const struct entry *en = &english->entries[i], *es = find(spanish, en->key);
        if (!es)
            continue;
        const char *one = strchr(en->key, '\4') ? strchr(en->key, '\4') + 1 : en->key;
        if (!en->many) {
            faults += check_names(one, es->text, one) + check_names(es->text, one, one);
        } else {
            /* "one seat left" may spell out what {n} says; nothing else may differ. */
            const char *many = es->plural ? es->plural : "";
            faults += check_names(en->many, many, one) + check_names(many, en->many, one);
            faults += check_names(es->text, en->many, one);
        }
    }
    return faults;
}

/* ---- the table ---- */

static void put_text(struct buf *c, const char *text) {
    if (text)
        gen_literal(c, text, strlen(text));
    else
        buf_puts(c, "NULL");
}

static void put_message(struct buf *c, const struct entry *en, const struct entry *es) {
    const char *symbol = view_pot_symbol(en->key);
    const char *plural = es && es->plural ? es->plural : en->plural;
    buf_printf(c,
               "extern const struct message %s;\nconst struct message %s = {\n    .key = ", symbol,
               symbol);
    put_text(c, en->key);
    buf_puts(c, ",\n    .text = {");
    put_text(c, en->text);
    buf_puts(c, ", ");
    put_text(c, es ? es->text : en->text);
    buf_puts(c, "},\n    .plural = {");
    put_text(c, en->plural);
    buf_puts(c, ", ");
    put_text(c, plural);
    buf_puts(c, "},\n};\n");
}

/* All messages: those of the templates, and those that only C code uses and es.po translates. */
static struct catalogue merge(const struct catalogue *english, const struct catalogue *spanish) {
    struct catalogue all = {.entries =
                                calloc(english->count + spanish->count + 1, sizeof(struct entry))};
    if (!all.entries)
        abort();
    for (size_t i = 0; i < english->count; i++)
        all.entries[all.count++] = english->entries[i];
    for (size_t i = 0; i < spanish->count; i++) {
        const struct entry *es = &spanish->entries[i];
        if (find(english, es->key))
            continue;
        const char *context_end = strchr(es->key, '\4');
        all.entries[all.count++] = (struct entry){.key = es->key,
                                                  .many = es->many,
                                                  .text = context_end ? context_end + 1 : es->key,
                                                  .plural = es->many};
    }
    if (all.count)
        qsort(all.entries, all.count, sizeof(*all.entries), compare_entries);
    return all;
}

static void write_table(const struct catalogue *english, const struct catalogue *spanish,
                        const char *path) {
    struct catalogue all = merge(english, spanish);
    struct buf c = {0};
    buf_puts(&c, "/* Made by catalogc. */\n#include \"base/i18n.h\"\n\n");
    for (size_t i = 0; i < all.count; i++)
        put_message(&c, &all.entries[i], find(spanish, all.entries[i].key));
    buf_puts(&c, "\nconst struct message *const i18n_catalogue[] = {\n");
    for (size_t i = 0; i < all.count; i++)
        buf_printf(&c, "    &%s,\n", view_pot_symbol(all.entries[i].key));
    buf_printf(&c, "    NULL,\n};\nconst size_t i18n_catalogue_count = %zu;\n", all.count);
    gen_write(path, &c);
    buf_free(&c);
    free(all.entries);
}

int main(int argc, char **argv) {
    bool is_check = argc > 1 && strcmp(argv[1], "--check") == 0;
    if (argc != 4) {
        fprintf(stderr, "usage: catalogc TEMPLATES.mo SPANISH.mo OUTPUT.c\n"
                        "       catalogc --check TEMPLATES.mo SPANISH.mo\n");
        return 2;
    }
    char **files = argv + (is_check ? 2 : 1);
    struct catalogue english = read_catalogue(files[0]), spanish = read_catalogue(files[1]);
    if (is_check)
        return check(&english, &spanish) > 0;
    write_table(&english, &spanish, files[2]);
    return 0;
}
