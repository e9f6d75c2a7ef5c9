/* The statements of demo.c, demo_history.c and demo_grow.c. */
#ifndef SHOP_DEMO_SQL_H
#define SHOP_DEMO_SQL_H

enum {
    DEMO_IN_USE,
    DEMO_MARK,
    DEMO_ADD_TOPIC,
    DEMO_ADD_WORKSHOP,
    DEMO_ADD_INSTRUCTOR,
    DEMO_ADD_ACCOUNT,
    DEMO_ADD_CONSENT,
    DEMO_ADD_STUDENT,
    DEMO_ADD_ORDER,
    DEMO_ADD_INSCRIPTION,
    DEMO_ADD_PAYMENT,
    DEMO_ADD_REPORT,
    DEMO_LAST_WORKSHOP,
    DEMO_LAST_ACCOUNT,
    DEMO_SQL_COUNT
};

extern const char *const demo_sql[];

#endif
