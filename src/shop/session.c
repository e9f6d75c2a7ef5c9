/* Sessions: made, found, prolonged, ended. */
#include "shop/session.h"
#include "base/memory.h"
#include "shop/session_sql.h"
#include "shop/shop.h"
#include <stdlib.h>
#include <string.h>

enum {
    HOUR = 60 * 60,
    DAY = 24 * HOUR,
    SHORT_SECONDS = 12 * HOUR,
    REMEMBERED_SECONDS = 30 * DAY,
    WHOLE_SECONDS = 90 * DAY,
    TOUCH_SECONDS = 10 * 60,
    WAITING_SECONDS = 10 * 60,
};

static const char *const STAFF_ROLES[] = {
    [STAFF_INSTRUCTOR] = "instructor",
    [STAFF_DESK] = "desk",
    [STAFF_MANAGER] = "manager",
    [STAFF_OWNER] = "owner",
};

const char *session_staff_role_name(enum staff_role role) {
    return STAFF_ROLES[role];
}

bool session_staff_role_parse(const char *name, enum staff_role *role) {
    for (size_t i = STAFF_INSTRUCTOR; name && i < ARRAY_COUNT(STAFF_ROLES); i++)
        if (strcmp(name, STAFF_ROLES[i]) == 0) {
            *role = (enum staff_role)i;
            return true;
        }
    return false;
}

/* A cookie that is no token of ours is not looked up. */
static bool hash_token(const char *token, uint8_t hash[SECRET_HASH_SIZE]) {
    if (!token || strlen(token) != SECRET_TOKEN_SIZE - 1)
        return false;
    secret_hash(NULL, token, SECRET_TOKEN_SIZE - 1, hash);
    return true;
}

/* When a session that is used `now` ends. */
static int64_t end_of(bool remember, int64_t created_at, int64_t now) {
    int64_t sliding = now + (remember ? REMEMBERED_SECONDS : SHORT_SECONDS);
    int64_t whole = created_at + WHOLE_SECONDS;
    return sliding < whole ? sliding : whole;
}

static void read_session(struct rows *rows, struct arena *arena, int64_t now, struct session *out) {
    *out = (struct session){
        .account_id = rows_int(rows, 0),
        .email = rows_text(rows, 1, arena),
        .first_name = rows_text(rows, 2, arena),
        .last_name = rows_text(rows, 3, arena),
        .role = (int)rows_int(rows, 4),
        .csrf_token = rows_text(rows, 7, arena),
        .remember = rows_bool(rows, 8),
        .renew = now - rows_int(rows, 10) >= TOUCH_SECONDS,
        .confirmed_at = rows_int(rows, 11),
        .second_factor = rows_bool(rows, 12),
    };
    if (!session_staff_role_parse(rows_text(rows, 5, arena), &out->staff_role))
        out->staff_role = STAFF_NONE;
    out->language_chosen = lang_parse(rows_text(rows, 6, arena), &out->language);
    out->max_age = out->remember ? end_of(true, rows_int(rows, 9), now) - now : 0;
}

