/* Logging in, and verifying a password wherever one is asked for. */
#include "base/secret.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/limit.h"
#include "shop/password.h"
#include "shop/second_factor.h"
#include <string.h>

/* ---- an account with its secret -------------------------------------------------------------- */

static enum err read_login(struct rows *rows, struct arena *arena, struct account_secret *out) {
    bool found = rows_next(rows);
    *out = (struct account_secret){0};
    if (found) {
        *out = (struct account_secret){
            .id = rows_int(rows, 0),
            .email = rows_text(rows, 1, arena),
            .email_key = rows_text(rows, 2, arena),
            .first_name = rows_text(rows, 3, arena),
            .last_name = rows_text(rows, 4, arena),
            .password_hash = rows_text(rows, 5, arena),
            .is_active = rows_bool(rows, 6),
            .confirmed = rows_bool(rows, 7),
            .role = (enum account_role)rows_int(rows, 9),
            .created_at = rows_int(rows, 11),
        };
        out->language_chosen = lang_parse(rows_text(rows, 8, arena), &out->language);
        if (!session_staff_role_parse(rows_text(rows, 10, arena), &out->staff_role))
            out->staff_role = STAFF_NONE;
    }
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

enum err account_secret_by_id(struct db *db, struct arena *arena, int64_t id,
                              struct account_secret *out) {
    return read_login(db_query(db, account_sql[ACCOUNT_SECRET_BY_ID], V(id)), arena, out);
}

enum err account_secret_by_key(struct db *db, struct arena *arena, const char *email_key,
                               struct account_secret *out) {
    return read_login(db_query(db, account_sql[ACCOUNT_SECRET_BY_KEY], V(email_key)), arena, out);
}

enum err account_still_tx(struct tx *tx, const struct account_secret *secret) {
    int64_t id;
    return db_int(tx_db(tx), account_sql[ACCOUNT_STILL], &id, V(secret->id),
                  V(secret->password_hash));
}

/* ---- passwords within limits ----------------------------------------------------------------- */

enum err account_refuse_wait(struct account_result *result, int64_t wait) {
    if (wait == 0)
        return OK;
    result->retry_after = wait;
    return account_refuse(result, ACCOUNT_FIELD_FORM, ACCOUNT_TOO_MANY);
}

/* What failures count for: the browser alone where the account knows it, else address and account.
 */
struct failures {
    struct shop *shop;
    const struct settings *settings;
    int64_t now;
    const void *browser, *address, *account; /* keys; NULL: does not count */
    size_t account_size;
};

static struct failures failures_of(struct shop *shop, const struct settings *settings,
                                   const struct account_visit *visit, const char *email_key) {
    struct failures failures = {.shop = shop, .settings = settings, .now = visit->now};
    if (known_browser_check(shop->key, email_key, visit->browser)) {
        failures.browser = visit->browser;
        return failures;
    }
    failures.address = visit->address_key;
    failures.account = email_key;
    failures.account_size = strlen(email_key);
    return failures;
}

static enum err check_failures(const struct failures *f, struct account_result *result) {
    int64_t address = limit_wait(f->shop, f->settings, LIMIT_FAILED_LOGINS_PER_ADDRESS, f->address,
                                 LIMIT_ADDRESS_SIZE, f->now);
    int64_t account = limit_wait(f->shop, f->settings, LIMIT_FAILED_LOGINS_PER_ACCOUNT, f->account,
                                 f->account_size, f->now);
    int64_t browser = limit_wait(f->shop, f->settings, LIMIT_FAILED_LOGINS_PER_BROWSER, f->browser,
                                 KNOWN_BROWSER_SIZE, f->now);
    int64_t longest = address > account ? address : account;
    return account_refuse_wait(result, browser > longest ? browser : longest);
}

static void count_failure(const struct failures *f) {
    counter_add(&f->shop->counters.logins_failed, 1);
    limit_count(f->shop, LIMIT_FAILED_LOGINS_PER_ADDRESS, f->address, LIMIT_ADDRESS_SIZE, f->now);
    limit_count(f->shop, LIMIT_FAILED_LOGINS_PER_ACCOUNT, f->account, f->account_size, f->now);
    limit_count(f->shop, LIMIT_FAILED_LOGINS_PER_BROWSER, f->browser, KNOWN_BROWSER_SIZE, f->now);
}

/* The limits are asked before, so that nobody makes us hash for nothing, and again after a password
 * that fits: of many guesses sent at once, only those count that come before too many failed. */
enum err account_try_password(struct shop *shop, const struct settings *settings,
                              const struct account_visit *visit, const char *email_key,
                              const char *password, const char *encoded,
                              struct account_result *result) {
    const struct failures failures = failures_of(shop, settings, visit, email_key);
    enum err err = check_failures(&failures, result);
    if (err)
        return err;
    if (strlen(password) > PASSWORD_MAX)
        err = ERR_REFUSED;
    else
        err = secret_password_verify(password, encoded);
    if (err == OK)
        return check_failures(&failures, result);
    if (err == ERR_REFUSED)
        count_failure(&failures);
    return err;
}

/* ---- log-in ---------------------------------------------------------------------------------- */

struct attempt {
    struct shop *shop;
    const struct settings *settings;
    const struct account_visit *visit;
    struct account_secret account;
    bool remember;
    struct account_result *result;
};

static enum err login_tx(struct tx *tx, void *arg) {
    struct attempt *attempt = arg;
    int64_t id = attempt->account.id, now = attempt->visit->now;
    enum err err = account_still_tx(tx, &attempt->account);
    if (!err)
        err = second_factor_enabled(tx_db(tx), id, &attempt->result->awaits_code);
    if (!err)
        err = (attempt->result->awaits_code ? session_create_waiting_tx : session_create_tx)(
            tx, id, attempt->remember, attempt->visit->old_token, now, &attempt->result->cookie);
    return err ? err : tx_exec(tx, account_sql[ACCOUNT_SEEN], V(id), V(now));
}

static enum err send_confirmation_tx(struct tx *tx, void *arg) {
    struct attempt *attempt = arg;
    return account_mail_link_tx(
        attempt->shop, tx, attempt->settings, LINK_CONFIRM_EMAIL, &attempt->account,
        account_mail_language(&attempt->account, attempt->visit->language), attempt->visit->now);
}

/* The password is right, the address was never proven: another link, if there were not too many. */
static enum err refuse_unconfirmed(struct attempt *attempt) {
    if (account_may_mail(attempt->shop, attempt->settings, attempt->account.email_key,
                         attempt->visit->now)) {
        enum err err = store_write(attempt->shop->store, send_confirmation_tx, attempt);
        if (err)
            return err;
        mail_notify(attempt->shop);
    }
    return account_refuse(attempt->result, ACCOUNT_FIELD_FORM, ACCOUNT_UNCONFIRMED);
}

static enum err enter(struct attempt *attempt, const char *email_key, const char *password) {
    const struct account_secret *account = &attempt->account;
    struct account_result *result = attempt->result;
    enum err err =
        account_try_password(attempt->shop, attempt->settings, attempt->visit, email_key, password,
                             account->is_active ? account->password_hash : NULL, result);
    if (err == ERR_REFUSED && result->retry_after == 0)
        return account_refuse(result, ACCOUNT_FIELD_FORM, ACCOUNT_LOGIN_WRONG);
    if (err)
        return err;
    if (attempt->settings->confirm_email && !account->confirmed)
        return refuse_unconfirmed(attempt);
    err = store_write(attempt->shop->store, login_tx, attempt);
    if (err == ERR_NOT_FOUND) /* disabled, or another password, this very moment */
        return account_refuse(result, ACCOUNT_FIELD_FORM, ACCOUNT_LOGIN_WRONG);
    if (err)
        return err;
    result->account_id = account->id;
    known_browser_make(attempt->shop->key, email_key, result->browser);
    counter_add(&attempt->shop->counters.logins, 1);
    limit_forget(attempt->shop, LIMIT_FAILED_LOGINS_PER_ACCOUNT, email_key, strlen(email_key));
    return OK;
}

enum err account_login(struct shop *shop, const struct account_visit *visit, const char *email,
                       const char *password, bool remember, struct account_result *result) {
    *result = (struct account_result){0};
    struct arena *arena = arena_create();
    const char *key = account_email_key(arena, email);
    struct attempt attempt = {.shop = shop, .visit = visit, .remember = remember, .result = result};
    struct db *db = store_reader(shop->store);
    attempt.settings = shop_settings(shop, db);
    enum err err = account_secret_by_key(db, arena, key, &attempt.account);
    store_release(shop->store, db);
    if (err == OK || err == ERR_NOT_FOUND)
        err = enter(&attempt, key, password ? password : "");
    arena_destroy(arena);
    return err;
}
