/* Named values that came from outside: query strings, form bodies, cookies. Everything a `struct
 * field` of a query or form holds was checked here: names and text values are valid UTF-8 without
 * NUL, so the layers above treat them as C strings. The content of an uploaded file is the one
 * exception: bytes. */
#ifndef HTTP_FIELDS_H
#define HTTP_FIELDS_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum {
    FIELDS_MAX = 512,     /* fields of one query or form; more is malformed */
    FIELD_NAME_MAX = 128, /* bytes of a name */
};

struct field {
    const char *name;
    const char *value; /* NUL-terminated, also behind a file's bytes */
    size_t len;        /* bytes of value */
    const char
        *filename; /* NULL unless a multipart file; "" when no file was chosen; no path in it */
    const char *content_type; /* a file's, as the client claims; NULL otherwise */
};

/* In the order they came. Names may repeat: what that means is the form's own question. */
struct fields {
    struct field *items;
    size_t count;
};

/* The first value of that name, or NULL. Files are not found here. */
const char *fields_get(const struct fields *fields, const char *name);

/* The first uploaded file of that name with a file in it, or NULL. */
const struct field *fields_file(const struct fields *fields, const char *name);

/* How often the name is there. */
size_t fields_count(const struct fields *fields, const char *name);

/* The nth (from 0) value of that name, or NULL. */
const char *fields_nth(const struct fields *fields, const char *name, size_t nth);

/* application/x-www-form-urlencoded (WHATWG URL, 5.1), stricter: a '%' without two hex digits,
 * invalid UTF-8, a NUL, an over-long name or too many fields give ERR_INVALID and leave `fields` as
 * it was. Appends to `fields`; everything lives in the arena. */
enum err fields_parse_urlencoded(struct arena *arena, const char *text, size_t len,
                                 struct fields *fields) MUST_CHECK;

/* multipart/form-data (RFC 7578). `content_type` is the whole header with its boundary. Values of
 * files point into `body`, which has to live as long and to have one writable byte behind `len`;
 * text values too. Same errors as above. */
enum err fields_parse_multipart(struct arena *arena, const char *content_type, char *body,
                                size_t len, struct fields *fields) MUST_CHECK;

/* The value of a cookie in a Cookie header (RFC 6265, 5.4), or NULL. Of several the first. Values
 * with anything but visible ASCII count as missing. */
const char *fields_cookie(struct arena *arena, const char *header, const char *name);

/* Undoes %XX in place (and '+' when `plus`). Answers the new length, or -1 for a stray '%'. The
 * result may hold NUL or broken UTF-8: check it. */
long fields_percent_decode(char *text, size_t len, bool plus);

#endif
