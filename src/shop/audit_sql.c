/* Statements of the trail; shop/audit.c runs them. */
#include "shop/audit_sql.h"

const char *const audit_sql[AUDIT_SQL_COUNT] = {
    [AUDIT_INSERT] = "INSERT INTO audit (at, actor_id, action, entity, entity_id, detail) "
                     "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
};
