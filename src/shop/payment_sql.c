/* What payment.c asks of the database. */
#include "shop/payment_sql.h"

const char *const payment_sql[PAYMENT_SQL_COUNT] = {
    [PAYMENT_BEGIN] =
        "INSERT INTO payment (order_id, provider, reference, amount_cents, status, created_at)"
        " VALUES (?1, ?2, ?3, ?4, 'pending', ?5)",
    [PAYMENT_FIND] = "SELECT id, order_id, status FROM payment"
                     " WHERE reference = ?2 AND provider = ?1 ORDER BY id DESC LIMIT 1",
    /* ?1 payment, ?2 status, ?3 amount or -1: as asked for, ?4 now */
    [PAYMENT_SETTLE] = "UPDATE payment SET status = ?2, settled_at = ?4,"
                       " amount_cents = CASE WHEN ?3 < 0 THEN amount_cents ELSE ?3 END"
                       " WHERE id = ?1",
    [PAYMENT_BOOK] = "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                     " created_at, settled_at) VALUES (?1, ?2, ?3, ?4, 'succeeded', ?5, ?5)",
    [PAYMENT_BOOKED] = "SELECT order_id, amount_cents FROM payment"
                       " WHERE reference = ?2 AND provider = ?1 AND status = 'succeeded'",
    /* ?1 account, ?2 order, ?3 since; declined cards of a whole school within the hour are few */
    [PAYMENT_HISTORY] =
        "SELECT (SELECT count(*) FROM payment p CROSS JOIN orders o WHERE p.status = 'declined'"
        " AND p.created_at > ?3 AND o.id = p.order_id AND o.account_id = ?1),"
        " (SELECT count(*) FROM payment WHERE order_id = ?2 AND status = 'failed')",
    [PAYMENT_REPORT] = "INSERT INTO payment_report (order_id, operation, created_at)"
                       " VALUES (?1, ?2, ?3) ON CONFLICT (order_id, operation) DO UPDATE"
                       " SET rejected_at = NULL, reason = NULL WHERE rejected_at IS NOT NULL",
};
