/* The fields of an account's forms, checked in one place whoever asks. */
#include "base/country.h"
#include "base/email.h"
#include "base/utf8.h"
#include "shop/account_rules.h"
#include "shop/password.h"
#include "shop/person.h"
#include <ctype.h>
#include <string.h>

enum { PHONE_MAX = 32 };

static const enum account_error OF_PERSON[PERSON_FAULTS] = {
    [PERSON_FINE] = ACCOUNT_FINE,
    [PERSON_MISSING] = ACCOUNT_REQUIRED,
    [PERSON_TOO_LONG] = ACCOUNT_TOO_LONG,
    [PERSON_ADDRESS] = ACCOUNT_NAME_ADDRESS,
    [PERSON_DATE_INVALID] = ACCOUNT_DATE_INVALID,
    [PERSON_DATE_IMPLAUSIBLE] = ACCOUNT_DATE_IMPLAUSIBLE,
};

static const enum account_error OF_PASSWORD[] = {
    [PASSWORD_GOOD] = ACCOUNT_FINE,
    [PASSWORD_SHORT] = ACCOUNT_PASSWORD_SHORT,
    [PASSWORD_LONG] = ACCOUNT_PASSWORD_LONG,
    [PASSWORD_COMMON] = ACCOUNT_PASSWORD_COMMON,
    [PASSWORD_PERSONAL] = ACCOUNT_PASSWORD_PERSONAL,
};

enum err account_checked(const struct account_result *result) {
    for (int i = 0; i < ACCOUNT_FIELDS; i++)
        if (result->errors[i] != ACCOUNT_FINE)
            return ERR_REFUSED;
    return OK;
}

enum err account_refuse(struct account_result *result, enum account_field field,
                        enum account_error error) {
    result->errors[field] = error;
    return ERR_REFUSED;
}

/* ---- e-mail ---------------------------------------------------------------------------------- */

const char *account_email_key(struct arena *arena, const char *email) {
    return utf8_lower(arena, utf8_squeeze(arena, email ? email : ""));
}

static enum account_error email_error(const char *email) {
    if (!*email)
        return ACCOUNT_REQUIRED;
    if (strlen(email) > ACCOUNT_EMAIL_MAX)
        return ACCOUNT_TOO_LONG;
    return email_valid(email) ? ACCOUNT_FINE : ACCOUNT_EMAIL_INVALID;
}

void account_check_email(struct arena *arena, const char *typed, struct account_clean *clean,
                         struct account_result *result) {
    clean->email = utf8_squeeze(arena, typed ? typed : "");
    clean->email_key = account_email_key(arena, clean->email);
    result->errors[ACCOUNT_FIELD_EMAIL] = email_error(clean->email);
}

/* ---- the person ------------------------------------------------------------------------------ */

static enum account_error check_phone(struct arena *arena, const char *typed, const char **out) {
    enum person_fault fault = person_text(arena, typed, PHONE_MAX, true, out);
    if (fault)
        return OF_PERSON[fault];
    int digits = 0;
    for (const char *p = *out; *p; p++)
        digits += isdigit((unsigned char)*p) != 0;
    bool shape = strspn(*out, "0123456789 +()-.") == strlen(*out);
    bool length = digits >= ACCOUNT_PHONE_DIGITS_MIN && digits <= ACCOUNT_PHONE_DIGITS_MAX;
    return shape && length ? ACCOUNT_FINE : ACCOUNT_PHONE_INVALID;
}

static enum account_error check_country(struct arena *arena, const char *typed, const char **out) {
    char *code = utf8_squeeze(arena, typed ? typed : "");
    for (char *p = code; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    *out = *code ? code : NULL;
    return !*out || country_name(LANG_EN, code) ? ACCOUNT_FINE : ACCOUNT_COUNTRY_UNKNOWN;
}

static enum account_error check_birth(const char *typed, struct date today, enum account_role role,
                                      struct date *out) {
    enum person_fault fault = person_birth(typed, today, role == ACCOUNT_STUDENT, out);
    if (fault)
        return OF_PERSON[fault];
    bool adult = role != ACCOUNT_STUDENT || date_age(*out, today) >= ACCOUNT_ADULT_AGE;
    return adult ? ACCOUNT_FINE : ACCOUNT_NOT_ADULT;
}

void account_check_person(struct arena *arena, const struct account_input *input, struct date today,
                          struct account_clean *clean, struct account_result *result) {
    enum account_error *errors = result->errors;
    bool school_needed = clean->role == ACCOUNT_TEACHER || clean->role == ACCOUNT_STUDENT;
    errors[ACCOUNT_FIELD_FIRST_NAME] =
        OF_PERSON[person_name(arena, input->first_name, ACCOUNT_NAME_MAX, &clean->first_name)];
    errors[ACCOUNT_FIELD_LAST_NAME] =
        OF_PERSON[person_name(arena, input->last_name, ACCOUNT_NAME_MAX, &clean->last_name)];
    errors[ACCOUNT_FIELD_SCHOOL] = OF_PERSON[person_text(arena, input->school, ACCOUNT_SCHOOL_MAX,
                                                         school_needed, &clean->school)];
    errors[ACCOUNT_FIELD_COUNTRY] = check_country(arena, input->country, &clean->country);
    errors[ACCOUNT_FIELD_PHONE] = check_phone(arena, input->phone, &clean->phone);
    errors[ACCOUNT_FIELD_DATE_OF_BIRTH] =
        check_birth(input->date_of_birth, today, clean->role, &clean->date_of_birth);
}

/* ---- the password ---------------------------------------------------------------------------- */

void account_check_password(const struct account_input *input, const char *email,
                            const char *first_name, const char *last_name,
                            struct account_result *result) {
    enum account_error *errors = result->errors;
    if (!input->password || !*input->password) {
        errors[ACCOUNT_FIELD_PASSWORD] = ACCOUNT_REQUIRED;
        return;
    }
    struct password_owner owner = {
        .email = email, .first_name = first_name, .last_name = last_name};
    errors[ACCOUNT_FIELD_PASSWORD] = OF_PASSWORD[password_check(input->password, &owner)];
    if (input->password_again && strcmp(input->password, input->password_again) != 0)
        errors[ACCOUNT_FIELD_PASSWORD_AGAIN] = ACCOUNT_PASSWORDS_DIFFER;
}
