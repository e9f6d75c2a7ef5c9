/* What happens without anybody asking: holds and transfers that run out and old rows that go, in
 * one thread; mail that leaves, in another, so that a slow mail server keeps no seat; figures and
 * backups, in two at the lowest priority. Mail that a request wrote leaves at once. */
#ifndef SITE_CLOCKWORK_H
#define SITE_CLOCKWORK_H

#include "net/smtp.h"

struct analytics;
struct backup_clock;
struct clockwork;
struct gauges;
struct shop;

/* `smtp` NULL: mail waits in the outbox. Copied, but its texts outlive the clockwork. Sets the
 * shop's mail_waiting hook, so it comes before the threads that write. NULL when the system has no
 * thread left. */
struct clockwork *clockwork_start(struct shop *shop, struct analytics *analytics,
                                  struct gauges *gauges, struct backup_clock *backups,
                                  const struct smtp_options *smtp);

/* Ends its threads within seconds: a mail whose text is under way has that long to be taken. NULL
 * is fine. */
void clockwork_stop(struct clockwork *clockwork);

/* Stops it if need be and frees it: after shop_close, whose last writes may still announce mail. */
void clockwork_destroy(struct clockwork *clockwork);

#endif
