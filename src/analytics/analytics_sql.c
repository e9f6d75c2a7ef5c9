/* What a build reads is tables as they lie, in the order of their ids (db_scan). */
#include "analytics/analytics_sql.h"

/* Followed by what an inscription is. */
#define PAID_ORDERS_WITH                                              \
    "SELECT DISTINCT o.id, o.paid_at FROM inscription i"              \
    " JOIN orders o ON o.id = i.order_id WHERE o.paid_at IS NOT NULL" \
    " AND o.status IN ('paid', 'refunded') AND "

#define ENDS(table) "SELECT (SELECT min(id) FROM " table "), (SELECT max(id) FROM " table ")"
#define MORE_ENDS(table) " UNION ALL " ENDS(table)
#define PART_OF(table, columns) \
    "SELECT each_row(" columns ") FROM " table " NOT INDEXED WHERE id BETWEEN ?1 AND ?2"

const char *const analytics_sql[ANALYTICS_SQL_COUNT] = {
    [ANALYTICS_LAST_CHANGE] = "SELECT seq, epoch FROM change_log ORDER BY seq DESC LIMIT 1",
    [ANALYTICS_ENDS] = ENDS("topic") MORE_ENDS("workshop") MORE_ENDS("account") MORE_ENDS("student")
        MORE_ENDS("orders") MORE_ENDS("inscription"),
    [ANALYTICS_TOPICS] = PART_OF("topic", "id"),
    [ANALYTICS_WORKSHOPS] =
        PART_OF("workshop", "id, topic_id, coalesce(level, 0), coalesce(capacity + 1, 0)"),
    [ANALYTICS_ACCOUNTS] = PART_OF("account", "id, country, role"),
    [ANALYTICS_STUDENTS] = PART_OF("student", "id, date_of_birth"),
    [ANALYTICS_ORDERS] =
        PART_OF("orders", "id, account_id, paid_at, status") " AND paid_at IS NOT NULL",
    [ANALYTICS_INSCRIPTIONS] =
        PART_OF("inscription", "order_id, workshop_id, student_id, price_cents, list_price_cents,"
                               " status"),
    [ANALYTICS_CHANGES] = "SELECT seq, epoch, entity, entity_id, paid_at FROM change_log"
                          " WHERE seq >= ?1 ORDER BY seq",
    [ANALYTICS_FORGET] = "DELETE FROM change_log WHERE seq < ?1",
    [ANALYTICS_ORDER_ROWS] = "SELECT each_row(o.id, o.account_id, o.paid_at, o.status = 'paid',"
                             " i.workshop_id, i.student_id, i.price_cents, i.list_price_cents,"
                             " i.status = 'confirmed') FROM orders o NOT INDEXED CROSS JOIN"
                             " inscription i ON i.order_id = o.id WHERE o.id BETWEEN ?1 AND ?2"
                             " AND o.status IN ('paid', 'refunded') AND o.paid_at IS NOT NULL"
                             " AND i.status IN ('confirmed', 'refunded')",
    [ANALYTICS_STUDENT_ORDERS] = PAID_ORDERS_WITH "i.student_id = ?1",
    [ANALYTICS_ACCOUNT_ORDERS] = "SELECT id, paid_at FROM orders WHERE account_id = ?1"
                                 " AND status IN ('paid', 'refunded') AND paid_at IS NOT NULL",
    [ANALYTICS_WORKSHOP_ORDERS] = PAID_ORDERS_WITH "i.workshop_id = ?1",
    [ANALYTICS_ONE_WORKSHOP] = "SELECT id, topic_id, coalesce(level, 0), capacity FROM workshop"
                               " WHERE id = ?1",
    [ANALYTICS_ONE_STUDENT] = "SELECT date_of_birth FROM student WHERE id = ?1",
    [ANALYTICS_ONE_ACCOUNT] = "SELECT country, role FROM account WHERE id = ?1",
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
