/* Making a person anonymous, in one transaction. */
#include "shop/erase.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/audit.h"
#include "shop/erase_sql.h"
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 48 };

/* ---- what there is --------------------------------------------------------------------------- */

struct found {
    struct erase_preview preview;
    const char *email_key;
    int64_t open_orders, other_owners;
    enum staff_role role;
};

static enum err find(struct db *db, struct arena *arena, int64_t id, struct found *out) {
    *out = (struct found){.role = STAFF_NONE};
    struct rows *rows = db_query(db, erase_sql[ERASE_PREVIEW], V(id));
    bool found = rows_next(rows);
    if (found) {
        out->preview = (struct erase_preview){
            .email = rows_text(rows, 0, arena),
            .erased = rows_bool(rows, 2),
            .students = rows_int(rows, 4),
            .orders = rows_int(rows, 5),
            .receipts = rows_int(rows, 6),
            .mails = rows_int(rows, 7),
            .consents = rows_int(rows, 8),
            .name = arena_printf(arena, "%s %s", rows_text(rows, 11, arena),
                                 rows_text(rows, 12, arena)),
        };
        out->email_key = rows_text(rows, 1, arena);
        if (!session_staff_role_parse(rows_text(rows, 3, arena), &out->role))
            out->role = STAFF_NONE;
        out->open_orders = rows_int(rows, 9);
        out->other_owners = rows_int(rows, 10);
        out->preview.obstacle = out->open_orders ? ACCOUNT_ORDER_OPEN
                                : out->role == STAFF_OWNER && out->other_owners == 0
                                    ? ACCOUNT_LAST_OWNER
                                    : ACCOUNT_FINE;
    }
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

enum err erase_preview(struct db *db, struct arena *arena, int64_t account_id,
                       struct erase_preview *out) {
    struct found found;
    enum err err = find(db, arena, account_id, &found);
    *out = found.preview;
    return err;
}

/* ---- the deed -------------------------------------------------------------------------------- */

struct erasure {
    struct account_deed *deed;
    int64_t account_id;
    const char *email;
    struct account_result *result;
};

static enum err refuse(const struct erasure *e, enum account_error error) {
    return account_refuse(e->result, ACCOUNT_FIELD_FORM, error);
}

/* One that was closed may be erased all the same. */
static enum err check_tx(struct tx *tx, const struct erasure *e, struct arena *arena,
                         struct found *found) {
    enum account_error refusal = ACCOUNT_FINE;
    enum err err = account_admin_over_tx(tx, e->deed->actor_id, e->account_id, &refusal);
    if (err == ERR_REFUSED && refusal != ACCOUNT_GONE)
        return refuse(e, refusal);
    if (err && err != ERR_REFUSED)
        return err;
    err = find(tx_db(tx), arena, e->account_id, found);
    if (err || found->preview.erased)
        return err;
    if (e->account_id == e->deed->actor_id)
        return refuse(e, ACCOUNT_YOURSELF);
    if (found->preview.obstacle)
        return refuse(e, found->preview.obstacle);
    const char *typed = account_email_key(arena, e->email);
    bool same = strcmp(typed, account_email_key(arena, found->preview.email)) == 0;
    return same ? OK : account_refuse(e->result, ACCOUNT_FIELD_EMAIL, ACCOUNT_EMAIL_DIFFERS);
}

/* In this order; how many of (account, its name from now on, the moment) a statement takes. */
static const struct {
    int sql;
    size_t values;
} STEPS[] = {
    {ERASE_MAIL_TO_FORMER, 1},
    {ERASE_MAIL, 1},
    {ERASE_AUDIT_VALUES, 1},
    {ERASE_RECEIPTS, 2},
    {ERASE_RECEIPT_LINES, 2},
    {ERASE_CREDIT_NOTES, 2},
    {ERASE_CREDIT_NOTE_LINES, 2},
    {ERASE_REPORTS, 1},
    {ERASE_DOCUMENTS, 1},
    {ERASE_STUDENTS, 3},
    {ERASE_SESSIONS, 1},
    {ERASE_LINKS, 1},
    {ERASE_CODES, 1},
    {ERASE_FACTOR, 1},
    {ERASE_TEACHING, 1},
    {ERASE_IMPORTS, 0},
    {ERASE_ACCOUNT, 3},
    {ERASE_ACCOUNT_WORDS, 0},
    {ERASE_STUDENT_WORDS, 0},
};

static enum err scrub_tx(struct tx *tx, const struct erasure *e) {
    char name[NAME_SIZE];
    snprintf(name, sizeof(name), "Persona eliminada %lld", (long long)e->account_id);
    int64_t id = e->account_id, now = e->deed->visit->now;
    enum err err = tx_exec(tx, account_sql[ACCOUNT_GIVE_UP_SEATS], V(id));
    if (!err)
        err = tx_exec(tx, account_sql[ACCOUNT_GIVE_UP_CART], V(id));
    for (size_t i = 0; !err && i < ARRAY_COUNT(STEPS); i++) {
        struct value values[] = {V(id), V((const char *)name), V(now), {.type = VALUE_END}};
        values[STEPS[i].values] = (struct value){.type = VALUE_END};
        err = tx_exec_values(tx, erase_sql[STEPS[i].sql], values);
    }
    return err;
}

static enum err erase_tx(struct tx *tx, void *arg) {
    struct erasure *e = arg;
    struct arena *arena = arena_create();
    struct found found = {0};
    *e->result = (struct account_result){.account_id = e->account_id};
    e->deed->changed = false;
    enum err err = check_tx(tx, e, arena, &found);
    if (!err && !found.preview.erased) {
        err = scrub_tx(tx, e);
        if (!err)
            err = audit_write_tx(tx, e->deed->actor_id, "erase", "account", e->account_id, NULL);
        e->deed->changed = err == OK;
    }
    arena_destroy(arena);
    return err;
}

enum err erase_account(struct shop *shop, struct account_deed *deed, int64_t account_id,
                       const char *email, struct account_result *result) {
    struct erasure e = {.deed = deed, .account_id = account_id, .email = email, .result = result};
    return store_write(shop->store, erase_tx, &e);
}
