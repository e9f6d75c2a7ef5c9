/* Checks names, takes lists of them apart. */
#include "base/domain.h"
#include <ctype.h>
#include <string.h>

enum { LABEL_MAX = 63 };

static bool label_valid(const char *label, size_t length) {
    if (length < 1 || length > LABEL_MAX || label[0] == '-' || label[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isascii((unsigned char)label[i]) ||
            (!isalnum((unsigned char)label[i]) && label[i] != '-'))
            return false;
    return true;
}

bool domain_valid(const char *name, size_t length) {
    size_t begin = 0;
    bool letter = false; /* in the last label: else it is an address */
    if (length < 1 || length > DOMAIN_MAX)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (i < length && name[i] != '.') {
            letter = letter || isalpha((unsigned char)name[i]);
            continue;
        }
        if (!label_valid(name + begin, i - begin) || (i == length && !letter))
            return false;
        begin = i + 1;
        letter = false;
    }
    return true;
}

static bool has(const char **names, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

const char **domain_list(struct arena *arena, const char *text, size_t *count) {
    const char **names = arena_array(arena, DOMAINS_MAX + 1, sizeof(*names));
    *count = 0;
    for (;;) {
        text += strspn(text, " ");
        size_t length = strcspn(text, ", ");
        if (*count == DOMAINS_MAX || !domain_valid(text, length))
            return NULL;
        char *name = arena_strndup(arena, text, length);
        for (char *c = name; *c; c++)
            *c = (char)tolower((unsigned char)*c);
        if (has(names, *count, name))
            return NULL;
        names[(*count)++] = name;
        text += length + strspn(text + length, " ");
        if (!*text)
            return names;
        if (*text++ != ',')
            return NULL;
    }
}
