/* What refund.c asks of the database. */
#include "shop/refund_sql.h"

const char *const refund_sql[REFUND_SQL_COUNT] = {
    [REFUND_BOOK] = "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                    " created_at, settled_at) VALUES (?1, ?2, ?3, ?4, 'refunded', ?5, ?5)",
    [REFUND_BOOKED] = "SELECT order_id FROM payment"
                      " WHERE reference = ?2 AND provider = ?1 AND status = 'refunded'",
    [REFUND_COUNT] = "SELECT count(*) FROM payment WHERE order_id = ?1 AND status = 'refunded'",
    [REFUND_CARD_LEFT] =
        "SELECT coalesce(sum(CASE status WHEN 'succeeded' THEN amount_cents"
        " ELSE -amount_cents END), 0) FROM payment WHERE order_id = ?1 AND provider = 'card'"
        " AND status IN ('succeeded', 'refunded')",
    [REFUND_SEAT] = "UPDATE inscription SET status = 'refunded', hold_until = NULL"
                    " WHERE id = ?1 AND order_id = ?2 AND status IN ('confirmed', 'held')",
    /* ?2 by how much */
    [REFUND_LOWER_TOTAL] = "UPDATE orders SET total_cents = total_cents - ?2 WHERE id = ?1",
    /* ?2 now: money of a review that never became paid came and went */
    [REFUND_SET_REFUNDED] = "UPDATE orders SET status = 'refunded', review_reason = NULL,"
                            " due_at = NULL, paid_at = coalesce(paid_at, ?2) WHERE id = ?1",
};
