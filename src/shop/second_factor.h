/* The second factor of logging in: a code of an authenticator app (base/totp.h) after the password,
 * or one of ten recovery codes, each good for once. The app's secret is stored as it is, because
 * codes are computed from it; recovery codes are stored as hashes and shown once.
 *
 * Wrong codes are limited per account like wrong passwords. Refusals are those of shop/account.h:
 * ACCOUNT_CODE_WRONG on ACCOUNT_FIELD_CODE, ACCOUNT_PASSWORD_WRONG on ACCOUNT_FIELD_OLD_PASSWORD,
 * ACCOUNT_TOO_MANY with retry_after. Every change is in the trail and told by mail. */
#ifndef SHOP_SECOND_FACTOR_H
#define SHOP_SECOND_FACTOR_H

#include "base/totp.h"
#include "shop/account.h"

enum {
    SECOND_FACTOR_CODES = 10,
    SECOND_FACTOR_CODE_SIZE = 15, /* "k7qd-2mfa-pw3x" and its NUL: 60 random bits */
};

struct second_factor {
    bool enabled;
    bool begun; /* a secret is there, but no code was typed yet */
    uint8_t secret[TOTP_SECRET_SIZE];
    int64_t last_step;
    int64_t codes_left;
};

typedef char second_factor_code[SECOND_FACTOR_CODE_SIZE];

/* OK with all zero where there is none. */
enum err second_factor_find(struct db *db, int64_t account_id,
                            struct second_factor *out) MUST_CHECK;

/* ---- setting up ------------------------------------------------------------------------------ */

/* Makes the secret, unless there is one already. */
enum err second_factor_begin(struct shop *shop, int64_t account_id) MUST_CHECK;

/* The first code proves that the app has the secret: from now on log-in asks for one. `codes`
 * receives the recovery codes, to be shown this once. ERR_CONFLICT when it is on already, or was
 * never begun. */
enum err second_factor_enable(struct shop *shop, const struct account_visit *visit,
                              int64_t account_id, const char *code,
                              second_factor_code codes[SECOND_FACTOR_CODES],
                              struct account_result *result) MUST_CHECK;

/* Ten new recovery codes; the old ones work no more. ERR_CONFLICT when it is not on. */
enum err second_factor_renew_codes(struct shop *shop, const struct account_visit *visit,
                                   int64_t account_id,
                                   second_factor_code codes[SECOND_FACTOR_CODES]) MUST_CHECK;

/* Wants the password. OK when it is off already. */
enum err second_factor_disable(struct shop *shop, const struct account_visit *visit,
                               int64_t account_id, const char *password,
                               struct account_result *result) MUST_CHECK;

/* ---- being asked ----------------------------------------------------------------------------- */

/* Ends the session that waits for its code (visit->old_token) and makes a whole one. ERR_NOT_FOUND:
 * it waits no more, log in again. */
enum err second_factor_login(struct shop *shop, const struct account_visit *visit, const char *code,
                             struct account_result *result) MUST_CHECK;

/* Somebody who is logged in shows again that it is them, by the password or, where it is on, by a
 * code: whichever is given. The session (visit->old_token) is fresh afterwards. */
enum err second_factor_prove(struct shop *shop, const struct account_visit *visit,
                             int64_t account_id, const char *password, const char *code,
                             struct account_result *result) MUST_CHECK;

/* ---- steps of larger transactions ------------------------------------------------------------ */

/* OK with *on; for log-in. */
enum err second_factor_enabled(struct db *db, int64_t account_id, bool *on) MUST_CHECK;

/* It is gone, with its codes. */
enum err second_factor_drop_tx(struct tx *tx, int64_t account_id) MUST_CHECK;

#endif
