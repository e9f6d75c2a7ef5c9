/* Statements of consents; shop/consent.c runs them. */
#include "shop/consent_sql.h"

const char *const consent_sql[CONSENT_SQL_COUNT] = {
    [CONSENT_LATEST] = "SELECT granted, version, at FROM consent "
                       "WHERE account_id = ?1 AND purpose = ?2 ORDER BY id DESC LIMIT 1",

    [CONSENT_INSERT] = "INSERT INTO consent (account_id, purpose, version, granted, at) "
                       "VALUES (?1, ?2, ?3, ?4, ?5)",
};
