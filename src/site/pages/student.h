/* Children of a family: adding, editing, putting away. */
#ifndef SITE_PAGES_STUDENT_H
#define SITE_PAGES_STUDENT_H

#include "http/form.h"
#include "shop/student.h"
#include "site/page.h"

struct visit;

enum {
    STUDENT_FIRST_NAME,
    STUDENT_LAST_NAME,
    STUDENT_BIRTH,
    STUDENT_SCHOOL,
    STUDENT_EMERGENCY,
    STUDENT_NOTES,
    STUDENT_NEXT, /* where to go on */
    STUDENT_INPUTS
};

/* "It is me": the birth date is asked only where the account has none. */
enum { SELF_BIRTH, SELF_NEXT, SELF_INPUTS };

extern const struct form_spec student_form, student_self_form;

struct student_page {
    const struct page *page;
    const struct form *form;
    const struct student *student; /* being edited; NULL: a new one */
    const char *next;              /* "" */
    const char *action;
    bool offer_self; /* "It is me": the account's own person is no student yet */
};

void student_create_get(struct visit *visit);
void student_create_post(struct visit *visit);
void student_edit_get(struct visit *visit);
void student_edit_post(struct visit *visit);
void student_self_post(struct visit *visit);
void student_archive_post(struct visit *visit);
void student_restore_post(struct visit *visit);
void student_delete_post(struct visit *visit);

#endif
