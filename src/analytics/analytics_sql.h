/* What analytics reads of the database, and the results it keeps there. */
#ifndef ANALYTICS_ANALYTICS_SQL_H
#define ANALYTICS_ANALYTICS_SQL_H

#include "db/db.h"

enum {
    ANALYTICS_LAST_CHANGE,
    ANALYTICS_ENDS,   /* the first and the last id of every table a build reads, in its order */
    ANALYTICS_TOPICS, /* from an id to an id, as those below */
    ANALYTICS_WORKSHOPS,
    ANALYTICS_ACCOUNTS,
    ANALYTICS_STUDENTS,
    ANALYTICS_ORDERS,
    ANALYTICS_INSCRIPTIONS,
    ANALYTICS_CHANGES,         /* from a seq on, that one included */
    ANALYTICS_FORGET,          /* changes below a seq */
    ANALYTICS_ORDER_ROWS,      /* what counts of the orders from an id to an id */
    ANALYTICS_STUDENT_ORDERS,  /* orders that were paid, a student is in */
    ANALYTICS_ACCOUNT_ORDERS,  /* orders that were paid, of an account */
    ANALYTICS_WORKSHOP_ORDERS, /* orders that were paid, a workshop is in */
    ANALYTICS_ONE_WORKSHOP,
    ANALYTICS_ONE_STUDENT,
    ANALYTICS_ONE_ACCOUNT,
    ANALYTICS_ADD_RESULT,
    ANALYTICS_LAST_RESULT,
    ANALYTICS_FORGET_RESULTS, /* all but the last ?1 */
    ANALYTICS_SQL_COUNT
};
extern const char *const analytics_sql[ANALYTICS_SQL_COUNT];

/* For shop_options.more_tables. */
extern const struct sql_table analytics_tables[];
extern const size_t analytics_table_count;

#endif
