/* Showing that it is really you: the code after the password, the password again before something
 * sensitive, and setting up the app that makes the codes. */
#ifndef SITE_PAGES_SECOND_FACTOR_H
#define SITE_PAGES_SECOND_FACTOR_H

#include "http/form.h"
#include "shop/second_factor.h"
#include "site/page.h"

struct visit;

enum { CODE_CODE, CODE_INPUTS };
enum { AGAIN_PASSWORD, AGAIN_CODE, AGAIN_INPUTS };
enum { DISABLE_PASSWORD, DISABLE_INPUTS };

extern const struct form_spec login_code_form, again_form, second_factor_code_form,
    second_factor_disable_form;

struct second_factor_page {
    const struct page *page;
    const struct second_factor *factor;
    const struct form *code_form;
    const char *qr;     /* an <svg> element; NULL: none could be drawn */
    const char *secret; /* in groups of four letters */
    const char *bare;   /* the same in one piece */
    const char *issuer, *email;
    const second_factor_code *codes;              /* to be shown this once; NULL: none */
    const char *next;                             /* where to go on; "" */
    const char *enable, *disable, *renew, *start; /* addresses, with `next` */
    bool required; /* the school asks it of its staff, and this is one */
};

/* /accounts/login/code/: what comes after the password. */
void second_factor_login_get(struct visit *visit);
void second_factor_login_post(struct visit *visit);

/* /accounts/again/: what comes before something sensitive. */
void second_factor_again_get(struct visit *visit);
void second_factor_again_post(struct visit *visit);

/* /accounts/second-factor/ */
void second_factor_get(struct visit *visit);
void second_factor_start_post(struct visit *visit);
void second_factor_enable_post(struct visit *visit);
void second_factor_renew_post(struct visit *visit);
void second_factor_disable_get(struct visit *visit);
void second_factor_disable_post(struct visit *visit);

#endif
