/* Passwords: forgotten, set anew by a link, changed. */
#ifndef SITE_PAGES_PASSWORD_H
#define SITE_PAGES_PASSWORD_H

#include "http/form.h"
#include "site/page.h"
#include <stdbool.h>

struct visit;

enum { RESET_EMAIL, RESET_INPUTS };
enum { NEW_PASSWORD, NEW_PASSWORD_AGAIN, NEW_INPUTS };
enum { CHANGE_OLD, CHANGE_NEW, CHANGE_AGAIN, CHANGE_INPUTS };

extern const struct form_spec password_reset_form, password_new_form, password_change_form;

struct password_page {
    const struct page *page;
    const struct form *form;
    const char *title, *text, *action, *button;
    bool danger; /* the button ends something */
};

void password_reset_get(struct visit *visit);
void password_reset_post(struct visit *visit);
void password_new_get(struct visit *visit);
void password_new_post(struct visit *visit);
void password_change_get(struct visit *visit);
void password_change_post(struct visit *visit);

#endif
