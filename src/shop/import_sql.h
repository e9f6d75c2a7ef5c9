/* The statements of import.c and import_workshops.c. */
#ifndef SHOP_IMPORT_SQL_H
#define SHOP_IMPORT_SQL_H

enum {
    IMPORT_KEEP,
    IMPORT_FIND,
    IMPORT_BODY,
    IMPORT_DONE,
    IMPORT_SWEEP,
    IMPORT_TOPICS,
    IMPORT_SQL_COUNT,
};

extern const char *const import_sql[];

#endif
