/* What picture.c asks of the database. */
#include "shop/picture_sql.h"

const char *const picture_sql[PICTURE_SQL_COUNT] = {
    [PICTURE_PUT] = "INSERT INTO picture (hash, content_type, width, height, bytes)"
                    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (hash) DO NOTHING",
    [PICTURE_BY_HASH] = "SELECT content_type, width, height, bytes FROM picture WHERE hash = ?1",
    [PICTURE_REF_BY_HASH] = "SELECT hash, content_type, width, height FROM picture WHERE hash = ?1",
};
