/* What the layout needs to know about a page: every view struct of a whole page has one. */
#ifndef SITE_PAGE_H
#define SITE_PAGE_H

#include "http/flash.h"
#include "http/form.h"
#include "shop/setting.h"
#include <stdbool.h>
#include <stdint.h>

struct visit;

/* Which entry of the main navigation is current. */
enum page_section {
    PAGE_NONE,
    PAGE_HOME,
    PAGE_WORKSHOPS,
    PAGE_CART,
    PAGE_PROFILE,
    PAGE_LOGIN,
    PAGE_ADMIN
};

struct page {
    const char *title;       /* translated; the layout adds the school's name */
    const char *description; /* for search engines; NULL: none */
    const char *path;        /* where the language form comes back to */
    enum page_section section;
    bool signed_in;
    const char *first_name; /* of who is signed in */
    bool staff;             /* show the way to /admin/ */
    int64_t cart_count;     /* seats in the cart */
    const char *csrf_token; /* for the forms of this page; NULL: none on cacheable pages */
    struct flash flash;
    const struct settings *settings;
    const struct form *form; /* a refused form: its errors are listed on top; NULL: none */
    const char *logo;        /* addresses */
    const char *theme;       /* of the school's own colours; NULL: the house's */
    bool language_other_es;  /* the language form offers Spanish */
};

/* Everything from the visit. `title` is translated already. */
struct page page_start(struct visit *visit, const char *title);

/* The same for pages that hold a visitor's form (sign-up, login, reset): the token is the signed
 * double-submit cookie's unless somebody is signed in. */
struct page page_start_form(struct visit *visit, const char *title);

/* The page of an error; see visit_error. */
struct error_page {
    const struct page *page;
    int status;
    const char *title, *text, *request_id;
};

/* The style sheet with a school's colour, and its address "/theme.HASH.css"; the address is NULL
 * where the school has not chosen one. In the arena. */
struct arena;
struct buf;
void page_theme_css(struct buf *out, const char *color);
/* How a colour reads on a light page: the contrast of white text on it (WCAG 2.2, in hundredths:
 * 450 is what text needs), and the shade of it that text and buttons take on, "#rrggbb". */
struct page_theme {
    int contrast;
    char shade[8];
    bool shaded; /* the shade is not the colour itself */
};
void page_theme_look(const char *color, struct page_theme *out);
#define PAGE_THEME_HOUSE "#0e5f59" /* of schools that chose none; as in site.css */
const char *page_theme_address(struct arena *arena, const struct settings *settings);

#endif
