/* Staff and the accounts of others. */
#include "shop/account_admin.h"
#include "base/utf8.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include "shop/permission.h"
#include "shop/person.h"
#include "shop/second_factor.h"
#include <string.h>

/* One deed on its way. */
struct act {
    struct shop *shop;
    const struct settings *settings;
    struct account_deed *deed;
    const int64_t *ids;
    size_t count;
    bool active;
    enum staff_role role;
    struct account_clean clean;
    int64_t changed;
    struct account_secret actor, subject;
    struct arena *arena;
    struct account_result *result;
};

static enum err refuse(const struct act *act, enum account_error error) {
    return account_refuse(act->result, ACCOUNT_FIELD_FORM, error);
}

/* ---- who may ----------------------------------------------------------------------------------
 */

static enum err actor_tx(struct tx *tx, struct arena *arena, int64_t id,
                         struct account_secret *out) {
    enum err err = account_secret_by_id(tx_db(tx), arena, id, out);
    if (!err && (!out->is_active || out->staff_role == STAFF_NONE))
        err = ERR_NOT_FOUND;
    return err;
}

static enum err over_tx(struct tx *tx, struct arena *arena, const struct account_secret *actor,
                        int64_t id, struct account_secret *subject, enum account_error *refusal) {
    int64_t gone;
    *refusal = ACCOUNT_FINE;
    enum err err = account_secret_by_id(tx_db(tx), arena, id, subject);
    if (!err)
        err = db_int(tx_db(tx), account_sql[ACCOUNT_STANDING], &gone, V(id));
    if (err)
        return err;
    if (!permission_over(actor->staff_role, subject->staff_role))
        *refusal = ACCOUNT_ABOVE_YOU;
    else if (gone)
        *refusal = ACCOUNT_GONE;
    return *refusal ? ERR_REFUSED : OK;
}

enum err account_admin_over_tx(struct tx *tx, int64_t actor_id, int64_t id,
                               enum account_error *refusal) {
    struct arena *arena = arena_create();
    struct account_secret actor, subject;
    enum err err = actor_tx(tx, arena, actor_id, &actor);
    if (!err)
        err = over_tx(tx, arena, &actor, id, &subject, refusal);
    arena_destroy(arena);
    return err;
}

/* Loads both sides of the deed for the i-th account. */
static enum err load_tx(struct tx *tx, struct act *act, size_t i) {
    enum account_error refusal = ACCOUNT_FINE;
    enum err err = actor_tx(tx, act->arena, act->deed->actor_id, &act->actor);
    if (!err)
        err = over_tx(tx, act->arena, &act->actor, act->ids[i], &act->subject, &refusal);
    return err == ERR_REFUSED ? refuse(act, refusal) : err;
}

/* Refuses what would leave the school without an owner. */
static enum err keep_an_owner_tx(struct tx *tx, const struct act *act) {
    int64_t others;
    enum err err =
        db_int(tx_db(tx), account_sql[ACCOUNT_OTHER_OWNERS], &others, V(act->subject.id));
    if (err)
        return err;
    return act->subject.staff_role == STAFF_OWNER && others == 0 ? refuse(act, ACCOUNT_LAST_OWNER)
                                                                 : OK;
}

static enum err trail_tx(struct tx *tx, const struct act *act, const char *action,
                         const char *field, const char *before, const char *after) {
    const struct audit_field change = {.name = field, .before = before, .after = after};
    return audit_change_tx(tx, act->actor.id, action, "account", act->subject.id, &change, 1);
}

static enum err run(struct shop *shop, store_fn *fn, struct act *act) {
    *act->result = (struct account_result){0};
    act->shop = shop;
    act->arena = arena_create();
    act->settings = shop_read_settings(shop);
    enum err err = store_write(shop->store, fn, act);
    if (!err && act->changed)
        mail_notify(shop);
    act->deed->changed = !err && act->changed > 0;
    arena_destroy(act->arena);
    return err;
}

enum err account_standing(struct db *db, int64_t id, bool *gone, bool *erased, bool *invited) {
    struct rows *rows = db_query(db, account_sql[ACCOUNT_STANDING], V(id));
    bool found = rows_next(rows);
    *gone = found && rows_bool(rows, 0);
    *erased = found && rows_bool(rows, 1);
    *invited = found && rows_bool(rows, 2);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

/* ---- in and out ------------------------------------------------------------------------------ */

static enum err set_active_tx(struct tx *tx, struct act *act) {
    if (act->subject.is_active == act->active)
        return OK;
    if (!act->active && act->subject.id == act->actor.id)
        return refuse(act, ACCOUNT_YOURSELF);
    enum err err = act->active ? OK : keep_an_owner_tx(tx, act);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_ACTIVE], V(act->subject.id), V(act->active));
    if (!err && !act->active)
        err = session_end_all_tx(tx, act->subject.id);
    if (!err && !act->active)
        err = link_void_tx(tx, act->subject.id);
    act->changed++;
    return err ? err
               : trail_tx(tx, act, act->active ? "enable" : "disable", "is_active",
                          act->active ? "0" : "1", act->active ? "1" : "0");
}

