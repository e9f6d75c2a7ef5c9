/* What changes of workshops with people in them ask of the database. */
#include "shop/workshop_change_sql.h"
#include "shop/workshop_sql.h"

const char *const workshop_change_sql[WORKSHOP_CHANGE_SQL_COUNT] = {
    [CHANGE_SET_CANCELLED] = "UPDATE workshop SET active = 0, cancelled_at = ?2 WHERE id = ?1",
    /* As INSCRIPTION_REMOVE does for one. */
    [CHANGE_FREE_CARTS] =
        "UPDATE inscription SET status = 'cancelled', hold_until = NULL WHERE workshop_id = ?1"
        " AND status = 'held' AND order_id IN (SELECT id FROM orders WHERE status = 'cart')",
    [CHANGE_SET_DAYS] =
        "UPDATE workshop SET start_date = ?2, end_date = ?3, weekdays = ?4, start_minute = ?5,"
        " end_minute = ?6, schedule = ?7, hours = ?8, sales_close_at = ?9 WHERE id = ?1",
    /* What the students of ?1 have elsewhere at ?2 */
    [CHANGE_ELSEWHERE] =
        "SELECT s.first_name, s.last_name, " WORKSHOP_CORE ", 0 FROM inscription i"
        " JOIN inscription x ON x.student_id = i.student_id AND x.workshop_id <> i.workshop_id"
        "  AND (x.status = 'confirmed' OR (x.status = 'held' AND x.hold_until > ?2))"
        " JOIN workshop w ON w.id = x.workshop_id AND w.cancelled_at IS NULL"
        " JOIN topic t ON t.id = w.topic_id"
        " JOIN student s ON s.id = i.student_id WHERE i.workshop_id = ?1"
        " AND (i.status = 'confirmed' OR (i.status = 'held' AND i.hold_until > ?2))"
        " ORDER BY s.last_name, s.first_name, w.id",
    [CHANGE_MAILED] = "SELECT count(*) FROM outbox WHERE dedupe_key = ?1",
};
