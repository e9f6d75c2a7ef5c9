/* The one thread that does what time brings about: holds and transfers that run out, mail that
 * waits, old rows. Mail written by a request wakes it at once. */
#ifndef SITE_CLOCKWORK_H
#define SITE_CLOCKWORK_H

#include "base/err.h"
#include "net/smtp.h"

struct clockwork;
struct shop;

/* `smtp` NULL: mail waits in the outbox. Copied by reference: it outlives the clockwork. Sets the
 * shop's mail_waiting hook. NULL when the thread cannot be made. */
struct clockwork *clockwork_start(struct shop *shop, const struct smtp_options *smtp);

/* Ends it after the mail at hand; NULL is fine. */
void clockwork_stop(struct clockwork *clockwork);

#endif
