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

#include "net/smtp.h"

struct shop;

/* Sends all that is due; returns when nothing is any more, when the server gives trouble, or soon
 * after `stop_fd` (-1: none) became readable. A dead or slow server can keep it for as long as the
 * options allow, per mail, so it belongs into a thread of its own. */
void outbox_deliver(struct shop *shop, const struct smtp_options *options, int stop_fd);

#endif
