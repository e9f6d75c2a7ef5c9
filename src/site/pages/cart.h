/* The cart: seats held for a while, and what a family does with them. */
#ifndef SITE_PAGES_CART_H
#define SITE_PAGES_CART_H

#include "shop/inscription.h"
#include "shop/order.h"
#include "shop/student.h"
#include "site/page.h"

struct visit;

/* What an inscription's workshop says about itself in one line. */
struct cart_line {
    const struct inscription *inscription;
    const char *picture, *address;
    const char *when;  /* Tue and Thu, 4:00 to 5:30 p.m. · from Tue 13 Jan; NULL */
    const char *clash; /* the title of what it clashes with; NULL */
    bool live, soon;   /* held; ends within five minutes */
    bool closed;       /* the workshop is not on sale any more */
    int64_t seconds_left;
};

struct cart_page {
    const struct page *page;
    const struct order *cart;
    const struct cart_line *lines;
    size_t line_count;
    const struct student_list *students;
    const struct settings *settings;
    const struct zone *zone;
    int64_t saving_cents;
    bool can_pay; /* something live, nothing expired or closed in the way */
};

/* One line for any inscription, also on the pages of orders and the profile. */
struct cart_line cart_line(const struct visit *visit, const struct inscription *inscription);

void cart_get(struct visit *visit);
void cart_add_post(struct visit *visit);
void cart_remove_post(struct visit *visit);
void cart_extend_post(struct visit *visit);
void cart_rehold_post(struct visit *visit);
void cart_student_post(struct visit *visit);

#endif
