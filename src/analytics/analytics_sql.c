/* Each in the order of its id, which is the order of the table: nothing is sorted here. */
#include "analytics/analytics_sql.h"

const char *const analytics_sql[ANALYTICS_SQL_COUNT] = {
    [ANALYTICS_SIZE] = "SELECT (SELECT coalesce(max(id), 0) FROM account)"
                       " + (SELECT coalesce(max(id), 0) FROM student)"
                       " + (SELECT coalesce(max(id), 0) FROM orders)"
                       " + (SELECT coalesce(max(id), 0) FROM inscription)",
    [ANALYTICS_LAST_CHANGE] = "SELECT seq, epoch FROM change_log ORDER BY seq DESC LIMIT 1",
    [ANALYTICS_TOPICS] = "SELECT id FROM topic ORDER BY id",
    [ANALYTICS_WORKSHOPS] = "SELECT id, topic_id, coalesce(level, 0), capacity FROM workshop"
                            " ORDER BY id",
    [ANALYTICS_ACCOUNTS] = "SELECT id, country, role FROM account ORDER BY id",
    [ANALYTICS_STUDENTS] = "SELECT id, CAST(substr(date_of_birth, 1, 4) AS INTEGER),"
                           " CAST(substr(date_of_birth, 6, 2) AS INTEGER),"
                           " CAST(substr(date_of_birth, 9, 2) AS INTEGER) FROM student ORDER BY id",
    [ANALYTICS_ORDERS] = "SELECT id, account_id, paid_at, status = 'paid' FROM orders NOT INDEXED"
                         " WHERE status IN ('paid', 'refunded') AND paid_at IS NOT NULL"
                         " ORDER BY id",
    [ANALYTICS_INSCRIPTIONS] = "SELECT order_id, workshop_id, student_id, price_cents,"
                               " list_price_cents, status = 'confirmed' FROM inscription"
                               " WHERE status IN ('confirmed', 'refunded')",
    [ANALYTICS_CHANGES] = "SELECT seq, epoch, entity, entity_id, paid_at FROM change_log"
                          " WHERE seq >= ?1 ORDER BY seq",
    [ANALYTICS_FORGET] = "DELETE FROM change_log WHERE seq < ?1",
    [ANALYTICS_ORDER] = "SELECT o.account_id, o.paid_at, o.status = 'paid', i.workshop_id,"
                        " i.student_id, i.price_cents, i.list_price_cents, i.status = 'confirmed',"
                        " s.date_of_birth FROM orders o JOIN inscription i ON i.order_id = o.id"
                        " JOIN student s ON s.id = i.student_id"
                        " WHERE o.id = ?1 AND o.status IN ('paid', 'refunded')"
                        " AND o.paid_at IS NOT NULL AND i.status IN ('confirmed', 'refunded')",
    [ANALYTICS_STUDENT_ORDERS] = "SELECT DISTINCT o.id, o.paid_at FROM inscription i"
                                 " JOIN orders o ON o.id = i.order_id WHERE i.student_id = ?1"
                                 " AND o.status IN ('paid', 'refunded') AND o.paid_at IS NOT NULL",
    [ANALYTICS_ONE_WORKSHOP] = "SELECT id, topic_id, coalesce(level, 0), capacity FROM workshop"
                               " WHERE id = ?1",
    [ANALYTICS_ONE_ACCOUNT] = "SELECT id, country, role FROM account WHERE id = ?1",
    [ANALYTICS_ADD_RESULT] = "INSERT INTO analytics_result (created_at, duration_us, row_count,"
                             " results) VALUES (?1, ?2, ?3, ?4)",
    [ANALYTICS_LAST_RESULT] = "SELECT created_at FROM analytics_result ORDER BY id DESC LIMIT 1",
    [ANALYTICS_FORGET_RESULTS] = "DELETE FROM analytics_result WHERE id <= (SELECT max(id) - ?1"
                                 " FROM analytics_result)",
};

const struct sql_table analytics_tables[] = {
    {.name = "analytics", .sql = analytics_sql, .count = ANALYTICS_SQL_COUNT},
};
const size_t analytics_table_count = 1;
