/* The form of an account, what stands on top of its page, and what is done to it. */
#include "site/admin/account.h"
#include "base/country.h"
#include "base/i18n.h"
#include "base/phone.h"
#include "shop/account_admin.h"
#include "shop/second_factor.h"
#include "site/admin/forms.h"
#include "site/pages/account.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

/* ---- the form -------------------------------------------------------------------------------- */

enum { FIRST_NAME, LAST_NAME, EMAIL, PHONE, COUNTRY, SCHOOL, BIRTH, NOTES };

static const struct form_field FIELDS[] = {
    [FIRST_NAME] = {.name = "first_name",
                    .kind = FORM_TEXT,
                    .label = N_("First name"),
                    .required = true,
                    .max = ACCOUNT_NAME_MAX},
    [LAST_NAME] = {.name = "last_name",
                   .kind = FORM_TEXT,
                   .label = N_("Last name"),
                   .required = true,
                   .max = ACCOUNT_NAME_MAX},
    [EMAIL] = {.name = "email",
               .kind = FORM_EMAIL,
               .label = N_("E-mail"),
               .hint = N_("If it changes, we write to both addresses."),
               .required = true},
    [PHONE] = {.name = "phone", .kind = FORM_PHONE, .label = N_("Mobile")},
    [COUNTRY] = {.name = "country", .kind = FORM_CHOICE, .label = N_("Country")},
    [SCHOOL] = {.name = "school",
                .kind = FORM_TEXT,
                .label = N_("School"),
                .max = ACCOUNT_SCHOOL_MAX},
    [BIRTH] = {.name = "date_of_birth", .kind = FORM_DATE, .label = N_("Date of birth")},
    [NOTES] = {.name = "notes",
               .kind = FORM_LINES,
               .label = N_("Notes"),
               .hint = N_("For the staff. Whoever asks for their data gets these too."),
               .max = 2000},
};

const struct form_spec account_record_form = {FIELDS, ARRAY_COUNT(FIELDS)};

static const struct form_choice *countries(struct visit *visit) {
    size_t count = country_count();
    struct form_choice *choices = arena_array(visit->arena, count + 1, sizeof(*choices));
    for (size_t i = 0; i < count; i++) {
        const struct country *country = country_at(visit->lang, i);
        choices[i] = (struct form_choice){country->code, country->names[visit->lang]};
    }
    return choices;
}

void account_prepare(struct visit *visit, struct form *form) {
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->entries[i].field->name, "country") == 0)
            form_offer(form, i, countries(visit));
}

/* ---- the top of its page --------------------------------------------------------------------- */

enum { ROLE_ROLE, ROLE_FIELDS };

static const struct form_choice ROLES[] = {
    {"family", N_("Family: no access to the administration")},
    {"instructor", N_("Instructor: own workshops, rosters and attendance")},
    {"desk", N_("Front desk: orders, payments, rosters")},
    {"manager", N_("Manager: everything but erasing people")},
    {"owner", N_("Owner: everything")},
    {NULL},
};

static const struct form_field ROLE[ROLE_FIELDS] = {
    [ROLE_ROLE] = {.name = "staff_role",
                   .kind = FORM_CHOICE,
                   .label = N_("Role"),
                   .required = true,
                   .choices = ROLES},
};

const struct form_spec account_role_form = {ROLE, ROLE_FIELDS};

static enum staff_role role_typed(const struct form *form, size_t field) {
    enum staff_role role = STAFF_NONE;
    return session_staff_role_parse(form_text(form, field), &role) ? role : STAFF_NONE;
}

/* Nobody is offered a role above the own one. */
static const struct form *role_form(struct visit *visit, enum staff_role now) {
    struct form *form = arena_alloc(visit->arena, sizeof(*form));
    *form = form_empty(&account_role_form, visit->arena, visit->lang);
    size_t count = (size_t)visit->session.staff_role + 1;
    struct form_choice *choices = arena_array(visit->arena, count + 1, sizeof(*choices));
    for (size_t i = 0; i < count; i++)
        choices[i] = (struct form_choice){ROLES[i].value, tr(visit->lang, ROLES[i].label)};
    form_set(form, ROLE_ROLE, ROLES[now].value);
    form_offer(form, ROLE_ROLE, choices);
    return form;
}

static enum err load_rest(struct visit *visit, struct admin_account *view) {
    struct db *db = visit_db(visit);
    int64_t id = view->account.id;
    enum err err = consent_read(db, id, &view->consents);
    if (!err)
        err = second_factor_enabled(db, id, &view->second_factor);
    return err ? err : account_standing(db, id, &view->gone, &view->erased, &view->invited);
}

