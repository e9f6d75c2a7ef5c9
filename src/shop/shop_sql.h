/* Statements of the shop's own keys. */
#ifndef SHOP_SHOP_SQL_H
#define SHOP_SHOP_SQL_H

enum { SHOP_KEY, SHOP_KEY_INSERT, SHOP_SQL_COUNT };
extern const char *const shop_sql[SHOP_SQL_COUNT];

#endif
