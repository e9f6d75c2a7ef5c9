/* The statements of restore.c. */
#ifndef SHOP_RESTORE_SQL_H
#define SHOP_RESTORE_SQL_H

enum restore_sql {
    RESTORE_RENEW,
    RESTORE_MAIL_WAITING,
    RESTORE_SQL_COUNT,
};

extern const char *const restore_sql[];

#endif
