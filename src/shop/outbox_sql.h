/* Statements of mail on its way out. */
#ifndef SHOP_OUTBOX_SQL_H
#define SHOP_OUTBOX_SQL_H

enum outbox_sql {
    OUTBOX_DUE,
    OUTBOX_CLAIM,
    OUTBOX_SENT,
    OUTBOX_FAILED,
    OUTBOX_GIVEN_UP,
    OUTBOX_TAKE,
    OUTBOX_ONE,
    OUTBOX_RETRY,
    OUTBOX_LAST_SENT,
    OUTBOX_LAST_ERROR,
    OUTBOX_COUNTS,
    OUTBOX_OLD_LINKS,
    OUTBOX_SQL_COUNT,
};

extern const char *const outbox_sql[OUTBOX_SQL_COUNT];

#endif
