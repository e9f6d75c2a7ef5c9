/* An order after checkout: how to pay it, what became of it, its receipt. */
#ifndef SITE_PAGES_ORDER_H
#define SITE_PAGES_ORDER_H

#include "http/form.h"
#include "shop/order.h"
#include "shop/receipt.h"
#include "site/page.h"
#include "site/pages/cart.h"

struct visit;

enum { REPORT_OPERATION, REPORT_INPUTS };

extern const struct form_spec order_report_form;

struct order_page {
    const struct page *page;
    const struct order *order;
    const struct cart_line *lines;
    const struct form *form; /* reporting an operation number */
    const struct settings *settings;
    const struct zone *zone;
    const char *heading, *lead; /* what happened, and what comes next */
    const char *state;          /* in a word: Paid */
    bool awaits_payment;
    const char *wallet_qr; /* address; NULL: none */
    const char *const *bank_lines;
    int bank_line_count;
};

struct order_receipt {
    const struct page *page;
    const struct receipt *receipt;
    const struct zone *zone;
    const char *number; /* "000128" */
    const char *method; /* in words */
    const char *const *school_lines;
    int school_line_count;
};

/* How an order stands, in a word: Paid, Payment pending… */
const char *order_state_text(const struct visit *visit, const struct order *order);

/* How it was paid, in words. */
const char *order_method_text(enum lang lang, const char *method);

void order_get(struct visit *visit);
void order_receipt_get(struct visit *visit);
void order_report_post(struct visit *visit);

#endif
