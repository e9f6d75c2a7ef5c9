/* An account as staff edit it. */
#include "base/country.h"
#include "base/email.h"
#include "shop/account_admin.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/person.h"
#include "shop/records.h"
#include "shop/student.h"
#include <string.h>

enum { FIRST_NAME, LAST_NAME, EMAIL, PHONE, COUNTRY, SCHOOL, BIRTH, NOTES };

static enum err check_email(struct record_change *change) {
    struct account_clean clean = {0};
    struct account_result result = {0};
    struct account_secret other;
    account_check_email(change->arena, record_text(change, EMAIL), &clean, &result);
    if (result.errors[ACCOUNT_FIELD_EMAIL]) {
        record_refuse(change, EMAIL, account_error_text(result.errors[ACCOUNT_FIELD_EMAIL]));
        return OK;
    }
    enum err err = account_secret_by_key(tx_db(change->tx), change->arena, clean.email_key, &other);
    if (err == OK && other.id != change->id)
        record_refuse(change, EMAIL, account_error_text(ACCOUNT_EMAIL_IN_USE));
    return err == ERR_NOT_FOUND ? OK : err;
}

/* The person's own record as a student says the same as the account. */
static enum err follow(struct record_change *change) {
    struct date today = zone_date(change->settings->zone, change->now), birth = {0};
    if (person_birth(record_text(change, BIRTH), today, false, &birth)) {
        record_refuse(change, BIRTH, account_error_text(ACCOUNT_DATE_IMPLAUSIBLE));
        return OK;
    }
    enum err err = student_follow_account_tx(
        change->tx, change->id, record_text(change, FIRST_NAME), record_text(change, LAST_NAME),
        birth, record_text(change, SCHOOL), today, change->now);
    if (err != ERR_REFUSED)
        return err;
    record_refuse(change, BIRTH, account_error_text(ACCOUNT_AGE_LIMIT));
    return OK;
}

static enum err check(struct record_change *change) {
    enum account_error refusal = ACCOUNT_FINE;
    enum err err = account_admin_over_tx(change->tx, change->actor_id, change->id, &refusal);
    if (err == ERR_REFUSED) {
        record_refuse(change, -1, account_error_text(refusal));
        return OK;
    }
    if (!err && !record_null(change, COUNTRY) &&
        !country_name(LANG_EN, record_text(change, COUNTRY)))
        record_refuse(change, COUNTRY, account_error_text(ACCOUNT_COUNTRY_UNKNOWN));
    if (!err)
        err = check_email(change);
    return err ? err : follow(change);
}

/* Both addresses learn of it, links on their way to the old one are void, and the new one has to be
 * confirmed like any other. */
static enum err tell_both(struct record_change *change, const struct account_secret *account) {
    const char *to[] = {change->before[EMAIL].text, account->email};
    struct mail_link model = {.first_name = account->first_name, .email = account->email};
    enum err err = OK;
    for (int i = 0; !err && i < 2; i++) {
        const struct mail mail = {.kind = MAIL_EMAIL_CHANGED,
                                  .lang =
                                      account_mail_language(account, change->settings->language),
                                  .recipient = to[i],
                                  .model = &model};
        err = mail_enqueue_tx(change->shop, change->tx, change->settings, &mail);
    }
    return err;
}

static enum err done(struct record_change *change) {
    if (!change->before || !record_changed(change, EMAIL))
        return OK;
    const char *key = account_email_key(change->arena, record_text(change, EMAIL));
    struct account_secret account;
    enum err err = tx_exec(change->tx, account_sql[ACCOUNT_NEW_EMAIL_KEY], V(change->id), V(key));
    if (!err)
        err = link_void_tx(change->tx, change->id);
    if (!err)
        err = account_secret_by_id(tx_db(change->tx), change->arena, change->id, &account);
    return err ? err : tell_both(change, &account);
}

const struct record_kind account_record = {
    .table = "account",
    .columns =
        (const struct record_column[]){
            [FIRST_NAME] = {"first_name", N_("First name"), RECORD_TEXT, .personal = true},
            [LAST_NAME] = {"last_name", N_("Last name"), RECORD_TEXT, .personal = true},
            [EMAIL] = {"email", N_("E-mail"), RECORD_TEXT, .personal = true},
            [PHONE] = {"phone", N_("Mobile"), RECORD_TEXT, .personal = true},
            [COUNTRY] = {"country", N_("Country"), RECORD_TEXT},
            [SCHOOL] = {"school", N_("School"), RECORD_TEXT, .personal = true},
            [BIRTH] = {"date_of_birth", N_("Date of birth"), RECORD_TEXT, .personal = true},
            [NOTES] = {"notes", N_("Notes"), RECORD_TEXT, .personal = true},
            {NULL},
        },
    .check = check,
    .done = done,
};
