/* Writing CSV. */
#include "base/csv.h"
#include <string.h>

void csv_begin(struct buf *out) {
    buf_puts(out, "\xef\xbb\xbf");
}

static void separate(struct buf *out, bool first) {
    if (!first)
        buf_putc(out, ',');
}

/* What a spreadsheet takes for the beginning of a formula, in full width too (U+FF0B, FF0D, FF1D,
 * FF20: East Asian ones read them so). */
static bool begins_formula(const char *text) {
    static const char *const WIDE[] = {"\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\x9d",
                                       "\xef\xbc\xa0"};
    for (size_t i = 0; i < sizeof(WIDE) / sizeof(*WIDE); i++)
        if (strncmp(text, WIDE[i], strlen(WIDE[i])) == 0)
            return true;
    return *text && strchr("=+-@", *text);
}

/* An apostrophe before what would be a formula: at the beginning, and where a spreadsheet that was
 * told of other separators than the comma begins a cell, as those of many Spanish computers are. */
static void put_quoted(struct buf *out, const char *before, const char *text) {
    bool begins = !*before; /* a cell, for some spreadsheet */
    buf_putc(out, '"');
    buf_puts(out, before);
    for (const char *p = text; *p; p++) {
        if (begins && begins_formula(p))
            buf_putc(out, '\'');
        begins = strchr(";\t\r\n", *p) || (begins && strchr(" \"", *p));
        if (*p == '"')
            buf_putc(out, '"');
        buf_putc(out, *p);
    }
    buf_putc(out, '"');
}

void csv_text(struct buf *out, bool first, const char *text) {
    separate(out, first);
    if (!text || !*text)
        return;
    if (strchr("\t\r\n", *text) || begins_formula(text))
        put_quoted(out, "'", text);
    else if (strpbrk(text, ",;\"\r\n\t") || *text == ' ')
        put_quoted(out, "", text);
    else
        buf_puts(out, text);
}

void csv_digits(struct buf *out, bool first, const char *text) {
    size_t length = text ? strlen(text) : 0;
    bool number = length > 0 && strspn(text, "0123456789") == length;
    if (number && (*text == '0' || length > 11)) {
        separate(out, first);
        put_quoted(out, "'", text);
    } else {
        csv_text(out, first, text);
    }
}

void csv_int(struct buf *out, bool first, int64_t number) {
    separate(out, first);
    buf_put_int(out, number);
}

void csv_money(struct buf *out, bool first, int64_t cents) {
    separate(out, first);
    int64_t positive = cents < 0 ? -cents : cents;
    buf_printf(out, "%s%lld.%02d", cents < 0 ? "-" : "", (long long)(positive / 100),
               (int)(positive % 100));
}

void csv_end_row(struct buf *out) {
    buf_puts(out, "\r\n");
}
