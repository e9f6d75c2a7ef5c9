/* The way from older files to schema.sql of today. Steps are only ever appended; each comes with a
 * higher user_version in schema.sql. */
#include "shop/shop.h"

const struct migration *const shop_migrations = NULL;
const size_t shop_migration_count = 0;
