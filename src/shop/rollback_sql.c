/* What came after a copy: the first statements are put to the copy, in whatever schema it is, and
 * use only what every schema has had. */
#include "shop/rollback_sql.h"

const char *const rollback_sql[ROLLBACK_SQL_COUNT] = {
    [ROLLBACK_LAST_ORDER] = "SELECT coalesce(max(id), 0) FROM orders",
    [ROLLBACK_LAST_MOMENT] =
        "SELECT coalesce(max(at), 0) FROM (SELECT max(created_at) AS at FROM orders UNION ALL"
        " SELECT max(checkout_at) FROM orders UNION ALL SELECT max(paid_at) FROM orders UNION ALL"
        " SELECT max(coalesce(settled_at, created_at)) FROM payment) AS moments",
    [ROLLBACK_LAST_ACCOUNT] = "SELECT coalesce(max(id), 0) FROM account",
    [ROLLBACK_LAST_STUDENT] = "SELECT coalesce(max(id), 0) FROM student",
    /* ?1 the last order of the copy, ?2 its last moment. A seat a row. */
    [ROLLBACK_ORDERS] =
        "SELECT o.id, o.code, o.status, o.created_at, o.paid_at, o.total_cents, o.currency,"
        " a.first_name || ' ' || a.last_name, a.email, a.phone,"
        " s.first_name || ' ' || s.last_name, s.date_of_birth, w.title, i.status, i.price_cents,"
        " (SELECT p.provider || ' ' || p.reference FROM payment p WHERE p.order_id = o.id"
        "  AND p.status = 'succeeded' ORDER BY p.id LIMIT 1)"
        " FROM orders o JOIN account a ON a.id = o.account_id"
        " LEFT JOIN inscription i ON i.order_id = o.id"
        " LEFT JOIN student s ON s.id = i.student_id LEFT JOIN workshop w ON w.id = i.workshop_id"
        " WHERE o.status <> 'cart' AND (o.id > ?1 OR o.checkout_at > ?2 OR o.paid_at > ?2"
        "  OR EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id"
        "   AND coalesce(p.settled_at, p.created_at) > ?2))"
        " ORDER BY o.id, i.id",
    [ROLLBACK_PEOPLE] = "SELECT (SELECT count(*) FROM account WHERE id > ?1),"
                        " (SELECT count(*) FROM student WHERE id > ?2)",
};