static enum err active_tx(struct tx *tx, void *arg) {
    struct act *act = arg;
    enum err err = OK;
    act->changed = 0;
    for (size_t i = 0; !err && i < act->count; i++) {
        err = load_tx(tx, act, i);
        if (!err)
            err = set_active_tx(tx, act);
    }
    return err;
}

enum err account_admin_active(struct shop *shop, struct account_deed *deed, const int64_t *ids,
                              size_t count, bool active, int64_t *changed,
                              struct account_result *result) {
    struct act act = {.deed = deed, .ids = ids, .count = count, .active = active, .result = result};
    enum err err = run(shop, active_tx, &act);
    *changed = err ? 0 : act.changed;
    return err;
}

/* ---- roles ----------------------------------------------------------------------------------- */

static enum err role_tx(struct tx *tx, void *arg) {
    struct act *act = arg;
    act->changed = 0;
    enum err err = load_tx(tx, act, 0);
    if (err || act->subject.staff_role == act->role)
        return err;
    if (!permission_over(act->actor.staff_role, act->role))
        return refuse(act, ACCOUNT_ROLE_ABOVE);
    err = keep_an_owner_tx(tx, act);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_STAFF_ROLE], V(act->subject.id),
                      V(session_staff_role_name(act->role)));
    if (!err && act->subject.id != act->actor.id)
        err = session_end_all_tx(tx, act->subject.id);
    act->changed = 1;
    return err ? err
               : trail_tx(tx, act, "role", "staff_role",
                          session_staff_role_name(act->subject.staff_role),
                          session_staff_role_name(act->role));
}

enum err account_admin_role(struct shop *shop, struct account_deed *deed, int64_t id,
                            enum staff_role role, struct account_result *result) {
    struct act act = {.deed = deed, .ids = &id, .count = 1, .role = role, .result = result};
    return run(shop, role_tx, &act);
}

/* ---- links ----------------------------------------------------------------------------------- */

static enum err link_tx(struct tx *tx, void *arg) {
    struct act *act = arg;
    const struct account_secret *subject = &act->subject;
    act->changed = 0;
    enum err err = load_tx(tx, act, 0);
    if (err)
        return err;
    if (!subject->is_active)
        return refuse(act, ACCOUNT_DISABLED);
    enum link_purpose purpose = subject->password_hash ? LINK_PASSWORD_RESET : LINK_INVITATION;
    err = account_mail_link_tx(act->shop, tx, act->settings, purpose, subject,
                               account_mail_language(subject, act->settings->language),
                               act->deed->visit->now);
    act->changed = 1;
    return err ? err : audit_write_tx(tx, act->actor.id, "send_link", "account", subject->id, NULL);
}

/* The limit is that of links people ask for themselves, so that a mailbox is not flooded. */
static enum err within_limit(struct shop *shop, struct account_deed *deed, int64_t id,
                             struct account_result *result) {
    struct arena *arena = arena_create();
    struct account_secret subject;
    struct db *db = store_reader(shop->store);
    const struct settings *settings = shop_settings(shop, db);
    enum err err = account_secret_by_id(db, arena, id, &subject);
    store_release(shop->store, db);
    *result = (struct account_result){0};
    if (!err && !account_may_mail(shop, settings, subject.email_key, deed->visit->now))
        err = account_refuse(result, ACCOUNT_FIELD_FORM, ACCOUNT_TOO_MANY);
    arena_destroy(arena);
    return err;
}

enum err account_admin_send_link(struct shop *shop, struct account_deed *deed, int64_t id,
                                 struct account_result *result) {
    struct act act = {.deed = deed, .ids = &id, .count = 1, .result = result};
    enum err err = within_limit(shop, deed, id, result);
    return err ? err : run(shop, link_tx, &act);
}

/* ---- the second factor ----------------------------------------------------------------------- */

