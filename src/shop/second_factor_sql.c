/* Statements of second factors; shop/second_factor.c runs them. */
#include "shop/second_factor_sql.h"

const char *const second_factor_sql[SECOND_FACTOR_SQL_COUNT] = {
    [SECOND_FACTOR_FIND] =
        "SELECT f.secret, f.enabled_at IS NOT NULL, f.last_step, (SELECT count(*) FROM "
        "recovery_code c WHERE c.account_id = f.account_id AND c.used_at IS NULL) "
        "FROM second_factor f WHERE f.account_id = ?1",

    [SECOND_FACTOR_ENABLED] =
        "SELECT 1 FROM second_factor WHERE account_id = ?1 AND enabled_at IS NOT NULL",

    /* Somebody who opens the page twice keeps the secret that the app may have read already. */
    [SECOND_FACTOR_BEGIN] = "INSERT INTO second_factor (account_id, secret) VALUES (?1, ?2) "
                            "ON CONFLICT (account_id) DO NOTHING",

    [SECOND_FACTOR_ENABLE] = "UPDATE second_factor SET enabled_at = ?2, last_step = ?3 "
                             "WHERE account_id = ?1 AND enabled_at IS NULL",

    /* Of two requests with one code, one moves the step. */
    [SECOND_FACTOR_STEP] =
        "UPDATE second_factor SET last_step = ?2 WHERE account_id = ?1 AND last_step < ?2",

    [SECOND_FACTOR_DROP] = "DELETE FROM second_factor WHERE account_id = ?1",

    [SECOND_FACTOR_ADD_CODE] = "INSERT INTO recovery_code (account_id, code_hash) VALUES (?1, ?2)",

    [SECOND_FACTOR_USE_CODE] = "UPDATE recovery_code SET used_at = ?3 "
                               "WHERE account_id = ?1 AND code_hash = ?2 AND used_at IS NULL",

    [SECOND_FACTOR_DROP_CODES] = "DELETE FROM recovery_code WHERE account_id = ?1",
};
