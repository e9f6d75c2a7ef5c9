/* Writing the trail. Reading it is the admin's business. */
#include "shop/audit.h"
#include "base/clock.h"
#include "shop/audit_sql.h"

enum err audit_write_tx(struct tx *tx, int64_t actor_id, const char *action, const char *entity,
                        int64_t entity_id, const char *detail) {
    return tx_exec(tx, audit_sql[AUDIT_INSERT], V(clock_now()), V_OPT(actor_id != 0, actor_id),
                   V(action), V(entity), V_OPT(entity_id != 0, entity_id), V(detail));
}
