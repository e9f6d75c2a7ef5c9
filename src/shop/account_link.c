/* Proving an address: confirmation at sign-up, and the way back in for who forgot the password. */
#include "base/memory.h"
#include "base/secret.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include "shop/limit.h"
#include <stdlib.h>
#include <string.h>

static const enum mail_kind MAILS[] = {
    [LINK_PASSWORD_RESET] = MAIL_PASSWORD_RESET,
    [LINK_CONFIRM_EMAIL] = MAIL_CONFIRM_EMAIL,
    [LINK_INVITATION] = MAIL_INVITED,
};

/* ---- mails ----------------------------------------------------------------------------------- */

enum lang account_mail_language(const struct account_secret *secret, enum lang page) {
    return secret->language_chosen ? secret->language : page;
}

enum err account_mail_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                         enum mail_kind kind, const struct account_secret *secret, enum lang lang,
                         const char *link) {
    struct mail_link model = {.first_name = secret->first_name, .link = link};
    struct mail mail = {.kind = kind, .lang = lang, .recipient = secret->email, .model = &model};
    return mail_enqueue_tx(shop, tx, settings, &mail);
}

enum err account_mail_link_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                              enum link_purpose purpose, const struct account_secret *secret,
                              enum lang lang, int64_t now) {
    char token[SECRET_TOKEN_SIZE];
    enum err err = link_create_tx(tx, purpose, secret->id, now, token);
    if (err)
        return err;
    struct buf link = {0};
    buf_printf(&link, "%s%s%s/", shop->base_url, link_path(purpose), token);
    err = account_mail_tx(shop, tx, settings, MAILS[purpose], secret, lang, buf_text(&link));
    buf_free(&link);
    return err;
}

bool account_may_mail(struct shop *shop, const struct settings *settings, const char *email_key,
                      int64_t now) {
    return limit_take(shop, settings, LIMIT_LINKS_PER_ACCOUNT, email_key, strlen(email_key), now) ==
           0;
}

/* ---- confirmation ---------------------------------------------------------------------------- */

enum err account_confirm_check(struct db *db, const char *token, int64_t now) {
    int64_t id;
    return link_check(db, LINK_CONFIRM_EMAIL, token, now, &id);
}

struct confirmation {
    const char *token;
    int64_t now, account_id;
};

/* Confirming twice is no harm, so this link works until it is too old: a mail program that looks at
 * links first, or a double click, changes nothing for the person. */
static enum err confirm_tx(struct tx *tx, void *arg) {
    struct confirmation *c = arg;
    enum err err = link_check(tx_db(tx), LINK_CONFIRM_EMAIL, c->token, c->now, &c->account_id);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_CONFIRM], V(c->account_id), V(c->now));
    return err || tx_changes(tx) > 0 ? err : ERR_NOT_FOUND;
}

enum err account_confirm(struct shop *shop, const struct account_visit *visit, const char *token,
                         struct account_result *result) {
    *result = (struct account_result){0};
    struct confirmation confirmation = {.token = token, .now = visit->now};
    enum err err = store_write(shop->store, confirm_tx, &confirmation);
    if (!err)
        result->account_id = confirmation.account_id;
    return err;
}

/* ---- asking for a new password --------------------------------------------------------------- */

/* What is left to do when the answer is already on its way. Whether there is such an account is
 * looked up here, so the clock of the answer does not tell. */
struct request {
    struct shop *shop;
    const struct settings *settings;
    char *email_key;
    enum lang language;
    int64_t now;
    bool mailed;
};

static enum err request_tx(struct tx *tx, void *arg) {
    struct request *request = arg;
    request->mailed = false;
    struct arena *arena = arena_create();
    struct account_secret secret;
    enum err err = account_secret_by_key(tx_db(tx), arena, request->email_key, &secret);
    if (!err && secret.is_active) {
        err =
            account_mail_link_tx(request->shop, tx, request->settings, LINK_PASSWORD_RESET, &secret,
                                 account_mail_language(&secret, request->language), request->now);
        request->mailed = err == OK;
    }
    arena_destroy(arena);
    return err == ERR_NOT_FOUND ? OK : err;
}

static void request_done(void *arg) {
    struct request *request = arg;
    if (request->mailed)
        mail_notify(request->shop);
    free(request->email_key);
    free(request);
}

static void send_reset_later(struct shop *shop, const struct settings *settings,
                             const struct account_visit *visit, const char *email_key) {
    struct request *request = memory_new(1, sizeof(*request));
    *request = (struct request){
        .shop = shop,
        .settings = settings,
        .email_key = memory_text(email_key),
        .language = visit->language,
        .now = visit->now,
    };
    store_write_later(shop->store, request_tx, request, request_done);
}

