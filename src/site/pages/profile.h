/* A family's own page: what is pending, next classes, children, orders, their data. */
#ifndef SITE_PAGES_PROFILE_H
#define SITE_PAGES_PROFILE_H

#include "http/form.h"
#include "shop/account.h"
#include "shop/order.h"
#include "shop/student.h"
#include "site/page.h"
#include "site/pages/account.h"
#include "site/pages/cart.h"

struct visit;

enum {
    EDIT_FIRST_NAME,
    EDIT_LAST_NAME,
    EDIT_COUNTRY,
    EDIT_PHONE,
    EDIT_SCHOOL,
    EDIT_BIRTH,
    EDIT_MARKETING,
    EDIT_PHOTO,
    EDIT_INPUTS
};
enum { CLOSE_PASSWORD, CLOSE_INPUTS };

extern const struct form_spec profile_edit_form, profile_close_form;

struct profile_order {
    const struct order_summary *order;
    const char *state; /* in words */
};

struct profile_student {
    const struct student *student;
    char initial[8];
    int age;
    const struct cart_line *classes; /* confirmed and not over */
    size_t class_count;
};

struct profile_page {
    const struct page *page;
    const struct account *account;
    const struct profile_order *orders;
    size_t order_count, pending_count;
    const struct profile_student *students;
    size_t student_count;
    const struct student *archived;
    size_t archived_count;
    const struct zone *zone;
};

struct profile_edit_page {
    const struct page *page;
    const struct form *form;
    const struct account *account;
    const struct account_country *countries;
    size_t country_count;
};

void profile_get(struct visit *visit);
void profile_edit_get(struct visit *visit);
void profile_edit_post(struct visit *visit);
void profile_export_get(struct visit *visit);
void profile_close_get(struct visit *visit);
void profile_close_post(struct visit *visit);

#endif
