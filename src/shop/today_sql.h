/* Statements of the page of today. */
#ifndef SHOP_TODAY_SQL_H
#define SHOP_TODAY_SQL_H

enum {
    TODAY_REVIEWS,
    TODAY_TRANSFERS,
    TODAY_RUNNING,
    TODAY_FULL,
    TODAY_EMPTY,
    TODAY_HOLDS,
    TODAY_PAID,
    TODAY_SETUP,
    TODAY_SQL_COUNT,
};

extern const char *const today_sql[TODAY_SQL_COUNT];

#endif
