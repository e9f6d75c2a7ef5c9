/* Pages for calling a workshop off, giving it other days and writing to everyone in it. */
#ifndef SITE_ADMIN_WORKSHOP_CHANGE_H
#define SITE_ADMIN_WORKSHOP_CHANGE_H

#include "shop/workshop_change.h"
#include "site/admin/admin.h"

struct visit;

struct admin_change {
    const struct admin_page *page;
    const struct roster *roster; /* who is affected */
    const char *address;         /* of the workshop's page */
    const struct form *form;
    int families;
    const char *currency;
    const enum cancel_choice *choices; /* calling off: one a line of the roster */
    /* Other days and messages are looked at first, then done. */
    bool checked;
    const char *before, *after;
    struct change_clashes clashes;
    const char *const *paragraphs; /* of the message */
    int paragraph_count;
};

extern const struct form_spec workshop_cancel_form, workshop_reschedule_form, workshop_message_form;
enum { CANCEL_REASON, CANCEL_MOVE_TO, CANCEL_METHOD, CANCEL_FIELDS };
enum { MESSAGE_SUBJECT, MESSAGE_TEXT, MESSAGE_TOKEN, MESSAGE_FIELDS };

void admin_cancel_get(struct visit *visit);
void admin_cancel_post(struct visit *visit);
void admin_reschedule_get(struct visit *visit);
void admin_reschedule_post(struct visit *visit);
void admin_message_get(struct visit *visit);
void admin_message_post(struct visit *visit);

#endif
