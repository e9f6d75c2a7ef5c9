/* The outbox on its way out: takes what is due, hands it to the mail server, notes what became of
 * it. Each mail is tried again with growing pauses for two days and then given up, its last error
 * kept; one that the server refuses for good is given up at once.
 *
 * Never two of the same: a mail is claimed on disk before a word of it is said, and what became of
 * it is written before the next one. What SMTP itself leaves open (the connection ends between the
 * text and the answer, the machine dies there) is tried again, as RFC 5321 asks, as the very same
 * bytes with the same Message-ID. */
#ifndef SHOP_OUTBOX_H
#define SHOP_OUTBOX_H

#include "base/arena.h"
#include "base/i18n.h"
#include "db/db.h"
#include "net/smtp.h"
#include <stdint.h>

struct shop;

/* Sends all that is due; returns when nothing is any more, when the server gives trouble, or soon
 * after `stop_fd` (-1: none) became readable. A dead or slow server can keep it for as long as the
 * options allow, per mail, so it belongs into a thread of its own. */
void outbox_deliver(struct shop *shop, const struct smtp_options *options, int stop_fd);

/* A mail to whoever asks for one, sent at once in a conversation of its own that takes half a
 * minute at most. It stands in the outbox like any other, but is tried only this once. `*error` is
 * what the conversation ended with unless it was `*sent`. */
struct outbox_trial {
    int64_t actor_id;
    const char *recipient, *first_name;
    enum lang lang;
};
enum err outbox_try(struct shop *shop, struct arena *arena, const struct smtp_options *options,
                    const struct outbox_trial *trial, bool *sent, const char **error) MUST_CHECK;

/* ---- as staff see it (outbox_staff.c) -------------------------------------------------------- */

/* One mail, the tokens of its one-time links masked. */
struct outbox_mail {
    int64_t id, attempts, created_at, order_id;                 /* order 0: about none */
    int64_t next_attempt_at, sent_at;                           /* 0: not */
    const char *recipient, *subject, *text, *html, *last_error; /* html, error: NULL for none */
    bool sending;   /* somebody is at it right now, or may be */
    bool link_gone; /* it held a one-time link that was taken out: it cannot be sent again */
};
enum err outbox_find(struct db *db, struct arena *arena, int64_t id,
                     struct outbox_mail *out) MUST_CHECK;

/* Makes mails due now that were given up or wait for their next attempt. Those that are sent, on
 * their way or without their link stay as they are. */
enum err outbox_retry(struct shop *shop, struct arena *arena, int64_t actor_id, const int64_t *ids,
                      size_t count, int64_t now, int64_t *done) MUST_CHECK;

/* How delivery goes. */
struct outbox_health {
    int64_t last_sent_at;     /* 0: never */
    const char *last_sent_to; /* NULL: nobody */
    int64_t last_error_id;    /* of the newest mail that failed and has not been sent; 0: none */
    int64_t last_error_at;    /* when that was written */
    const char *last_error;
    int64_t failed; /* given up in the last two weeks, counted up to 1,000 */
    int64_t late;   /* waiting for more than an hour, counted up to 1,000 */
};
enum err outbox_health(struct db *db, struct arena *arena, int64_t now,
                       struct outbox_health *out) MUST_CHECK;

/* Gives up mails that wait although the one-time link in them works no more, and takes it out. */
enum err outbox_sweep(struct shop *shop, int64_t now) MUST_CHECK;

#endif
