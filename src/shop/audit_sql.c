/* Statements of the trail; shop/audit.c runs them. */
#include "shop/audit_sql.h"

#define WHOLE                                                                                \
    "SELECT x.id, x.at, x.actor_id, a.first_name || ' ' || a.last_name, x.action, x.entity," \
    " x.entity_id, x.detail FROM audit x LEFT JOIN account a ON a.id = x.actor_id"

const char *const audit_sql[AUDIT_SQL_COUNT] = {
    [AUDIT_INSERT] = "INSERT INTO audit (at, actor_id, action, entity, entity_id, detail) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [AUDIT_VALUE_INSERT] = "INSERT INTO audit_value (audit_id, field, before, after, personal)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)",
    [AUDIT_OF] = WHOLE " WHERE x.entity = ?1 AND x.entity_id = ?2 AND x.action <> 'view'"
                       " ORDER BY x.id DESC LIMIT ?3",
    [AUDIT_BY_ID] = WHOLE " WHERE x.id = ?1",
    [AUDIT_VALUES] = "SELECT field, before, after, personal, redacted FROM audit_value"
                     " WHERE audit_id = ?1 ORDER BY field",
};
