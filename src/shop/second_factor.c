/* Setting a second factor up, asking for it, taking it off. */
#include "shop/second_factor.h"
#include "base/secret.h"
#include "shop/account_rules.h"
#include "shop/audit.h"
#include "shop/limit.h"
#include "shop/second_factor_sql.h"
#include <ctype.h>
#include <string.h>

/* ---- reading --------------------------------------------------------------------------------- */

enum err second_factor_find(struct db *db, int64_t account_id, struct second_factor *out) {
    *out = (struct second_factor){0};
    struct arena *arena = arena_create();
    struct rows *rows = db_query(db, second_factor_sql[SECOND_FACTOR_FIND], V(account_id));
    if (rows_next(rows)) {
        size_t size = 0;
        const void *secret = rows_blob(rows, 0, arena, &size);
        if (secret && size == TOTP_SECRET_SIZE)
            memcpy(out->secret, secret, TOTP_SECRET_SIZE);
        out->enabled = rows_bool(rows, 1);
        out->begun = !out->enabled;
        out->last_step = rows_int(rows, 2);
        out->codes_left = rows_int(rows, 3);
    }
    arena_destroy(arena);
    return rows_end(rows);
}

enum err second_factor_enabled(struct db *db, int64_t account_id, bool *on) {
    int64_t one;
    enum err err = db_int(db, second_factor_sql[SECOND_FACTOR_ENABLED], &one, V(account_id));
    *on = err == OK;
    return err == ERR_NOT_FOUND ? OK : err;
}

/* ---- recovery codes -------------------------------------------------------------------------- */

