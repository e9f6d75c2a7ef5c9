/* The outbox on its way out: takes what is due, hands it to the mail server, notes what became of
 * it. Retries with growing pauses for two days, then gives up with the last error kept. A mail is
 * claimed on disk before it is sent, so that a crash in between cannot send it twice at once; what
 * SMTP itself leaves unsure is tried again. */
#ifndef SHOP_OUTBOX_H
#define SHOP_OUTBOX_H

#include "net/smtp.h"
#include <stdint.h>

struct shop;

/* Sends all that is due. Returns when nothing is, or the server does not answer. One thread. */
void outbox_deliver(struct shop *shop, const struct smtp_options *smtp, int64_t now);

#endif
