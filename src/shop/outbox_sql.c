/* Statements of mail on its way out; shop/outbox.c runs them. */
#include "shop/outbox_sql.h"

const char *const outbox_sql[OUTBOX_SQL_COUNT] = {
    [OUTBOX_DUE] = "SELECT id FROM outbox WHERE next_attempt_at <= ?1 AND sent_at IS NULL "
                   "ORDER BY next_attempt_at, id LIMIT 1",
    /* Rows that somebody wrote from outside may lack the moment. */
    [OUTBOX_CLAIM] = "UPDATE outbox SET attempts = attempts + 1, next_attempt_at = ?2, "
                     "last_error = NULL, "
                     "created_at = CASE WHEN created_at > 0 THEN created_at ELSE ?3 END "
                     "WHERE id = ?1 AND next_attempt_at <= ?3 AND sent_at IS NULL "
                     "RETURNING recipient, subject, body_text, body_html, attempts, created_at",
    [OUTBOX_SENT] = "UPDATE outbox SET sent_at = ?2, next_attempt_at = NULL, last_error = NULL, "
                    "body_text = ?3, body_html = ?4 WHERE id = ?1",
    [OUTBOX_FAILED] = "UPDATE outbox SET last_error = ?2, next_attempt_at = ?3 WHERE id = ?1",
    [OUTBOX_GIVEN_UP] = "UPDATE outbox SET last_error = ?2, next_attempt_at = NULL, "
                        "body_text = ?3, body_html = ?4 WHERE id = ?1",
    [OUTBOX_TAKE] = "UPDATE outbox SET attempts = 1, next_attempt_at = ?2 WHERE id = ?1 "
                    "RETURNING recipient, subject, body_text, body_html, attempts, created_at",
    [OUTBOX_ONE] =
        "SELECT recipient, subject, body_text, body_html, attempts, created_at, next_attempt_at, "
        "sent_at, last_error, order_id FROM outbox WHERE id = ?1",
    /* One that is being sent has no error: it is left alone. */
    [OUTBOX_RETRY] = "UPDATE outbox SET next_attempt_at = ?2 WHERE id = ?1 AND sent_at IS NULL "
                     "AND (next_attempt_at IS NULL OR last_error IS NOT NULL)",
    [OUTBOX_LAST_SENT] = "SELECT sent_at, recipient FROM outbox WHERE sent_at IS NOT NULL "
                         "ORDER BY sent_at DESC LIMIT 1",
    [OUTBOX_LAST_ERROR] =
        "SELECT id, created_at, last_error FROM (SELECT id, created_at, last_error FROM "
        "(SELECT id, created_at, last_error FROM outbox WHERE next_attempt_at IS NOT NULL "
        "ORDER BY next_attempt_at LIMIT 200) AS waiting WHERE last_error IS NOT NULL UNION ALL "
        "SELECT id, created_at, last_error FROM (SELECT id, created_at, last_error FROM outbox "
        "WHERE sent_at IS NULL AND next_attempt_at IS NULL ORDER BY created_at DESC LIMIT 1) "
        "AS failed) AS both_ ORDER BY created_at DESC, id DESC LIMIT 1",
    [OUTBOX_COUNTS] =
        "SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE sent_at IS NULL "
        "AND next_attempt_at IS NULL AND created_at >= ?1 LIMIT 1000) AS failed), "
        "(SELECT count(*) FROM (SELECT 1 FROM outbox WHERE next_attempt_at IS NOT NULL "
        "AND created_at < ?2 LIMIT 1000) AS late)",
    /* Mails that wait with a link whose time is over; C looks which mails hold one. */
    [OUTBOX_OLD_LINKS] =
        "SELECT o.id, o.body_text, o.body_html, o.created_at FROM one_time_link l "
        "JOIN account a ON a.id = l.account_id JOIN outbox o ON o.recipient = a.email "
        "WHERE l.expires_at > ?1 AND l.expires_at <= ?2 AND o.next_attempt_at IS NOT NULL "
        "LIMIT 200",
};
