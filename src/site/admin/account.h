/* Accounts in the administration: what stands on top of a page of one, what is done to them. */
#ifndef SITE_ADMIN_ACCOUNT_H
#define SITE_ADMIN_ACCOUNT_H

#include "shop/account.h"
#include "shop/consent.h"
#include "shop/erase.h"
#include "site/admin/admin.h"

struct visit;

/* On top of an account's page; one->more. */
struct admin_account {
    struct account account;
    struct consents consents;
    const char *csrf_token;
    const char *address;         /* of its page: "/admin/accounts/7/" */
    const char *dial, *whatsapp; /* of its phone; NULL: none */
    const struct form *role_form;
    bool above; /* its role is above that of who looks: nothing can be done */
    bool gone;  /* closed or erased */
    bool erased;
    bool second_factor; /* of staff */
    bool invited;       /* never chose a password */
    bool self;
    bool may_edit, may_grant, may_export, may_erase, may_reset_factor, may_add;
};

/* Of the noun's declaration. */
extern const struct noun_action account_actions[];
void account_prepare(struct visit *visit, struct form *form);
enum err account_load(struct visit *visit, struct admin_one *one);

/* ---- handlers -------------------------------------------------------------------------------- */

extern const struct form_spec account_role_form, account_new_form, account_new_staff_form,
    account_erase_form;

/* A page with one form. */
struct admin_account_form {
    const struct admin_page *page;
    const char *title, *text, *action, *button;
    const char *back; /* where "Cancel" leads */
    const struct form *form;
    const char *other, *other_text;    /* a way to the other kind; NULL */
    const struct erase_preview *erase; /* what stays and what goes; NULL: another page */
};

void admin_account_new_get(struct visit *visit); /* a family */
void admin_account_new_post(struct visit *visit);
void admin_account_new_staff_get(struct visit *visit);
void admin_account_new_staff_post(struct visit *visit);
void admin_account_enable_post(struct visit *visit);
void admin_account_disable_post(struct visit *visit);
void admin_account_link_post(struct visit *visit);
void admin_account_role_post(struct visit *visit);
void admin_account_factor_post(struct visit *visit);
void admin_account_export_get(struct visit *visit);
void admin_account_erase_get(struct visit *visit);
void admin_account_erase_post(struct visit *visit);

#endif
