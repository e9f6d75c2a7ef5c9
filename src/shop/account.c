/* What accounts look like, and the words for what may be wrong with a form about one. The rules
 * stand beside: account_check.c (fields), account_signup.c, account_login.c, account_link.c
 * (confirmation and reset), account_change.c (password, profile, closing), account_admin.c and
 * account_record.c (what staff do), account_staff.c (the shell). */
#include "shop/account.h"
#include "base/i18n.h"
#include "shop/account_rules.h"
#include "shop/account_sql.h"
#include "shop/person.h"

static const char *const FIELDS[ACCOUNT_FIELDS] = {
    [ACCOUNT_FIELD_FORM] = "",
    [ACCOUNT_FIELD_EMAIL] = "email",
    [ACCOUNT_FIELD_PASSWORD] = "password1",
    [ACCOUNT_FIELD_PASSWORD_AGAIN] = "password2",
    [ACCOUNT_FIELD_OLD_PASSWORD] = "oldpassword",
    [ACCOUNT_FIELD_FIRST_NAME] = "first_name",
    [ACCOUNT_FIELD_LAST_NAME] = "last_name",
    [ACCOUNT_FIELD_COUNTRY] = "country",
    [ACCOUNT_FIELD_ROLE] = "role",
    [ACCOUNT_FIELD_PHONE] = "phone",
    [ACCOUNT_FIELD_SCHOOL] = "school",
    [ACCOUNT_FIELD_DATE_OF_BIRTH] = "date_of_birth",
    [ACCOUNT_FIELD_TERMS] = "terms",
    [ACCOUNT_FIELD_CODE] = "code",
};

static const char *const TEXTS[ACCOUNT_ERRORS] = {
    [ACCOUNT_REQUIRED] = N_("Please fill this in."),
    [ACCOUNT_TOO_LONG] = N_("This is too long."),
    [ACCOUNT_NAME_ADDRESS] =
        N_("Please write a name without web or mail addresses, with a space after each point."),
    [ACCOUNT_EMAIL_INVALID] = N_("This does not look like an e-mail address."),
    [ACCOUNT_EMAIL_TAKEN] =
        N_("This e-mail address already has an account. Log in, or ask for a new password."),
    [ACCOUNT_PASSWORD_SHORT] = N_("A password has at least 10 characters."),
    [ACCOUNT_PASSWORD_LONG] = N_("This password is too long."),
    [ACCOUNT_PASSWORD_COMMON] = N_(
        "Many people use a password like this one. Better: a few words that do not belong together."),
    [ACCOUNT_PASSWORD_PERSONAL] =
        N_("Please do not use your name or e-mail address in the password."),
    [ACCOUNT_PASSWORD_SAME] = N_("This is the password you have now."),
    [ACCOUNT_PASSWORDS_DIFFER] = N_("The two passwords are not the same."),
    [ACCOUNT_PASSWORD_WRONG] = N_("This is not your password."),
    [ACCOUNT_LOGIN_WRONG] = N_("The e-mail address or the password is not right."),
    [ACCOUNT_UNCONFIRMED] =
        N_("Please confirm your e-mail address first: we have sent you a link."),
    [ACCOUNT_COUNTRY_UNKNOWN] = N_("Please choose a country from the list."),
    [ACCOUNT_ROLE_UNKNOWN] = N_("Please choose one of these."),
    [ACCOUNT_PHONE_INVALID] = N_("Please type a phone number with its digits, like 987 654 321."),
    [ACCOUNT_DATE_INVALID] = N_("This is not a date in the calendar."),
    [ACCOUNT_DATE_IMPLAUSIBLE] = N_("Nobody can be born on that day. Please check the year."),
    [ACCOUNT_NOT_ADULT] = N_("An adult student is at least 18 years old."),
    [ACCOUNT_AGE_LIMIT] =
        N_("That age would not fit a workshop already enrolled in. Please write to the school."),
    [ACCOUNT_TERMS_REQUIRED] = N_("Please accept the terms to go on."),
    [ACCOUNT_TOO_MANY] = N_("Too many tries. Please wait a few minutes."),
    [ACCOUNT_ORDER_OPEN] =
        N_("An order still waits for payment or for the school. Have it paid or cancelled first."),
    [ACCOUNT_LAST_OWNER] =
        N_("You are the only owner of this school. Make somebody else an owner first."),
    [ACCOUNT_ABOVE_YOU] = N_("This account belongs to somebody with more rights than yours."),
    [ACCOUNT_ROLE_ABOVE] = N_("Nobody can give more rights than they have."),
    [ACCOUNT_YOURSELF] = N_("You cannot do this to your own account."),
    [ACCOUNT_GONE] = N_("This account was closed: nothing about it can be changed any more."),
    [ACCOUNT_DISABLED] = N_("This account is disabled. Enable it first."),
    [ACCOUNT_EMAIL_IN_USE] = N_("There is another account with this e-mail address."),
    [ACCOUNT_EMAIL_DIFFERS] = N_("This is not the e-mail of this account."),
    [ACCOUNT_CODE_WRONG] = N_("This code is not right, or it was used already."),
};

const char *account_field_name(enum account_field field) {
    return FIELDS[field];
}

const char *account_error_text(enum account_error error) {
    return TEXTS[error];
}

static void read_account(struct rows *rows, struct arena *arena, struct account *out) {
    *out = (struct account){
        .id = rows_int(rows, 0),
        .email = rows_text(rows, 1, arena),
        .first_name = rows_text(rows, 2, arena),
        .last_name = rows_text(rows, 3, arena),
        .country = rows_text(rows, 4, arena),
        .role = (enum account_role)rows_int(rows, 5),
        .phone = rows_text(rows, 6, arena),
        .school = rows_text(rows, 7, arena),
        .date_of_birth = person_read_date(rows, 8, arena),
        .is_active = rows_bool(rows, 10),
        .email_confirmed = rows_bool(rows, 12),
        .created_at = rows_int(rows, 13),
        .last_seen_at = rows_int(rows, 14),
    };
    if (!session_staff_role_parse(rows_text(rows, 9, arena), &out->staff_role))
        out->staff_role = STAFF_NONE;
    out->language_chosen = lang_parse(rows_text(rows, 11, arena), &out->language);
}

static enum err read_one(struct rows *rows, struct arena *arena, struct account *out) {
    bool found = rows_next(rows);
    if (found)
        read_account(rows, arena, out);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

enum err account_find(struct db *db, struct arena *arena, int64_t id, struct account *out) {
    return read_one(db_query(db, account_sql[ACCOUNT_BY_ID], V(id)), arena, out);
}
