/* Workshops in the administration: what their pages show beyond the general ones, and the actions.
 */
#ifndef SITE_ADMIN_WORKSHOP_H
#define SITE_ADMIN_WORKSHOP_H

#include "shop/workshop_staff.h"
#include "site/admin/admin.h"

struct visit;

/* What stands on top of a workshop's page. */
struct admin_workshop {
    struct workshop_staff workshop;
    const char *csrf_token;
    const char *address; /* of its page: "/admin/workshops/7/" */
    const char *link;    /* a private one's, absolute; NULL: none */
    bool may_edit, may_take_attendance;
    int64_t people; /* who would have to be told of a change */
};

/* Of the noun's declaration. */
extern const struct noun_action workshop_actions[];
void workshop_prepare(struct visit *visit, struct form *form);
enum err workshop_load(struct visit *visit, struct admin_one *one);

/* Gives a field its choices out of the database. */
void workshop_offer(struct visit *visit, struct form *form, const char *field,
                    const struct workshop_choices *found);
extern const struct form_choice workshop_weekdays[];

/* ---- handlers ------------------------------------------------------------------------------- */

void admin_workshop_preview_get(struct visit *visit);
void admin_workshop_archive_post(struct visit *visit);
void admin_workshop_restore_post(struct visit *visit);
void admin_workshop_renew_post(struct visit *visit);

/* Asks for the new days and makes the copy. */
struct admin_copy {
    const struct admin_page *page;
    const struct workshop_staff *workshop;
    const struct form *form;
};
extern const struct form_spec workshop_copy_form;
void admin_workshop_copy_get(struct visit *visit);
void admin_workshop_copy_post(struct visit *visit);

#endif
