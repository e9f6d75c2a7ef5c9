/* From bytes to rows. */
#include "base/csv_read.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <stdint.h>
#include <string.h>

/* ---- the whole file ------------------------------------------------------------------------- */

/* What Windows-1252 has at 0x80 to 0x9F, where it differs from Latin-1 (WHATWG Encoding, index
 * windows-1252); the five without a character are kept as they are. */
static const uint16_t WINDOWS[32] = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                     0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                     0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                     0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

static void put_point(struct buf *out, unsigned point) {
    if (point < 0x80) {
        buf_putc(out, (char)point);
    } else if (point < 0x800) {
        buf_putc(out, (char)(0xc0 | point >> 6));
        buf_putc(out, (char)(0x80 | (point & 63)));
    } else {
        buf_putc(out, (char)(0xe0 | point >> 12));
        buf_putc(out, (char)(0x80 | (point >> 6 & 63)));
        buf_putc(out, (char)(0x80 | (point & 63)));
    }
}

static void from_windows(struct csv_reader *reader, struct arena *arena, const char *bytes,
                         size_t size) {
    struct buf text = {0};
    for (size_t i = 0; i < size; i++) {
        unsigned byte = (unsigned char)bytes[i];
        put_point(&text, byte >= 0x80 && byte < 0xa0 ? WINDOWS[byte - 0x80] : byte);
    }
    reader->at = arena_strndup(arena, buf_text(&text), text.len);
    reader->end = reader->at + text.len;
    buf_free(&text);
}

/* The one there is most of in the first line, quotes left aside. */
static char find_separator(const char *at, const char *end) {
    size_t commas = 0, semicolons = 0, tabs = 0;
    bool quoted = false;
    for (; at < end && (quoted || (*at != '\n' && *at != '\r')); at++) {
        quoted ^= *at == '"';
        commas += !quoted && *at == ',';
        semicolons += !quoted && *at == ';';
        tabs += !quoted && *at == '\t';
    }
    if (tabs > commas && tabs > semicolons)
        return '\t';
    return semicolons > commas ? ';' : ',';
}

bool csv_open(struct csv_reader *reader, struct arena *arena, const char *bytes, size_t size) {
    static const char MARK[] = "\xef\xbb\xbf";
    *reader = (struct csv_reader){.at = bytes, .end = bytes + size, .line = 1};
    if (memchr(bytes, '\0', size))
        return false;
    if (size >= 3 && memcmp(bytes, MARK, 3) == 0)
        reader->at += 3;
    if (!utf8_valid(reader->at, (size_t)(reader->end - reader->at)))
        from_windows(reader, arena, bytes, size);
    reader->separator = find_separator(reader->at, reader->end);
    return true;
}

/* ---- one row -------------------------------------------------------------------------------- */

static bool at_line_end(const struct csv_reader *r) {
    return r->at == r->end || *r->at == '\n' || *r->at == '\r';
}

/* Over "\n", "\r\n" or the "\r" of old. */
static void end_line(struct csv_reader *r) {
    if (r->at == r->end)
        return;
    if (*r->at == '\r' && r->at + 1 < r->end && r->at[1] == '\n')
        r->at++;
    r->at++;
    r->line++;
}

static void skip_line(struct csv_reader *r) {
    while (!at_line_end(r))
        r->at++;
    end_line(r);
}

/* Behind the opening quote: up to the closing one. A doubled quote is one. */
static enum csv_status read_quoted(struct csv_reader *r, struct arena *arena, const char **cell) {
    struct buf text = {0};
    r->at++;
    while (r->at < r->end && (*r->at != '"' || (r->at + 1 < r->end && r->at[1] == '"'))) {
        r->at += *r->at == '"';
        r->line += *r->at == '\n';
        buf_putc(&text, *r->at++);
    }
    *cell = arena_strndup(arena, buf_text(&text), text.len);
    buf_free(&text);
    if (r->at == r->end)
        return CSV_QUOTE_OPEN;
    r->at++;
    return at_line_end(r) || *r->at == r->separator ? CSV_ROW : CSV_QUOTE_INSIDE;
}

static enum csv_status read_cell(struct csv_reader *r, struct arena *arena, const char **cell) {
    if (r->at < r->end && *r->at == '"')
        return read_quoted(r, arena, cell);
    const char *from = r->at;
    while (!at_line_end(r) && *r->at != r->separator)
        r->at++;
    *cell = arena_strndup(arena, from, (size_t)(r->at - from));
    return CSV_ROW;
}

static enum csv_status read_row(struct csv_reader *r, struct arena *arena, struct csv_row *row) {
    bool more = true;
    while (more) {
        const char *cell;
        long line = r->line;
        enum csv_status status = read_cell(r, arena, &cell);
        if (status != CSV_ROW) {
            row->line = line;
            skip_line(r);
            return status;
        }
        if (row->count < CSV_CELLS_MAX)
            row->cells[row->count++] = cell;
        more = !at_line_end(r);
        r->at += more; /* the separator */
    }
    end_line(r);
    return CSV_ROW;
}

static bool is_empty(const struct csv_row *row) {
    for (size_t i = 0; i < row->count; i++)
        if (row->cells[i][strspn(row->cells[i], " \t")])
            return false;
    return true;
}

enum csv_status csv_next(struct csv_reader *reader, struct arena *arena, struct csv_row *row) {
    enum csv_status status = CSV_ROW;
    const char **cells = arena_array(arena, CSV_CELLS_MAX, sizeof(*cells));
    do {
        if (reader->at == reader->end)
            return CSV_END;
        *row = (struct csv_row){.cells = cells, .line = reader->line};
        status = read_row(reader, arena, row);
    } while (status == CSV_ROW && is_empty(row));
    return status;
}
