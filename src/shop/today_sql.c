/* Statements of the page of today; shop/today.c runs them. */
#include "shop/today_sql.h"

#define PAID                                                                  \
    "(SELECT coalesce(sum(CASE p.status WHEN 'succeeded' THEN p.amount_cents" \
    " WHEN 'refunded' THEN -p.amount_cents ELSE 0 END), 0) FROM payment p"    \
    " WHERE p.order_id = o.id)"

#define ORDER \
    "o.id, o.account_id, o.code, a.first_name || ' ' || a.last_name, o.currency, o.total_cents, " PAID

#define WORKSHOP                                                                                    \
    "SELECT w.id, w.title, w.place, w.schedule, w.hours, w.start_minute, w.end_minute, w.weekdays," \
    " w.start_date, w.end_date, w.seats_taken, w.capacity FROM workshop w"

/* ?1: the first day that counts; ?2: the last one to start; ?3: whose; ?4: how many. */
#define RUNNING                                                              \
    " WHERE coalesce(w.end_date, w.start_date) >= ?1 AND w.start_date <= ?2" \
    " AND w.cancelled_at IS NULL AND w.archived_at IS NULL"                  \
    " AND (?3 = 0 OR EXISTS (SELECT 1 FROM workshop_instructor i"            \
    " WHERE i.workshop_id = w.id AND i.account_id = ?3))"

const char *const today_sql[TODAY_SQL_COUNT] = {
    [TODAY_REVIEWS] = "SELECT " ORDER ", o.review_reason, o.checkout_at FROM orders o"
                      " JOIN account a ON a.id = o.account_id WHERE o.status = 'review'"
                      " ORDER BY o.id LIMIT ?1",
    [TODAY_TRANSFERS] =
        "SELECT " ORDER ", r.operation, r.created_at, o.due_at FROM orders o"
        " JOIN payment_report r ON r.order_id = o.id JOIN account a ON a.id = o.account_id"
        " WHERE o.status = 'pending' AND NOT EXISTS (SELECT 1 FROM payment x"
        " WHERE x.provider = 'transfer' AND x.reference = r.operation AND x.status = 'succeeded')"
        " ORDER BY r.created_at, r.id LIMIT ?1",
    [TODAY_RUNNING] = WORKSHOP RUNNING " AND (w.active = 1 OR w.seats_taken > 0)"
                                       " ORDER BY coalesce(w.start_minute, 1440), w.id LIMIT ?4",
    [TODAY_FULL] = WORKSHOP RUNNING " AND w.start_date >= ?1 AND w.active = 1 AND w.capacity > 0"
                                    " AND (w.capacity - w.seats_taken) * 10 <= w.capacity"
                                    " ORDER BY w.start_date, w.id LIMIT ?4",
    [TODAY_EMPTY] =
        WORKSHOP RUNNING " AND w.start_date >= ?1 AND w.active = 1 AND w.capacity > 0"
                         " AND w.seats_taken * 4 < w.capacity ORDER BY w.start_date, w.id LIMIT ?4",
    /* The status is written so that the index over hold_until is the one in use: there are many old
     * carts, and few seats held in them. */
    [TODAY_HOLDS] = "SELECT i.hold_until, i.workshop_id, o.account_id, w.title,"
                    " a.first_name || ' ' || a.last_name, s.first_name FROM inscription i"
                    " JOIN orders o ON o.id = i.order_id JOIN workshop w ON w.id = i.workshop_id"
                    " JOIN account a ON a.id = o.account_id JOIN student s ON s.id = i.student_id"
                    " WHERE i.status = 'held' AND i.hold_until > ?1 AND i.hold_until <= ?2"
                    " AND coalesce(o.status, '') = 'cart' ORDER BY i.hold_until, i.id LIMIT ?3",
    /* Here over paid_at: a week of orders, not all that were ever paid. */
    [TODAY_PAID] = "SELECT count(*), coalesce(sum(i.price_cents), 0) FROM orders o"
                   " JOIN inscription i ON i.order_id = o.id WHERE o.paid_at >= ?1"
                   " AND o.paid_at < ?2 AND coalesce(o.status, '') = 'paid'"
                   " AND i.status = 'confirmed'",
    [TODAY_SETUP] = "SELECT EXISTS (SELECT 1 FROM outbox WHERE sent_at IS NOT NULL),"
                    " EXISTS (SELECT 1 FROM workshop)",
};
