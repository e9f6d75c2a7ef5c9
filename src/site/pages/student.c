/* The child form and what happens with it. */
#include "site/pages/student.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

#define PROFILE "/users/profile/"

static const struct form_field FIELDS[STUDENT_INPUTS] = {
    [STUDENT_FIRST_NAME] = {.name = "first_name",
                            .kind = FORM_TEXT,
                            .label = N_("First name"),
                            .required = true,
                            .max = STUDENT_NAME_MAX,
                            .autocomplete = "off"},
    [STUDENT_LAST_NAME] = {.name = "last_name",
                           .kind = FORM_TEXT,
                           .label = N_("Last name"),
                           .required = true,
                           .max = STUDENT_NAME_MAX,
                           .autocomplete = "off"},
    [STUDENT_BIRTH] = {.name = "date_of_birth",
                       .kind = FORM_DATE,
                       .label = N_("Date of birth"),
                       .required = true,
                       .autocomplete = "off"},
    [STUDENT_SCHOOL] = {.name = "school",
                        .kind = FORM_TEXT,
                        .label = N_("School"),
                        .max = STUDENT_SCHOOL_MAX,
                        .autocomplete = "off"},
    [STUDENT_EMERGENCY] = {.name = "emergency_contact",
                           .kind = FORM_TEXT,
                           .label = N_("Whom to call in an emergency"),
                           .hint = N_("Name and number"),
                           .max = STUDENT_CONTACT_MAX,
                           .autocomplete = "off"},
    [STUDENT_NOTES] = {.name = "notes",
                       .kind = FORM_TEXT,
                       .label = N_("What the teachers should know"),
                       .hint = N_("Allergies, medicine, anything that helps"),
                       .max = STUDENT_NOTES_MAX,
                       .autocomplete = "off"},
    [STUDENT_NEXT] = {.name = "next", .kind = FORM_HIDDEN, .label = N_("Next"), .max = 1000},
};

static const struct form_field SELF[SELF_INPUTS] = {
    [SELF_BIRTH] = {.name = "date_of_birth",
                    .kind = FORM_DATE,
                    .label = N_("Date of birth"),
                    .unmarked = true,
                    .autocomplete = "bday"},
    [SELF_NEXT] = {.name = "next", .kind = FORM_HIDDEN, .label = N_("Next"), .max = 1000},
};

const struct form_spec student_form = {FIELDS, STUDENT_INPUTS};
const struct form_spec student_self_form = {SELF, SELF_INPUTS};

/* ---- showing ----------------------------------------------------------------------------------
 */

static bool self_missing(struct visit *visit) {
    struct student_list students;
    if (student_by_parent(visit_db(visit), visit->arena, visit->session.account_id, false,
                          &students) != OK)
        return false;
    for (size_t i = 0; i < students.count; i++)
        if (students.items[i].is_self)
            return false;
    return true;
}

static void show(struct visit *visit, const struct form *form, const struct student *student,
                 int status) {
    const char *title =
        student ? visit_say(visit, N_("Edit {name}"), I18N_TEXT("name", student->first_name))
                : tr(visit->lang, "Who shall we enrol?");
    struct page page = page_start(visit, title);
    page.section = PAGE_PROFILE;
    struct student_page view = {.page = &page,
                                .form = form,
                                .student = student,
                                .next = visit_safe_next(form_text(form, STUDENT_NEXT), ""),
                                .action = student ? arena_printf(visit->arena,
                                                                 "/users/student-edit/%lld/",
                                                                 (long long)student->id)
                                                  : "/users/student-create/",
                                .offer_self = !student && self_missing(visit)};
    struct out out = visit_page(visit, status, &page);
    view_student_page(&out, &view);
}

static void tell(struct form *form, const struct student_result *result) {
    for (int i = 0; i < STUDENT_FIELDS; i++)
        form_refuse_named(form, student_field_name((enum student_field)i),
                          student_error_text(result->errors[i]));
}

static struct student_input input_of(const struct form *form) {
    return (struct student_input){.first_name = form_text(form, STUDENT_FIRST_NAME),
                                  .last_name = form_text(form, STUDENT_LAST_NAME),
                                  .date_of_birth = form_text(form, STUDENT_BIRTH),
                                  .school = form_text(form, STUDENT_SCHOOL),
                                  .emergency_contact = form_text(form, STUDENT_EMERGENCY),
                                  .notes = form_text(form, STUDENT_NOTES)};
}

/* Back to where the child was wanted, with the child chosen there. */
static void go_on(struct visit *visit, const char *next, const char *slug) {
    next = visit_safe_next(next, PROFILE);
    if (strncmp(next, "/workshops/", 11) != 0)
        visit_redirect(visit, "%s", next);
    else
        visit_redirect(visit, "%.*s%cstudent=%s#enrol", (int)strcspn(next, "#"), next,
                       strchr(next, '?') ? '&' : '?', slug);
}

/* ---- a new one --------------------------------------------------------------------------------
 */

