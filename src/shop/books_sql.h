/* The statements of books.c, one a rule: entity, id, expected, found. */
#ifndef SHOP_BOOKS_SQL_H
#define SHOP_BOOKS_SQL_H

enum books_sql {
    BOOKS_MONEY,
    BOOKS_PRICES,
    BOOKS_SEATS,
    BOOKS_COUNTERS,
    BOOKS_RECEIPTS,
    BOOKS_CREDITS,
    BOOKS_PAYBACKS,
    BOOKS_SUMS,
    BOOKS_NUMBERS,
    BOOKS_SQL_COUNT,
};

extern const char *const books_sql[];

#endif
