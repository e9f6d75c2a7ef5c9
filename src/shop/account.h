/* People who can log in: parents, teachers, adult students, staff. How they sign up, log in, prove
 * their address, change what they said about themselves, and leave.
 *
 * Every operation that takes `struct shop *` runs its own transaction and is called without a read
 * connection on loan. Its answer is an `enum err` and a `struct account_result`:
 *
 *   OK           done, durably
 *   ERR_REFUSED  result.errors says what is wrong, field by field, in words of
 * account_error_text(); with result.retry_after > 0 it is a limit (answer 429, Retry-After)
 *   ERR_NOT_FOUND  no such account, or a link that is unknown, used or too old
 *   ERR_BUSY …   nothing happened, try again
 *
 * Nothing here tells a stranger whether an address has an account: log-in and reset give equal
 * answers in equal time. Sign-up does the same while the school asks for confirmation by mail;
 * without it a taken address is refused openly (there is no other honest answer), and the limit of
 * sign-ups an address bounds the guessing. */
#ifndef SHOP_ACCOUNT_H
#define SHOP_ACCOUNT_H

#include "base/arena.h"
#include "base/date.h"
#include "base/email.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include "shop/consent.h"
#include "shop/known_browser.h"
#include "shop/session.h"
#include <stdbool.h>
#include <stdint.h>

struct settings;
struct shop;

enum account_role { ACCOUNT_PARENT = 1, ACCOUNT_TEACHER = 2, ACCOUNT_STUDENT = 3 };

enum {
    ACCOUNT_EMAIL_MAX = EMAIL_MAX,
    ACCOUNT_NAME_MAX = 80,    /* characters of a first or last name */
    ACCOUNT_SCHOOL_MAX = 120, /* characters */
    ACCOUNT_PHONE_DIGITS_MIN = 6,
    ACCOUNT_PHONE_DIGITS_MAX = 20,
    ACCOUNT_ADULT_AGE = 18,
};

/* Texts a person has not given are NULL. */
struct account {
    int64_t id;
    const char *email; /* as typed */
    const char *first_name, *last_name;
    const char *country; /* ISO 3166-1 alpha-2 */
    enum account_role role;
    const char *phone, *school;
    struct date date_of_birth; /* may be unset */
    enum staff_role staff_role;
    bool is_active;
    bool language_chosen;
    enum lang language; /* counts only when chosen */
    bool email_confirmed;
    int64_t created_at, last_seen_at; /* last_seen_at 0: never */
};

/* ERR_NOT_FOUND when there is none; closed and disabled accounts are found too. */
enum err account_find(struct db *db, struct arena *arena, int64_t id,
                      struct account *out) MUST_CHECK;

/* ---- what a form says ------------------------------------------------------------------------ */

/* As typed; NULL and "" both mean "not given". White space at the ends and doubled is dropped here
 * (not in passwords). */
struct account_input {
    const char *email;
    const char *password;
    const char *password_again; /* NULL: not asked for; else it must be the same */
    const char *old_password;
    const char *first_name, *last_name;
    const char *country;
    int role; /* 1, 2 or 3; anything else is refused */
    const char *phone, *school;
    const char *date_of_birth; /* ISO text */
    bool terms;                /* terms and privacy accepted, where the school has set them */
    bool marketing, photo;     /* consents, each free */
};

enum account_field {
    ACCOUNT_FIELD_FORM, /* the whole form, no single field */
    ACCOUNT_FIELD_EMAIL,
    ACCOUNT_FIELD_PASSWORD,
    ACCOUNT_FIELD_PASSWORD_AGAIN,
    ACCOUNT_FIELD_OLD_PASSWORD,
    ACCOUNT_FIELD_FIRST_NAME,
    ACCOUNT_FIELD_LAST_NAME,
    ACCOUNT_FIELD_COUNTRY,
    ACCOUNT_FIELD_ROLE,
    ACCOUNT_FIELD_PHONE,
    ACCOUNT_FIELD_SCHOOL,
    ACCOUNT_FIELD_DATE_OF_BIRTH,
    ACCOUNT_FIELD_TERMS,
    ACCOUNT_FIELD_CODE, /* of the second factor */
    ACCOUNT_FIELDS,
};

