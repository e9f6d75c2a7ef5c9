/* The profile and what a person may do with their own data. */
#include "site/pages/profile.h"
#include "base/utf8.h"
#include "shop/export.h"
#include "site/pages/order.h"
#include "site/pages/password.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

#define PROFILE "/users/profile/"

enum { ORDERS_SHOWN = 50 };

/* ---- the profile ------------------------------------------------------------------------------
 */

static enum err load_orders(struct visit *visit, struct profile_page *view) {
    struct order_list list;
    enum err err =
        order_list(visit_db(visit), visit->arena, visit->session.account_id, ORDERS_SHOWN, &list);
    if (err)
        return err;
    struct profile_order *orders = arena_array(visit->arena, list.count, sizeof(*orders));
    for (size_t i = 0; i < list.count; i++) {
        const struct order_summary *order = &list.items[i];
        orders[i] = (struct profile_order){
            order, order_state_text(visit, order->status, order->charging, order->reported)};
        view->pending_count += order->status == ORDER_PENDING;
    }
    view->orders = orders;
    view->order_count = list.count;
    return OK;
}

/* The classes of one student, out of all of the family's. */
static void pick_classes(struct visit *visit, const struct inscription_list *all,
                         struct profile_student *student) {
    struct cart_line *classes = arena_array(visit->arena, all->count, sizeof(*classes));
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].student_id == student->student->id)
            classes[student->class_count++] = cart_line(visit, &all->items[i]);
    student->classes = classes;
}

static void first_letter(const char *name, char letter[8]) {
    const char *end = name;
    utf8_next(&end);
    memcpy(letter, name, (size_t)(end - name));
}

static enum err load_students(struct visit *visit, struct profile_page *view) {
    struct db *db = visit_db(visit);
    int64_t account = visit->session.account_id;
    struct student_list students, archived;
    struct inscription_list classes;
    enum err err = student_by_parent(db, visit->arena, account, false, &students);
    if (!err)
        err = student_by_parent(db, visit->arena, account, true, &archived);
    if (!err)
        err = inscription_upcoming(db, visit->arena, account, visit_today(visit), &classes);
    if (err)
        return err;
    struct profile_student *shown = arena_array(visit->arena, students.count, sizeof(*shown));
    for (size_t i = 0; i < students.count; i++) {
        shown[i].student = &students.items[i];
        shown[i].age = date_age(students.items[i].date_of_birth, visit_today(visit));
        first_letter(students.items[i].first_name, shown[i].initial);
        pick_classes(visit, &classes, &shown[i]);
    }
    view->students = shown;
    view->student_count = students.count;
    view->archived = archived.items;
    view->archived_count = archived.count;
    return OK;
}

