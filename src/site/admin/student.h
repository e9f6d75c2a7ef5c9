/* Students in the administration. */
#ifndef SITE_ADMIN_STUDENT_H
#define SITE_ADMIN_STUDENT_H

#include "shop/account.h"
#include "site/admin/admin.h"

struct visit;

/* On top of a student's page; one->more. */
struct admin_student {
    struct account family;
    const char *dial, *whatsapp; /* of the family's phone; NULL: none */
    const char **misfits;        /* titles of workshops whose age limits do not fit */
    size_t misfit_count;
};

/* Of the noun's declaration. */
void admin_student_prepare(struct visit *visit, struct form *form);
enum err admin_student_load(struct visit *visit, struct admin_one *one);

/* /admin/students/new/?account=ID: a student belongs to a family, which is chosen first. */
void admin_student_new_get(struct visit *visit);

#endif
