/* Splitting of plain text. */
#include "site/text.h"
#include <string.h>

static const char *const *split(struct arena *arena, const char *text, const char *separator,
                                int *count) {
    const char **parts = NULL;
    size_t found = 0, width = strlen(separator);
    while (text && *text) {
        text += strspn(text, "\n");
        const char *end = strstr(text, separator);
        size_t length = end ? (size_t)(end - text) : strlen(text);
        if (length) {
            parts = arena_grow(arena, parts, found, sizeof(*parts));
            parts[found++] = arena_strndup(arena, text, length);
        }
        text = end ? end + width : NULL;
    }
    *count = (int)found;
    return parts;
}

const char *const *text_paragraphs(struct arena *arena, const char *text, int *count) {
    return split(arena, text, "\n\n", count);
}

const char *const *text_lines(struct arena *arena, const char *text, int *count) {
    return split(arena, text, "\n", count);
}
