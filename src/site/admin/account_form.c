/* Pages of accounts with a form of their own: a new family, new staff, erasing; and the file with a
 * person's data. */
#include "base/i18n.h"
#include "shop/account_admin.h"
#include "shop/audit.h"
#include "shop/export.h"
#include "site/admin/account.h"
#include "site/pages/account.h"
#include "site/visit.h"
#include "views.h"

static void show(struct visit *visit, struct admin_account_form view, int status) {
    struct admin_page page = admin_page_start(visit, "accounts", view.title);
    page.page.form = view.form;
    view.page = &page;
    if (!view.back)
        view.back = "/admin/accounts/";
    struct out out = visit_page(visit, status, &page.page);
    view_admin_account_form(&out, &view);
}

/* ---- new ones -------------------------------------------------------------------------------- */

enum { NEW_FIRST_NAME, NEW_LAST_NAME, NEW_EMAIL, NEW_PHONE, NEW_COUNTRY, NEW_FIELDS };
enum { STAFF_FIRST_NAME, STAFF_LAST_NAME, STAFF_EMAIL, STAFF_PHONE, STAFF_ROLE, STAFF_FIELDS };

static const struct form_field NEW[NEW_FIELDS] = {
    [NEW_FIRST_NAME] = {.name = "first_name",
                        .kind = FORM_TEXT,
                        .label = N_("First name"),
                        .required = true,
                        .max = ACCOUNT_NAME_MAX},
    [NEW_LAST_NAME] = {.name = "last_name",
                       .kind = FORM_TEXT,
                       .label = N_("Last name"),
                       .required = true,
                       .max = ACCOUNT_NAME_MAX},
    [NEW_EMAIL] = {.name = "email",
                   .kind = FORM_EMAIL,
                   .label = N_("E-mail"),
                   .hint = N_("They get a link to choose a password."),
                   .required = true},
    [NEW_PHONE] = {.name = "phone", .kind = FORM_PHONE, .label = N_("Mobile"), .required = true},
    [NEW_COUNTRY] = {.name = "country",
                     .kind = FORM_CHOICE,
                     .label = N_("Country"),
                     .preset = "PE"},
};

static const struct form_choice ROLES[] = {
    {"instructor", N_("Instructor: own workshops, rosters and attendance")},
    {"desk", N_("Front desk: orders, payments, rosters")},
    {"manager", N_("Manager: everything but erasing people")},
    {"owner", N_("Owner: everything")},
    {NULL},
};

static const struct form_field NEW_STAFF[STAFF_FIELDS] = {
    [STAFF_FIRST_NAME] = {.name = "first_name",
                          .kind = FORM_TEXT,
                          .label = N_("First name"),
                          .required = true,
                          .max = ACCOUNT_NAME_MAX},
    [STAFF_LAST_NAME] = {.name = "last_name",
                         .kind = FORM_TEXT,
                         .label = N_("Last name"),
                         .required = true,
                         .max = ACCOUNT_NAME_MAX},
    [STAFF_EMAIL] = {.name = "email",
                     .kind = FORM_EMAIL,
                     .label = N_("E-mail"),
                     .hint = N_("They get a link to choose a password."),
                     .required = true},
    [STAFF_PHONE] = {.name = "phone", .kind = FORM_PHONE, .label = N_("Mobile")},
    [STAFF_ROLE] = {.name = "staff_role",
                    .kind = FORM_CHOICE,
                    .label = N_("Role"),
                    .required = true,
                    .choices = ROLES},
};

const struct form_spec account_new_form = {NEW, NEW_FIELDS};
const struct form_spec account_new_staff_form = {NEW_STAFF, STAFF_FIELDS};

static void show_new(struct visit *visit, struct form *form, int status) {
    account_prepare(visit, form);
    bool grants = noun_may(visit, MAY_GRANT_ROLES);
    show(visit,
         (struct admin_account_form){
             .title = tr(visit->lang, "New family"),
             .text = tr(visit->lang, "Add the children afterwards, on the family's page."),
             .action = "/admin/accounts/new/",
             .button = tr(visit->lang, "Create and invite"),
             .form = form,
             .other = grants ? "/admin/accounts/new-staff/" : NULL,
             .other_text = tr(visit->lang, "Somebody who works here instead")},
         status);
}

static void show_new_staff(struct visit *visit, struct form *form, int status) {
    show(visit,
         (struct admin_account_form){
             .title = tr(visit->lang, "New member of staff"),
             .text = tr(visit->lang, "The role says what they may do. It can be changed later."),
             .action = "/admin/accounts/new-staff/",
             .button = tr(visit->lang, "Create and invite"),
             .form = form,
             .other = "/admin/accounts/new/",
             .other_text = tr(visit->lang, "A family instead")},
         status);
}

void admin_account_new_get(struct visit *visit) {
    struct form form = form_empty(&account_new_form, visit->arena, visit->lang);
    form_set(&form, NEW_COUNTRY, "PE");
    show_new(visit, &form, 200);
}

void admin_account_new_staff_get(struct visit *visit) {
    struct form form = form_empty(&account_new_staff_form, visit->arena, visit->lang);
    show_new_staff(visit, &form, 200);
}

