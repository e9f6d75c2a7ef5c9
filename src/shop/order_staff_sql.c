/* What staff's operations on orders ask of the database. */
#include "shop/order_staff_sql.h"
#include "shop/workshop_sql.h"

const char *const order_staff_sql[ORDER_STAFF_SQL_COUNT] = {
    /* ?1 order, ?2 operation, ?3 now, ?4 reason */
    [ORDER_STAFF_REJECT] = "UPDATE payment_report SET rejected_at = ?3, reason = ?4"
                           " WHERE order_id = ?1 AND operation = ?2 AND rejected_at IS NULL",
    [ORDER_STAFF_SET_DUE] = "UPDATE orders SET due_at = ?2 WHERE id = ?1 AND status = 'pending'",
    [ORDER_STAFF_KEEP_SEATS] = "UPDATE inscription SET hold_until = ?2"
                               " WHERE order_id = ?1 AND status = 'held'",
    [ORDER_STAFF_CANCEL] = "UPDATE orders SET status = 'cancelled', due_at = NULL,"
                           " review_reason = NULL WHERE id = ?1",
    [ORDER_STAFF_DROP_SEATS] = "UPDATE inscription SET status = 'cancelled', hold_until = NULL"
                               " WHERE order_id = ?1 AND status IN ('held', 'expired')",
    /* ?1 inscription, ?2 until: staff may also seat somebody in what has begun or is not shown. */
    [ORDER_STAFF_HOLD_AGAIN] =
        "UPDATE inscription SET status = 'held', hold_until = ?2 FROM workshop w"
        " WHERE inscription.id = ?1 AND inscription.status IN ('expired', 'cancelled')"
        " AND w.id = inscription.workshop_id AND w.cancelled_at IS NULL"
        " AND (w.capacity IS NULL OR w.seats_taken < w.capacity)",
    [ORDER_STAFF_SET_TOTAL] = "UPDATE orders SET total_cents = ?2 WHERE id = ?1",
    [ORDER_STAFF_PHONE] = "SELECT phone, country FROM account WHERE id = ?1",
    [ORDER_STAFF_PAYMENTS] = "SELECT id, provider, reference, status, amount_cents, created_at"
                             " FROM payment WHERE order_id = ?1 ORDER BY id",
    [ORDER_STAFF_MAILS] = "SELECT id, subject, last_error, created_at, sent_at,"
                          " sent_at IS NULL AND next_attempt_at IS NULL FROM outbox"
                          " WHERE order_id = ?1 ORDER BY id DESC LIMIT 20",

    /* ?2 today: what is over, cancelled or put away takes nobody. */
    [ORDER_DESK_OFFERED] = "SELECT 1 FROM workshop w WHERE w.id = ?1 AND w.cancelled_at IS NULL"
                           " AND w.archived_at IS NULL"
                           " AND coalesce(w.end_date, w.start_date, '9999-12-31') >= ?2",
    /* ?1 account, ?2 code, ?3 method, ?4 currency, ?5 now */
    [ORDER_DESK_INSERT] =
        "INSERT INTO orders (account_id, code, status, method, total_cents, currency, created_at,"
        " checkout_at) VALUES (?1, ?2, 'pending', ?3, 0, ?4, ?5, ?5)",
    [ORDER_DESK_FREE] = "UPDATE inscription SET price_cents = 0 WHERE order_id = ?1",
    [ORDER_DESK_TOTAL] = "UPDATE orders SET total_cents = (SELECT coalesce(sum(price_cents), 0)"
                         " FROM inscription WHERE order_id = ?1) WHERE id = ?1",
    [ORDER_DESK_STUDENT] = "SELECT parent_id, first_name, last_name, date_of_birth FROM student"
                           " WHERE id = ?1 AND archived_at IS NULL",
    /* ?1 now, ?2 today, ?3 student or 0, ?4 how many: what one may still be put into, and whether
     * the student is in it. */
    [ORDER_DESK_WORKSHOPS] =
        "SELECT " WORKSHOP_CORE ", (SELECT count(*) FROM inscription h WHERE h.workshop_id = w.id"
        " AND h.status = 'held' AND h.hold_until <= ?1), EXISTS (SELECT 1 FROM inscription x"
        " WHERE x.student_id = ?3 AND x.workshop_id = w.id AND (x.status = 'confirmed'"
        " OR (x.status = 'held' AND x.hold_until > ?1)))"
        " FROM workshop w JOIN topic t ON t.id = w.topic_id"
        " WHERE w.cancelled_at IS NULL AND w.archived_at IS NULL"
        " AND coalesce(w.end_date, w.start_date, '9999-12-31') >= ?2"
        " ORDER BY w.start_date IS NULL, w.start_date, w.title, w.id LIMIT ?4",
    /* The order, not the cart, in which a student ?1 has a live seat in a workshop ?2 at ?3. */
    [ORDER_DESK_LIVE] = "SELECT o.id FROM inscription i JOIN orders o ON o.id = i.order_id"
                        " WHERE i.student_id = ?1 AND i.workshop_id = ?2 AND o.status <> 'cart'"
                        " AND (i.status = 'confirmed' OR (i.status = 'held' AND"
                        " i.hold_until > ?3))",
    [ORDER_DESK_INSCRIPTION] = "SELECT order_id FROM inscription WHERE id = ?1",
    [ORDER_DESK_PAY] = "INSERT INTO payment (order_id, provider, reference, amount_cents, status,"
                       " created_at, settled_at) VALUES (?1, ?2, ?3, ?4, 'succeeded', ?5, ?5)",
};
