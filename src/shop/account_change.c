/* What the owner of an account changes about it: password, profile, language, the end. */
#include "base/secret.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include "shop/limit.h"
#include "shop/student.h"
#include <string.h>

/* One change on its way. */
struct change {
    struct shop *shop;
    const struct settings *settings;
    const struct account_visit *visit;
    const struct account_input *input;
    struct account_secret account;
    struct account_clean clean;
    char hash[SECRET_PASSWORD_SIZE];
    bool remember;
    struct account_result *result;
};

/* ERR_NOT_FOUND for an account that is not active. */
static enum err begin(struct change *change, struct arena *arena, int64_t account_id) {
    *change->result = (struct account_result){.account_id = account_id};
    struct db *db = store_reader(change->shop->store);
    change->settings = shop_settings(change->shop, db);
    enum err err = account_secret_by_id(db, arena, account_id, &change->account);
    store_release(change->shop->store, db);
    return !err && !change->account.is_active ? ERR_NOT_FOUND : err;
}

static enum err mail_owner_tx(struct tx *tx, const struct change *change, enum mail_kind kind) {
    enum lang lang = account_mail_language(&change->account, change->visit->language);
    return account_mail_tx(change->shop, tx, change->settings, kind, &change->account, lang, NULL);
}

/* The person shows that it is them; `field` is where they typed it. */
static enum err prove(struct change *change, const char *password, enum account_field field) {
    struct account_result *result = change->result;
    if (!password || !*password)
        return account_refuse(result, field, ACCOUNT_REQUIRED);
    enum err err = account_try_password(change->shop, change->settings, change->visit,
                                        change->account.email_key, password,
                                        change->account.password_hash, result);
    if (err == ERR_REFUSED && result->retry_after == 0)
        return account_refuse(result, field, ACCOUNT_PASSWORD_WRONG);
    return err;
}

/* ---- password -------------------------------------------------------------------------------- */

static enum err password_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    int64_t id = change->account.id;
    enum err err = account_still_tx(tx, &change->account);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_PASSWORD], V(id), V((const char *)change->hash));
    if (!err)
        err = session_end_all_tx(tx, id);
    if (!err)
        err = link_void_tx(tx, id);
    if (!err)
        err = session_create_tx(tx, id, change->remember, NULL, change->visit->now,
                                &change->result->cookie);
    if (!err)
        err = audit_write_tx(tx, id, "password", "account", id, NULL);
    return err ? err : mail_owner_tx(tx, change, MAIL_PASSWORD_CHANGED);
}

static enum err change_password(struct change *change) {
    const struct account_input *input = change->input;
    const struct account_secret *account = &change->account;
    account_check_password(input, account->email, account->first_name, account->last_name,
                           change->result);
    enum err err = account_checked(change->result);
    if (!err)
        err = prove(change, input->old_password, ACCOUNT_FIELD_OLD_PASSWORD);
    if (!err && strcmp(input->password, input->old_password) == 0)
        err = account_refuse(change->result, ACCOUNT_FIELD_PASSWORD, ACCOUNT_PASSWORD_SAME);
    if (!err)
        err = secret_password_hash(input->password, change->hash);
    if (!err)
        err = store_write(change->shop->store, password_tx, change);
    if (!err)
        mail_notify(change->shop);
    return err;
}

enum err account_change_password(struct shop *shop, const struct account_visit *visit,
                                 int64_t account_id, const struct account_input *input,
                                 bool remember, struct account_result *result) {
    struct arena *arena = arena_create();
    struct change change = {
        .shop = shop, .visit = visit, .input = input, .remember = remember, .result = result};
    enum err err = begin(&change, arena, account_id);
    if (!err)
        err = change_password(&change);
    arena_destroy(arena);
    return err;
}

/* ---- profile --------------------------------------------------------------------------------- */

