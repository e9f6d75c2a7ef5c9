/* What staff do with other people's accounts. Nobody disables, resets, promotes, demotes, edits or
 * erases an account above their own role, nor gives more than they have; the actor's own row is
 * read again inside the transaction, so a right that was just taken away is gone. Nobody here ever
 * sees or sets a password: people get a link by mail and choose their own.
 *
 * Each deed is in the trail and done once: a repeat is OK, changes nothing and leaves `changed`
 * false. Refusals, all on ACCOUNT_FIELD_FORM unless said: ACCOUNT_ABOVE_YOU, ACCOUNT_GONE,
 * ACCOUNT_LAST_OWNER, ACCOUNT_YOURSELF, ACCOUNT_DISABLED, ACCOUNT_TOO_MANY, ACCOUNT_ROLE_ABOVE.
 * ERR_NOT_FOUND: no such account. Whether the actor has the right at all is asked by the guard. */
#ifndef SHOP_ACCOUNT_ADMIN_H
#define SHOP_ACCOUNT_ADMIN_H

#include "shop/account.h"

/* Who does it, from which page. */
struct account_deed {
    const struct account_visit *visit;
    int64_t actor_id;
    bool changed; /* out */
};

/* How things stand: closed or erased, erased, never chose a password. */
enum err account_standing(struct db *db, int64_t id, bool *gone, bool *erased,
                          bool *invited) MUST_CHECK;

/* All of them or none; disabling ends their sessions. *changed counts those that were different. */
enum err account_admin_active(struct shop *shop, struct account_deed *deed, const int64_t *ids,
                              size_t count, bool active, int64_t *changed,
                              struct account_result *result) MUST_CHECK;

/* STAFF_NONE makes a family account of it. Ends the sessions of everybody but the actor. */
enum err account_admin_role(struct shop *shop, struct account_deed *deed, int64_t id,
                            enum staff_role role, struct account_result *result) MUST_CHECK;

/* Mails a link to choose a password: an hour's, or an invitation's for who never had one. At most
 * three in ten minutes to one address. */
enum err account_admin_send_link(struct shop *shop, struct account_deed *deed, int64_t id,
                                 struct account_result *result) MUST_CHECK;

/* Takes the second factor off, for somebody who lost phone and codes; told by mail. Ends their
 * sessions. */
enum err account_admin_reset_factor(struct shop *shop, struct account_deed *deed, int64_t id,
                                    struct account_result *result) MUST_CHECK;

/* A new account without a password and a mailed invitation to choose one, good for seven days.
 * Families (STAFF_NONE) need what their own form asks for, staff a name and an e-mail. Refused
 * field by field: ACCOUNT_EMAIL_IN_USE and those of sign-up. A repeat within a minute gives the
 * same id. */
enum err account_admin_create(struct shop *shop, struct account_deed *deed,
                              const struct account_input *input, enum staff_role role,
                              struct account_result *result) MUST_CHECK;

/* ---- steps of larger transactions ------------------------------------------------------------ */

/* Whether the actor may do anything to this account: ERR_REFUSED with a reason, ERR_NOT_FOUND. An
 * account that was closed or erased is ACCOUNT_GONE. */
enum err account_admin_over_tx(struct tx *tx, int64_t actor_id, int64_t id,
                               enum account_error *refusal) MUST_CHECK;

#endif
