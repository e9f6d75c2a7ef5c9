/* A spreadsheet that somebody uploads: every cell that is read is valid UTF-8. */
#include "base/csv_read.h"
#include "base/utf8.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    struct arena *arena = arena_create(), *rows = arena_create();
    struct csv_reader reader;
    if (csv_open(&reader, arena, (const char *)bytes, size)) {
        enum csv_status status = CSV_ROW;
        long line = 0;
        while (status != CSV_END && status != CSV_QUOTE_OPEN) {
            struct csv_row row = {0};
            status = csv_next(&reader, rows, &row);
            PROMISE(status == CSV_END || row.line >= line);
            PROMISE(status != CSV_ROW || (row.count > 0 && row.count <= CSV_CELLS_MAX));
            for (size_t i = 0; status == CSV_ROW && i < row.count; i++)
                PROMISE(utf8_valid(row.cells[i], strlen(row.cells[i])));
            line = row.line;
            arena_reset(rows);
        }
    }
    arena_destroy(rows);
    arena_destroy(arena);
    free(bytes);
    return 0;
}
