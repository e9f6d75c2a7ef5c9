/* Escaping. Text is copied in runs up to the next byte that needs care, which one table look-up a
 * byte finds; most values are one run. */
#include "base/out.h"
#include "base/err.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What a byte is in a URL (RFC 3986): unreserved bytes stay everywhere. */
enum {
    UNRESERVED = 1, /* ALPHA DIGIT - . _ ~ */
    PATH = 2,       /* stays in a path: / : @ + , = */
    WHOLE = 4,      /* stays in a whole URL: the reserved characters and '%' */
};

static const unsigned char url_class[256] = {
    ['a' ... 'z'] = UNRESERVED,
    ['A' ... 'Z'] = UNRESERVED,
    ['0' ... '9'] = UNRESERVED,
    ['-'] = UNRESERVED,
    ['.'] = UNRESERVED,
    ['_'] = UNRESERVED,
    ['~'] = UNRESERVED,
    ['/'] = PATH | WHOLE,
    [':'] = PATH | WHOLE,
    ['@'] = PATH | WHOLE,
    ['+'] = PATH | WHOLE,
    [','] = PATH | WHOLE,
    ['='] = PATH | WHOLE,
    ['?'] = WHOLE,
    ['#'] = WHOLE,
    ['['] = WHOLE,
    [']'] = WHOLE,
    ['!'] = WHOLE,
    ['$'] = WHOLE,
    ['&'] = WHOLE,
    ['('] = WHOLE,
    [')'] = WHOLE,
    ['*'] = WHOLE,
    [';'] = WHOLE,
    ['%'] = WHOLE,
};

static const char *const html_references[256] = {
    ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
};

struct out out_start(struct buf *b, enum lang lang, const void *page) {
    return (struct out){.buf = b, .lang = lang, .context = OUT_HTML, .page = page};
}

static void put_html(struct buf *b, const char *text, size_t len) {
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        const char *reference = html_references[(unsigned char)text[i]];
        if (!reference)
            continue;
        buf_append(b, text + run, i - run);
        buf_puts(b, reference);
        run = i + 1;
    }
    buf_append(b, text + run, len - run);
}

static void put_encoded(struct buf *b, const char *text, size_t len, int classes) {
    static const char hex[] = "0123456789ABCDEF";
    size_t run = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (url_class[byte] & classes && byte != '&')
            continue;
        buf_append(b, text + run, i - run);
        if (byte == '&' && classes & WHOLE)
            buf_puts(b, "&amp;");
        else
            buf_append(b, (char[]){'%', hex[byte >> 4], hex[byte & 15]}, 3);
        run = i + 1;
    }
    buf_append(b, text + run, len - run);
}

/* Relative, or of a scheme that runs no code. A ':' before any of "/?#" ends a scheme. Browsers
 * drop tabs and newlines when they read one; here "java\tscript" is simply not in the list. */
static bool is_safe_url(const char *url, size_t len) {
    static const char *const schemes[] = {"https", "http", "mailto", "tel"};
    size_t end = 0;
    while (end < len && !strchr("/?#:", url[end]))
        end++;
    if (end == len || url[end] != ':')
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(schemes); i++)
        if (strlen(schemes[i]) == end && strncasecmp(schemes[i], url, end) == 0)
            return true;
    return false;
}

void out_text_n(struct out *o, const char *text, size_t len) {
    switch (o->context) {
    case OUT_HTML:
        put_html(o->buf, text, len);
        break;
    case OUT_URL:
        if (is_safe_url(text, len))
            put_encoded(o->buf, text, len, UNRESERVED | WHOLE);
        else
            buf_putc(o->buf, '#');
        break;
    case OUT_PATH:
        put_encoded(o->buf, text, len, UNRESERVED | PATH);
        break;
    case OUT_QUERY:
        put_encoded(o->buf, text, len, UNRESERVED);
        break;
    case OUT_PLAIN:
        buf_append(o->buf, text, len);
        break;
    }
}

void out_text(struct out *o, const char *text) {
    if (text)
        out_text_n(o, text, strlen(text));
}

void out_int(struct out *o, int64_t number) {
    buf_put_int(o->buf, number);
}

void out_uint(struct out *o, uint64_t number) {
    if (number <= INT64_MAX)
        buf_put_int(o->buf, (int64_t)number);
    else
        buf_printf(o->buf, "%llu", (unsigned long long)number);
}

void out_format(struct out *o, const char *format, ...) {
    char small[256];
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(small, sizeof(small), format, args);
    va_end(args);
    if (len >= 0 && (size_t)len < sizeof(small)) {
        out_text_n(o, small, (size_t)len);
    } else if (len >= 0) {
        struct buf large = {0};
        buf_reserve(&large, (size_t)len + 1);
        vsnprintf(large.data, (size_t)len + 1, format, again);
        out_text_n(o, large.data, (size_t)len);
        buf_free(&large);
    }
    va_end(again);
}

void out_raw(struct out *o, const char *markup) {
    buf_puts(o->buf, markup);
}

void filter_tr(struct out *o, const char *english) {
    if (english)
        out_text(o, tr(o->lang, english));
}

/* ---- messages ---- */

void out_message(struct out *o, const struct message *message) {
    out_text(o, message->text[o->lang]);
}

struct out_pieces out_pieces_start(const struct out *o, const struct message *message, int64_t n,
                                   const char *const *names, size_t count) {
    const char *const *text = n != 1 && message->plural[o->lang] ? message->plural : message->text;
    return (struct out_pieces){.rest = text[o->lang], .names = names, .count = count};
}

/* The index of the name in [at, at + len), or -1. */
static int find_name(const struct out_pieces *pieces, const char *at, size_t len) {
    for (size_t i = 0; i < pieces->count; i++)
        if (strncmp(pieces->names[i], at, len) == 0 && pieces->names[i][len] == '\0')
            return (int)i;
    return -1;
}

int out_piece(struct out *o, struct out_pieces *pieces) {
    const char *start = pieces->taken ? i18n_one_stop(o->buf, pieces->rest) : pieces->rest;
    for (const char *at = start; (at = strchr(at, '{')) != NULL; at++) {
        const char *close = strchr(at, '}');
        int index = close ? find_name(pieces, at + 1, (size_t)(close - at - 1)) : -1;
        if (index < 0)
            continue;
        out_text_n(o, start, (size_t)(at - start));
        pieces->rest = close + 1;
        pieces->taken = true;
        return index;
    }
    out_text(o, start);
    pieces->rest = "";
    return -1;
}
