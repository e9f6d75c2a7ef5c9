/* Mail: what is sent to whom is decided here and written into the outbox within the transaction it
 * tells about; net/ and the clockwork deliver it later. How a mail reads is the business of site/,
 * which gives shop/ one function to write it. */
#ifndef SHOP_MAIL_H
#define SHOP_MAIL_H

#include "base/buf.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include <stdint.h>

struct settings;
struct shop;

enum mail_kind {
    MAIL_RECEIPT,           /* model: const struct receipt * */
    MAIL_TRANSFER,          /* const struct order *: placed, how and until when to pay */
    MAIL_TRANSFER_REPORTED, /* const struct order *: we have the operation number */
    MAIL_TRANSFER_EXPIRED,  /* const struct order *: nothing came in time, the seats are free again
                             */
    MAIL_REVIEW,            /* const struct order *: money came, staff will write */
    MAIL_TRANSFER_REJECTED, /* const struct mail_order *: no money under that operation number */
    MAIL_TRANSFER_EXTENDED, /* const struct mail_order *: more time to pay */
    MAIL_ORDER_CANCELLED,   /* const struct mail_order *: by the school */
    MAIL_REFUND,            /* const struct mail_order *: money went back */
    MAIL_MOVED,             /* const struct mail_order *: enrolled in another workshop instead */
    MAIL_WORKSHOP_CALLED_OFF,  /* const struct mail_workshop * (shop/workshop_mail.h) */
    MAIL_WORKSHOP_RESCHEDULED, /* the same: other days */
    MAIL_WORKSHOP_MESSAGE,     /* the same: in the school's own words */
    MAIL_CONFIRM_EMAIL,        /* const struct mail_link * */
    MAIL_PASSWORD_RESET,       /* const struct mail_link * */
    MAIL_PASSWORD_CHANGED,     /* const struct mail_link *, link NULL */
    MAIL_ALREADY_MEMBER, /* const struct mail_link *: sign-up with an address that has an account */
    MAIL_INVITED,        /* const struct mail_link *: an account was made for them */
    MAIL_EMAIL_CHANGED,  /* const struct mail_link * with email, link NULL: to both addresses */
    MAIL_SECOND_FACTOR_ON, /* const struct mail_link *, link NULL; the same below */
    MAIL_SECOND_FACTOR_OFF,
    MAIL_RECOVERY_CODES, /* new ones were made */
    MAIL_RECOVERY_CODE_USED,
    MAIL_ACCOUNT_CLOSED, /* const struct mail_link *, link NULL */
    MAIL_TEST,           /* const struct mail_link *, link NULL: does sending work? */
    MAIL_KINDS,
};

struct mail_link {
    const char *first_name;
    const char *link;  /* absolute */
    const char *email; /* of MAIL_EMAIL_CHANGED: the new one */
};

struct credit_note;
struct order;

/* What the school did with an order. NULL and 0: nothing of that kind. */
struct mail_order {
    const struct order *order;
    const struct credit_note *credit;
    int64_t back_cents;              /* money that went back … */
    const char *method, *reference;  /* … and how */
    const char *reason;              /* in the words of staff */
    const char *operation;           /* the number that was rejected */
    const char *student, *from, *to; /* who moved, between which workshops */
};

struct mail_text {
    struct buf subject; /* one line */
    struct buf text;    /* plain text */
    struct buf html;    /* the same as HTML */
};

/* Writes one mail. No effect but on `out`; may run more than once; any thread. */
typedef void mail_render_fn(struct mail_text *out, enum mail_kind kind, enum lang lang,
                            const void *model, const struct settings *settings,
                            const char *base_url);

struct mail {
    enum mail_kind kind;
    enum lang lang;
    const char *recipient;
    const void *model;
    int64_t order_id;       /* 0 if it is about none */
    const char *dedupe_key; /* one mail of that key for ever; NULL: no such bound */
};

/* Renders and enqueues. A second mail of the same dedupe key is silently left out: OK. */
enum err mail_enqueue_tx(struct shop *shop, struct tx *tx, const struct settings *settings,
                         const struct mail *mail) MUST_CHECK;

/* Wakes whoever delivers; called after the commit of what was enqueued. */
void mail_notify(const struct shop *shop);

#endif
