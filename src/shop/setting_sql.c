/* What setting.c and setting_change.c ask of the database. */
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
    [SETTING_GET] = "SELECT value FROM setting WHERE key = ?1",
    [SETTING_ORDERED] = "SELECT EXISTS (SELECT 1 FROM orders WHERE status <> 'cart')",
    [SETTING_IN_USE] = "SELECT EXISTS (SELECT 1 FROM orders) OR EXISTS (SELECT 1 FROM workshop)",
    [SETTING_LEGAL_IN_FORCE] =
        "SELECT coalesce(max(version), 0) FROM legal_text WHERE purpose = ?1",
    [SETTING_LEGAL_VERSIONS] =
        "SELECT l.version, l.published_at, (SELECT count(DISTINCT c.account_id) FROM consent c"
        " WHERE c.purpose = l.purpose AND c.version = l.version AND c.granted = 1)"
        " FROM legal_text l WHERE l.purpose = ?1 ORDER BY l.version DESC",
    [SETTING_LEGAL_BODY] = "SELECT body FROM legal_text WHERE purpose = ?1 AND version = ?2",
};
