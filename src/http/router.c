/* Matching of paths. The table is short and a request looks at it once: a linear search whose rows
 * fail at the first different byte costs less than a microsecond. */
#include "http/router.h"
#include "base/buf.h"
#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { ID_DIGITS = 18, NAME_BYTES = 100 };

static bool id_valid(const char *text, size_t length) {
    if (length < 1 || length > ID_DIGITS || text[0] == '0')
        return false;
    return strspn(text, "0123456789") >= length;
}

static bool name_valid(const char *text, size_t length) {
    if (length < 1 || length > NAME_BYTES)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    return true;
}

/* Fits the whole path; the ranges of the parameters go to `starts` and `lengths`. */
static bool pattern_fits(const char *pattern, const char *path, const char *starts[ROUTE_PARAMS],
                         size_t lengths[ROUTE_PARAMS]) {
    size_t param = 0;
    while (*pattern) {
        if (*pattern != '{') {
            if (*pattern++ != *path++)
                return false;
            continue;
        }
        bool is_id = strncmp(pattern, "{id}", 4) == 0;
        const char *end = strchr(pattern, '}');
        assert(end); /* routes are ours */
        pattern = end + 1;
        size_t length = strcspn(path, *pattern == '.' ? "/." : "/");
        if (param == ROUTE_PARAMS || !(is_id ? id_valid : name_valid)(path, length))
            return false;
        starts[param] = path;
        lengths[param++] = length;
        path += length;
    }
    return *path == '\0';
}

static const struct route *find(const struct route *table, size_t count, const char *path,
                                struct arena *arena, struct route_hit *hit) {
    for (size_t i = 0; i < count; i++) {
        const char *starts[ROUTE_PARAMS] = {0};
        size_t lengths[ROUTE_PARAMS] = {0};
        if (!pattern_fits(table[i].pattern, path, starts, lengths))
            continue;
        *hit = (struct route_hit){.route = &table[i]};
        for (size_t p = 0; p < ROUTE_PARAMS && starts[p]; p++)
            hit->params[p] = arena_strndup(arena, starts[p], lengths[p]);
        return &table[i];
    }
    return NULL;
}

enum route_match route_find(const struct route *table, size_t count, const char *path,
                            struct arena *arena, struct route_hit *hit) {
    if (find(table, count, path, arena, hit))
        return ROUTE_FOUND;
    size_t length = strlen(path);
    if (length && path[length - 1] != '/' &&
        find(table, count, arena_printf(arena, "%s/", path), arena, hit))
        return ROUTE_SLASH;
    *hit = (struct route_hit){0};
    return ROUTE_NOT_FOUND;
}

const char *route_fill(struct arena *arena, const char *pattern,
                       const char *const params[ROUTE_PARAMS]) {
    struct buf filled = {0};
    size_t param = 0;
    while (*pattern) {
        size_t literal = strcspn(pattern, "{");
        buf_append(&filled, pattern, literal);
        pattern += literal;
        if (!*pattern)
            break;
        if (param < ROUTE_PARAMS)
            buf_puts(&filled, params[param++]);
        pattern = strchr(pattern, '}') + 1;
    }
    const char *text = arena_strdup(arena, buf_text(&filled));
    buf_free(&filled);
    return text;
}

const char *route_allow(const struct route *route) {
    if (route->get && route->post)
        return "GET, HEAD, POST";
    return route->get ? "GET, HEAD" : "POST";
}
