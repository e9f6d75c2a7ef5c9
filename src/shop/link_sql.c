/* Statements of one-time links; shop/link.c runs them. */
#include "shop/link_sql.h"

const char *const link_sql[LINK_SQL_COUNT] = {
    [LINK_INSERT] =
        "INSERT INTO one_time_link (token_hash, purpose, account_id, created_at, expires_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5)",

    [LINK_FIND] = "SELECT account_id FROM one_time_link "
                  "WHERE token_hash = ?1 AND purpose = ?2 AND expires_at > ?3 AND used_at IS NULL",

    [LINK_SPENT] = "SELECT account_id FROM one_time_link "
                   "WHERE token_hash = ?1 AND purpose = ?2 AND used_at >= ?3",

    [LINK_USE] = "UPDATE one_time_link SET used_at = ?3 "
                 "WHERE token_hash = ?1 AND purpose = ?2 AND expires_at > ?3 AND used_at IS NULL "
                 "RETURNING account_id",

    [LINK_VOID_PURPOSE] = "DELETE FROM one_time_link WHERE account_id = ?1 AND purpose = ?2",

    [LINK_VOID] = "DELETE FROM one_time_link WHERE account_id = ?1",

    [LINK_SWEEP] = "DELETE FROM one_time_link WHERE expires_at <= ?1",
};
