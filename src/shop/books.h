/* The books: what must be true of money, seats and papers at every moment, whatever happened. Each
 * rule is one statement that finds the rows that break it; a sound school has none.
 *
 *   money     Σ succeeded − Σ refunded payments = what the order should have: its total when paid,
 *             nothing when it is a cart, cancelled or refunded, less than its total while pending,
 *             something (as found) in review
 *   prices    a paid order's total is what its confirmed inscriptions cost
 *   seats     only an order that may have seats has them; the counters of workshops count
 *   receipts  a paid order has one, less its credit notes it says the order's total
 *   credits   what was refunded of a receipt stands on exactly one line of a credit note
 *   sums      papers say the sum of their lines
 *   numbers   receipts and credit notes are numbered 1, 2, 3 … */
#ifndef SHOP_BOOKS_H
#define SHOP_BOOKS_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include <stddef.h>
#include <stdint.h>

struct books_fault {
    const char *rule;        /* "money", "prices" … */
    const char *entity;      /* table of what breaks it: "orders", "workshop", "receipt" … */
    int64_t id;              /* the row */
    int64_t expected, found; /* cents, seats or numbers, by rule */
};

/* Every rule by name, in the order of the list above. */
enum { BOOKS_RULES = 7 };
extern const char *const books_rules[BOOKS_RULES];

enum { BOOKS_FAULTS_MAX = 100 }; /* of a rule; the rest is not told */

/* Reads one consistent moment and changes nothing. OK with count 0: the books are true. */
enum err books_check(struct db *db, struct arena *arena, struct books_fault **faults,
                     size_t *count) MUST_CHECK;

/* The same in parts, for whoever has time: each part (0 to BOOKS_PARTS - 1) is true of one moment
 * by itself. Adds to the faults found before. */
enum { BOOKS_PARTS = 9 };
enum err books_check_part(struct db *db, struct arena *arena, int part, struct books_fault **faults,
                          size_t *count) MUST_CHECK;

#endif