enum account_error {
    ACCOUNT_FINE,
    ACCOUNT_REQUIRED,
    ACCOUNT_TOO_LONG,
    ACCOUNT_EMAIL_INVALID,
    ACCOUNT_EMAIL_TAKEN,
    ACCOUNT_PASSWORD_SHORT,
    ACCOUNT_PASSWORD_LONG,
    ACCOUNT_PASSWORD_COMMON,
    ACCOUNT_PASSWORD_PERSONAL,
    ACCOUNT_PASSWORD_SAME, /* the new one is the old one */
    ACCOUNT_PASSWORDS_DIFFER,
    ACCOUNT_PASSWORD_WRONG, /* the old one, or the one that confirms closing */
    ACCOUNT_LOGIN_WRONG,    /* address or password; never says which */
    ACCOUNT_UNCONFIRMED,    /* right password, but the link was never followed: sent again */
    ACCOUNT_COUNTRY_UNKNOWN,
    ACCOUNT_ROLE_UNKNOWN,
    ACCOUNT_PHONE_INVALID,
    ACCOUNT_NAME_ADDRESS, /* of the web or of mail */
    ACCOUNT_DATE_INVALID,
    ACCOUNT_DATE_IMPLAUSIBLE, /* in the future, or before 1900 */
    ACCOUNT_NOT_ADULT,
    ACCOUNT_AGE_LIMIT, /* a seat of their own would no longer fit the new birth date */
    ACCOUNT_TERMS_REQUIRED,
    ACCOUNT_TOO_MANY,   /* a limit; see retry_after */
    ACCOUNT_ORDER_OPEN, /* closing: an order waits for payment or for the school */
    ACCOUNT_LAST_OWNER, /* closing: nobody could run the school any more */
    ACCOUNT_ABOVE_YOU,  /* what staff may not: see shop/account_admin.h */
    ACCOUNT_ROLE_ABOVE,
    ACCOUNT_YOURSELF,
    ACCOUNT_GONE,
    ACCOUNT_DISABLED,
    ACCOUNT_EMAIL_IN_USE,
    ACCOUNT_EMAIL_DIFFERS,
    ACCOUNT_CODE_WRONG, /* of the second factor: none, too old, or used already */
    ACCOUNT_ERRORS,
};

struct account_result {
    enum account_error errors[ACCOUNT_FIELDS]; /* ACCOUNT_FINE where nothing is wrong */
    int64_t retry_after;                       /* seconds; 0 unless a limit refused */
    int64_t account_id;                        /* 0 when there is none to speak of */
    bool confirm;                 /* sign-up: no session; "we sent you a link" is the answer */
    bool awaits_code;             /* log-in: `cookie` is good for typing the second factor's code */
    struct session_cookie cookie; /* of the new session, where one was made; else token "" */
    char browser[KNOWN_BROWSER_SIZE]; /* log-in, sign-up: the cookie for this browser; else "" */
};

/* The form field's name ("email", "password1", "oldpassword" …); "" for ACCOUNT_FIELD_FORM. */
const char *account_field_name(enum account_field field);

/* English, marked for translation: print it through tr(). NULL for ACCOUNT_FINE. */
const char *account_error_text(enum account_error error);

/* Who acts: what a page knows beside the form. */
struct account_visit {
    int64_t now;
    enum lang language;         /* of the page; kept for mails where the account has none */
    const uint8_t *address_key; /* 16 bytes, for limits by address; NULL: no such limit */
    const char *old_token;      /* this browser's session cookie so far: it ends; or NULL */
    const char *browser;        /* what it says of itself, shop/known_browser.h; or NULL */
};

/* ---- families -------------------------------------------------------------------------------- */

/* What a sign-up with this input would be refused for, as far as the input alone tells; nothing
 * happens. For forms that are wrong already: people are told everything at once. */
void account_signup_check(const struct settings *settings, int64_t now,
                          const struct account_input *input, struct account_result *result);