void profile_get(struct visit *visit) {
    struct account account;
    struct profile_page view = {.account = &account, .zone = visit->settings->zone};
    enum err err = account_find(visit_db(visit), visit->arena, visit->session.account_id, &account);
    if (!err)
        err = load_orders(visit, &view);
    if (!err)
        err = load_students(visit, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct page page = page_start(visit, tr(visit->lang, "My enrolments"));
    page.section = PAGE_PROFILE;
    view.page = &page;
    struct out out = visit_page(visit, 200, &page);
    view_profile_page(&out, &view);
}

/* ---- editing ----------------------------------------------------------------------------------
 */

static const struct form_field EDIT[EDIT_INPUTS] = {
    [EDIT_FIRST_NAME] = {.name = "first_name",
                         .kind = FORM_TEXT,
                         .label = N_("First name"),
                         .required = true,
                         .max = ACCOUNT_NAME_MAX,
                         .autocomplete = "given-name"},
    [EDIT_LAST_NAME] = {.name = "last_name",
                        .kind = FORM_TEXT,
                        .label = N_("Last name"),
                        .required = true,
                        .max = ACCOUNT_NAME_MAX,
                        .autocomplete = "family-name"},
    [EDIT_COUNTRY] = {.name = "country",
                      .kind = FORM_TEXT,
                      .label = N_("Country"),
                      .unmarked = true,
                      .max = 2,
                      .autocomplete = "country"},
    [EDIT_PHONE] = {.name = "phone",
                    .kind = FORM_PHONE,
                    .label = N_("Mobile"),
                    .required = true,
                    .autocomplete = "tel"},
    [EDIT_SCHOOL] = {.name = "school",
                     .kind = FORM_TEXT,
                     .label = N_("School or institution (teachers and students)"),
                     .unmarked = true,
                     .max = ACCOUNT_SCHOOL_MAX,
                     .autocomplete = "organization"},
    [EDIT_BIRTH] = {.name = "date_of_birth",
                    .kind = FORM_DATE,
                    .label = N_("Date of birth (students)"),
                    .unmarked = true,
                    .autocomplete = "bday"},
    [EDIT_MARKETING] = {.name = "marketing",
                        .kind = FORM_CHECK,
                        .label = N_("Tell me about new workshops. (optional)")},
    [EDIT_PHOTO] = {.name = "photo",
                    .kind = FORM_CHECK,
                    .label = N_("The school may publish photos of workshops that show my "
                                "children. (optional)")},
};

const struct form_spec profile_edit_form = {EDIT, EDIT_INPUTS};

static void show_edit(struct visit *visit, const struct form *form, const struct account *account,
                      int status) {
    struct page page = page_start(visit, tr(visit->lang, "My details"));
    page.section = PAGE_PROFILE;
    struct profile_edit_page view = {.page = &page, .form = form, .account = account};
    view.countries = account_countries(visit, &view.country_count);
    struct out out = visit_page(visit, status, &page);
    view_profile_edit(&out, &view);
}

static bool load_account(struct visit *visit, struct account *account) {
    enum err err = account_find(visit_db(visit), visit->arena, visit->session.account_id, account);
    if (err)
        visit_fail(visit, err);
    return err == OK;
}

void profile_edit_get(struct visit *visit) {
    struct account account;
    struct consents consents;
    if (!load_account(visit, &account))
        return;
    enum err err = consent_read(visit_db(visit), account.id, &consents);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct form form = form_empty(&profile_edit_form, visit->arena, visit->lang);
    char birth[DATE_TEXT_SIZE];
    date_format(account.date_of_birth, birth);
    form_set(&form, EDIT_FIRST_NAME, account.first_name);
    form_set(&form, EDIT_LAST_NAME, account.last_name);
    form_set(&form, EDIT_COUNTRY, account.country);
    form_set(&form, EDIT_PHONE, account.phone);
    form_set(&form, EDIT_SCHOOL, account.school);
    form_set(&form, EDIT_BIRTH, arena_strdup(visit->arena, birth));
    form_set(&form, EDIT_MARKETING, consents.of[CONSENT_MARKETING].granted ? "1" : NULL);
    form_set(&form, EDIT_PHOTO, consents.of[CONSENT_PHOTO].granted ? "1" : NULL);
    show_edit(visit, &form, &account, 200);
}

void profile_edit_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct account account;
    if (!load_account(visit, &account))
        return;
    if (!form_ok(form)) {
        show_edit(visit, form, &account, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    const struct account_input input = {.first_name = form_text(form, EDIT_FIRST_NAME),
                                        .last_name = form_text(form, EDIT_LAST_NAME),
                                        .country = form_text(form, EDIT_COUNTRY),
                                        .phone = form_text(form, EDIT_PHONE),
                                        .school = form_text(form, EDIT_SCHOOL),
                                        .date_of_birth = form_text(form, EDIT_BIRTH),
                                        .marketing = form_number(form, EDIT_MARKETING) != 0,
                                        .photo = form_number(form, EDIT_PHOTO) != 0};
    enum err err =
        account_edit(visit_shop(visit), &who, visit->session.account_id, &input, &result);
    if (err == ERR_REFUSED) {
        account_tell(form, &result);
        show_edit(visit, form, &account, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Saved."));
        visit_redirect(visit, PROFILE);
    }
}

/* ---- taking one's data along, leaving ---------------------------------------------------------
 */

void profile_export_get(struct visit *visit) {
    enum err err = export_account(visit_db(visit), visit->session.account_id, visit->now,
                                  &visit->response->body);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit->response->content_type = "application/json; charset=utf-8";
    response_header(visit->response, "Content-Disposition", "attachment; filename=\"%s.json\"",
                    tr(visit->lang, "my-data"));
}

static const struct form_field CLOSE[CLOSE_INPUTS] = {
    [CLOSE_PASSWORD] = {.name = "password",
                        .kind = FORM_PASSWORD,
                        .label = N_("Current password"),
                        .required = true,
                        .autocomplete = "current-password"},
};

const struct form_spec profile_close_form = {CLOSE, CLOSE_INPUTS};

static void show_close(struct visit *visit, const struct form *form, int status) {
    struct page page = page_start(visit, tr(visit->lang, "Close my account"));
    page.section = PAGE_PROFILE;
    struct password_page view = {
        .page = &page,
        .form = form,
        .title = page.title,
        .text = tr(visit->lang, "You cannot log in any more and your held seats are given up. "
                                "Enrolments and receipts stay with the school, as the law asks."),
        .action = "/users/close/",
        .button = tr(visit->lang, "Close my account for good"),
        .danger = true};
    struct out out = visit_page(visit, status, &page);
    view_password_page(&out, &view);
}

void profile_close_get(struct visit *visit) {
    struct form form = form_empty(&profile_close_form, visit->arena, visit->lang);
    show_close(visit, &form, 200);
}

void profile_close_post(struct visit *visit) {
    struct form *form = &visit->form;
    if (!form_ok(form)) {
        show_close(visit, form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err = account_close(visit_shop(visit), &who, visit->session.account_id,
                                 form_text(form, CLOSE_PASSWORD), &result);
    if (err == ERR_REFUSED && result.retry_after) {
        visit_too_many(visit, result.retry_after);
    } else if (err == ERR_REFUSED) {
        account_tell(form, &result);
        show_close(visit, form, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_set_session(visit, NULL);
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Your account is closed. Goodbye!"));
        visit_redirect(visit, "/");
    }
}
