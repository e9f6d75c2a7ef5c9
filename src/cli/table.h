/* Tables on a terminal: columns as wide as what stands in them, words to the left, numbers to the
 * right. Widths are those of the screen: an accent that is a character of its own takes none, a
 * Chinese sign takes two. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/arena.h"
#include <stdio.h>

enum { TABLE_COLUMNS = 14, TABLE_TEXT_MAX = 40 };

struct table {
    struct arena *arena;
    const char *align; /* a letter a column: 'l' or 'r' */
    const char *(*rows)[TABLE_COLUMNS];
    size_t count;
};

/* A row; it takes as many texts as there are columns, NULL for "". They are copied; what is longer
 * than TABLE_TEXT_MAX is cut with "…", control characters become spaces. */
void table_row(struct table *table, const char *const *cells);
#define table_add(table, ...) table_row((table), (const char *const[]){__VA_ARGS__})

/* Two spaces in front of each row; the first row may be a head. */
void table_print(const struct table *table, FILE *out);

size_t table_width(const char *text); /* columns of the screen; valid UTF-8 */

#endif
