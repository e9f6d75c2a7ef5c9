/* Statements of sessions. */
#ifndef SHOP_SESSION_SQL_H
#define SHOP_SESSION_SQL_H

enum {
    SESSION_FIND,
    SESSION_FIND_WAITING,
    SESSION_AGE,
    SESSION_TOUCH,
    SESSION_TOUCH_ACCOUNT,
    SESSION_INSERT,
    SESSION_CONFIRM,
    SESSION_END,
    SESSION_END_ALL,
    SESSION_SWEEP,
    SESSION_SQL_COUNT
};
extern const char *const session_sql[SESSION_SQL_COUNT];

#endif
