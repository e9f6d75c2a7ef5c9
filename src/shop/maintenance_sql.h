/* The statements of maintenance.c. */
#ifndef SHOP_MAINTENANCE_SQL_H
#define SHOP_MAINTENANCE_SQL_H

enum maintenance_sql {
    MAINTENANCE_DUE,
    MAINTENANCE_TRANSFERS,
    MAINTENANCE_CHARGES,
    MAINTENANCE_EXPIRE_HOLDS,
    MAINTENANCE_SQL_COUNT,
};

extern const char *const maintenance_sql[];

#endif