enum err session_find(struct db *db, struct arena *arena, const char *token, int64_t now,
                      struct session *out) {
    uint8_t hash[SECRET_HASH_SIZE];
    if (!hash_token(token, hash))
        return ERR_NOT_FOUND;
    struct rows *rows = db_query(db, session_sql[SESSION_FIND], V_BLOB(hash, sizeof(hash)), V(now));
    bool found = rows_next(rows);
    if (found)
        read_session(rows, arena, now, out);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

enum err session_find_waiting(struct db *db, struct arena *arena, const char *token, int64_t now,
                              struct session *out) {
    uint8_t hash[SECRET_HASH_SIZE];
    if (!hash_token(token, hash))
        return ERR_NOT_FOUND;
    struct rows *rows =
        db_query(db, session_sql[SESSION_FIND_WAITING], V_BLOB(hash, sizeof(hash)), V(now));
    bool found = rows_next(rows);
    if (found) {
        *out = (struct session){.account_id = rows_int(rows, 0),
                                .csrf_token = rows_text(rows, 1, arena),
                                .remember = rows_bool(rows, 2)};
        out->language_chosen = lang_parse(rows_text(rows, 3, arena), &out->language);
    }
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

struct touch {
    uint8_t hash[SECRET_HASH_SIZE];
    int64_t now;
};

/* Several requests may have seen the same old session: only the first of them finds it still old.
 */
static enum err touch_tx(struct tx *tx, void *arg) {
    const struct touch *touch = arg;
    struct value hash = V_BLOB(touch->hash, sizeof(touch->hash));
    struct rows *rows = db_query(tx_db(tx), session_sql[SESSION_AGE], hash, V(touch->now),
                                 V(touch->now - TOUCH_SECONDS));
    bool found = rows_next(rows);
    int64_t account_id = found ? rows_int(rows, 0) : 0;
    int64_t end = found ? end_of(rows_bool(rows, 1), rows_int(rows, 2), touch->now) : 0;
    enum err err = rows_end(rows);
    if (err || !found)
        return err;
    err = tx_exec(tx, session_sql[SESSION_TOUCH], hash, V(touch->now), V(end));
    if (err)
        return err;
    return tx_exec(tx, session_sql[SESSION_TOUCH_ACCOUNT], V(account_id), V(touch->now));
}

void session_touch(struct shop *shop, const char *token, int64_t now) {
    struct touch *touch = memory_new(1, sizeof(*touch));
    touch->now = now;
    if (hash_token(token, touch->hash))
        store_write_later(shop->store, touch_tx, touch, free);
    else
        free(touch);
}

static enum err end_tx(struct tx *tx, void *arg) {
    uint8_t hash[SECRET_HASH_SIZE];
    if (!hash_token(arg, hash))
        return OK;
    return tx_exec(tx, session_sql[SESSION_END], V_BLOB(hash, sizeof(hash)));
}

static enum err create(struct tx *tx, int64_t account_id, bool remember, const char *old_token,
                       int64_t now, bool waiting, struct session_cookie *out) {
    enum err err = end_tx(tx, (void *)(uintptr_t)old_token);
    if (err)
        return err;
    uint8_t hash[SECRET_HASH_SIZE];
    char csrf_token[SECRET_TOKEN_SIZE];
    secret_token(csrf_token);
    secret_token(out->token);
    secret_hash(NULL, out->token, SECRET_TOKEN_SIZE - 1, hash);
    int64_t end = waiting ? now + WAITING_SECONDS : end_of(remember, now, now);
    out->max_age = remember && !waiting ? end - now : 0;
    return tx_exec(tx, session_sql[SESSION_INSERT], V_BLOB(hash, sizeof(hash)), V(account_id),
                   V(csrf_token), V(remember), V(now), V(end), V(waiting));
}

enum err session_create_tx(struct tx *tx, int64_t account_id, bool remember, const char *old_token,
                           int64_t now, struct session_cookie *out) {
    return create(tx, account_id, remember, old_token, now, false, out);
}

enum err session_create_waiting_tx(struct tx *tx, int64_t account_id, bool remember,
                                   const char *old_token, int64_t now, struct session_cookie *out) {
    return create(tx, account_id, remember, old_token, now, true, out);
}

enum err session_confirm_tx(struct tx *tx, const char *token, int64_t now) {
    uint8_t hash[SECRET_HASH_SIZE];
    if (!hash_token(token, hash))
        return ERR_NOT_FOUND;
    return tx_exec(tx, session_sql[SESSION_CONFIRM], V_BLOB(hash, sizeof(hash)), V(now));
}

enum err session_end(struct shop *shop, const char *token) {
    return store_write(shop->store, end_tx, (void *)(uintptr_t)token);
}

enum err session_end_all_tx(struct tx *tx, int64_t account_id) {
    return tx_exec(tx, session_sql[SESSION_END_ALL], V(account_id));
}

enum err session_sweep_tx(struct tx *tx, int64_t now) {
    return tx_exec(tx, session_sql[SESSION_SWEEP], V(now));
}
