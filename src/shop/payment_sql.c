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
    [PAYMENT_DECLINED_SINCE] =
        "SELECT count(*) FROM orders o JOIN payment p ON p.order_id = o.id"
        " WHERE o.account_id = ?1 AND p.status = 'declined' AND p.created_at > ?2",
    [PAYMENT_FAILED_OF_ORDER] =
        "SELECT count(*) FROM payment WHERE order_id = ?1 AND status = 'failed'",
    [PAYMENT_REPORT] = "INSERT INTO payment_report (order_id, operation, created_at)"
                       " VALUES (?1, ?2, ?3) ON CONFLICT (order_id, operation) DO NOTHING",
};
