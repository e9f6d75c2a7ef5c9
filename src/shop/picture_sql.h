/* The statements of picture.c. */
#ifndef SHOP_PICTURE_SQL_H
#define SHOP_PICTURE_SQL_H

enum { PICTURE_PUT, PICTURE_BY_HASH, PICTURE_REF_BY_HASH, PICTURE_SQL_COUNT };

extern const char *const picture_sql[];

#endif
