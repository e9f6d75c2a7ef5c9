/* An order after checkout: how to pay it, what became of it, its receipt. */
#ifndef SITE_PAGES_ORDER_H
#define SITE_PAGES_ORDER_H

#include "http/form.h"
#include "shop/credit_note.h"
#include "shop/order.h"
#include "shop/order_staff.h"
#include "shop/receipt.h"
#include "site/page.h"
#include "site/pages/cart.h"

struct visit;

enum { REPORT_OPERATION, REPORT_INPUTS };

extern const struct form_spec order_report_form;

/* Money that went back to the family. */
struct order_refund {
    int64_t at, amount_cents;
    const char *method, *reference; /* the method in words */
};

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
    struct order_refund *refunds;
    size_t refund_count;
    struct credit_note_list credits;
};

/* The head of a printable paper: who issued it, what it is (the page's title), and when. */
struct order_paper {
    const struct page *page;
    const char *number; /* "000128" */
    int64_t issued_at;
    const struct zone *zone;
    const char *school_name;
    const char *const *school_lines;
    int school_line_count;
};

struct order_credit {
    struct order_paper paper;
    const char *back; /* address of the order's page */
    const struct credit_note *note;
    const char *receipt, *method; /* its number; in words */
};

struct order_receipt {
    struct order_paper paper;
    const char *back; /* address of the order's page */
    const struct receipt *receipt;
    const char *method; /* in words */
};

/* How an order stands, in a word: Paid, Payment pending… */
const char *order_state_text(const struct visit *visit, enum order_status status, bool charging,
                             bool reported);

/* How it was paid, in words. */
const char *order_method_text(enum lang lang, const char *method);

/* An order's printable papers, for whoever may see it; `back` is where they came from. */
void order_show_receipt(struct visit *visit, int64_t order_id, const char *back);
void order_show_credit(struct visit *visit, int64_t order_id, int64_t number, const char *back);

void order_get(struct visit *visit);
void order_credit_get(struct visit *visit);
void order_receipt_get(struct visit *visit);
void order_report_post(struct visit *visit);

#endif