/* Creates an account (never staff), the accepted consents and, for an adult student, their own
 * student record. Then either a session (result.cookie) or, where the school wants addresses
 * confirmed, a mailed link (result.confirm). A repeat within a minute with the same password is a
 * double click: it logs in. */
enum err account_signup(struct shop *shop, const struct account_visit *visit,
                        const struct account_input *input,
                        struct account_result *result) MUST_CHECK;

/* Makes a session; with a second factor one that waits for its code (result.awaits_code,
 * shop/second_factor.h). Refusals: ACCOUNT_LOGIN_WRONG, ACCOUNT_UNCONFIRMED, ACCOUNT_TOO_MANY, all
 * on ACCOUNT_FIELD_FORM. */
enum err account_login(struct shop *shop, const struct account_visit *visit, const char *email,
                       const char *password, bool remember,
                       struct account_result *result) MUST_CHECK;

/* Follows the link of a confirmation mail. account_confirm_check tells (for GET) whether it would
 * work, and changes nothing. */
enum err account_confirm_check(struct db *db, const char *token, int64_t now) MUST_CHECK;
enum err account_confirm(struct shop *shop, const struct account_visit *visit, const char *token,
                         struct account_result *result) MUST_CHECK;

/* Sends a reset link if the address has an active account; OK either way, without waiting for the
 * mail to be written. Refused only for an invalid address or ACCOUNT_TOO_MANY. At most three links
 * an account in ten minutes; the newest one works, for an hour. */
enum err account_reset_request(struct shop *shop, const struct account_visit *visit,
                               const char *email, struct account_result *result) MUST_CHECK;
enum err account_reset_check(struct db *db, const char *token, int64_t now) MUST_CHECK;
/* Sets input->password; ends all sessions, lifts the log-in limit of the account; the person then
 * logs in. The address counts as confirmed. */
enum err account_reset(struct shop *shop, const struct account_visit *visit, const char *token,
                       const struct account_input *input, struct account_result *result) MUST_CHECK;

/* Wants input->old_password; ends all sessions and makes a new one for this browser, remembered if
 * `remember`. */
enum err account_change_password(struct shop *shop, const struct account_visit *visit,
                                 int64_t account_id, const struct account_input *input,
                                 bool remember, struct account_result *result) MUST_CHECK;

/* Changes names, country, phone, school, birth date and the two free consents; e-mail, role and
 * password in `input` are ignored. The person's own student record follows. */
enum err account_edit(struct shop *shop, const struct account_visit *visit, int64_t account_id,
                      const struct account_input *input, struct account_result *result) MUST_CHECK;

/* Remembers the language a signed-in person chose. */
enum err account_set_language(struct shop *shop, int64_t account_id, enum lang language) MUST_CHECK;

/* Closes for good, with the password in `password`. Refused while an order is pending or in review;
 * a cart is given up and its seats are free. Sessions end; the address may sign up again. Orders,
 * receipts and students stay as the school's records. */
enum err account_close(struct shop *shop, const struct account_visit *visit, int64_t account_id,
                       const char *password, struct account_result *result) MUST_CHECK;

/* ---- the shell ------------------------------------------------------------------------------- */

/* For `taller account`; each leaves an audit row with no actor. The address counts as confirmed.
 * Names may be missing: the part before the @ stands in. */
enum err account_staff_create(struct shop *shop, const struct account_input *input,
                              enum staff_role staff_role, int64_t now,
                              struct account_result *result) MUST_CHECK;
/* Ends all sessions. */
enum err account_staff_password(struct shop *shop, const char *email, const char *password,
                                int64_t now, struct account_result *result) MUST_CHECK;
/* STAFF_NONE makes a plain family account of it. Ends all sessions. */
enum err account_staff_role(struct shop *shop, const char *email, enum staff_role staff_role,
                            int64_t now) MUST_CHECK;
/* Disabling ends all sessions. ERR_NOT_FOUND for closed accounts too. */
enum err account_set_active(struct shop *shop, const char *email, bool active,
                            int64_t now) MUST_CHECK;

#endif
