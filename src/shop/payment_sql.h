/* The statements of payment.c. */
#ifndef SHOP_PAYMENT_SQL_H
#define SHOP_PAYMENT_SQL_H

enum payment_sql {
    PAYMENT_BEGIN,
    PAYMENT_FIND,
    PAYMENT_SETTLE,
    PAYMENT_BOOK,
    PAYMENT_BOOKED,
    PAYMENT_HISTORY,
    PAYMENT_REPORT,
    PAYMENT_SQL_COUNT,
};

extern const char *const payment_sql[];

#endif
