/* The statements of rollback.c. */
#ifndef SHOP_ROLLBACK_SQL_H
#define SHOP_ROLLBACK_SQL_H

enum rollback_sql {
    ROLLBACK_LAST_ORDER,
    ROLLBACK_LAST_MOMENT,
    ROLLBACK_LAST_ACCOUNT,
    ROLLBACK_LAST_STUDENT,
    ROLLBACK_ORDERS,
    ROLLBACK_PEOPLE,
    ROLLBACK_SQL_COUNT,
};

extern const char *const rollback_sql[];

#endif
