/* Statements of one-time links. */
#ifndef SHOP_LINK_SQL_H
#define SHOP_LINK_SQL_H

enum {
    LINK_INSERT,
    LINK_FIND,
    LINK_SPENT,
    LINK_USE,
    LINK_VOID_PURPOSE,
    LINK_VOID,
    LINK_SWEEP,
    LINK_SQL_COUNT
};
extern const char *const link_sql[LINK_SQL_COUNT];

#endif
