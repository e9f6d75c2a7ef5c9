/* The trail of who did what: rows are only ever added, in the transaction of the deed. */
#ifndef SHOP_AUDIT_H
#define SHOP_AUDIT_H

#include "base/err.h"
#include "db/db.h"
#include <stdint.h>

/* `actor_id` 0: the system itself, or the shell. `action` is a fixed word ("create", "password"),
 * `entity` a table's name, `entity_id` 0 for none. `detail` is one JSON object as text, or NULL; no
 * passwords, no tokens, no card data. */
enum err audit_write_tx(struct tx *tx, int64_t actor_id, const char *action, const char *entity,
                        int64_t entity_id, const char *detail) MUST_CHECK;

#endif
