/* Statements of the outbox; shop/mail.c runs them. */
#include "shop/mail_sql.h"

const char *const mail_sql[MAIL_SQL_COUNT] = {
    [MAIL_INSERT] =
        "INSERT INTO outbox (dedupe_key, recipient, subject, body_text, body_html, order_id, "
        "created_at, next_attempt_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7) "
        "ON CONFLICT (dedupe_key) DO NOTHING",
};
