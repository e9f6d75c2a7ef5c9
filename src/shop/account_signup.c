/* Signing up. */
#include "base/log.h"
#include "base/secret.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include "shop/limit.h"
#include "shop/student.h"
#include <string.h>

struct signup {
    struct shop *shop;
    const struct settings *settings;
    const struct account_visit *visit;
    const struct account_input *input;
    struct account_clean clean;
    char hash[SECRET_PASSWORD_SIZE];
    bool mail; /* the address has not had too many mails lately */
    struct account_result *result;
};

/* Notes what is wrong, and makes signup->clean. */
static void check(struct signup *signup, struct arena *arena) {
    const struct account_input *input = signup->input;
    const struct settings *settings = signup->settings;
    struct account_result *result = signup->result;
    bool role_known = input->role >= ACCOUNT_PARENT && input->role <= ACCOUNT_STUDENT;
    bool terms_asked = settings->terms.version > 0 || settings->privacy.version > 0;
    signup->clean.role = role_known ? (enum account_role)input->role : ACCOUNT_PARENT;
    account_check_email(arena, input->email, &signup->clean, result);
    account_check_person(arena, input, zone_date(settings->zone, signup->visit->now),
                         &signup->clean, result);
    account_check_password(input, signup->clean.email, input->first_name, input->last_name, result);
    if (!role_known)
        result->errors[ACCOUNT_FIELD_ROLE] = ACCOUNT_ROLE_UNKNOWN;
    if (terms_asked && !input->terms)
        result->errors[ACCOUNT_FIELD_TERMS] = ACCOUNT_TERMS_REQUIRED;
}

static enum err insert(struct tx *tx, const struct signup *signup, int64_t *id) {
    const struct account_clean *clean = &signup->clean;
    char birth[DATE_TEXT_SIZE];
    date_format(clean->date_of_birth, birth);
    enum err err = tx_exec(tx, account_sql[ACCOUNT_INSERT], V(clean->email), V(clean->email_key),
                           V((const char *)signup->hash), V(clean->first_name), V(clean->last_name),
                           V(clean->country), V((int)clean->role), V(clean->phone),
                           V(clean->school), V(*birth ? birth : NULL), V_NULL,
                           V(lang_code(signup->visit->language)), V_NULL, V(signup->visit->now));
    *id = tx_last_id(tx);
    return err;
}

static enum err write_consents(struct tx *tx, const struct signup *signup, int64_t id) {
    const struct settings *settings = signup->settings;
    const struct {
        enum consent_purpose purpose;
        int version;
        bool granted;
    } consents[] = {
        {CONSENT_TERMS, settings->terms.version, settings->terms.version > 0},
        {CONSENT_PRIVACY, settings->privacy.version, settings->privacy.version > 0},
        {CONSENT_MARKETING, 0, signup->input->marketing},
        {CONSENT_PHOTO, 0, signup->input->photo},
    };
    for (size_t i = 0; i < ARRAY_COUNT(consents); i++) {
        enum err err = consent_write_tx(tx, id, consents[i].purpose, consents[i].version,
                                        consents[i].granted, signup->visit->now);
        if (err)
            return err;
    }
    return OK;
}

/* The way in: a session, or a link to prove the address first. */
static enum err let_in(struct tx *tx, const struct signup *signup, int64_t id) {
    const struct account_visit *visit = signup->visit;
    struct account_result *result = signup->result;
    if (!signup->settings->confirm_email) {
        known_browser_make(signup->shop->key, signup->clean.email_key, result->browser);
        return session_create_tx(tx, id, false, visit->old_token, visit->now, &result->cookie);
    }
    result->confirm = true;
    struct account_secret secret = {
        .id = id, .email = signup->clean.email, .first_name = signup->clean.first_name};
    return signup->mail
               ? account_mail_link_tx(signup->shop, tx, signup->settings, LINK_CONFIRM_EMAIL,
                                      &secret, visit->language, visit->now)
               : OK;
}

static enum err signup_tx(struct tx *tx, void *arg) {
    struct signup *signup = arg;
    const struct account_clean *clean = &signup->clean;
    int64_t id;
    *signup->result = (struct account_result){0};
    enum err err = insert(tx, signup, &id);
    if (err) /* ERR_CONFLICT: the address has an account */
        return err;
    err = write_consents(tx, signup, id);
    if (!err && clean->role == ACCOUNT_STUDENT)
        err = student_create_self_tx(tx, id, clean->first_name, clean->last_name,
                                     clean->date_of_birth, clean->school, signup->visit->now);
    if (!err)
        err = audit_write_tx(tx, id, "signup", "account", id, NULL);
    if (!err)
        err = let_in(tx, signup, id);
    signup->result->account_id = signup->result->confirm ? 0 : id;
    return err;
}

