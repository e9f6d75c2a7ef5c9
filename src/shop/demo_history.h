/* Writing the families of the demonstration and what they did (demo_plan.h). */
#ifndef SHOP_DEMO_HISTORY_H
#define SHOP_DEMO_HISTORY_H

#include "db/db.h"
#include "shop/demo_plan.h"

/* What the rows of the history refer to. */
struct demo_ids {
    int64_t workshops[DEMO_WORKSHOPS];
    int64_t accounts[DEMO_FAMILIES];
    int64_t students[DEMO_FAMILIES][DEMO_CHILDREN_MAX];
};

/* Accounts with their students and consents; fills ids->accounts and ids->students. Family 0 gets
 * `password_hash`, the others none. */
enum err demo_history_families_tx(struct tx *tx, const struct demo_plan *plan,
                                  const char *password_hash, struct demo_ids *ids) MUST_CHECK;

/* Orders with seats and payments, then the receipts in the order in which they were paid. */
enum err demo_history_orders_tx(struct tx *tx, const struct demo_plan *plan,
                                const struct demo_ids *ids) MUST_CHECK;

/* The e-mail address of a family: "rosa.quispe@example.com". */
const char *demo_history_email(struct arena *arena, int family);

#endif
