/* Asking the books, rule by rule. */
#include "shop/books.h"
#include "shop/books_sql.h"

static const char *const RULES[BOOKS_SQL_COUNT] = {
    [BOOKS_MONEY] = "money",      [BOOKS_PRICES] = "prices",     [BOOKS_SEATS] = "seats",
    [BOOKS_COUNTERS] = "seats",   [BOOKS_RECEIPTS] = "receipts", [BOOKS_CREDITS] = "credits",
    [BOOKS_PAYBACKS] = "credits", [BOOKS_SUMS] = "sums",         [BOOKS_NUMBERS] = "numbers",
};

const char *const books_rules[BOOKS_RULES] = {"money",   "prices", "seats",  "receipts",
                                              "credits", "sums",   "numbers"};

_Static_assert(BOOKS_PARTS == (int)BOOKS_SQL_COUNT, "a part is a statement");

enum err books_check_part(struct db *db, struct arena *arena, int part, struct books_fault **faults,
                          size_t *count) {
    struct rows *rows = db_query(db, books_sql[part], V((int)BOOKS_FAULTS_MAX));
    while (rows_next(rows)) {
        *faults = arena_grow(arena, *faults, *count, sizeof(**faults));
        (*faults)[(*count)++] = (struct books_fault){
            .rule = RULES[part],
            .entity = rows_text(rows, 0, arena),
            .id = rows_int(rows, 1),
            .expected = rows_int(rows, 2),
            .found = rows_int(rows, 3),
        };
    }
    return rows_end(rows);
}

enum err books_check(struct db *db, struct arena *arena, struct books_fault **faults,
                     size_t *count) {
    enum err err = OK;
    *faults = NULL;
    *count = 0;
    for (int part = 0; !err && part < BOOKS_PARTS; part++)
        err = books_check_part(db, arena, part, faults, count);
    return err;
}
