/* Statements of the outbox. */
#ifndef SHOP_MAIL_SQL_H
#define SHOP_MAIL_SQL_H

enum { MAIL_INSERT, MAIL_SQL_COUNT };
extern const char *const mail_sql[MAIL_SQL_COUNT];

#endif
