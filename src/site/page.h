/* What the layout needs to know about a page: every view struct of a whole page begins with one. */
#ifndef SITE_PAGE_H
#define SITE_PAGE_H

#include "http/flash.h"
#include "shop/setting.h"
#include "site/visit.h"
#include <stdbool.h>

/* Which entry of the main navigation is current. */
enum page_section { PAGE_NONE, PAGE_HOME, PAGE_WORKSHOPS, PAGE_CART, PAGE_PROFILE, PAGE_LOGIN };

struct page {
    const char *title;       /* translated; the school's name is added by the layout */
    const char *description; /* for search engines; NULL: none */
    const char *path;        /* the page's own, for the language form */
    enum page_section section;
    bool signed_in;
    const char *first_name;  /* of who is signed in */
    bool staff;              /* show the way to /admin/ */
    int64_t cart_count;      /* seats in the cart */
    const char *csrf_token;  /* for the forms of this page; NULL: none on cacheable pages */
    struct flash flash;
    const struct settings *settings;
    const struct form *form; /* a refused form: its errors are listed on top; NULL: none */
    bool plain;              /* print views: no navigation */
    const char *theme;       /* address of the school's colours */
};

/* Fills in everything from the visit. `title` is translated already. */
struct page page_start(struct visit *visit, const char *title);

/* The same for pages that hold a visitor's form (sign-up, login, reset): the token is the signed
 * double-submit cookie's unless somebody is signed in. */
struct page page_start_form(struct visit *visit, const char *title);

#endif
