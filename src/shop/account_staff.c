/* Accounts managed from the shell of the machine: whoever has it owns the school's data anyway, so
 * nothing is refused here but what makes no sense. Each deed leaves a row in the trail. */
#include "base/secret.h"
#include "base/utf8.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include <string.h>

/* What is to be done to whom. */
struct deed {
    const char *email_key;
    struct account_clean clean;
    char hash[SECRET_PASSWORD_SIZE];
    enum staff_role staff_role;
    bool active;
    int64_t now, account_id;
    struct {
        enum staff_role staff_role;
        bool is_active;
    } before;
};

static enum err find_tx(struct tx *tx, struct deed *deed) {
    struct arena *arena = arena_create();
    struct account_secret secret;
    enum err err = account_secret_by_key(tx_db(tx), arena, deed->email_key, &secret);
    deed->account_id = err ? 0 : secret.id;
    if (!err) {
        deed->before.staff_role = secret.staff_role;
        deed->before.is_active = secret.is_active;
    }
    arena_destroy(arena);
    return err;
}

/* One column of the account: what it was, what it is now. */
static enum err audit_change(struct tx *tx, const struct deed *deed, const char *action,
                             const char *name, const char *before, const char *after) {
    const struct audit_field field = {.name = name, .before = before, .after = after};
    return audit_change_tx(tx, 0, action, "account", deed->account_id, &field, 1);
}

static enum err run(struct shop *shop, store_fn *fn, const char *email, struct deed *deed) {
    struct arena *arena = arena_create();
    deed->email_key = account_email_key(arena, email);
    enum err err = store_write(shop->store, fn, deed);
    arena_destroy(arena);
    return err;
}

/* ---- create ---------------------------------------------------------------------------------- */

static enum err create_tx(struct tx *tx, void *arg) {
    struct deed *deed = arg;
    const struct account_clean *clean = &deed->clean;
    enum err err =
        tx_exec(tx, account_sql[ACCOUNT_INSERT], V(clean->email), V(clean->email_key),
                V((const char *)deed->hash), V(clean->first_name), V(clean->last_name), V_NULL,
                V((int)ACCOUNT_PARENT), V_NULL, V_NULL, V_NULL,
                V(session_staff_role_name(deed->staff_role)), V_NULL, V(deed->now), V(deed->now));
    deed->account_id = tx_last_id(tx);
    const struct audit_field fields[] = {
        {.name = "email", .after = clean->email, .personal = true},
        {.name = "staff_role", .after = session_staff_role_name(deed->staff_role)}};
    return err ? err
               : audit_change_tx(tx, 0, "create", "account", deed->account_id, fields,
                                 ARRAY_COUNT(fields));
}

/* Names may be missing here: who they are is known to whoever types the command. */
static void check_names(struct arena *arena, const struct account_input *input,
                        struct account_clean *clean) {
    clean->first_name = utf8_squeeze(arena, input->first_name ? input->first_name : "");
    clean->last_name = utf8_squeeze(arena, input->last_name ? input->last_name : "");
    if (!*clean->first_name)
        clean->first_name = arena_strndup(arena, clean->email, strcspn(clean->email, "@"));
}

static enum err create(struct shop *shop, struct arena *arena, const struct account_input *input,
                       struct deed *deed, struct account_result *result) {
    account_check_email(arena, input->email, &deed->clean, result);
    check_names(arena, input, &deed->clean);
    account_check_password(input, deed->clean.email, input->first_name, input->last_name, result);
    enum err err = account_checked(result);
    if (!err)
        err = secret_password_hash(input->password, deed->hash);
    if (!err)
        err = store_write(shop->store, create_tx, deed);
    if (err == ERR_CONFLICT)
        return account_refuse(result, ACCOUNT_FIELD_EMAIL, ACCOUNT_EMAIL_TAKEN);
    result->account_id = err ? 0 : deed->account_id;
    return err;
}

enum err account_staff_create(struct shop *shop, const struct account_input *input,
                              enum staff_role staff_role, int64_t now,
                              struct account_result *result) {
    *result = (struct account_result){0};
    struct arena *arena = arena_create();
    struct deed deed = {.staff_role = staff_role, .now = now};
    enum err err = create(shop, arena, input, &deed, result);
    arena_destroy(arena);
    return err;
}

/* ---- change ---------------------------------------------------------------------------------- */

static enum err password_tx(struct tx *tx, void *arg) {
    struct deed *deed = arg;
    enum err err = find_tx(tx, deed);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_PASSWORD], V(deed->account_id),
                      V((const char *)deed->hash));
    if (!err)
        err = session_end_all_tx(tx, deed->account_id);
    if (!err)
        err = link_void_tx(tx, deed->account_id);
    return err ? err : audit_write_tx(tx, 0, "password", "account", deed->account_id, NULL);
}

enum err account_staff_password(struct shop *shop, const char *email, const char *password,
                                int64_t now, struct account_result *result) {
    *result = (struct account_result){0};
    struct deed deed = {.now = now};
    struct account_input input = {.password = password};
    account_check_password(&input, email, NULL, NULL, result);
    enum err err = account_checked(result);
    if (!err)
        err = secret_password_hash(password, deed.hash);
    if (!err)
        err = run(shop, password_tx, email, &deed);
    result->account_id = err ? 0 : deed.account_id;
    return err;
}

static enum err role_tx(struct tx *tx, void *arg) {
    struct deed *deed = arg;
    enum err err = find_tx(tx, deed);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_STAFF_ROLE], V(deed->account_id),
                      V(session_staff_role_name(deed->staff_role)));
    if (!err)
        err = session_end_all_tx(tx, deed->account_id);
    return err ? err
               : audit_change(tx, deed, "role", "staff_role",
                              session_staff_role_name(deed->before.staff_role),
                              session_staff_role_name(deed->staff_role));
}

enum err account_staff_role(struct shop *shop, const char *email, enum staff_role staff_role,
                            int64_t now) {
    struct deed deed = {.staff_role = staff_role, .now = now};
    return run(shop, role_tx, email, &deed);
}

static enum err active_tx(struct tx *tx, void *arg) {
    struct deed *deed = arg;
    enum err err = find_tx(tx, deed);
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_ACTIVE], V(deed->account_id), V(deed->active));
    if (!err && !deed->active)
        err = session_end_all_tx(tx, deed->account_id);
    return err ? err
               : audit_change(tx, deed, deed->active ? "enable" : "disable", "is_active",
                              deed->before.is_active ? "1" : "0", deed->active ? "1" : "0");
}

enum err account_set_active(struct shop *shop, const char *email, bool active, int64_t now) {
    struct deed deed = {.active = active, .now = now};
    return run(shop, active_tx, email, &deed);
}
