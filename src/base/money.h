/* Money: integer minor units ("cents") and an ISO 4217 code. Never a float.
 * Amounts in one order are far below 2^53, sums below 2^63. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* The largest price or amount anybody may type: one million units. */
#define MONEY_MAX_CENTS INT64_C(100000000)

bool money_currency_known(const char *code); /* one of the ISO 4217 codes we can print */
/* All of them, for lists to choose from; index below money_currency_count(). */
size_t money_currency_count(void);
const char *money_currency(size_t index);
const char *money_symbol(const char *currency); /* "S/" for PEN; the code itself if unknown */

/* "S/ 1,234.50"; the code in front when the currency has no symbol here. */
void money_print(struct buf *out, int64_t cents, const char *currency);

/* "1234.50", for form fields and CSV. */
void money_print_plain(struct buf *out, int64_t cents);

/* What people type: "180", "180.5", "1,234.50", "1.234,50", "S/ 180.00". At most two decimals, no
 * sign, at most MONEY_MAX_CENTS. False for anything else. */
bool money_parse(const char *text, int64_t *cents);

#endif
