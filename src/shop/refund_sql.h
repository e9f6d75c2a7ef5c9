/* The statements of refund.c. */
#ifndef SHOP_REFUND_SQL_H
#define SHOP_REFUND_SQL_H

enum refund_sql {
    REFUND_BOOK,
    REFUND_BOOKED,
    REFUND_COUNT,
    REFUND_CARD_LEFT,
    REFUND_SEAT,
    REFUND_LOWER_TOTAL,
    REFUND_SET_REFUNDED,
    REFUND_SQL_COUNT,
};

extern const char *const refund_sql[];

#endif
