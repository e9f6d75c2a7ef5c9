/* Erasing a person: nothing of who they are is left, while the books still say that somebody bought
 * what, when and for how much.
 *
 * Gone: names, e-mail (the address may sign up again), phone, day of birth (the year stays),
 * school, notes, emergency contacts, identity documents, password, second factor, sessions, links,
 * the mails sent to them, personal values in the trail, the words of the search index. Anonymous:
 * the account, its students, receipts and credit notes, as «Persona eliminada N». Kept as they are:
 * orders, enrolments, payments, operation numbers, consents, the trail itself.
 *
 * On disk: the writing connection overwrites what it frees (PRAGMA secure_delete), so nothing is
 * left in the file once the log was copied into it, within seconds. Backups made before still hold
 * the person until they are old enough to go; nothing can be done about those from here. */
#ifndef SHOP_ERASE_H
#define SHOP_ERASE_H

#include "shop/account_admin.h"

/* What there is, for the page that asks. */
struct erase_preview {
    const char *name, *email;
    bool erased; /* already */
    int64_t students, orders, receipts, mails, consents;
    enum account_error obstacle; /* ACCOUNT_FINE: it can be done */
};

/* ERR_NOT_FOUND when there is no such account. */
enum err erase_preview(struct db *db, struct arena *arena, int64_t account_id,
                       struct erase_preview *out) MUST_CHECK;

/* For good. `email` is typed by whoever erases, to be sure whom they mean: ACCOUNT_EMAIL_DIFFERS on
 * ACCOUNT_FIELD_EMAIL. Refused while an order is pending or in review (ACCOUNT_ORDER_OPEN), for the
 * last owner, for oneself and for who stands above. A repeat is OK with deed->changed false. */
enum err erase_account(struct shop *shop, struct account_deed *deed, int64_t account_id,
                       const char *email, struct account_result *result) MUST_CHECK;

#endif
