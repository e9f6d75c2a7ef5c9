/* Describing a schema so that two can be compared.
 *
 * SQLite keeps the text of every CREATE statement, comments and all; ALTER TABLE edits that text.
 * Two files with the same schema therefore differ in comments, spacing, and quotes around names
 * that a rename put there. What remains without these is the schema. */
#include "db/schema.h"
#include "base/arena.h"
#include "base/buf.h"
#include "db/db.h"
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* The length of the white space and comments at the start of the text. */
static size_t skip_blank(const char *text) {
    const char *p = text;
    for (;;) {
        if (isspace((unsigned char)*p)) {
            p++;
        } else if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            const char *end = strstr(p + 2, "*/");
            p = end ? end + 2 : p + strlen(p);
        } else {
            return (size_t)(p - text);
        }
    }
}

/* The length of a quoted piece with both quotes. A doubled quote inside ends one and begins the
 * next, which comes to the same. */
static size_t quoted_length(const char *text) {
    const char *end = strchr(text + 1, text[0]);
    return end ? (size_t)(end + 1 - text) : strlen(text);
}

static bool is_plain_name(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!is_word(text[i]))
            return false;
    return length > 0;
}

static void append_quoted(struct buf *out, const char *text, size_t length) {
    if (text[0] == '"' && length > 2 && is_plain_name(text + 1, length - 2))
        buf_append(out, text + 1, length - 2);
    else
        buf_append(out, text, length);
}

static void append_normal(struct buf *out, const char *sql) {
    size_t begin = out->len;
    while (*sql) {
        size_t blank = skip_blank(sql);
        sql += blank;
        if (!*sql)
            break;
        bool is_quoted = *sql == '\'' || *sql == '"';
        if (blank > 0 && out->len > begin && is_word(out->data[out->len - 1]) &&
            (is_word(*sql) || is_quoted))
            buf_putc(out, ' ');
        size_t length = is_quoted ? quoted_length(sql) : 1;
        if (is_quoted)
            append_quoted(out, sql, length);
        else
            buf_putc(out, *sql);
        sql += length;
    }
    buf_putc(out, '\n');
}

enum err schema_describe(struct db *db, struct arena *arena, const char **out) {
    static const char objects[] = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL "
                                  "AND substr(name, 1, 7) <> 'sqlite_' ORDER BY type, name";
    struct buf text = {0};
    struct rows *rows = db_query(db, objects);
    while (rows_next(rows))
        append_normal(&text, rows_text(rows, 0, arena));
    enum err err = rows_end(rows);
    *out = arena_strdup(arena, buf_text(&text));
    buf_free(&text);
    return err;
}
