/* Texts of equal width, as a terminal counts it. */
#include "cli/table.h"
#include "base/buf.h"
#include "base/utf8.h"
#include <string.h>

/* After the properties of Unicode 15: Mn and Cf of the blocks that names use; East Asian Width W
 * and F; pictures. */
static const struct {
    uint32_t first, last;
    size_t width;
} WIDTHS[] = {
    {0x300, 0x36f, 0},   {0x483, 0x489, 0},   {0x1100, 0x115f, 2}, {0x200b, 0x200f, 0},
    {0x20d0, 0x20ff, 0}, {0x2e80, 0xa4cf, 2}, {0xac00, 0xd7a3, 2}, {0xf900, 0xfaff, 2},
    {0xfe00, 0xfe0f, 0}, {0xfe30, 0xfe6f, 2}, {0xff00, 0xff60, 2}, {0x1f300, 0x1faff, 2},
};

static size_t width_of(uint32_t point) {
    for (size_t i = 0; i < ARRAY_COUNT(WIDTHS); i++)
        if (point >= WIDTHS[i].first && point <= WIDTHS[i].last)
            return WIDTHS[i].width;
    return 1;
}

size_t table_width(const char *text) {
    size_t width = 0;
    for (uint32_t point; (point = utf8_next(&text));)
        width += width_of(point);
    return width;
}

/* As much of it as fits. */
static const char *cell(struct arena *arena, const char *text) {
    struct buf out = {0};
    size_t width = 0;
    bool whole = table_width(text) <= TABLE_TEXT_MAX;
    for (const char *at = text, *next = text; *at; at = next) {
        uint32_t point = utf8_next(&next);
        width += width_of(point);
        if (!whole && width >= TABLE_TEXT_MAX) {
            buf_puts(&out, "…");
            break;
        }
        if (point < ' ' || (point >= 0x7f && point < 0xa0))
            buf_putc(&out, ' ');
        else
            buf_append(&out, at, (size_t)(next - at));
    }
    const char *copy = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return copy;
}

void table_row(struct table *table, const char *const *cells) {
    table->rows = arena_grow(table->arena, table->rows, table->count, sizeof(*table->rows));
    const char **row = table->rows[table->count++];
    for (size_t i = 0; table->align[i]; i++)
        row[i] = cell(table->arena, cells[i] ? cells[i] : "");
}

static void print_row(const struct table *table, const char *const *row, const size_t *widths,
                      FILE *out) {
    size_t last = strlen(table->align) - 1; /* nothing stands behind the last text */
    while (last > 0 && !*row[last])
        last--;
    for (size_t i = 0; i <= last; i++) {
        int space = (int)(widths[i] - table_width(row[i]));
        bool right = table->align[i] == 'r';
        fprintf(out, "  %*s%s%*s", right ? space : 0, "", row[i], right || i == last ? 0 : space,
                "");
    }
    fputc('\n', out);
}

void table_print(const struct table *table, FILE *out) {
    size_t widths[TABLE_COLUMNS] = {0};
    for (size_t r = 0; r < table->count; r++)
        for (size_t i = 0; table->align[i]; i++) {
            size_t width = table_width(table->rows[r][i]);
            widths[i] = width > widths[i] ? width : widths[i];
        }
    for (size_t r = 0; r < table->count; r++)
        print_row(table, table->rows[r], widths, out);
}
