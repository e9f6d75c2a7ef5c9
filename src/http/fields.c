/* Parses names and values out of query strings, form bodies and Cookie headers. */
#include "http/fields.h"
#include "base/utf8.h"
#include <string.h>
#include <strings.h>

enum { BOUNDARY_MAX = 70 /* RFC 2046, 5.1.1 */ };

const char *fields_get(const struct fields *fields, const char *name) {
    return fields_nth(fields, name, 0);
}

const char *fields_nth(const struct fields *fields, const char *name, size_t nth) {
    for (size_t i = 0; i < fields->count; i++)
        if (!fields->items[i].filename && strcmp(fields->items[i].name, name) == 0 && nth-- == 0)
            return fields->items[i].value;
    return NULL;
}

const struct field *fields_file(const struct fields *fields, const char *name) {
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        if (field->filename && field->filename[0] && strcmp(field->name, name) == 0)
            return field;
    }
    return NULL;
}

size_t fields_count(const struct fields *fields, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < fields->count; i++)
        count += strcmp(fields->items[i].name, name) == 0;
    return count;
}

/* Appends to a copy of the list's head, so that a parser can fail without a trace. */
static enum err add(struct arena *arena, struct fields *fields, const struct field *field) {
    if (fields->count == FIELDS_MAX || strlen(field->name) > FIELD_NAME_MAX)
        return ERR_INVALID;
    fields->items = arena_grow(arena, fields->items, fields->count, sizeof(*field));
    fields->items[fields->count++] = *field;
    return OK;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

long fields_percent_decode(char *text, size_t len, bool plus) {
    size_t out = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < len ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return -1;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        text[out++] = c;
    }
    return (long)out;
}

/* A decoded, NUL-terminated copy; NULL when it is not clean text. */
static char *decode_text(struct arena *arena, const char *text, size_t len, size_t *decoded) {
    char *copy = arena_strndup(arena, text, len);
    long length = fields_percent_decode(copy, len, true);
    if (length < 0 || !utf8_valid(copy, (size_t)length))
        return NULL;
    copy[length] = '\0';
    *decoded = (size_t)length;
    return copy;
}

enum err fields_parse_urlencoded(struct arena *arena, const char *text, size_t len,
                                 struct fields *fields) {
    struct fields parsed = *fields;
    const char *end = text + len;
    while (text < end) {
        const char *stop = memchr(text, '&', (size_t)(end - text));
        if (!stop)
            stop = end;
        if (stop > text) { /* "a=1&&b=2" holds two fields */
            const char *equals = memchr(text, '=', (size_t)(stop - text));
            const char *name_end = equals ? equals : stop, *value = equals ? equals + 1 : stop;
            struct field field = {0};
            size_t name_len;
            field.name = decode_text(arena, text, (size_t)(name_end - text), &name_len);
            field.value = decode_text(arena, value, (size_t)(stop - value), &field.len);
            if (!field.name || !field.value || add(arena, &parsed, &field) != OK)
                return ERR_INVALID;
        }
        text = stop + 1;
    }
    *fields = parsed;
    return OK;
}

/* Reads one parameter of a header value such as `form-data; name="a"; filename="b"`: *rest stands
 * at a ';' or at the end. Answers false at the end or at nonsense (then **rest is not NUL). Quoted
 * strings undo backslashes before '"' and '\' only, as browsers send filenames with bare
 * backslashes. */
static bool take_parameter(struct arena *arena, const char **rest, const char **name,
                           size_t *name_len, char **value) {
    const char *at = *rest + strspn(*rest, " \t;");
    *rest = at;
    size_t length = strcspn(at, "=; \t");
    if (length == 0 || at[length] != '=')
        return false;
    *name = at;
    *name_len = length;
    at += length + 1;
    if (*at != '"') {
        length = strcspn(at, "; \t");
        *value = arena_strndup(arena, at, length);
        *rest = at + length;
        return true;
    }
    char *out = *value = arena_alloc(arena, strlen(at) + 1);
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && (at[1] == '"' || at[1] == '\\'))
            at++;
        *out++ = *at;
    }
    if (*at != '"')
        return false;
    *rest = at + 1;
    return true;
}

static bool is_name(const char *name, size_t len, const char *wanted) {
    return len == strlen(wanted) && strncasecmp(name, wanted, len) == 0;
}

/* The boundary of a multipart/form-data Content-Type, or NULL. */
static const char *find_boundary(struct arena *arena, const char *content_type) {
    const char *rest = strchr(content_type, ';'), *name;
    char *value;
    size_t len;
    while (rest && take_parameter(arena, &rest, &name, &len, &value))
        if (is_name(name, len, "boundary"))
            return *value && strlen(value) <= BOUNDARY_MAX ? value : NULL;
    return NULL;
}

/* Undoes what the WHATWG form encoding does to names and filenames: %0D, %0A and %22. */
static void undo_form_escapes(char *text) {
    char *out = text;
    for (const char *in = text; *in; in++) {
        if (strncasecmp(in, "%0D", 3) == 0 || strncasecmp(in, "%0A", 3) == 0) {
            in += 2;
            *out++ = ' ';
        } else if (strncmp(in, "%22", 3) == 0) {
            in += 2;
            *out++ = '"';
        } else {
            *out++ = *in;
        }
    }
    *out = '\0';
}

