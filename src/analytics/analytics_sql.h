/* What the snapshot reads of the database. */
#ifndef ANALYTICS_ANALYTICS_SQL_H
#define ANALYTICS_ANALYTICS_SQL_H

#include "db/db.h"

enum {
    ANALYTICS_TOPICS,
    ANALYTICS_WORKSHOPS,
    ANALYTICS_ACCOUNTS,
    ANALYTICS_STUDENTS,
    ANALYTICS_ORDERS,
    ANALYTICS_INSCRIPTIONS,
    ANALYTICS_SQL_COUNT
};
extern const char *const analytics_sql[ANALYTICS_SQL_COUNT];

/* For shop_options.more_tables. */
extern const struct sql_table analytics_tables[];
extern const size_t analytics_table_count;

#endif
