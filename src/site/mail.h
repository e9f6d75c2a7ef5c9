/* How the shop's mails read: subjects in mail.c, bodies in assets/views/mail, each as plain text
 * and as HTML that says the same. */
#ifndef SITE_MAIL_H
#define SITE_MAIL_H

#include "shop/credit_note.h"
#include "shop/mail.h"
#include "shop/order.h"
#include "shop/receipt.h"
#include "shop/setting.h"

mail_render_fn mail_render;

/* A mail that says a few sentences and perhaps offers one link. */
struct mail_notice {
    const struct settings *settings;
    const char *greeting;     /* "Hello, Rosa" */
    const char *const *lines; /* paragraphs */
    int line_count;
    const char *link, *link_text; /* NULL: none */
};

/* A mail about an order that waits for a transfer. */
struct mail_transfer {
    const struct settings *settings;
    const struct zone *zone;
    const struct order *order;
    const char *greeting, *link, *link_text;
    const char *const *bank_lines;
    int bank_line_count;
};

/* A mail about what the school did with an order: money back, a credit note, another workshop, more
 * time. */
struct mail_credit {
    const struct settings *settings;
    const struct zone *zone;
    const struct mail_order *news;
    const char *greeting;
    const char *const *lines; /* paragraphs */
    int line_count;
    const char *number, *receipt, *method; /* of the credit note, if there is one */
    const char *link, *link_text;
    const char *const *school_lines;
    int school_line_count;
};

struct mail_receipt {
    const struct settings *settings;
    const struct zone *zone;
    const struct receipt *receipt;
    const char *number, *method, *link, *link_text;
    const char *const *school_lines;
    int school_line_count;
};

#endif