enum err account_reset_request(struct shop *shop, const struct account_visit *visit,
                               const char *email, struct account_result *result) {
    *result = (struct account_result){0};
    const struct settings *settings = shop_read_settings(shop);
    struct arena *arena = arena_create();
    struct account_clean clean = {0};
    account_check_email(arena, email, &clean, result);
    enum err err = account_checked(result);
    if (!err)
        err = account_refuse_wait(result,
                                  limit_take(shop, settings, LIMIT_RESETS_PER_ADDRESS,
                                             visit->address_key, LIMIT_ADDRESS_SIZE, visit->now));
    if (!err && account_may_mail(shop, settings, clean.email_key, visit->now))
        send_reset_later(shop, settings, visit, clean.email_key);
    arena_destroy(arena);
    return err;
}

/* ---- setting the new password ---------------------------------------------------------------- */

enum err account_reset_check(struct db *db, const char *token, int64_t now) {
    int64_t id;
    return link_check(db, LINK_PASSWORD_RESET, token, now, &id);
}

struct reset {
    struct shop *shop;
    const struct settings *settings;
    const struct account_visit *visit;
    const char *token;
    struct account_secret account;
    char hash[SECRET_PASSWORD_SIZE];
};

static enum err reset_tx(struct tx *tx, void *arg) {
    struct reset *reset = arg;
    int64_t id, now = reset->visit->now;
    enum err err = link_use_tx(tx, LINK_PASSWORD_RESET, reset->token, now, &id);
    if (!err) /* who reads the mail of an address has it */
        err = tx_exec(tx, account_sql[ACCOUNT_CONFIRM], V(id), V(now));
    if (!err)
        err = tx_changes(tx) > 0 ? OK : ERR_NOT_FOUND;
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_PASSWORD], V(id), V((const char *)reset->hash));
    if (!err)
        err = session_end_all_tx(tx, id);
    if (!err)
        err = audit_write_tx(tx, id, "password_reset", "account", id, NULL);
    if (!err && reset->account.password_hash) /* an invitation changes nothing, it begins */
        err = account_mail_tx(reset->shop, tx, reset->settings, MAIL_PASSWORD_CHANGED,
                              &reset->account,
                              account_mail_language(&reset->account, reset->visit->language), NULL);
    return err;
}

/* The link's account. *repeat: the link was used a moment ago, which may be a double click. */
static enum err find_reset(struct reset *reset, struct arena *arena, bool *repeat) {
    int64_t id, now = reset->visit->now;
    struct db *db = store_reader(reset->shop->store);
    reset->settings = shop_settings(reset->shop, db);
    enum err err = link_check(db, LINK_PASSWORD_RESET, reset->token, now, &id);
    *repeat = err == ERR_NOT_FOUND;
    if (*repeat)
        err = link_spent(db, LINK_PASSWORD_RESET, reset->token, now, ACCOUNT_REPEAT_SECONDS, &id);
    if (!err)
        err = account_secret_by_id(db, arena, id, &reset->account);
    store_release(reset->shop->store, db);
    return !err && !reset->account.is_active ? ERR_NOT_FOUND : err;
}

static enum err repeat_reset(struct reset *reset, const struct account_input *input,
                             struct account_result *result) {
    enum err err = account_try_password(
        reset->shop, reset->settings, reset->visit, reset->account.email_key,
        input->password ? input->password : "", reset->account.password_hash, result);
    return err == ERR_REFUSED && result->retry_after == 0 ? ERR_NOT_FOUND : err;
}

static enum err first_reset(struct reset *reset, const struct account_input *input,
                            struct account_result *result) {
    const struct account_secret *account = &reset->account;
    account_check_password(input, account->email, account->first_name, account->last_name, result);
    enum err err = account_checked(result);
    if (!err)
        err = secret_password_hash(input->password, reset->hash);
    if (!err)
        err = store_write(reset->shop->store, reset_tx, reset);
    if (err)
        return err;
    limit_forget(reset->shop, LIMIT_FAILED_LOGINS_PER_ACCOUNT, account->email_key,
                 strlen(account->email_key));
    mail_notify(reset->shop);
    return OK;
}

/* Two clicks may both find the link fresh; the one that comes second looks again. */
static enum err run_reset(struct reset *reset, struct arena *arena,
                          const struct account_input *input, struct account_result *result) {
    bool repeat;
    enum err err = find_reset(reset, arena, &repeat);
    if (!err && !repeat) {
        err = first_reset(reset, input, result);
        if (err != ERR_NOT_FOUND)
            return err;
        err = find_reset(reset, arena, &repeat);
    }
    return err ? err : repeat_reset(reset, input, result);
}

enum err account_reset(struct shop *shop, const struct account_visit *visit, const char *token,
                       const struct account_input *input, struct account_result *result) {
    *result = (struct account_result){0};
    struct arena *arena = arena_create();
    struct reset reset = {.shop = shop, .visit = visit, .token = token};
    enum err err = run_reset(&reset, arena, input, result);
    if (!err)
        result->account_id = reset.account.id;
    arena_destroy(arena);
    return err;
}
