/* Collects the templates' messages. Merging with the C sources' and es.po is gettext's work. */
#include "tools/view_pot.h"
#include <stdlib.h>
#include <string.h>

struct view_pot_entry {
    char *key;
    struct view_message message;
    char *references; /* " path:line path:line" */
};

char *view_pot_key(const struct view_message *message) {
    return message->context ? gen_printf("%s\004%s", message->context, message->one)
                            : gen_printf("%s", message->one);
}

char *view_pot_symbol(const char *key) {
    return gen_printf("message_%016llx", (unsigned long long)gen_hash(key, strlen(key)));
}

void view_pot_add(struct view_pot *pot, const char *path, const struct view_message *message) {
    char *key = view_pot_key(message);
    for (size_t i = 0; i < pot->count; i++) {
        struct view_pot_entry *entry = &pot->entries[i];
        if (strcmp(entry->key, key) != 0)
            continue;
        const char *old = entry->message.many, *many = message->many;
        if (old && many && strcmp(old, many) != 0)
            gen_fail(path, message->line, "\"%s\" has another plural at%s", message->one,
                     entry->references);
        if (!old)
            entry->message.many = message->many;
        entry->references = gen_printf("%s %s:%d", entry->references, path, message->line);
        return;
    }
    pot->entries = realloc(pot->entries, (pot->count + 1) * sizeof(*pot->entries));
    if (!pot->entries)
        abort();
    pot->entries[pot->count++] =
        (struct view_pot_entry){key, *message, gen_printf(" %s:%d", path, message->line)};
}

static void put_string(struct buf *out, const char *keyword, const char *text) {
    buf_printf(out, "%s \"", keyword);
    for (; *text; text++) {
        if (*text == '\n')
            buf_puts(out, "\\n");
        else if (*text == '"' || *text == '\\')
            buf_printf(out, "\\%c", *text);
        else
            buf_putc(out, *text);
    }
    buf_puts(out, "\"\n");
}

static int compare_keys(const void *a, const void *b) {
    return strcmp(((const struct view_pot_entry *)a)->key, ((const struct view_pot_entry *)b)->key);
}

void view_pot_write(struct view_pot *pot, const char *path) {
    struct buf out = {0};
    buf_puts(&out, "msgid \"\"\nmsgstr \"\"\n"
                   "\"MIME-Version: 1.0\\n\"\n"
                   "\"Content-Type: text/plain; charset=UTF-8\\n\"\n"
                   "\"Content-Transfer-Encoding: 8bit\\n\"\n"
                   "\"Plural-Forms: nplurals=2; plural=(n != 1);\\n\"\n");
    if (pot->count)
        qsort(pot->entries, pot->count, sizeof(*pot->entries), compare_keys);
    for (size_t i = 0; i < pot->count; i++) {
        const struct view_message *m = &pot->entries[i].message;
        buf_printf(&out, "\n#:%s\n", pot->entries[i].references);
        if (m->context)
            put_string(&out, "msgctxt", m->context);
        put_string(&out, "msgid", m->one);
        if (m->many)
            put_string(&out, "msgid_plural", m->many);
        buf_puts(&out, m->many ? "msgstr[0] \"\"\nmsgstr[1] \"\"\n" : "msgstr \"\"\n");
    }
    gen_write(path, &out);
    buf_free(&out);
}