static enum err factor_tx(struct tx *tx, void *arg) {
    struct act *act = arg;
    bool on;
    act->changed = 0;
    enum err err = load_tx(tx, act, 0);
    if (!err)
        err = second_factor_enabled(tx_db(tx), act->ids[0], &on);
    if (err || !on)
        return err;
    act->changed = 1;
    err = second_factor_drop_tx(tx, act->subject.id);
    if (!err && act->subject.id != act->actor.id)
        err = session_end_all_tx(tx, act->subject.id);
    if (!err)
        err = audit_write_tx(tx, act->actor.id, "second_factor_off", "account", act->subject.id,
                             NULL);
    return err ? err
               : account_mail_tx(
                     act->shop, tx, act->settings, MAIL_SECOND_FACTOR_OFF, &act->subject,
                     account_mail_language(&act->subject, act->settings->language), NULL);
}

enum err account_admin_reset_factor(struct shop *shop, struct account_deed *deed, int64_t id,
                                    struct account_result *result) {
    struct act act = {.deed = deed, .ids = &id, .count = 1, .result = result};
    return run(shop, factor_tx, &act);
}

/* ---- new ones -------------------------------------------------------------------------------- */

/* What is there of that address: the same form sent a moment ago, or somebody else. */
static enum err same_address_tx(struct tx *tx, struct act *act) {
    struct account_secret other;
    enum err err = account_secret_by_key(tx_db(tx), act->arena, act->clean.email_key, &other);
    if (err)
        return err;
    bool repeat = !other.password_hash && other.staff_role == act->role &&
                  act->deed->visit->now - other.created_at <= ACCOUNT_REPEAT_SECONDS &&
                  strcmp(other.first_name, act->clean.first_name) == 0 &&
                  strcmp(other.last_name, act->clean.last_name) == 0;
    act->result->account_id = other.id;
    return repeat ? OK : account_refuse(act->result, ACCOUNT_FIELD_EMAIL, ACCOUNT_EMAIL_IN_USE);
}

static enum err insert_tx(struct tx *tx, struct act *act) {
    const struct account_clean *clean = &act->clean;
    int64_t now = act->deed->visit->now;
    enum err err = tx_exec(tx, account_sql[ACCOUNT_INSERT], V(clean->email), V(clean->email_key),
                           V_NULL, V(clean->first_name), V(clean->last_name), V(clean->country),
                           V((int)ACCOUNT_PARENT), V(clean->phone), V(clean->school), V_NULL,
                           V(session_staff_role_name(act->role)), V_NULL, V_NULL, V(now));
    act->result->account_id = tx_last_id(tx);
    act->subject = (struct account_secret){
        .id = act->result->account_id, .email = clean->email, .first_name = clean->first_name};
    const struct audit_field fields[] = {
        {.name = "first_name", .after = clean->first_name, .personal = true},
        {.name = "last_name", .after = clean->last_name, .personal = true},
        {.name = "email", .after = clean->email, .personal = true},
        {.name = "staff_role", .after = session_staff_role_name(act->role)}};
    return err ? err
               : audit_change_tx(tx, act->actor.id, "create", "account", act->subject.id, fields,
                                 ARRAY_COUNT(fields) - (act->role == STAFF_NONE));
}

static enum err create_tx(struct tx *tx, void *arg) {
    struct act *act = arg;
    act->changed = 0;
    act->result->account_id = 0;
    enum err err = actor_tx(tx, act->arena, act->deed->actor_id, &act->actor);
    if (!err && !permission_over(act->actor.staff_role, act->role))
        err = refuse(act, ACCOUNT_ROLE_ABOVE);
    if (err)
        return err;
    err = same_address_tx(tx, act);
    if (err != ERR_NOT_FOUND)
        return err;
    err = insert_tx(tx, act);
    act->changed = 1;
    return err ? err
               : account_mail_link_tx(act->shop, tx, act->settings, LINK_INVITATION, &act->subject,
                                      act->settings->language, act->deed->visit->now);
}

/* Families give what sign-up asks for; of staff the name is enough. */
static enum err check(struct act *act, struct arena *arena, const struct account_input *input) {
    struct account_result *result = act->result;
    *result = (struct account_result){0};
    act->clean.role = ACCOUNT_PARENT;
    account_check_email(arena, input->email, &act->clean, result);
    account_check_person(arena, input, (struct date){0}, &act->clean, result);
    if (act->role != STAFF_NONE && !act->clean.phone)
        result->errors[ACCOUNT_FIELD_PHONE] = ACCOUNT_FINE;
    return account_checked(result);
}

enum err account_admin_create(struct shop *shop, struct account_deed *deed,
                              const struct account_input *input, enum staff_role role,
                              struct account_result *result) {
    struct arena *arena = arena_create();
    struct act act = {.deed = deed, .role = role, .result = result};
    enum err err = check(&act, arena, input);
    if (!err)
        err = run(shop, create_tx, &act);
    arena_destroy(arena);
    return err;
}
