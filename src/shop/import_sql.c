/* What imports ask of the database. */
#include "shop/import_sql.h"

const char *const import_sql[IMPORT_SQL_COUNT] = {
    [IMPORT_KEEP] = "INSERT INTO import_file (kind, account_id, name, body, created_at)"
                    " VALUES (?1, ?2, ?3, ?4, ?5)",
    [IMPORT_FIND] = "SELECT id, account_id, created_at, done_at, kind, name FROM import_file"
                    " WHERE id = ?1 AND account_id = ?2",
    [IMPORT_BODY] = "SELECT body FROM import_file WHERE id = ?1 AND account_id = ?2",
    /* Its content is people's data, and in the tables now. */
    [IMPORT_DONE] = "UPDATE import_file SET done_at = ?2, rows = ?3, body = ?4 WHERE id = ?1",
    [IMPORT_SWEEP] = "DELETE FROM import_file WHERE done_at IS NULL AND created_at < ?1",
    [IMPORT_TOPICS] = "SELECT id, name FROM topic ORDER BY id",
};
