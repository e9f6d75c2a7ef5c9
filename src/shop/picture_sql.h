/* The statements of picture.c and picture_import.c. */
#ifndef SHOP_PICTURE_SQL_H
#define SHOP_PICTURE_SQL_H

enum {
    PICTURE_PUT,
    PICTURE_BY_HASH,
    PICTURE_REF_BY_HASH,
    PICTURE_BY_SIZE,
    PICTURE_PUT_SIZE,
    PICTURE_OF_WORKSHOP,
    PICTURE_OF_TOPIC,
    PICTURE_OF_SETTING,
    PICTURE_SET_WORKSHOP,
    PICTURE_SET_TOPIC,
    PICTURE_SIZES,
    PICTURE_FORGET,
    PICTURE_SQL_COUNT,
};

extern const char *const picture_sql[];

#endif
