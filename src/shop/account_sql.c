/* Statements of accounts; shop/account*.c run them. */
#include "shop/account_sql.h"

#define COLUMNS                                                                       \
    "id, email, first_name, last_name, country, role, phone, school, date_of_birth, " \
    "staff_role, is_active, language, email_confirmed_at IS NOT NULL, created_at, last_seen_at"

#define LOGIN_COLUMNS                                                         \
    "id, email, email_key, first_name, last_name, password_hash, is_active, " \
    "email_confirmed_at IS NOT NULL, language, role, staff_role, created_at"

const char *const account_sql[] = {
    [ACCOUNT_BY_ID] = "SELECT " COLUMNS " FROM account WHERE id = ?1",

    [ACCOUNT_SECRET_BY_ID] = "SELECT " LOGIN_COLUMNS " FROM account WHERE id = ?1",

    [ACCOUNT_SECRET_BY_KEY] = "SELECT " LOGIN_COLUMNS " FROM account WHERE email_key = ?1",

    /* Whether what was verified outside the transaction still holds inside it. */
    [ACCOUNT_STILL] =
        "SELECT id FROM account WHERE id = ?1 AND is_active = 1 AND password_hash = ?2",

    [ACCOUNT_INSERT] =
        "INSERT INTO account (email, email_key, password_hash, first_name, last_name, country, "
        "role, phone, school, date_of_birth, staff_role, language, email_confirmed_at, created_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",

    [ACCOUNT_UPDATE] = "UPDATE account SET first_name = ?2, last_name = ?3, country = ?4, "
                       "phone = ?5, school = ?6, date_of_birth = ?7 WHERE id = ?1",

    [ACCOUNT_LANGUAGE] = "UPDATE account SET language = ?2 WHERE id = ?1",

    [ACCOUNT_SEEN] = "UPDATE account SET last_seen_at = ?2 WHERE id = ?1",

    [ACCOUNT_CONFIRM] = "UPDATE account SET email_confirmed_at = coalesce(email_confirmed_at, ?2) "
                        "WHERE id = ?1 AND is_active = 1",

    [ACCOUNT_PASSWORD] = "UPDATE account SET password_hash = ?2 WHERE id = ?1",

    [ACCOUNT_STAFF_ROLE] = "UPDATE account SET staff_role = ?2 WHERE id = ?1",

    [ACCOUNT_ACTIVE] = "UPDATE account SET is_active = ?2 WHERE id = ?1",

    /* The key is no address any more, so the address may sign up again. */
    [ACCOUNT_CLOSE] = "UPDATE account SET is_active = 0, closed_at = ?2, password_hash = NULL, "
                      "staff_role = NULL, email_key = 'closed:' || id WHERE id = ?1",

    [ACCOUNT_STANDING] =
        "SELECT closed_at IS NOT NULL OR erased_at IS NOT NULL, erased_at IS NOT NULL, "
        "password_hash IS NULL FROM account WHERE id = ?1",

    [ACCOUNT_NEW_EMAIL_KEY] =
        "UPDATE account SET email_key = ?2, email_confirmed_at = NULL WHERE id = ?1",

    [ACCOUNT_OPEN_ORDERS] =
        "SELECT count(*) FROM orders WHERE account_id = ?1 AND status IN ('pending', 'review')",

    [ACCOUNT_OTHER_OWNERS] = "SELECT count(*) FROM account "
                             "WHERE staff_role = 'owner' AND is_active = 1 AND id <> ?1",

    [ACCOUNT_GIVE_UP_SEATS] =
        "UPDATE inscription SET status = 'cancelled' WHERE status = 'held' AND order_id IN "
        "(SELECT id FROM orders WHERE account_id = ?1 AND status = 'cart')",

    [ACCOUNT_GIVE_UP_CART] =
        "UPDATE orders SET status = 'cancelled' WHERE account_id = ?1 AND status = 'cart'",
};
