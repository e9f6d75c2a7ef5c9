/* Each in the order of its id, which is the order of the table: nothing is sorted here. */
#include "analytics/analytics_sql.h"

const char *const analytics_sql[ANALYTICS_SQL_COUNT] = {
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
};

const struct sql_table analytics_tables[] = {
    {.name = "analytics", .sql = analytics_sql, .count = ANALYTICS_SQL_COUNT},
};
const size_t analytics_table_count = 1;
