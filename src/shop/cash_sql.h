/* Statements of shop/cash.c. */
#ifndef SHOP_CASH_SQL_H
#define SHOP_CASH_SQL_H

enum {
    CASH_SPAN,
    CASH_MOVED,
    CASH_SQL_COUNT,
};

extern const char *const cash_sql[CASH_SQL_COUNT];

#endif