static enum err edit_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    const struct account_clean *clean = &change->clean;
    const struct account_input *input = change->input;
    int64_t id = change->account.id, now = change->visit->now;
    char birth[DATE_TEXT_SIZE];
    date_format(clean->date_of_birth, birth);
    enum err err =
        tx_exec(tx, account_sql[ACCOUNT_UPDATE], V(id), V(clean->first_name), V(clean->last_name),
                V(clean->country), V(clean->phone), V(clean->school), V(*birth ? birth : NULL));
    if (!err)
        err = consent_write_tx(tx, id, CONSENT_MARKETING, 0, input->marketing, now);
    if (!err)
        err = consent_write_tx(tx, id, CONSENT_PHOTO, 0, input->photo, now);
    if (!err)
        err = student_follow_account_tx(tx, id, clean->first_name, clean->last_name,
                                        clean->date_of_birth, clean->school,
                                        zone_date(change->settings->zone, now), now);
    return err;
}

enum err account_edit(struct shop *shop, const struct account_visit *visit, int64_t account_id,
                      const struct account_input *input, struct account_result *result) {
    struct arena *arena = arena_create();
    struct change change = {.shop = shop, .visit = visit, .input = input, .result = result};
    enum err err = begin(&change, arena, account_id);
    if (!err) {
        change.clean.role = change.account.role;
        account_check_person(arena, input, zone_date(change.settings->zone, visit->now),
                             &change.clean, result);
        err = account_checked(result);
    }
    if (!err) {
        err = store_write(shop->store, edit_tx, &change);
        if (err == ERR_REFUSED)
            err = account_refuse(result, ACCOUNT_FIELD_DATE_OF_BIRTH, ACCOUNT_AGE_LIMIT);
    }
    arena_destroy(arena);
    return err;
}

struct language {
    int64_t account_id;
    enum lang language;
};

static enum err language_tx(struct tx *tx, void *arg) {
    const struct language *choice = arg;
    return tx_exec(tx, account_sql[ACCOUNT_LANGUAGE], V(choice->account_id),
                   V(lang_code(choice->language)));
}

enum err account_set_language(struct shop *shop, int64_t account_id, enum lang language) {
    struct language choice = {account_id, language};
    return store_write(shop->store, language_tx, &choice);
}

/* ---- the end --------------------------------------------------------------------------------- */

static enum err may_close_tx(struct tx *tx, const struct change *change) {
    int64_t orders, owners;
    int64_t id = change->account.id;
    enum err err = db_int(tx_db(tx), account_sql[ACCOUNT_OPEN_ORDERS], &orders, V(id));
    if (!err)
        err = db_int(tx_db(tx), account_sql[ACCOUNT_OTHER_OWNERS], &owners, V(id));
    if (err)
        return err;
    if (orders > 0)
        return account_refuse(change->result, ACCOUNT_FIELD_FORM, ACCOUNT_ORDER_OPEN);
    if (change->account.staff_role == STAFF_OWNER && owners == 0)
        return account_refuse(change->result, ACCOUNT_FIELD_FORM, ACCOUNT_LAST_OWNER);
    return OK;
}

static enum err close_tx(struct tx *tx, void *arg) {
    struct change *change = arg;
    int64_t id = change->account.id, now = change->visit->now;
    *change->result = (struct account_result){.account_id = id};
    enum err err = account_still_tx(tx, &change->account);
    if (!err)
        err = may_close_tx(tx, change);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_GIVE_UP_SEATS], V(id));
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_GIVE_UP_CART], V(id));
    if (!err)
        err = session_end_all_tx(tx, id);
    if (!err)
        err = link_void_tx(tx, id);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_CLOSE], V(id), V(now));
    if (!err)
        err = audit_write_tx(tx, id, "close", "account", id, NULL);
    return err ? err : mail_owner_tx(tx, change, MAIL_ACCOUNT_CLOSED);
}

enum err account_close(struct shop *shop, const struct account_visit *visit, int64_t account_id,
                       const char *password, struct account_result *result) {
    struct arena *arena = arena_create();
    struct change change = {.shop = shop, .visit = visit, .result = result};
    enum err err = begin(&change, arena, account_id);
    if (!err)
        err = prove(&change, password, ACCOUNT_FIELD_OLD_PASSWORD);
    if (!err)
        err = store_write(shop->store, close_tx, &change);
    if (!err)
        mail_notify(shop);
    arena_destroy(arena);
    return err;
}