void student_create_get(struct visit *visit) {
    struct form form = form_empty(&student_form, visit->arena, visit->lang);
    form_set(&form, STUDENT_LAST_NAME, visit->session.last_name);
    form_set(&form, STUDENT_NEXT, visit_query(visit, "next"));
    show(visit, &form, NULL, 200);
}

void student_create_post(struct visit *visit) {
    struct form *form = &visit->form;
    if (!form_ok(form)) {
        show(visit, form, NULL, 422);
        return;
    }
    struct student_result result = {0};
    const struct student_input input = input_of(form);
    enum err err =
        student_create(visit_shop(visit), visit->session.account_id, &input, visit->now, &result);
    if (err == ERR_REFUSED) {
        tell(form, &result);
        show(visit, form, NULL, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, FLASH_SUCCESS,
                    visit_say(visit, N_("{name} is on your list now."),
                              I18N_TEXT("name", input.first_name)));
        go_on(visit, form_text(form, STUDENT_NEXT), result.slug);
    }
}

/* Asks for what the account does not know yet. */
static void show_self(struct visit *visit, const struct form *form) {
    struct page page = page_start(visit, tr(visit->lang, "Add myself as a student"));
    page.section = PAGE_PROFILE;
    struct student_page view = {.page = &page,
                                .form = form,
                                .next = visit_safe_next(form_text(form, SELF_NEXT), ""),
                                .action = "/users/add-self/"};
    struct out out = visit_page(visit, 422, &page);
    view_student_self(&out, &view);
}

void student_self_post(struct visit *visit) {
    struct form *form = &visit->form;
    if (!form_ok(form)) {
        show_self(visit, form);
        return;
    }
    struct student_result result = {0};
    enum err err = student_add_self(visit_shop(visit), visit->session.account_id,
                                    form_text_or_null(form, SELF_BIRTH), visit->now, &result);
    if (err == ERR_REFUSED) {
        tell(form, &result);
        show_self(visit, form);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "You are on the list of students now."));
        go_on(visit, form_text(form, SELF_NEXT), result.slug);
    }
}

/* ---- one there is -----------------------------------------------------------------------------
 */

static bool load(struct visit *visit, struct student *student) {
    enum err err = student_find(visit_db(visit), visit->arena, visit->session.account_id,
                                visit_id(visit, 0), student);
    if (err)
        visit_fail(visit, err);
    return err == OK;
}

void student_edit_get(struct visit *visit) {
    struct student student;
    if (!load(visit, &student))
        return;
    struct form form = form_empty(&student_form, visit->arena, visit->lang);
    char birth[DATE_TEXT_SIZE];
    date_format(student.date_of_birth, birth);
    form_set(&form, STUDENT_FIRST_NAME, student.first_name);
    form_set(&form, STUDENT_LAST_NAME, student.last_name);
    form_set(&form, STUDENT_BIRTH, arena_strdup(visit->arena, birth));
    form_set(&form, STUDENT_SCHOOL, student.school);
    form_set(&form, STUDENT_EMERGENCY, student.emergency_contact);
    form_set(&form, STUDENT_NOTES, student.notes);
    show(visit, &form, &student, 200);
}

void student_edit_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct student student;
    if (!load(visit, &student))
        return;
    if (!form_ok(form)) {
        show(visit, form, &student, 422);
        return;
    }
    struct student_result result = {0};
    const struct student_input input = input_of(form);
    enum err err = student_edit(visit_shop(visit), visit->session.account_id, student.id, &input,
                                visit->now, &result);
    if (err == ERR_REFUSED) {
        tell(form, &result);
        show(visit, form, &student, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Saved."));
        visit_redirect(visit, PROFILE);
    }
}

/* Archiving, bringing back, deleting: done or refused, the profile says which. */
static void answer(struct visit *visit, enum err err, const struct student_result *result,
                   const char *done) {
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    const char *refusal = NULL;
    for (int i = 0; i < STUDENT_FIELDS && !refusal; i++)
        refusal = student_error_text(result->errors[i]);
    if (err)
        visit_flash(visit, FLASH_PROBLEM, tr(visit->lang, refusal ? refusal : done));
    else
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, done));
    visit_redirect(visit, PROFILE);
}

static void archive(struct visit *visit, bool archived, const char *done) {
    struct student_result result = {0};
    enum err err = student_archive(visit_shop(visit), visit->session.account_id, visit_id(visit, 0),
                                   archived, visit->now, &result);
    answer(visit, err, &result, done);
}

void student_archive_post(struct visit *visit) {
    archive(visit, true, N_("Archived. Enrolments stay as they are."));
}

void student_restore_post(struct visit *visit) {
    archive(visit, false, N_("Back on your list."));
}

void student_delete_post(struct visit *visit) {
    struct student_result result = {0};
    enum err err =
        student_delete(visit_shop(visit), visit->session.account_id, visit_id(visit, 0), &result);
    answer(visit, err, &result, N_("Deleted."));
}
