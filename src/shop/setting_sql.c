/* What setting.c asks of the database. */
#include "shop/setting_sql.h"

const char *const setting_sql[SETTING_SQL_COUNT] = {
    [SETTING_ALL] = "SELECT key, value FROM setting",
    [SETTING_PUT] = "INSERT INTO setting (key, value) VALUES (?1, ?2)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    [SETTING_DELETE] = "DELETE FROM setting WHERE key = ?1",
    [SETTING_REVISION] = "SELECT revision FROM setting_revision WHERE id = 1",
    /* Oldest first, so that the last one read of a purpose is the one in force. */
    [SETTING_LEGAL_TEXTS] = "SELECT purpose, version, body FROM legal_text"
                            " ORDER BY purpose, version",
    [SETTING_PUBLISH] = "INSERT INTO legal_text (purpose, version, body, published_at)"
                        " SELECT ?1, coalesce(max(version), 0) + 1, ?2, ?3 FROM legal_text"
                        " WHERE purpose = ?1",
};
