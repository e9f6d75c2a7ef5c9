/* Links sent by mail that work once: the mail holds a random token, the database its hash. */
#ifndef SHOP_LINK_H
#define SHOP_LINK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/secret.h"
#include "db/db.h"
#include <stdint.h>

/* An invitation is a password reset that lives longer: the same page, the same rules. */
enum link_purpose { LINK_PASSWORD_RESET, LINK_CONFIRM_EMAIL, LINK_INVITATION };

enum {
    LINK_RESET_SECONDS = 60 * 60,
    LINK_CONFIRM_SECONDS = 3 * 24 * 60 * 60,
    LINK_INVITATION_SECONDS = 7 * 24 * 60 * 60,
};

/* A new link; older ones of the same purpose and account stop working. */
enum err link_create_tx(struct tx *tx, enum link_purpose purpose, int64_t account_id, int64_t now,
                        char token[SECRET_TOKEN_SIZE]) MUST_CHECK;

/* Whose link it is: ERR_NOT_FOUND when unknown, used, too old or of another purpose. */
enum err link_check(struct db *db, enum link_purpose purpose, const char *token, int64_t now,
                    int64_t *account_id) MUST_CHECK;

/* The same, and it works no more. Of two that try at once one succeeds. */
enum err link_use_tx(struct tx *tx, enum link_purpose purpose, const char *token, int64_t now,
                     int64_t *account_id) MUST_CHECK;

/* Whose link this was, when it was used no longer ago than `seconds`: a double click. */
enum err link_spent(struct db *db, enum link_purpose purpose, const char *token, int64_t now,
                    int64_t seconds, int64_t *account_id) MUST_CHECK;

/* Where such a link leads on the site, before its token: "/accounts/confirm-email/". */
const char *link_path(enum link_purpose purpose);

/* A mail's text or HTML with LINK_MASK in place of the tokens of its links; the text itself when it
 * holds none. NULL stays NULL. */
#define LINK_MASK "********"
const char *link_mask(struct arena *arena, const char *text);

/* How long the links in a mail's text work, in seconds since it was written; 0: it holds none.
 * `masked` tells whether a token was taken out of it. */
int64_t link_life(const char *text, bool *masked);

/* No link of the account works any more. */
enum err link_void_tx(struct tx *tx, int64_t account_id) MUST_CHECK;

/* Forgets links that are too old; tx_changes tells how many. */
enum err link_sweep_tx(struct tx *tx, int64_t now) MUST_CHECK;

#endif
