/* What maintenance.c asks of the database. */
#include "shop/maintenance_sql.h"

const char *const maintenance_sql[MAINTENANCE_SQL_COUNT] = {
    /* What there is to do at ?1, with links forgotten that ended before ?2, files
     * that came before ?3. Reading it is cheap, so
     * that an idle school writes nothing. */
    [MAINTENANCE_DUE] =
        "SELECT EXISTS (SELECT 1 FROM inscription WHERE status = 'held' AND hold_until <= ?1),"
        " EXISTS (SELECT 1 FROM session WHERE expires_at <= ?1),"
        " EXISTS (SELECT 1 FROM one_time_link WHERE expires_at <= ?2),"
        " EXISTS (SELECT 1 FROM import_file WHERE done_at IS NULL AND created_at < ?3)",
    [MAINTENANCE_TRANSFERS] = "SELECT id FROM orders WHERE status = 'pending' AND due_at <= ?1"
                              " ORDER BY due_at, id LIMIT ?2",
    [MAINTENANCE_CHARGES] =
        "SELECT provider, reference FROM payment"
        " WHERE status = 'pending' AND created_at <= ?1 ORDER BY order_id LIMIT ?2",
    /* ?1 now, ?2 how many at most */
    [MAINTENANCE_EXPIRE_HOLDS] =
        "UPDATE inscription SET status = 'expired' WHERE id IN (SELECT id FROM inscription"
        " WHERE status = 'held' AND hold_until <= ?1 ORDER BY hold_until LIMIT ?2)",
};
