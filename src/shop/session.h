/* A browser that is logged in. The cookie's value is a random token; the database knows its hash.
 *
 * A session lasts 12 hours from its last use, or 30 days where the person asked to be remembered,
 * and never more than 90 days in all. Use is noted at most once in ten minutes, without waiting. */
#ifndef SHOP_SESSION_H
#define SHOP_SESSION_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "db/db.h"
#include <stdbool.h>
#include <stdint.h>

struct shop;

/* In ascending order of what they may do; STAFF_NONE is a family. */
enum staff_role { STAFF_NONE, STAFF_INSTRUCTOR, STAFF_DESK, STAFF_MANAGER, STAFF_OWNER };

/* "owner" …, NULL for STAFF_NONE: the text of account.staff_role. */
const char *session_staff_role_name(enum staff_role role);
/* Reads such a name; false for NULL or any other text. */
bool session_staff_role_parse(const char *name, enum staff_role *role);

/* What a new session gives to the browser. */
struct session_cookie {
    char token[SECRET_TOKEN_SIZE]; /* the cookie's value */
    int64_t max_age;               /* seconds; 0: the cookie ends with the browser */
};

/* Who is asking. Texts live in the arena given to session_find. */
struct session {
    int64_t account_id;
    const char *email, *first_name, *last_name;
    int role; /* enum account_role */
    enum staff_role staff_role;
    bool language_chosen;
    enum lang language;     /* counts only when chosen */
    const char *csrf_token; /* for the forms of this session */
    bool remember;
    int64_t max_age;      /* what the cookie should say when it is sent again; see session_cookie */
    int64_t confirmed_at; /* when the password or a code was typed last */
    bool second_factor;   /* staff with an authenticator app; families are not asked about */
    bool renew;           /* not noted for ten minutes: call session_touch, send the cookie again */
};

/* The session of a cookie: one indexed query, on the way of every signed-in page. ERR_NOT_FOUND for
 * an unknown, ended or expired one, for one whose account is disabled, for one that still waits for
 * its code (below), and for any nonsense. */
enum err session_find(struct db *db, struct arena *arena, const char *token, int64_t now,
                      struct session *out) MUST_CHECK;

/* A browser that knows the password, while the code of the second factor is still to come: ten
 * minutes, and good for nothing else. Only what concerns the form is filled in: account_id,
 * csrf_token, remember, language. ERR_NOT_FOUND as above. */
enum err session_find_waiting(struct db *db, struct arena *arena, const char *token, int64_t now,
                              struct session *out) MUST_CHECK;

/* Notes the use of a session and makes it last longer; returns at once. */
void session_touch(struct shop *shop, const char *token, int64_t now);

/* A fresh session. `old_token`, the browser's cookie so far, is ended (NULL or nonsense is fine).
 */
enum err session_create_tx(struct tx *tx, int64_t account_id, bool remember, const char *old_token,
                           int64_t now, struct session_cookie *out) MUST_CHECK;

/* The same for one that waits for its code. */
enum err session_create_waiting_tx(struct tx *tx, int64_t account_id, bool remember,
                                   const char *old_token, int64_t now,
                                   struct session_cookie *out) MUST_CHECK;

/* The person has just shown again that it is them. */
enum err session_confirm_tx(struct tx *tx, const char *token, int64_t now) MUST_CHECK;

/* Log out. OK for a token that is no session. */
enum err session_end(struct shop *shop, const char *token) MUST_CHECK;
enum err session_end_all_tx(struct tx *tx, int64_t account_id) MUST_CHECK;

/* Forgets expired sessions; tx_changes tells how many. */
enum err session_sweep_tx(struct tx *tx, int64_t now) MUST_CHECK;

#endif