enum err account_load(struct visit *visit, struct admin_one *one) {
    struct admin_account *view = arena_alloc(visit->arena, sizeof(*view));
    enum err err = account_find(visit_db(visit), visit->arena, one->id, &view->account);
    if (!err)
        err = load_rest(visit, view);
    if (err)
        return err;
    const struct account *a = &view->account;
    enum staff_role mine = visit->session.staff_role;
    view->csrf_token = visit->session.csrf_token;
    view->address = one->action;
    view->dial = phone_dial(visit->arena, a->phone, a->country);
    view->whatsapp = phone_international(visit->arena, a->phone, a->country);
    view->above = !permission_over(mine, a->staff_role);
    view->self = a->id == visit->session.account_id;
    view->may_edit = noun_may(visit, MAY_EDIT_PEOPLE) && !view->above && !view->gone;
    view->may_grant = noun_may(visit, MAY_GRANT_ROLES) && !view->above && !view->gone;
    view->may_add = noun_may(visit, MAY_ADD_FAMILIES) && !view->above && !view->gone;
    view->may_export = noun_may(visit, MAY_EXPORT_PEOPLE) && !view->above && !view->erased;
    view->may_erase =
        noun_may(visit, MAY_ERASE_PEOPLE) && !view->above && !view->erased && !view->self;
    view->may_reset_factor = noun_may(visit, MAY_RESET_FACTORS) && !view->above && !view->self;
    if (view->may_grant)
        view->role_form = role_form(visit, a->staff_role);
    one->locked = view->above || view->gone;
    one->more = view;
    return OK;
}

/* ---- one click ------------------------------------------------------------------------------- */

static struct account_deed deed_of(struct visit *visit, const struct account_visit *who) {
    return (struct account_deed){.visit = who, .actor_id = visit->session.account_id};
}

/* What was wrong, for a message. */
static const char *refusal_text(const struct account_result *result) {
    for (int i = 0; i < ACCOUNT_FIELDS; i++)
        if (result->errors[i])
            return account_error_text(result->errors[i]);
    return N_("Something failed. Please try again.");
}

/* Whoever tries it above the own role is answered like somebody without the right. */
static bool above(const struct account_result *result) {
    return result->errors[ACCOUNT_FIELD_FORM] == ACCOUNT_ABOVE_YOU ||
           result->errors[ACCOUNT_FIELD_FORM] == ACCOUNT_ROLE_ABOVE;
}

/* Back to the account's page, which says how it went. */
static void answer(struct visit *visit, enum err err, const struct account_deed *deed,
                   const struct account_result *result, const char *did) {
    if (err == ERR_REFUSED && above(result)) {
        visit_forbidden(visit, (enum permission)visit->hit.route->right);
        return;
    }
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    const char *text = err ? refusal_text(result) : deed->changed ? did : N_("It was so already.");
    visit_flash(visit,
                err             ? FLASH_PROBLEM
                : deed->changed ? FLASH_SUCCESS
                                : FLASH_NOTICE,
                tr(visit->lang, text));
    visit_redirect(visit, "/admin/accounts/%lld/", (long long)visit_id(visit, 0));
}

static void set_active(struct visit *visit, bool active, const char *did) {
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = deed_of(visit, &who);
    struct account_result result;
    int64_t id = visit_id(visit, 0), changed;
    enum err err =
        account_admin_active(visit_shop(visit), &deed, &id, 1, active, &changed, &result);
    answer(visit, err, &deed, &result, did);
}

void admin_account_enable_post(struct visit *visit) {
    set_active(visit, true, N_("Enabled. This person can log in again."));
}

void admin_account_disable_post(struct visit *visit) {
    set_active(visit, false, N_("Disabled. This person is logged out everywhere."));
}

void admin_account_link_post(struct visit *visit) {
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = deed_of(visit, &who);
    struct account_result result;
    enum err err = account_admin_send_link(visit_shop(visit), &deed, visit_id(visit, 0), &result);
    answer(visit, err, &deed, &result, N_("The link is on its way."));
}

void admin_account_factor_post(struct visit *visit) {
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = deed_of(visit, &who);
    struct account_result result;
    enum err err =
        account_admin_reset_factor(visit_shop(visit), &deed, visit_id(visit, 0), &result);
    answer(visit, err, &deed, &result,
           N_("Two-step login is off for this person. We told them by mail."));
}

void admin_account_role_post(struct visit *visit) {
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = deed_of(visit, &who);
    struct account_result result = {0};
    enum err err = ERR_REFUSED;
    if (form_ok(&visit->form))
        err = account_admin_role(visit_shop(visit), &deed, visit_id(visit, 0),
                                 role_typed(&visit->form, ROLE_ROLE), &result);
    else
        result.errors[ACCOUNT_FIELD_ROLE] = ACCOUNT_ROLE_UNKNOWN;
    answer(visit, err, &deed, &result, N_("The role is changed."));
}

static enum err many(struct visit *visit, const int64_t *ids, size_t count, bool active,
                     int64_t *done) {
    const struct account_visit who = account_visit_of(visit);
    struct account_deed deed = deed_of(visit, &who);
    struct account_result result;
    enum err err =
        account_admin_active(visit_shop(visit), &deed, ids, count, active, done, &result);
    if (err == ERR_REFUSED)
        visit_flash(visit, FLASH_PROBLEM, tr(visit->lang, refusal_text(&result)));
    return err;
}

static enum err enable(struct visit *visit, const int64_t *ids, size_t count, int64_t *done) {
    return many(visit, ids, count, true, done);
}

static enum err disable(struct visit *visit, const int64_t *ids, size_t count, int64_t *done) {
    return many(visit, ids, count, false, done);
}

const struct noun_action account_actions[] = {
    {"enable", N_("Enable"), MAY_EDIT_PEOPLE, enable},
    {"disable", N_("Disable"), MAY_EDIT_PEOPLE, disable},
    {NULL},
};
