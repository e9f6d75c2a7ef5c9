/* One-time links: tokens in, hashes stored. */
#include "shop/link.h"
#include "base/buf.h"
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

static const char *const PATHS[] = {
    [LINK_PASSWORD_RESET] = "/accounts/password/reset/key/",
    [LINK_CONFIRM_EMAIL] = "/accounts/confirm-email/",
    [LINK_INVITATION] = "/accounts/password/reset/key/",
};

_Static_assert(ARRAY_COUNT(PATHS) == ARRAY_COUNT(SECONDS), "each purpose has its place");

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

/* ---- links in mails -------------------------------------------------------------------------- */

const char *link_path(enum link_purpose purpose) {
    return PATHS[purpose];
}

/* The next link of a text: where its token begins; NULL: there is none. */
static const char *next_token(const char *text, enum link_purpose *purpose) {
    const char *first = NULL;
    for (size_t i = 0; i < ARRAY_COUNT(PATHS); i++) {
        const char *found = strstr(text, PATHS[i]);
        if (found && (!first || found + strlen(PATHS[i]) < first)) {
            first = found + strlen(PATHS[i]);
            *purpose = (enum link_purpose)i;
        }
    }
    return first;
}

static size_t token_length(const char *token) {
    return strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

const char *link_mask(struct arena *arena, const char *text) {
    enum link_purpose purpose;
    const char *token = text ? next_token(text, &purpose) : NULL;
    if (!token)
        return text;
    struct buf masked = {0};
    const char *rest = text;
    for (; token; token = next_token(rest, &purpose)) {
        buf_append(&masked, rest, (size_t)(token - rest));
        rest = token + token_length(token);
        if (rest > token)
            buf_puts(&masked, LINK_MASK);
    }
    buf_puts(&masked, rest);
    text = arena_strdup(arena, buf_text(&masked));
    buf_free(&masked);
    return text;
}

/* Links of several purposes may lead to one place. */
static int64_t longest_life(const char *path) {
    int64_t life = 0;
    for (size_t i = 0; i < ARRAY_COUNT(PATHS); i++)
        if (strcmp(PATHS[i], path) == 0 && SECONDS[i] > life)
            life = SECONDS[i];
    return life;
}

int64_t link_life(const char *text, bool *masked) {
    int64_t life = 0;
    enum link_purpose purpose;
    *masked = false;
    for (const char *at = next_token(text, &purpose); at; at = next_token(at, &purpose)) {
        *masked |= strncmp(at, LINK_MASK, strlen(LINK_MASK)) == 0;
        int64_t longest = longest_life(PATHS[purpose]);
        if (!life || longest < life)
            life = longest;
    }
    return life;
}
