/* Paying for the cart: how, and what stands in the way. */
#ifndef SITE_PAGES_CHECKOUT_H
#define SITE_PAGES_CHECKOUT_H

#include "http/form.h"
#include "shop/order.h"
#include "shop/payment.h"
#include "site/page.h"
#include "site/pages/cart.h"

struct visit;

enum {
    CHECKOUT_METHOD,
    CHECKOUT_TOTAL,    /* the total the buyer saw, in cents */
    CHECKOUT_DOCUMENT, /* the payer's */
    CHECKOUT_NUMBER,
    CHECKOUT_MONTH,
    CHECKOUT_YEAR,
    CHECKOUT_CVV,
    CHECKOUT_TERMS,
    CHECKOUT_INPUTS,
};

extern const struct form_spec checkout_form;

struct checkout_page {
    const struct page *page;
    const struct order *cart;
    const struct cart_line *lines;
    const struct form *form;
    const char *problem;        /* NULL: none */
    const char *const *changes; /* what changed, a sentence each */
    size_t change_count;
    bool blocked;        /* a seat is gone or not on sale: the cart must be put in order first */
    bool transfer, card; /* offered */
    bool card_chosen;
    bool ask_document, ask_terms;
    const char *until;         /* a transfer's deadline in words */
    const char *transfer_name; /* "Yape, Plin or bank transfer" */
    int64_t total_cents;
};

void checkout_get(struct visit *visit);
void checkout_post(struct visit *visit);

#endif
