/* Statements of the shop's own keys; shop/shop.c runs them. */
#include "shop/shop_sql.h"

const char *const shop_sql[SHOP_SQL_COUNT] = {
    [SHOP_KEY] = "SELECT key FROM secret WHERE purpose = 'signing'",

    [SHOP_KEY_INSERT] = "INSERT INTO secret (purpose, key) VALUES ('signing', ?1)",
};
