/* What is said to a database that has just come back. */
#include "shop/restore_sql.h"

const char *const restore_sql[RESTORE_SQL_COUNT] = {
    /* An epoch of its own: what was counted from the history that ends here is counted anew. */
    [RESTORE_RENEW] = "INSERT INTO change_log (entity, entity_id) VALUES ('topic', 0)",
    [RESTORE_MAIL_WAITING] = "SELECT count(*) FROM outbox WHERE next_attempt_at IS NOT NULL",
};
