/* Mails to the families of a workshop: one each, in the family's language. */
#ifndef SHOP_WORKSHOP_MAIL_H
#define SHOP_WORKSHOP_MAIL_H

#include "base/arena.h"
#include "shop/mail.h"
#include "shop/roster.h"
#include <stdbool.h>

/* What such a mail is about. NULL: nothing of that kind. */
struct mail_workshop {
    const char *first_name; /* of whom it is written to */
    const char *students;   /* "Sofía, Mateo" */
    const struct workshop *workshop;
    const char *before, *after; /* days and hours in words, where they change */
    const char *subject;        /* of a message */
    const char *note;           /* in the words of staff */
};

struct settings;

/* One letter on its way to every family of a roster. */
struct workshop_letter {
    enum mail_kind kind;
    const struct roster *roster;
    const bool *chosen;         /* which lines of the roster; NULL: all */
    const struct workshop *was; /* before a change of days; NULL: none */
    const char *subject, *note; /* NULL: none */
    const char *dedupe;         /* beginning of the key, the account's id follows; NULL: none */
};

/* Enqueues them; *families receives how many there are. The caller calls mail_notify. */
enum err workshop_letter_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                            const struct settings *settings, const struct workshop_letter *letter,
                            int *families) MUST_CHECK;

#endif