/* The last component: some browsers once sent whole paths. */
static const char *base_name(const char *filename) {
    for (const char *c = filename; *c; c++)
        if (*c == '/' || *c == '\\')
            filename = c + 1;
    return filename;
}

static enum err read_disposition(struct arena *arena, const char *value, struct field *field) {
    if (strncasecmp(value, "form-data", 9) != 0 || field->name)
        return ERR_INVALID;
    const char *rest = value + 9, *name;
    char *parameter;
    size_t len;
    while (take_parameter(arena, &rest, &name, &len, &parameter)) {
        if (!utf8_valid(parameter, strlen(parameter)))
            return ERR_INVALID;
        undo_form_escapes(parameter);
        if (is_name(name, len, "name"))
            field->name = parameter;
        else if (is_name(name, len, "filename"))
            field->filename = base_name(parameter);
    }
    return *rest == '\0' && field->name ? OK : ERR_INVALID;
}

/* The header lines of one part, up to `end`, which stands on the CRLF of the empty line. The lines
 * are NUL-terminated where they stand. */
static enum err read_part_headers(struct arena *arena, char *text, char *end, struct field *field) {
    while (text < end) {
        char *stop = memmem(text, (size_t)(end + 2 - text), "\r\n", 2);
        if (memchr(text, '\0', (size_t)(stop - text)))
            return ERR_INVALID;
        *stop = '\0';
        char *colon = strchr(text, ':');
        if (!colon)
            return ERR_INVALID;
        const char *value = colon + 1 + strspn(colon + 1, " \t");
        size_t name_len = (size_t)(colon - text);
        if (is_name(text, name_len, "Content-Disposition")) {
            if (read_disposition(arena, value, field) != OK)
                return ERR_INVALID;
        } else if (is_name(text, name_len, "Content-Type")) {
            field->content_type = value;
        } else if (is_name(text, name_len, "Content-Transfer-Encoding")) {
            return ERR_INVALID; /* RFC 7578, 4.7: deprecated; decoding half of them would be worse
                                 */
        }
        text = stop + 2;
    }
    return field->name ? OK : ERR_INVALID;
}

/* One part between two delimiters: headers, empty line, content up to `end`, which gets the NUL. */
static enum err read_part(struct arena *arena, char *part, char *end, struct fields *fields) {
    char *blank = memmem(part, (size_t)(end - part), "\r\n\r\n", 4);
    struct field field = {0};
    if (!blank || read_part_headers(arena, part, blank, &field) != OK)
        return ERR_INVALID;
    field.value = blank + 4;
    field.len = (size_t)(end - field.value);
    *end = '\0';
    if (!field.filename)
        field.content_type = NULL;
    else if (!field.content_type || !utf8_valid(field.content_type, strlen(field.content_type)))
        field.content_type = "application/octet-stream";
    if (!field.filename && !utf8_valid(field.value, field.len))
        return ERR_INVALID;
    return add(arena, fields, &field);
}

enum err fields_parse_multipart(struct arena *arena, const char *content_type, char *body,
                                size_t len, struct fields *fields) {
    const char *boundary = find_boundary(arena, content_type);
    if (!boundary)
        return ERR_INVALID;
    /* With a CRLF in front of the body every delimiter looks the same: CRLF "--" boundary. */
    const char *delimiter = arena_printf(arena, "\r\n--%s", boundary);
    size_t delimiter_len = strlen(delimiter);
    if (len < delimiter_len - 2 || memcmp(body, delimiter + 2, delimiter_len - 2) != 0)
        return ERR_INVALID; /* a preamble is allowed by MIME and sent by nobody */
    struct fields parsed = *fields;
    char *at = body + delimiter_len - 2, *end = body + len;
    while (end - at >= 2 && memcmp(at, "\r\n", 2) == 0) {
        char *part = at + 2;
        char *next = memmem(at, (size_t)(end - at), delimiter, delimiter_len);
        if (!next || next < part || read_part(arena, part, next, &parsed) != OK)
            return ERR_INVALID;
        at = next + delimiter_len;
    }
    if (end - at < 2 || memcmp(at, "--", 2) != 0)
        return ERR_INVALID; /* cut off, or padding that nobody sends behind a boundary */
    *fields = parsed;
    return OK;
}

const char *fields_cookie(struct arena *arena, const char *header, const char *name) {
    size_t name_len = strlen(name);
    while (*header) {
        header += strspn(header, "; \t");
        size_t length = strcspn(header, ";");
        if (length > name_len && header[name_len] == '=' && memcmp(header, name, name_len) == 0) {
            char *value = arena_strndup(arena, header + name_len + 1, length - name_len - 1);
            for (char *c = value; *c; c++)
                if (*c <= ' ' || *c > '~')
                    return NULL;
            return value;
        }
        header += length;
    }
    return NULL;
}