/* ---- an address that has an account ---------------------------------------------------------- */

static enum err tell_member_tx(struct tx *tx, void *arg) {
    struct signup *signup = arg;
    struct arena *arena = arena_create();
    struct buf link = {0};
    struct account_secret secret;
    buf_printf(&link, "%s/accounts/password/reset/", signup->shop->base_url);
    enum err err = account_secret_by_key(tx_db(tx), arena, signup->clean.email_key, &secret);
    if (!err && secret.is_active)
        err = account_mail_tx(signup->shop, tx, signup->settings, MAIL_ALREADY_MEMBER, &secret,
                              account_mail_language(&secret, signup->visit->language),
                              buf_text(&link));
    buf_free(&link);
    arena_destroy(arena);
    return err == ERR_NOT_FOUND ? OK : err;
}

/* The page says the same as for a new account; the truth goes to the mailbox. */
static enum err answer_alike(struct signup *signup) {
    *signup->result = (struct account_result){.confirm = true};
    return signup->mail ? store_write(signup->shop->store, tell_member_tx, signup) : OK;
}

/* A form sent twice: the account is a moment old and the password fits, so this is its owner. */
static enum err enter_repeated(struct signup *signup) {
    struct account_result *result = signup->result;
    enum err err = account_login(signup->shop, signup->visit, signup->clean.email,
                                 signup->input->password, false, result);
    if (err != ERR_REFUSED || result->retry_after > 0)
        return err;
    *result = (struct account_result){0};
    return account_refuse(result, ACCOUNT_FIELD_EMAIL, ACCOUNT_EMAIL_TAKEN);
}

static enum err answer_taken(struct signup *signup, struct arena *arena) {
    if (signup->settings->confirm_email)
        return answer_alike(signup);
    struct account_secret secret;
    struct db *db = store_reader(signup->shop->store);
    enum err err = account_secret_by_key(db, arena, signup->clean.email_key, &secret);
    store_release(signup->shop->store, db);
    if (err)
        return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
    if (signup->visit->now - secret.created_at <= ACCOUNT_REPEAT_SECONDS)
        return enter_repeated(signup);
    *signup->result = (struct account_result){0};
    return account_refuse(signup->result, ACCOUNT_FIELD_EMAIL, ACCOUNT_EMAIL_TAKEN);
}

static enum err run(struct signup *signup, struct arena *arena) {
    struct shop *shop = signup->shop;
    const struct account_visit *visit = signup->visit;
    enum err err = account_refuse_wait(
        signup->result, limit_wait(shop, signup->settings, LIMIT_SIGNUPS_PER_ADDRESS,
                                   visit->address_key, LIMIT_ADDRESS_SIZE, visit->now));
    if (err)
        return err;
    check(signup, arena);
    err = account_checked(signup->result);
    if (err)
        return err;
    err = account_refuse_wait(signup->result,
                              limit_take(shop, signup->settings, LIMIT_SIGNUPS_PER_ADDRESS,
                                         visit->address_key, LIMIT_ADDRESS_SIZE, visit->now));
    if (err)
        return err;
    signup->mail = signup->settings->confirm_email &&
                   account_may_mail(shop, signup->settings, signup->clean.email_key, visit->now);
    err = secret_password_hash(signup->input->password, signup->hash);
    if (!err)
        err = store_write(shop->store, signup_tx, signup);
    if (!err)
        counter_add(&shop->counters.signups, 1);
    if (err == ERR_CONFLICT)
        err = answer_taken(signup, arena);
    if (!err && signup->mail)
        mail_notify(shop);
    return err;
}

void account_signup_check(const struct settings *settings, int64_t now,
                          const struct account_input *input, struct account_result *result) {
    const struct account_visit visit = {.now = now};
    struct signup signup = {
        .settings = settings, .visit = &visit, .input = input, .result = result};
    *result = (struct account_result){0};
    struct arena *arena = arena_create();
    check(&signup, arena);
    arena_destroy(arena);
}

enum err account_signup(struct shop *shop, const struct account_visit *visit,
                        const struct account_input *input, struct account_result *result) {
    *result = (struct account_result){0};
    struct signup signup = {
        .shop = shop,
        .settings = shop_read_settings(shop),
        .visit = visit,
        .input = input,
        .result = result,
    };
    struct arena *arena = arena_create();
    enum err err = run(&signup, arena);
    arena_destroy(arena);
    return err;
}
