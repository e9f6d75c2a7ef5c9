/* The form of a student, and what stands on top of its page. */
#include "site/admin/student.h"
#include "base/i18n.h"
#include "base/phone.h"
#include "shop/account_admin.h"
#include "shop/student.h"
#include "site/admin/forms.h"
#include "site/visit.h"
#include <stdlib.h>
#include <string.h>

static const struct form_field FIELDS[] = {
    {.name = "parent_id", .kind = FORM_CHOICE, .label = N_("Family"), .required = true},
    {.name = "first_name",
     .kind = FORM_TEXT,
     .label = N_("First name"),
     .required = true,
     .max = STUDENT_NAME_MAX},
    {.name = "last_name",
     .kind = FORM_TEXT,
     .label = N_("Last name"),
     .required = true,
     .max = STUDENT_NAME_MAX},
    {.name = "date_of_birth", .kind = FORM_DATE, .label = N_("Date of birth"), .required = true},
    {.name = "school", .kind = FORM_TEXT, .label = N_("School"), .max = STUDENT_SCHOOL_MAX},
    {.name = "emergency_contact",
     .kind = FORM_TEXT,
     .label = N_("Emergency contact"),
     .hint = N_("Whom to call: name and number."),
     .max = 200},
    {.name = "notes",
     .kind = FORM_LINES,
     .label = N_("Notes"),
     .hint = N_("Allergies and what else a teacher must know."),
     .max = 2000},
    {.name = "archived_at",
     .kind = FORM_CHECK,
     .label = N_("Archived: hidden from the family's lists")},
};

const struct form_spec student_record_form = {FIELDS, ARRAY_COUNT(FIELDS)};

/* The one choice there is: the family the student belongs to, or is being added to. */
void admin_student_prepare(struct visit *visit, struct form *form) {
    struct form_entry *entry = &form->entries[0];
    const char *typed = entry->given ? entry->text : visit_query(visit, "account");
    struct account family;
    struct form_choice *choices = arena_array(visit->arena, 2, sizeof(*choices));
    int64_t id = typed ? strtoll(typed, NULL, 10) : 0;
    if (account_find(visit_db(visit), visit->arena, id, &family) == OK) {
        choices[0] = (struct form_choice){
            arena_printf(visit->arena, "%lld", (long long)id),
            arena_printf(visit->arena, "%s %s", family.first_name, family.last_name)};
        if (!entry->given)
            form_set(form, 0, choices[0].value);
    }
    form_offer(form, 0, choices);
}

enum err admin_student_load(struct visit *visit, struct admin_one *one) {
    struct admin_student *view = arena_alloc(visit->arena, sizeof(*view));
    struct db *db = visit_db(visit);
    int64_t family;
    bool gone, erased, invited;
    enum err err = student_family(db, one->id, &family);
    if (!err)
        err = account_find(db, visit->arena, family, &view->family);
    if (!err)
        err = account_standing(db, family, &gone, &erased, &invited);
    if (!err)
        err = student_misfits(db, visit->arena, one->id, visit_today(visit), &view->misfits,
                              &view->misfit_count);
    if (err)
        return err;
    const struct account *a = &view->family;
    view->dial = phone_dial(visit->arena, a->phone, a->country);
    view->whatsapp = phone_international(visit->arena, a->phone, a->country);
    one->locked = gone || !permission_over(visit->session.staff_role, a->staff_role);
    one->more = view;
    return OK;
}

void admin_student_new_get(struct visit *visit) {
    if (visit_query_int(visit, "account", 0) > 0) {
        noun_new_get(visit);
        return;
    }
    visit_flash(visit, FLASH_NOTICE,
                tr(visit->lang, "Choose the family first; its page has “Add a student”."));
    visit_redirect(visit, "/admin/accounts/");
}