static void create(struct visit *visit, const struct account_input *input, enum staff_role role,
                   void (*again)(struct visit *, struct form *, int)) {
    struct form *form = &visit->form;
    if (!form_ok(form)) {
        again(visit, form, 422);
        return;
    }
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = {.visit = &who, .actor_id = visit->session.account_id};
    struct account_result result;
    enum err err = account_admin_create(visit_shop(visit), &deed, input, role, &result);
    if (err == ERR_REFUSED && result.errors[ACCOUNT_FIELD_FORM] == ACCOUNT_ROLE_ABOVE) {
        visit_forbidden(visit, MAY_GRANT_ROLES);
    } else if (err == ERR_REFUSED) {
        account_tell(form, &result);
        again(visit, form, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, deed.changed ? FLASH_SUCCESS : FLASH_NOTICE,
                    tr(visit->lang, deed.changed ? N_("Created. The invitation is on its way.")
                                                 : N_("It was so already.")));
        visit_redirect(visit, "/admin/accounts/%lld/", (long long)result.account_id);
    }
}

void admin_account_new_post(struct visit *visit) {
    const struct form *form = &visit->form;
    account_prepare(visit, &visit->form);
    const struct account_input input = {.first_name = form_text(form, NEW_FIRST_NAME),
                                        .last_name = form_text(form, NEW_LAST_NAME),
                                        .email = form_text(form, NEW_EMAIL),
                                        .phone = form_text(form, NEW_PHONE),
                                        .country = form_text(form, NEW_COUNTRY)};
    create(visit, &input, STAFF_NONE, show_new);
}

void admin_account_new_staff_post(struct visit *visit) {
    const struct form *form = &visit->form;
    const struct account_input input = {.first_name = form_text(form, STAFF_FIRST_NAME),
                                        .last_name = form_text(form, STAFF_LAST_NAME),
                                        .email = form_text(form, STAFF_EMAIL),
                                        .phone = form_text(form, STAFF_PHONE)};
    enum staff_role role = STAFF_NONE;
    if (form_ok(form) && !session_staff_role_parse(form_text(form, STAFF_ROLE), &role))
        role = STAFF_NONE;
    create(visit, &input, role, show_new_staff);
}

/* ---- taking the data along ------------------------------------------------------------------- */

/* The account of the address, if who asks may have it; else answers. */
static bool load(struct visit *visit, struct account *account) {
    enum err err = account_find(visit_db(visit), visit->arena, visit_id(visit, 0), account);
    if (err) {
        visit_fail(visit, err);
        return false;
    }
    if (permission_over(visit->session.staff_role, account->staff_role))
        return true;
    visit_forbidden(visit, (enum permission)visit->hit.route->right);
    return false;
}

void admin_account_export_get(struct visit *visit) {
    struct account account;
    if (!load(visit, &account))
        return;
    enum err err = export_account(visit_db(visit), account.id, visit->now, &visit->response->body);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    audit_note(visit_shop(visit), visit->session.account_id, "export", "account", account.id, NULL);
    visit->response->content_type = "application/json; charset=utf-8";
    response_header(visit->response, "Content-Disposition",
                    "attachment; filename=\"account-%lld.json\"", (long long)account.id);
}

/* ---- erasing --------------------------------------------------------------------------------- */

enum { ERASE_EMAIL, ERASE_FIELDS };

static const struct form_field ERASE[ERASE_FIELDS] = {
    [ERASE_EMAIL] = {.name = "email",
                     .kind = FORM_EMAIL,
                     .label = N_("E-mail of this account"),
                     .hint = N_("Type it, so that we are sure whom you mean."),
                     .required = true,
                     .autocomplete = "off"},
};

const struct form_spec account_erase_form = {ERASE, ERASE_FIELDS};

static void show_erase(struct visit *visit, struct form *form, int status) {
    struct erase_preview preview;
    enum err err = erase_preview(visit_db(visit), visit->arena, visit_id(visit, 0), &preview);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    show(visit,
         (struct admin_account_form){
             .title = visit_say(visit, N_("Erase {name}"), I18N_TEXT("name", preview.name)),
             .action = visit->request->path,
             .button = tr(visit->lang, "Erase for good"),
             .form = form,
             .other =
                 arena_printf(visit->arena, "/admin/accounts/%lld/", (long long)visit_id(visit, 0)),
             .other_text = tr(visit->lang, "Cancel"),
             .erase = &preview},
         status);
}

void admin_account_erase_get(struct visit *visit) {
    struct account account;
    if (!load(visit, &account))
        return;
    struct form form = form_empty(&account_erase_form, visit->arena, visit->lang);
    show_erase(visit, &form, 200);
}

void admin_account_erase_post(struct visit *visit) {
    struct form *form = &visit->form;
    struct account account;
    if (!load(visit, &account))
        return;
    if (!form_ok(form)) {
        show_erase(visit, form, 422);
        return;
    }
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = {.visit = &who, .actor_id = visit->session.account_id};
    struct account_result result;
    enum err err =
        erase_account(visit_shop(visit), &deed, account.id, form_text(form, ERASE_EMAIL), &result);
    if (err == ERR_REFUSED) {
        account_tell(form, &result);
        show_erase(visit, form, 422);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_flash(visit, deed.changed ? FLASH_SUCCESS : FLASH_NOTICE,
                tr(visit->lang, deed.changed ? N_("Erased. Nothing of this person is left.")
                                             : N_("It was so already.")));
    visit_redirect(visit, "/admin/accounts/%lld/", (long long)account.id);
}
