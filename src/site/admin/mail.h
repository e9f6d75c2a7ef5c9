/* One mail of the outbox, and how delivery goes. */
#ifndef SITE_ADMIN_MAIL_H
#define SITE_ADMIN_MAIL_H

#include "shop/outbox.h"
#include "site/admin/admin.h"

extern const struct noun_action mail_actions[];

void mail_show(struct visit *visit, int64_t id); /* /admin/mail/ID/: the noun's `show` */
void mail_html_get(struct visit *visit);         /* /admin/mail/ID/html/: for the frame there */
void mail_retry_post(struct visit *visit);       /* /admin/mail/ID/retry/ */
void mail_delivery_get(struct visit *visit);     /* /admin/mail/delivery/ */
void mail_test_post(struct visit *visit);        /* /admin/mail/test/ */

/* What an error of a conversation means, for somebody who knows no SMTP: N_("…"). */
const char *mail_error_words(const char *error);

/* ---- for the templates ----------------------------------------------------------------------- */

struct mail_page {
    const struct admin_page *page;
    const struct outbox_mail *mail;
    const char *why;                  /* translated; NULL: nothing went wrong */
    const char *html, *retry, *order; /* addresses; order NULL: about none */
    bool may_retry;
    const struct zone *zone;
};

struct mail_delivery {
    const struct admin_page *page;
    const struct outbox_health *health;
    const char *error, *why; /* of a test that just failed, in its own and in plain words; NULL */
    const char *last_why;    /* what health->last_error means */
    bool connected;          /* a mail server is named */
    bool may_set;            /* may change the settings */
    const char *host, *user, *ca_file, *from, *reply_to; /* NULL: none */
    int port;
    bool implicit_tls, password;
    const char *own; /* address of who is asking */
    const struct zone *zone;
};

#endif
