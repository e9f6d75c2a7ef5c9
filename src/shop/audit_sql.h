/* Statements of the trail. */
#ifndef SHOP_AUDIT_SQL_H
#define SHOP_AUDIT_SQL_H

enum { AUDIT_INSERT, AUDIT_VALUE_INSERT, AUDIT_OF, AUDIT_BY_ID, AUDIT_VALUES, AUDIT_SQL_COUNT };
extern const char *const audit_sql[AUDIT_SQL_COUNT];

#endif