static const char LETTERS[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* no i, l, o, 0, 1 */

static void make_code(second_factor_code code) {
    size_t at = 0;
    for (int i = 0; i < 12; i++) {
        if (i == 4 || i == 8)
            code[at++] = '-';
        code[at++] = LETTERS[secret_random_below(sizeof(LETTERS) - 1)];
    }
    code[at] = '\0';
}

/* Case, spaces and dashes do not count. */
static struct value code_hash(const char *typed, uint8_t hash[SECRET_HASH_SIZE]) {
    char plain[SECOND_FACTOR_CODE_SIZE] = {0};
    size_t length = 0;
    for (; *typed && length < sizeof(plain) - 1; typed++)
        if (*typed != '-' && *typed != ' ')
            plain[length++] = (char)tolower((unsigned char)*typed);
    secret_hash(NULL, plain, length, hash);
    return V_BLOB(hash, SECRET_HASH_SIZE);
}

static enum err write_codes_tx(struct tx *tx, int64_t account_id,
                               second_factor_code codes[SECOND_FACTOR_CODES]) {
    uint8_t hash[SECRET_HASH_SIZE];
    enum err err = tx_exec(tx, second_factor_sql[SECOND_FACTOR_DROP_CODES], V(account_id));
    for (int i = 0; !err && i < SECOND_FACTOR_CODES; i++)
        err = tx_exec(tx, second_factor_sql[SECOND_FACTOR_ADD_CODE], V(account_id),
                      code_hash(codes[i], hash));
    return err;
}

/* ---- one request on its way ------------------------------------------------------------------ */

struct request {
    struct shop *shop;
    const struct settings *settings;
    const struct account_visit *visit;
    struct account_secret account;
    const char *code;
    second_factor_code *codes;
    struct account_result *result;
};

/* ERR_NOT_FOUND for an account that is not active. */
static enum err begin(struct request *request, struct arena *arena, int64_t account_id) {
    *request->result = (struct account_result){.account_id = account_id};
    struct db *db = store_reader(request->shop->store);
    request->settings = shop_settings(request->shop, db);
    enum err err = account_secret_by_id(db, arena, account_id, &request->account);
    store_release(request->shop->store, db);
    return !err && !request->account.is_active ? ERR_NOT_FOUND : err;
}

static enum err tell_tx(struct tx *tx, const struct request *request, const char *action,
                        enum mail_kind kind) {
    const struct account_secret *account = &request->account;
    enum err err = audit_write_tx(tx, account->id, action, "account", account->id, NULL);
    return err ? err
               : account_mail_tx(request->shop, tx, request->settings, kind, account,
                                 account_mail_language(account, request->visit->language), NULL);
}

static enum err run(struct request *request, store_fn *fn) {
    enum err err = store_write(request->shop->store, fn, request);
    if (!err)
        mail_notify(request->shop);
    return err;
}

/* ---- a code ---------------------------------------------------------------------------------- */

static enum err use_recovery_tx(struct tx *tx, const struct request *request) {
    uint8_t hash[SECRET_HASH_SIZE];
    enum err err = tx_exec(tx, second_factor_sql[SECOND_FACTOR_USE_CODE], V(request->account.id),
                           code_hash(request->code, hash), V(request->visit->now));
    if (err || tx_changes(tx) == 0)
        return err ? err : ERR_REFUSED;
    return tell_tx(tx, request, "recovery_code", MAIL_RECOVERY_CODE_USED);
}

/* Uses the code up. ERR_REFUSED: it is none, or was used. */
static enum err use_code_tx(struct tx *tx, const struct request *request) {
    struct second_factor factor;
    int64_t id = request->account.id;
    enum err err = second_factor_find(tx_db(tx), id, &factor);
    if (err || !factor.enabled)
        return err ? err : ERR_REFUSED;
    int64_t step = totp_find(factor.secret, request->code, request->visit->now, factor.last_step);
    secret_wipe(&factor, sizeof(factor));
    return step ? tx_exec(tx, second_factor_sql[SECOND_FACTOR_STEP], V(id), V(step))
                : use_recovery_tx(tx, request);
}

/* Runs what uses a code, within the limit of wrong ones. A code counts as wrong until it is known
 * to be right: of guesses that are sent all at once no more are looked at than one after the other.
 */
static enum err try_code(struct request *request, store_fn *fn) {
    const int64_t *key = &request->account.id;
    int64_t wait = limit_take(request->shop, request->settings, LIMIT_CODES_PER_ACCOUNT, key,
                              sizeof(*key), request->visit->now);
    if (wait)
        return account_refuse_wait(request->result, wait);
    enum err err = run(request, fn);
    if (err != ERR_REFUSED) {
        limit_give_back(request->shop, LIMIT_CODES_PER_ACCOUNT, key, sizeof(*key));
        return err;
    }
    counter_add(&request->shop->counters.logins_failed, 1);
    return account_refuse(request->result, ACCOUNT_FIELD_CODE, ACCOUNT_CODE_WRONG);
}

/* ---- setting up ------------------------------------------------------------------------------ */

struct beginning {
    int64_t account_id;
    uint8_t secret[TOTP_SECRET_SIZE];
};

static enum err begin_tx(struct tx *tx, void *arg) {
    struct beginning *b = arg;
    return tx_exec(tx, second_factor_sql[SECOND_FACTOR_BEGIN], V(b->account_id),
                   V_BLOB(b->secret, sizeof(b->secret)));
}

enum err second_factor_begin(struct shop *shop, int64_t account_id) {
    struct beginning b = {.account_id = account_id};
    secret_random(b.secret, sizeof(b.secret));
    enum err err = store_write(shop->store, begin_tx, &b);
    secret_wipe(&b, sizeof(b));
    return err;
}

static enum err enable_tx(struct tx *tx, void *arg) {
    struct request *request = arg;
    struct second_factor factor;
    int64_t id = request->account.id, now = request->visit->now;
    enum err err = second_factor_find(tx_db(tx), id, &factor);
    if (err || !factor.begun)
        return err ? err : ERR_CONFLICT;
    int64_t step = totp_find(factor.secret, request->code, now, 0);
    secret_wipe(&factor, sizeof(factor));
    if (!step)
        return ERR_REFUSED;
    err = tx_exec(tx, second_factor_sql[SECOND_FACTOR_ENABLE], V(id), V(now), V(step));
    if (!err)
        err = write_codes_tx(tx, id, request->codes);
    return err ? err : tell_tx(tx, request, "second_factor_on", MAIL_SECOND_FACTOR_ON);
}

enum err second_factor_enable(struct shop *shop, const struct account_visit *visit,
                              int64_t account_id, const char *code,
                              second_factor_code codes[SECOND_FACTOR_CODES],
                              struct account_result *result) {
    struct arena *arena = arena_create();
    struct request request = {
        .shop = shop, .visit = visit, .code = code, .codes = codes, .result = result};
    for (int i = 0; i < SECOND_FACTOR_CODES; i++)
        make_code(codes[i]);
    enum err err = begin(&request, arena, account_id);
    if (!err)
        err = try_code(&request, enable_tx);
    arena_destroy(arena);
    return err;
}

static enum err renew_tx(struct tx *tx, void *arg) {
    struct request *request = arg;
    bool on;
    enum err err = second_factor_enabled(tx_db(tx), request->account.id, &on);
    if (!err && !on)
        err = ERR_CONFLICT;
    if (!err)
        err = write_codes_tx(tx, request->account.id, request->codes);
    return err ? err : tell_tx(tx, request, "recovery_codes", MAIL_RECOVERY_CODES);
}

enum err second_factor_renew_codes(struct shop *shop, const struct account_visit *visit,
                                   int64_t account_id,
                                   second_factor_code codes[SECOND_FACTOR_CODES]) {
    struct arena *arena = arena_create();
    struct account_result result;
    struct request request = {.shop = shop, .visit = visit, .codes = codes, .result = &result};
    for (int i = 0; i < SECOND_FACTOR_CODES; i++)
        make_code(codes[i]);
    enum err err = begin(&request, arena, account_id);
    if (!err)
        err = run(&request, renew_tx);
    arena_destroy(arena);
    return err;
}

/* ---- taking it off --------------------------------------------------------------------------- */

enum err second_factor_drop_tx(struct tx *tx, int64_t account_id) {
    enum err err = tx_exec(tx, second_factor_sql[SECOND_FACTOR_DROP_CODES], V(account_id));
    return err ? err : tx_exec(tx, second_factor_sql[SECOND_FACTOR_DROP], V(account_id));
}

static enum err disable_tx(struct tx *tx, void *arg) {
    struct request *request = arg;
    bool on = false;
    enum err err = account_still_tx(tx, &request->account);
    if (!err)
        err = second_factor_enabled(tx_db(tx), request->account.id, &on);
    if (!err)
        err = second_factor_drop_tx(tx, request->account.id);
    return err || !on ? err : tell_tx(tx, request, "second_factor_off", MAIL_SECOND_FACTOR_OFF);
}

static enum err try_password(struct request *request, const char *password) {
    struct account_result *result = request->result;
    if (!*password)
        return account_refuse(result, ACCOUNT_FIELD_OLD_PASSWORD, ACCOUNT_REQUIRED);
    enum err err = account_try_password(request->shop, request->settings, request->visit,
                                        request->account.email_key, password,
                                        request->account.password_hash, result);
    if (err == ERR_REFUSED && result->retry_after == 0)
        return account_refuse(result, ACCOUNT_FIELD_OLD_PASSWORD, ACCOUNT_PASSWORD_WRONG);
    return err;
}

enum err second_factor_disable(struct shop *shop, const struct account_visit *visit,
                               int64_t account_id, const char *password,
                               struct account_result *result) {
    struct arena *arena = arena_create();
    struct request request = {.shop = shop, .visit = visit, .result = result};
    enum err err = begin(&request, arena, account_id);
    if (!err)
        err = try_password(&request, password);
    if (!err)
        err = run(&request, disable_tx);
    arena_destroy(arena);
    return err;
}

/* ---- being asked ----------------------------------------------------------------------------- */

static enum err login_tx(struct tx *tx, void *arg) {
    struct request *request = arg;
    const struct account_visit *visit = request->visit;
    struct arena *arena = arena_create();
    struct session waiting;
    enum err err = session_find_waiting(tx_db(tx), arena, visit->old_token, visit->now, &waiting);
    if (!err)
        err = use_code_tx(tx, request);
    if (!err)
        err = session_create_tx(tx, waiting.account_id, waiting.remember, visit->old_token,
                                visit->now, &request->result->cookie);
    arena_destroy(arena);
    return err;
}

enum err second_factor_login(struct shop *shop, const struct account_visit *visit, const char *code,
                             struct account_result *result) {
    struct arena *arena = arena_create();
    struct request request = {.shop = shop, .visit = visit, .code = code, .result = result};
    struct session waiting;
    struct db *db = store_reader(shop->store);
    enum err err = session_find_waiting(db, arena, visit->old_token, visit->now, &waiting);
    store_release(shop->store, db);
    if (!err)
        err = begin(&request, arena, waiting.account_id);
    if (!err)
        err = try_code(&request, login_tx);
    if (!err)
        limit_forget(shop, LIMIT_CODES_PER_ACCOUNT, &request.account.id,
                     sizeof(request.account.id));
    arena_destroy(arena);
    return err;
}

static enum err prove_tx(struct tx *tx, void *arg) {
    struct request *request = arg;
    enum err err =
        request->code ? use_code_tx(tx, request) : account_still_tx(tx, &request->account);
    return err ? err : session_confirm_tx(tx, request->visit->old_token, request->visit->now);
}

enum err second_factor_prove(struct shop *shop, const struct account_visit *visit,
                             int64_t account_id, const char *password, const char *code,
                             struct account_result *result) {
    struct arena *arena = arena_create();
    struct request request = {.shop = shop, .visit = visit, .result = result};
    enum err err = begin(&request, arena, account_id);
    if (!err && !*password && *code) {
        request.code = code;
        err = try_code(&request, prove_tx);
    } else if (!err) {
        err = try_password(&request, password);
        if (!err)
            err = run(&request, prove_tx);
    }
    arena_destroy(arena);
    return err;
}
