/* countryc ISO_3166-1.json SPANISH.mo OUTPUT.c: makes the table behind base/country.h from
 * iso-codes. The common name counts where there is one (Bolivia, not "Bolivia, Plurinational State
 * of"). */
#include "base/arena.h"
#include "base/utf8.h"
#include "tools/gen.h"
#include "tools/mo.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTRIES_MAX = 300 };

struct entry {
    char *code, *english;
    const char *spanish;
    char *sort_english, *sort_spanish;
};

/* The value of "key": "value" within [at, end), or NULL. The file holds no escapes inside names. */
static char *find_value(const char *at, const char *end, const char *key) {
    char *wanted = gen_printf("\"%s\": \"", key);
    const char *found = strstr(at, wanted);
    if (!found || found >= end)
        return NULL;
    found += strlen(wanted);
    free(wanted);
    return gen_printf("%.*s", (int)strcspn(found, "\""), found);
}

static struct entry read_entry(const char *path, const char *at, const char *end,
                               const struct mo *spanish, struct arena *arena) {
    char *common = find_value(at, end, "common_name"), *name = find_value(at, end, "name");
    struct entry entry = {.code = find_value(at, end, "alpha_2"),
                          .english = common ? common : name};
    if (!entry.code || strlen(entry.code) != 2 || !name)
        gen_fail(path, 0, "holds a country without alpha_2 or name");
    if (strchr(entry.english, '\\'))
        gen_fail(path, 0, "holds an escaped name, which countryc does not know");
    const struct mo_entry *text = mo_find(spanish, entry.english);
    if (!text)
        text = mo_find(spanish, name);
    entry.spanish = text ? text->text : entry.english;
    entry.sort_english = utf8_fold(arena, entry.english);
    entry.sort_spanish = utf8_fold(arena, entry.spanish);
    return entry;
}

static int by_code(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->code, ((const struct entry *)b)->code);
}

static int by_english(const void *a, const void *b) {
    return strcmp((*(struct entry *const *)a)->sort_english,
                  (*(struct entry *const *)b)->sort_english);
}

static int by_spanish(const void *a, const void *b) {
    return strcmp((*(struct entry *const *)a)->sort_spanish,
                  (*(struct entry *const *)b)->sort_spanish);
}

static void put_order(struct buf *c, const char *name, const struct entry *entries, size_t count,
                      int (*compare)(const void *, const void *)) {
    const struct entry *order[COUNTRIES_MAX];
    for (size_t i = 0; i < count; i++)
        order[i] = &entries[i];
    qsort(order, count, sizeof(struct entry *), compare);
    buf_printf(c, "static const uint16_t %s[] = {", name);
    for (size_t i = 0; i < count; i++)
        buf_printf(c, "%zu, ", (size_t)(order[i] - entries));
    buf_puts(c, "};\n");
}

static void write_table(const char *path, const struct entry *entries, size_t count) {
    struct buf c = {0};
    buf_puts(&c, "/* Made by countryc. */\n#include \"base/country.h\"\n\n"
                 "const struct country country_table[] = {\n");
    for (size_t i = 0; i < count; i++) {
        buf_printf(&c, "    {\"%s\", {", entries[i].code);
        gen_literal(&c, entries[i].english, strlen(entries[i].english));
        buf_puts(&c, ", ");
        gen_literal(&c, entries[i].spanish, strlen(entries[i].spanish));
        buf_puts(&c, "}},\n");
    }
    buf_printf(&c, "};\nconst size_t country_table_count = %zu;\n\n", count);
    put_order(&c, "english", entries, count, by_english);
    put_order(&c, "spanish", entries, count, by_spanish);
    buf_puts(&c, "const uint16_t *const country_orders[LANG_COUNT] = {[LANG_EN] = english, "
                 "[LANG_ES] = spanish};\n");
    gen_write(path, &c);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: countryc ISO_3166-1.json SPANISH.mo OUTPUT.c\n");
        return 2;
    }
    struct buf json = {0};
    gen_read(argv[1], &json);
    struct mo spanish = mo_read(argv[2]);
    struct arena *arena = arena_create();
    static struct entry entries[COUNTRIES_MAX];
    size_t count = 0;
    const char *at = strchr(buf_text(&json), '[');
    while (at && (at = strchr(at, '{')) != NULL) {
        const char *end = strchr(at, '}');
        if (!end || count == COUNTRIES_MAX)
            gen_fail(argv[1], 0, "is cut short or holds too many countries");
        entries[count++] = read_entry(argv[1], at, end, &spanish, arena);
        at = end;
    }
    if (count == 0)
        gen_fail(argv[1], 0, "holds no countries");
    qsort(entries, count, sizeof(entries[0]), by_code);
    write_table(argv[3], entries, count);
    arena_destroy(arena);
    return 0;
}
