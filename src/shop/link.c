/* One-time links: tokens in, hashes stored. */
#include "shop/link.h"
#include "shop/link_sql.h"
#include <string.h>

static const char *const PURPOSES[] = {
    [LINK_PASSWORD_RESET] = "password_reset",
    [LINK_CONFIRM_EMAIL] = "confirm_email",
    [LINK_INVITATION] = "password_reset",
};

static const int64_t SECONDS[] = {
    [LINK_PASSWORD_RESET] = LINK_RESET_SECONDS,
    [LINK_CONFIRM_EMAIL] = LINK_CONFIRM_SECONDS,
    [LINK_INVITATION] = LINK_INVITATION_SECONDS,
};

static struct value token_hash(const char *token, uint8_t hash[SECRET_HASH_SIZE]) {
    secret_hash(NULL, token, strlen(token), hash);
    return V_BLOB(hash, SECRET_HASH_SIZE);
}

enum err link_create_tx(struct tx *tx, enum link_purpose purpose, int64_t account_id, int64_t now,
                        char token[SECRET_TOKEN_SIZE]) {
    enum err err = tx_exec(tx, link_sql[LINK_VOID_PURPOSE], V(account_id), V(PURPOSES[purpose]));
    if (err)
        return err;
    uint8_t hash[SECRET_HASH_SIZE];
    secret_token(token);
    return tx_exec(tx, link_sql[LINK_INSERT], token_hash(token, hash), V(PURPOSES[purpose]),
                   V(account_id), V(now), V(now + SECONDS[purpose]));
}

enum err link_check(struct db *db, enum link_purpose purpose, const char *token, int64_t now,
                    int64_t *account_id) {
    uint8_t hash[SECRET_HASH_SIZE];
    return db_int(db, link_sql[LINK_FIND], account_id, token_hash(token, hash),
                  V(PURPOSES[purpose]), V(now));
}

enum err link_spent(struct db *db, enum link_purpose purpose, const char *token, int64_t now,
                    int64_t seconds, int64_t *account_id) {
    uint8_t hash[SECRET_HASH_SIZE];
    return db_int(db, link_sql[LINK_SPENT], account_id, token_hash(token, hash),
                  V(PURPOSES[purpose]), V(now - seconds));
}

enum err link_use_tx(struct tx *tx, enum link_purpose purpose, const char *token, int64_t now,
                     int64_t *account_id) {
    uint8_t hash[SECRET_HASH_SIZE];
    struct rows *rows =
        tx_query(tx, link_sql[LINK_USE], token_hash(token, hash), V(PURPOSES[purpose]), V(now));
    bool found = rows_next(rows);
    *account_id = found ? rows_int(rows, 0) : 0;
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

enum err link_void_tx(struct tx *tx, int64_t account_id) {
    return tx_exec(tx, link_sql[LINK_VOID], V(account_id));
}

enum err link_sweep_tx(struct tx *tx, int64_t now) {
    return tx_exec(tx, link_sql[LINK_SWEEP], V(now));
}
