/* Statements of mail on its way out; shop/outbox.c runs them. */
#include "shop/outbox_sql.h"

const char *const outbox_sql[OUTBOX_SQL_COUNT] = {
    [OUTBOX_DUE] = "SELECT id FROM outbox WHERE next_attempt_at <= ?1 AND sent_at IS NULL "
                   "ORDER BY next_attempt_at, id LIMIT 1",
    /* Rows that somebody wrote from outside may lack the moment. */
    [OUTBOX_CLAIM] = "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?2, "
                     "created_at = CASE WHEN created_at > 0 THEN created_at ELSE ?3 END "
                     "WHERE id = ?1 AND next_attempt_at <= ?3 AND sent_at IS NULL "
                     "RETURNING recipient, subject, body_text, body_html, attempts, created_at",
    [OUTBOX_SENT] = "UPDATE outbox SET sent_at = ?2, next_attempt_at = NULL, last_error = NULL "
                    "WHERE id = ?1",
    [OUTBOX_FAILED] = "UPDATE outbox SET last_error = ?2, next_attempt_at = ?3 WHERE id = ?1",
};
