/* Reading CSV as spreadsheets write it (RFC 4180): commas, semicolons or tabs; UTF-8, or
 * Windows-1252 where it is not. Broken quotes are told by line, and reading goes on where it can.
 */
#ifndef BASE_CSV_READ_H
#define BASE_CSV_READ_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>

enum { CSV_CELLS_MAX = 200 }; /* of a row; the rest of a longer one is left out */

struct csv_reader {
    const char *at, *end; /* valid UTF-8 */
    char separator;
    long line; /* of `at`, from 1 */
};

enum csv_status {
    CSV_ROW,
    CSV_END,
    CSV_QUOTE_OPEN,   /* a quote that is never closed; nothing comes behind it */
    CSV_QUOTE_INSIDE, /* something between a closing quote and the separator; the line is left out
                       */
};

struct csv_row {
    const char **cells; /* in the reader's arena */
    size_t count;
    long line; /* where it begins, from 1; of a fault: where the quote was opened */
};

/* Looks at the first line for the separator. False for what is no text: a NUL in it, as
 * spreadsheets themselves and UTF-16 have. `bytes` may have to be rewritten, into the arena. */
bool csv_open(struct csv_reader *reader, struct arena *arena, const char *bytes, size_t size);

/* The next row that is not empty. Cells live in `arena`; another one than csv_open's is allowed. */
enum csv_status csv_next(struct csv_reader *reader, struct arena *arena, struct csv_row *row);

#endif
