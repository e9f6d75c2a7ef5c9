/* The statements of workshop_cancel.c, workshop_reschedule.c and workshop_message.c. */
#ifndef SHOP_WORKSHOP_CHANGE_SQL_H
#define SHOP_WORKSHOP_CHANGE_SQL_H

enum {
    CHANGE_SET_CANCELLED,
    CHANGE_FREE_CARTS,
    CHANGE_SET_DAYS,
    CHANGE_ELSEWHERE,
    CHANGE_MAILED,
    WORKSHOP_CHANGE_SQL_COUNT
};

extern const char *const workshop_change_sql[];

#endif
