/* CSV for spreadsheets (RFC 4180): written so that Excel opens it right by a double click, as UTF-8
 * with a byte order mark, with no cell taken for a formula, and long numbers kept as text. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* The byte order mark. */
void csv_begin(struct buf *out);

/* One cell; `first` of its row. What a spreadsheet would run as a formula (= + - @, in full width
 * too, at the beginning, or behind a semicolon, tab or line break, which other settings take for
 * the end of a cell) gets an apostrophe before it; see OWASP, "CSV Injection". NULL is empty. */
void csv_text(struct buf *out, bool first, const char *text);
/* Digits that are no quantity (a phone, a document): kept as text, also with leading zeros. */
void csv_digits(struct buf *out, bool first, const char *text);
void csv_int(struct buf *out, bool first, int64_t number);
void csv_money(struct buf *out, bool first, int64_t cents); /* 180.00 */
void csv_end_row(struct buf *out);

#endif
