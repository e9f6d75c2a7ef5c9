/* What the files of the noun "account" share. Used by shop/account*.c, second_factor.c and erase.c.
 */
#ifndef SHOP_ACCOUNT_RULES_H
#define SHOP_ACCOUNT_RULES_H

#include "shop/account.h"
#include "shop/link.h"
#include "shop/mail.h"
#include "shop/shop.h"

enum { ACCOUNT_REPEAT_SECONDS = 60 }; /* a second sending of a form within it is a double click */

/* ---- what a form says, checked (account_check.c) ------------------------------------------------
 */

struct account_clean {
    const char *email, *email_key;
    const char *first_name, *last_name, *country, *phone, *school; /* NULL: not given */
    enum account_role role;
    struct date date_of_birth;
};

/* Each notes what is wrong in result->errors. */
void account_check_email(struct arena *arena, const char *typed, struct account_clean *clean,
                         struct account_result *result);
/* Names, country, phone, school and birth date as clean->role demands them. */
void account_check_person(struct arena *arena, const struct account_input *input, struct date today,
                          struct account_clean *clean, struct account_result *result);
/* The new password, and its repetition where there is one. */
void account_check_password(const struct account_input *input, const char *email,
                            const char *first_name, const char *last_name,
                            struct account_result *result);

/* ERR_REFUSED when anything is noted. */
enum err account_checked(const struct account_result *result) MUST_CHECK;
/* Notes an error and answers ERR_REFUSED. */
enum err account_refuse(struct account_result *result, enum account_field field,
                        enum account_error error) MUST_CHECK;

/* What makes two addresses the same. */
const char *account_email_key(struct arena *arena, const char *email);

/* ---- an account with its secret (account_login.c) -----------------------------------------------
 */

struct account_secret {
    int64_t id;
    const char *email, *email_key, *first_name, *last_name;
    const char *password_hash; /* NULL: none, cannot log in by password */
    bool is_active, confirmed;
    bool language_chosen;
    enum lang language;
    enum account_role role;
    enum staff_role staff_role;
    int64_t created_at;
};

enum err account_secret_by_id(struct db *db, struct arena *arena, int64_t id,
                              struct account_secret *out) MUST_CHECK;
enum err account_secret_by_key(struct db *db, struct arena *arena, const char *email_key,
                               struct account_secret *out) MUST_CHECK;

/* Verifies a password against `encoded` (NULL: nobody's, in equal time) within the limits of failed
 * log-ins. OK: it fits. ERR_REFUSED: it does not, which was counted, or there were too many, which
 * then stands in result (retry_after, ACCOUNT_TOO_MANY). */
enum err account_try_password(struct shop *shop, const struct settings *settings,
                              const struct account_visit *visit, const char *email_key,
                              const char *password, const char *encoded,
                              struct account_result *result) MUST_CHECK;

/* Refuses with ACCOUNT_TOO_MANY when there is something to wait for. */
enum err account_refuse_wait(struct account_result *result, int64_t wait) MUST_CHECK;

/* Inside a transaction: ERR_NOT_FOUND when the account was disabled, or its password changed, since
 * `secret` was read. */
enum err account_still_tx(struct tx *tx, const struct account_secret *secret) MUST_CHECK;

/* ---- mails (account_link.c) ---------------------------------------------------------------------
 */

enum lang account_mail_language(const struct account_secret *secret, enum lang page);

/* A mail about the account itself; `link` is absolute, or NULL. */
enum err account_mail_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                         enum mail_kind kind, const struct account_secret *secret, enum lang lang,
                         const char *link) MUST_CHECK;

/* A new one-time link and the mail that brings it. */
enum err account_mail_link_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                              enum link_purpose purpose, const struct account_secret *secret,
                              enum lang lang, int64_t now) MUST_CHECK;

/* Counts a mail with a link to this address; false when it had enough of them lately. */
bool account_may_mail(struct shop *shop, const struct settings *settings, const char *email_key,
                      int64_t now);

#endif
