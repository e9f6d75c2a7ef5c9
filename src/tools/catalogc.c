/* catalogc [--check] TEMPLATES.mo SPANISH.mo [OUTPUT.c]: makes the table behind base/i18n.h from
 * two catalogues compiled by msgfmt: the messages in use (their translation being the English
 * itself) and their Spanish. With --check it writes nothing and fails where a translation's
 * {placeholders} differ from the English; what is missing or fuzzy is found by gettext's msgcmp
 * (tools.mk). */
#include "tools/gen.h"
#include "tools/mo.h"
#include "tools/view_pot.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int check(const struct mo *english, const struct mo *spanish) {
    int faults = 0;
    for (size_t i = 0; i < english->count; i++) {
        const struct mo_entry *en = &english->entries[i], *es = mo_find(spanish, en->key);
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

static void put_message(struct buf *c, const struct mo_entry *en, const struct mo_entry *es) {
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
static struct mo merge(const struct mo *english, const struct mo *spanish) {
    struct mo all = {.entries =
                         calloc(english->count + spanish->count + 1, sizeof(struct mo_entry))};
    if (!all.entries)
        abort();
    for (size_t i = 0; i < english->count; i++)
        all.entries[all.count++] = english->entries[i];
    for (size_t i = 0; i < spanish->count; i++) {
        const struct mo_entry *es = &spanish->entries[i];
        if (mo_find(english, es->key))
            continue;
        const char *context_end = strchr(es->key, '\4');
        all.entries[all.count++] =
            (struct mo_entry){.key = es->key,
                              .many = es->many,
                              .text = context_end ? context_end + 1 : es->key,
                              .plural = es->many};
    }
    if (all.count)
        qsort(all.entries, all.count, sizeof(*all.entries), mo_compare);
    return all;
}

static void write_table(const struct mo *english, const struct mo *spanish, const char *path) {
    struct mo all = merge(english, spanish);
    struct buf c = {0};
    buf_puts(&c, "/* Made by catalogc. */\n#include \"base/i18n.h\"\n\n");
    for (size_t i = 0; i < all.count; i++)
        put_message(&c, &all.entries[i], mo_find(spanish, all.entries[i].key));
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
    struct mo english = mo_read(files[0]), spanish = mo_read(files[1]);
    if (is_check)
        return check(&english, &spanish) > 0;
    write_table(&english, &spanish, files[2]);
    return 0;
}
