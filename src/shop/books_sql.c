/* What must not be found in the books. Each statement gives the rows that break its rule: entity,
 * id, what should be, what is; ?1 is how many of them are enough. */
#include "shop/books_sql.h"

/* Net money of each order that ever had any, its confirmed prices, its credit notes. */
#define NET                                                                        \
    "(SELECT order_id, sum(CASE status WHEN 'succeeded' THEN amount_cents"         \
    " ELSE -amount_cents END) AS cents FROM payment WHERE status IN ('succeeded'," \
    " 'refunded') GROUP BY order_id)"
#define CONFIRMED                                                                             \
    "(SELECT order_id, sum(price_cents) AS cents FROM inscription WHERE status = 'confirmed'" \
    " GROUP BY order_id)"
#define CREDITED "(SELECT order_id, sum(total_cents) AS cents FROM credit_note GROUP BY order_id)"

const char *const books_sql[BOOKS_SQL_COUNT] = {
    [BOOKS_MONEY] =
        "SELECT 'orders', o.id, CASE o.status WHEN 'paid' THEN o.total_cents ELSE 0 END,"
        " coalesce(n.cents, 0) FROM orders o LEFT JOIN " NET " n ON n.order_id = o.id"
        " WHERE NOT CASE o.status WHEN 'paid' THEN coalesce(n.cents, 0) = o.total_cents"
        " WHEN 'review' THEN coalesce(n.cents, 0) >= 0"
        " WHEN 'pending' THEN coalesce(n.cents, 0) BETWEEN 0 AND o.total_cents - 1"
        " ELSE coalesce(n.cents, 0) = 0 END LIMIT ?1",
    [BOOKS_PRICES] = "SELECT 'orders', o.id, coalesce(c.cents, 0), o.total_cents FROM orders o"
                     " LEFT JOIN " CONFIRMED " c ON c.order_id = o.id"
                     " WHERE o.status = 'paid' AND o.total_cents <> coalesce(c.cents, 0) LIMIT ?1",
    /* How many seats should be otherwise: a paid order holds none open, a cancelled one keeps none.
     */
    [BOOKS_SEATS] =
        "SELECT 'orders', o.id, 0, count(*) FROM orders o JOIN inscription i ON i.order_id = o.id"
        " WHERE CASE o.status WHEN 'paid' THEN i.status IN ('held', 'expired')"
        " WHEN 'pending' THEN i.status IN ('confirmed', 'refunded')"
        " WHEN 'cart' THEN i.status IN ('confirmed', 'refunded')"
        " WHEN 'review' THEN i.status = 'held'"
        " ELSE i.status IN ('held', 'confirmed') END GROUP BY o.id LIMIT ?1",
    [BOOKS_COUNTERS] =
        "SELECT 'workshop', w.id, count(i.id), w.seats_taken FROM workshop w"
        " LEFT JOIN inscription i ON i.workshop_id = w.id AND i.status IN ('held', 'confirmed')"
        " GROUP BY w.id, w.seats_taken, w.capacity"
        " HAVING w.seats_taken <> count(i.id) OR w.seats_taken > w.capacity LIMIT ?1",
    /* A review or refunded order may have none: it never became paid. */
    [BOOKS_RECEIPTS] =
        "SELECT 'orders', o.id, CASE o.status WHEN 'paid' THEN o.total_cents WHEN 'review'"
        " THEN o.total_cents ELSE 0 END, coalesce(r.total_cents, 0) - coalesce(c.cents, 0)"
        " FROM orders o LEFT JOIN receipt r ON r.order_id = o.id"
        " LEFT JOIN " CREDITED " c ON c.order_id = o.id"
        " WHERE NOT CASE o.status"
        " WHEN 'paid' THEN r.number IS NOT NULL"
        "  AND r.total_cents - coalesce(c.cents, 0) = o.total_cents"
        " WHEN 'review' THEN r.number IS NULL"
        "  OR r.total_cents - coalesce(c.cents, 0) = o.total_cents"
        " WHEN 'refunded' THEN coalesce(r.total_cents, 0) = coalesce(c.cents, 0)"
        " ELSE r.number IS NULL END LIMIT ?1",
    [BOOKS_CREDITS] =
        "SELECT 'inscription', i.id, i.price_cents, coalesce(sum(l.amount_cents), 0)"
        " FROM inscription i JOIN receipt r ON r.order_id = i.order_id"
        " LEFT JOIN credit_note_line l ON l.inscription_id = i.id"
        " GROUP BY i.id, i.status, i.price_cents"
        " HAVING (i.status = 'refunded' AND (count(l.id) <> 1 OR sum(l.amount_cents) <>"
        " i.price_cents)) OR (i.status <> 'refunded' AND count(l.id) <> 0) LIMIT ?1",
    /* Money that a credit note names went out, of that order, and was enough. */
    [BOOKS_PAYBACKS] =
        "SELECT 'credit_note', n.number, n.total_cents, coalesce(p.amount_cents, 0)"
        " FROM credit_note n LEFT JOIN payment p ON p.id = n.payment_id AND p.status = 'refunded'"
        "  AND p.order_id = n.order_id WHERE n.total_cents > coalesce(p.amount_cents, 0) LIMIT ?1",
    [BOOKS_SUMS] =
        "SELECT 'receipt', r.number, (SELECT coalesce(sum(l.price_cents), 0) FROM receipt_line l"
        " WHERE l.receipt_number = r.number) AS lines, r.total_cents FROM receipt r"
        " WHERE r.total_cents <> (SELECT coalesce(sum(l.price_cents), 0) FROM receipt_line l"
        " WHERE l.receipt_number = r.number) UNION ALL"
        " SELECT 'credit_note', n.number, (SELECT coalesce(sum(l.amount_cents), 0)"
        " FROM credit_note_line l WHERE l.credit_number = n.number), n.total_cents"
        " FROM credit_note n WHERE n.total_cents <> (SELECT coalesce(sum(l.amount_cents), 0)"
        " FROM credit_note_line l WHERE l.credit_number = n.number) LIMIT ?1",
    [BOOKS_NUMBERS] = "SELECT 'receipt', max(number), count(*), max(number) FROM receipt"
                      " HAVING max(number) <> count(*) UNION ALL"
                      " SELECT 'credit_note', max(number), count(*), max(number) FROM credit_note"
                      " HAVING max(number) <> count(*) LIMIT ?1",
};
