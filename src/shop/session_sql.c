/* Statements of sessions; shop/session.c runs them. */
#include "shop/session_sql.h"

const char *const session_sql[SESSION_SQL_COUNT] = {
    /* Two look-ups by primary key, for staff three. */
    [SESSION_FIND] =
        "SELECT a.id, a.email, a.first_name, a.last_name, a.role, a.staff_role, a.language, "
        "s.csrf_token, s.remember, s.created_at, s.seen_at, s.confirmed_at, "
        "CASE WHEN a.staff_role IS NULL THEN 0 ELSE EXISTS (SELECT 1 FROM second_factor f "
        "WHERE f.account_id = a.id AND f.enabled_at IS NOT NULL) END "
        "FROM session s JOIN account a ON a.id = s.account_id "
        "WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND s.awaits_code = 0 AND a.is_active = 1",

    [SESSION_FIND_WAITING] =
        "SELECT s.account_id, s.csrf_token, s.remember, a.language "
        "FROM session s JOIN account a ON a.id = s.account_id "
        "WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND s.awaits_code = 1 AND a.is_active = 1",

    [SESSION_AGE] = "SELECT account_id, remember, created_at FROM session "
                    "WHERE token_hash = ?1 AND expires_at > ?2 AND seen_at <= ?3 "
                    "AND awaits_code = 0",

    [SESSION_TOUCH] = "UPDATE session SET seen_at = ?2, expires_at = ?3 WHERE token_hash = ?1",

    [SESSION_TOUCH_ACCOUNT] = "UPDATE account SET last_seen_at = ?2 WHERE id = ?1",

    [SESSION_INSERT] = "INSERT INTO session "
                       "(token_hash, account_id, csrf_token, remember, created_at, seen_at, "
                       "expires_at, confirmed_at, awaits_code) "
                       "VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?5, ?7)",

    [SESSION_CONFIRM] = "UPDATE session SET confirmed_at = ?2 WHERE token_hash = ?1",

    [SESSION_END] = "DELETE FROM session WHERE token_hash = ?1",

    [SESSION_END_ALL] = "DELETE FROM session WHERE account_id = ?1",

    [SESSION_SWEEP] = "DELETE FROM session WHERE expires_at <= ?1",
};
