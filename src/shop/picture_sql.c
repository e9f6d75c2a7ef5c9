/* What picture.c and picture_import.c ask of the database. */
#include "shop/picture_sql.h"

const char *const picture_sql[PICTURE_SQL_COUNT] = {
    [PICTURE_PUT] = "INSERT INTO picture (hash, content_type, width, height, bytes)"
                    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (hash) DO NOTHING",
    [PICTURE_BY_HASH] = "SELECT content_type, width, height, bytes FROM picture WHERE hash = ?1",
    [PICTURE_REF_BY_HASH] = "SELECT hash, content_type, width, height FROM picture WHERE hash = ?1",
    [PICTURE_BY_SIZE] = "SELECT p.content_type, p.width, p.height, p.bytes FROM picture_size s"
                        " JOIN picture p ON p.hash = s.hash"
                        " WHERE s.picture_hash = ?1 AND s.width = ?2",
    [PICTURE_PUT_SIZE] = "INSERT INTO picture_size (picture_hash, width, hash) VALUES (?1, ?2, ?3)"
                         " ON CONFLICT (picture_hash, width) DO NOTHING",
    [PICTURE_OF_WORKSHOP] = "SELECT picture_hash FROM workshop WHERE id = ?1",
    [PICTURE_OF_TOPIC] = "SELECT picture_hash FROM topic WHERE id = ?1",
    [PICTURE_OF_SETTING] = "SELECT value FROM setting WHERE key = ?1",
    [PICTURE_SET_WORKSHOP] = "UPDATE workshop SET picture_hash = ?1 WHERE id = ?2",
    [PICTURE_SIZES] = "SELECT hash FROM picture_size WHERE picture_hash = ?1",
    /* Unless it is shown somewhere; its sizes' rows go with it. */
    [PICTURE_FORGET] = "DELETE FROM picture WHERE hash = ?1"
                       " AND NOT EXISTS (SELECT 1 FROM workshop WHERE picture_hash = ?1)"
                       " AND NOT EXISTS (SELECT 1 FROM topic WHERE picture_hash = ?1)"
                       " AND NOT EXISTS (SELECT 1 FROM setting WHERE value = ?1)"
                       " AND NOT EXISTS (SELECT 1 FROM picture_size WHERE hash = ?1)",
    [PICTURE_SET_TOPIC] = "UPDATE topic SET picture_hash = ?1 WHERE id = ?2",
};
