/* Statements of consents. */
#ifndef SHOP_CONSENT_SQL_H
#define SHOP_CONSENT_SQL_H

enum { CONSENT_LATEST, CONSENT_INSERT, CONSENT_SQL_COUNT };
extern const char *const consent_sql[CONSENT_SQL_COUNT];

#endif
