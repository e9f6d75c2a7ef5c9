/* What of a style sheet the pages can never use. Errs on the side of keeping: only classes and
 * data- attributes, whose names must stand somewhere in the pages' sources, decide. */
#include "tools/css.h"
#include "tools/gen.h"
#include <stdlib.h>
#include <string.h>

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

static int compare_words(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void css_words_add(struct css_words *words, const char *text) {
    for (const char *at = text; *at;) {
        const char *from = at;
        while (is_word(*at))
            at++;
        if (at == from) {
            at++;
            continue;
        }
        if ((words->count & (words->count - 1)) == 0) {
            size_t cap = words->count ? words->count * 2 : 1;
            words->words = realloc(words->words, cap * sizeof(char *));
            if (!words->words)
                abort();
        }
        words->words[words->count++] = gen_printf("%.*s", (int)(at - from), from);
    }
}

void css_words_sort(struct css_words *words) {
    if (words->count)
        qsort(words->words, words->count, sizeof(char *), compare_words);
}

static bool has_word(const struct css_words *words, const char *word) {
    return words->count &&
           bsearch(&word, words->words, words->count, sizeof(char *), compare_words);
}

/* ---- selectors ---- */

/* The name at *at, escapes resolved ("w-1\/2" is w-1/2), *at moved behind it. */
static char *take_name(const char **at) {
    struct buf name = {0};
    for (; is_word(**at) || (**at == '\\' && (*at)[1]); (*at)++) {
        if (**at == '\\')
            (*at)++;
        buf_putc(&name, **at);
    }
    char *text = gen_printf("%s", buf_text(&name));
    buf_free(&name);
    return text;
}

/* Behind the bracket that closes the one at `at`. */
static const char *skip_brackets(const char *at) {
    int depth = 0;
    do {
        depth += *at == '(' || *at == '[' ? 1 : *at == ')' || *at == ']' ? -1 : 0;
        at++;
    } while (*at && depth > 0);
    return at;
}

/* Whether one selector, [at, end), can match. What stands in :not(…), :is(…) and the like does not
 * count. */
static bool can_match(const char *at, const char *end, const struct css_words *words) {
    bool result = true;
    while (at < end && result) {
        if (*at == '.') {
            at++;
            char *name = take_name(&at);
            result = has_word(words, name);
            free(name);
        } else if (*at == '[') {
            const char *inside = at + 1;
            char *name = take_name(&inside);
            result = strncmp(name, "data-", 5) != 0 || has_word(words, name);
            free(name);
            at = skip_brackets(at);
        } else if (*at == '(') {
            at = skip_brackets(at);
        } else {
            at += *at == '\\' && at[1] ? 2 : 1;
        }
    }
    return result;
}

static void prune_selectors(struct css_node *rule, const struct css_words *words) {
    struct buf kept = {0};
    for (const char *at = rule->text; *at;) {
        const char *end = at;
        while (*end && *end != ',')
            end = *end == '(' || *end == '[' ? skip_brackets(end) : end + 1;
        if (can_match(at, end, words))
            buf_printf(&kept, "%s%.*s", kept.len ? "," : "", (int)(end - at), at);
        at = *end ? end + 1 : end;
    }
    rule->is_dead = kept.len == 0;
    rule->text = gen_printf("%s", buf_text(&kept));
    buf_free(&kept);
}

static void prune_rules(struct css_node *node, const struct css_words *words) {
    if (node->kind == CSS_AT_RULE && strncmp(node->text, "@keyframes", 10) == 0)
        return; /* its "from" and "50%" are not selectors */
    if (node->kind == CSS_RULE)
        prune_selectors(node, words);
    for (size_t i = 0; i < node->count; i++)
        prune_rules(&node->children[i], words);
}

/* ---- custom properties ---- */

static void drop_unused(struct css_node *node, const char *sheet, const struct css_words *words,
                        size_t *dropped) {
    for (size_t i = 0; i < node->count; i++)
        drop_unused(&node->children[i], sheet, words, dropped);
    if (node->kind != CSS_DECLARATION || node->is_dead || strncmp(node->text, "--", 2) != 0)
        return;
    char *name = gen_printf("%.*s", (int)strcspn(node->text, ":"), node->text);
    char *first = gen_printf("var(%s)", name), *second = gen_printf("var(%s,", name);
    if (!has_word(words, name) && !strstr(sheet, first) && !strstr(sheet, second)) {
        node->is_dead = true;
        (*dropped)++;
    }
    free(name);
    free(first);
    free(second);
}

void css_prune(struct css_node *sheet, const struct css_words *words) {
    prune_rules(sheet, words);
    size_t dropped;
    do { /* a property may be used only by one that is not used */
        struct buf text = {0};
        css_write(sheet, &text);
        dropped = 0;
        drop_unused(sheet, buf_text(&text), words, &dropped);
        buf_free(&text);
    } while (dropped > 0);
}
