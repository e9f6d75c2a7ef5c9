/* Signing up, logging in and out, confirming an address. */
#ifndef SITE_PAGES_ACCOUNT_H
#define SITE_PAGES_ACCOUNT_H

#include "http/form.h"
#include "shop/account.h"
#include "site/page.h"

struct visit;

enum {
    SIGNUP_ROLE,
    SIGNUP_FIRST_NAME,
    SIGNUP_LAST_NAME,
    SIGNUP_EMAIL,
    SIGNUP_COUNTRY,
    SIGNUP_PHONE,
    SIGNUP_SCHOOL,
    SIGNUP_BIRTH,
    SIGNUP_PASSWORD,
    SIGNUP_PASSWORD_AGAIN,
    SIGNUP_TERMS,
    SIGNUP_MARKETING,
    SIGNUP_PHOTO,
    SIGNUP_NEXT,
    SIGNUP_INPUTS,
};

enum { LOGIN_EMAIL, LOGIN_PASSWORD, LOGIN_REMEMBER, LOGIN_NEXT, LOGIN_INPUTS };

extern const struct form_spec signup_form, login_form;

/* For the select of countries: code and name, by name. */
struct account_country {
    const char *code, *name;
};

struct account_form_page {
    const struct page *page;
    const struct form *form;
    const char *next;  /* where to go on; "" */
    const char *other; /* the address of the other page (log in / sign up) with the same `next` */
    const struct account_country *countries;
    size_t country_count;
    bool ask_terms, terms, privacy; /* which texts the school has set */
};

/* A page that says one thing: a heading, a sentence, a way on. */
struct account_notice {
    const struct page *page;
    const char *title, *text;
    const char *link, *link_text;
    const char *action; /* a form instead of a link, posting here; NULL */
};

/* What account operations need to know of a visit. */
struct account_visit account_visit_of(struct visit *visit);

/* Carries the errors of an operation to the fields of the form. */
void account_tell(struct form *form, const struct account_result *result);

bool account_country_is(const struct account_country *country, const char *code);

/* The countries in the visitor's language. */
const struct account_country *account_countries(struct visit *visit, size_t *count);

void account_signup_get(struct visit *visit);
void account_signup_post(struct visit *visit);
void account_login_get(struct visit *visit);
void account_login_post(struct visit *visit);
void account_logout_get(struct visit *visit);
void account_logout_post(struct visit *visit);
void account_confirm_get(struct visit *visit);
void account_confirm_post(struct visit *visit);

/* Shows a notice as a whole page. */
void account_show_notice(struct visit *visit, int status, struct account_notice notice);

#endif
