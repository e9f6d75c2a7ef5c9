/* The statements of receipt.c. */
#ifndef SHOP_RECEIPT_SQL_H
#define SHOP_RECEIPT_SQL_H

enum receipt_sql {
    RECEIPT_INSERT,
    RECEIPT_INSERT_LINE,
    RECEIPT_REFERENCES,
    RECEIPT_BY_ORDER,
    RECEIPT_SQL_COUNT,
};

extern const char *const receipt_sql[];

#endif
