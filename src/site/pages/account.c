/* The doors of the site for people: sign-up, log-in, log-out, the confirmation link. */
#include "site/pages/account.h"
#include "base/country.h"
#include "base/out.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

static const struct form_choice ROLES[] = {
    {"1", N_("Mother, father or guardian")}, {"2", N_("Teacher")}, {"3", N_("Adult student")}, {0}};

static const struct form_field SIGNUP[SIGNUP_INPUTS] = {
    [SIGNUP_ROLE] = {.name = "role",
                     .kind = FORM_CHOICE,
                     .label = N_("Who are you?"),
                     .required = true,
                     .choices = ROLES},
    [SIGNUP_FIRST_NAME] = {.name = "first_name",
                           .kind = FORM_TEXT,
                           .label = N_("First name"),
                           .required = true,
                           .max = ACCOUNT_NAME_MAX,
                           .autocomplete = "given-name"},
    [SIGNUP_LAST_NAME] = {.name = "last_name",
                          .kind = FORM_TEXT,
                          .label = N_("Last name"),
                          .required = true,
                          .max = ACCOUNT_NAME_MAX,
                          .autocomplete = "family-name"},
    [SIGNUP_EMAIL] = {.name = "email",
                      .kind = FORM_EMAIL,
                      .label = N_("E-mail"),
                      .hint = N_("Your receipts go there."),
                      .required = true,
                      .autocomplete = "email"},
    [SIGNUP_COUNTRY] = {.name = "country",
                        .kind = FORM_TEXT,
                        .label = N_("Country"),
                        .unmarked = true,
                        .max = 2,
                        .autocomplete = "country"},
    [SIGNUP_PHONE] = {.name = "phone",
                      .kind = FORM_PHONE,
                      .label = N_("Mobile"),
                      .required = true,
                      .autocomplete = "tel"},
    [SIGNUP_SCHOOL] = {.name = "school",
                       .kind = FORM_TEXT,
                       .label = N_("School or institution (teachers and students)"),
                       .unmarked = true,
                       .max = ACCOUNT_SCHOOL_MAX,
                       .autocomplete = "organization"},
    [SIGNUP_BIRTH] = {.name = "date_of_birth",
                      .kind = FORM_DATE,
                      .label = N_("Date of birth (students)"),
                      .unmarked = true,
                      .autocomplete = "bday"},
    [SIGNUP_PASSWORD] = {.name = "password1",
                         .kind = FORM_PASSWORD,
                         .label = N_("Password"),
                         .hint = N_("10 characters or more. A short sentence is easy to remember."),
                         .required = true,
                         .autocomplete = "new-password"},
    [SIGNUP_PASSWORD_AGAIN] = {.name = "password2",
                               .kind = FORM_PASSWORD,
                               .label = N_("Repeat the password"),
                               .required = true,
                               .autocomplete = "new-password"},
    [SIGNUP_TERMS] = {.name = "terms",
                      .kind = FORM_CHECK,
                      .label = N_("I accept the terms and the privacy text.")},
    [SIGNUP_MARKETING] = {.name = "marketing",
                          .kind = FORM_CHECK,
                          .label = N_("Tell me about new workshops. (optional)")},
    [SIGNUP_PHOTO] = {.name = "photo",
                      .kind = FORM_CHECK,
                      .label = N_("The school may publish photos of workshops that show my "
                                  "children. (optional)")},
    [SIGNUP_NEXT] = {.name = "next", .kind = FORM_HIDDEN, .label = N_("Next"), .max = 1000},
};

static const struct form_field LOGIN[LOGIN_INPUTS] = {
    [LOGIN_EMAIL] = {.name = "login",
                     .kind = FORM_EMAIL,
                     .label = N_("E-mail"),
                     .required = true,
                     .autocomplete = "username"},
    [LOGIN_PASSWORD] = {.name = "password",
                        .kind = FORM_PASSWORD,
                        .label = N_("Password"),
                        .required = true,
                        .autocomplete = "current-password"},
    [LOGIN_REMEMBER] = {.name = "remember",
                        .kind = FORM_CHECK,
                        .label = N_("Remember me on this device")},
    [LOGIN_NEXT] = {.name = "next", .kind = FORM_HIDDEN, .label = N_("Next"), .max = 1000},
};

const struct form_spec signup_form = {SIGNUP, SIGNUP_INPUTS};
const struct form_spec login_form = {LOGIN, LOGIN_INPUTS};

/* ---- what several pages need ------------------------------------------------------------------
 */

struct account_visit account_visit_of(struct visit *visit) {
    return (struct account_visit){
        .now = visit->now,
        .language = visit->lang,
        .address_key = visit->request->address_key,
        .old_token = request_cookie(visit->request, SITE_SESSION_COOKIE),
        .browser = request_cookie(visit->request, SITE_BROWSER_COOKIE),
    };
}

/* The session, and that this browser has logged in. */
static void let_in(struct visit *visit, const struct account_result *result) {
    enum { DAY = 24 * 60 * 60 };
    visit_set_session(visit, &result->cookie);
    response_cookie(visit->response, SITE_BROWSER_COOKIE, result->browser,
                    KNOWN_BROWSER_DAYS * DAY);
}

void account_tell(struct form *form, const struct account_result *result) {
    for (int i = 0; i < ACCOUNT_FIELDS; i++)
        form_refuse_named(form, account_field_name((enum account_field)i),
                          account_error_text(result->errors[i]));
}

const struct account_country *account_countries(struct visit *visit, size_t *count) {
    *count = country_count();
    struct account_country *countries = arena_array(visit->arena, *count, sizeof(*countries));
    for (size_t i = 0; i < *count; i++) {
        const struct country *country = country_at(visit->lang, i);
        countries[i] = (struct account_country){country->code, country->names[visit->lang]};
    }
    return countries;
}

bool account_country_is(const struct account_country *country, const char *code) {
    return strcmp(country->code, code) == 0;
}

void account_show_notice(struct visit *visit, int status, struct account_notice notice) {
    struct page page = page_start_form(visit, notice.title);
    notice.page = &page;
    struct out out = visit_page(visit, status, &page);
    view_account_notice(&out, &notice);
}

/* "/accounts/login/?next=…" */
static const char *with_next(const struct visit *visit, const char *path, const char *next) {
    return *next ? visit_with_next(visit, path, next) : path;
}

static struct account_form_page form_page(struct visit *visit, const struct form *form,
                                          const char *next, const char *other) {
    return (struct account_form_page){.form = form,
                                      .next = next,
                                      .other = with_next(visit, other, next),
                                      .terms = visit->settings->terms.body != NULL,
                                      .privacy = visit->settings->privacy.body != NULL,
                                      .ask_terms = visit->settings->terms.body ||
                                                   visit->settings->privacy.body};
}

static const char *safe_next(const char *next) {
    return visit_safe_next(next, "");
}

/* ---- sign-up ----------------------------------------------------------------------------------
 */

static void show_signup(struct visit *visit, struct form *form, const char *next, int status) {
    struct page page = page_start_form(visit, tr(visit->lang, "Create account"));
    page.section = PAGE_LOGIN;
    page.path = with_next(visit, "/accounts/signup/", next);
    struct account_form_page view = form_page(visit, form, next, "/accounts/login/");
    view.page = &page;
    view.countries = account_countries(visit, &view.country_count);
    struct out out = visit_page(visit, status, &page);
    view_account_signup(&out, &view);
}

void account_signup_get(struct visit *visit) {
    const char *next = safe_next(visit_query(visit, "next"));
    if (visit->signed_in) {
        visit_redirect(visit, "%s", *next ? next : "/users/profile/");
        return;
    }
    struct form form = form_empty(&signup_form, visit->arena, visit->lang);
    form_set(&form, SIGNUP_ROLE, "1");
    form_set(&form, SIGNUP_COUNTRY, "PE");
    show_signup(visit, &form, next, 200);
}

static struct account_input signup_input(const struct form *form) {
    return (struct account_input){
        .email = form_text(form, SIGNUP_EMAIL),
        .password = form_text(form, SIGNUP_PASSWORD),
        .password_again = form_text(form, SIGNUP_PASSWORD_AGAIN),
        .first_name = form_text(form, SIGNUP_FIRST_NAME),
        .last_name = form_text(form, SIGNUP_LAST_NAME),
        .country = form_text(form, SIGNUP_COUNTRY),
        .role = (int)form_number(form, SIGNUP_ROLE) + 1,
        .phone = form_text(form, SIGNUP_PHONE),
        .school = form_text(form, SIGNUP_SCHOOL),
        .date_of_birth = form_text(form, SIGNUP_BIRTH),
        .terms = form_number(form, SIGNUP_TERMS) != 0,
        .marketing = form_number(form, SIGNUP_MARKETING) != 0,
        .photo = form_number(form, SIGNUP_PHOTO) != 0,
    };
}

/* The next step after an account is made: back to the workshop, or the first child. */
static const char *after_signup(const struct form *form, const char *next) {
    if (*next)
        return next;
    bool parent = form_number(form, SIGNUP_ROLE) == 0;
    return parent ? "/users/student-create/" : "/users/profile/";
}

void account_signup_post(struct visit *visit) {
    struct form *form = &visit->form;
    const char *next = safe_next(form_text(form, SIGNUP_NEXT));
    struct account_result result = {0};
    const struct account_input input = signup_input(form);
    if (!form_ok(form)) {
        account_signup_check(visit->settings, visit->now, &input, &result);
        account_tell(form, &result);
        show_signup(visit, form, next, 422);
        return;
    }
    const struct account_visit who = account_visit_of(visit);
    enum err err = account_signup(visit_shop(visit), &who, &input, &result);
    if (err == ERR_REFUSED && result.retry_after) {
        visit_too_many(visit, result.retry_after);
    } else if (err == ERR_REFUSED) {
        account_tell(form, &result);
        show_signup(visit, form, next, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else if (result.confirm) {
        account_show_notice(
            visit, 200,
            (struct account_notice){
                .title = tr(visit->lang, "Check your mail"),
                .text = tr(visit->lang, "We sent you a link. Open it to finish creating your "
                                        "account. Look into Spam too."),
                .link = "/accounts/login/",
                .link_text = tr(visit->lang, "Log in")});
    } else {
        let_in(visit, &result);
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Your account is ready."));
        visit_redirect(visit, "%s", after_signup(form, next));
    }
}

/* ---- log-in and log-out -----------------------------------------------------------------------
 */

static void show_login(struct visit *visit, struct form *form, const char *next, int status) {
    struct page page = page_start_form(visit, tr(visit->lang, "Log in"));
    page.section = PAGE_LOGIN;
    page.path = with_next(visit, "/accounts/login/", next);
    struct account_form_page view = form_page(visit, form, next, "/accounts/signup/");
    view.page = &page;
    struct out out = visit_page(visit, status, &page);
    view_account_login(&out, &view);
}

void account_login_get(struct visit *visit) {
    const char *next = safe_next(visit_query(visit, "next"));
    if (visit->signed_in) {
        visit_redirect(visit, "%s", *next ? next : "/users/profile/");
        return;
    }
    struct form form = form_empty(&login_form, visit->arena, visit->lang);
    show_login(visit, &form, next, 200);
}

void account_login_post(struct visit *visit) {
    struct form *form = &visit->form;
    const char *next = safe_next(form_text(form, LOGIN_NEXT));
    if (!form_ok(form)) {
        show_login(visit, form, next, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err = account_login(visit_shop(visit), &who, form_text(form, LOGIN_EMAIL),
                                 form_text(form, LOGIN_PASSWORD),
                                 form_number(form, LOGIN_REMEMBER) != 0, &result);
    if (err == ERR_REFUSED && result.retry_after) {
        visit_too_many(visit, result.retry_after);
    } else if (err == ERR_REFUSED) {
        account_tell(form, &result);
        show_login(visit, form, next, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        let_in(visit, &result);
        visit_redirect(visit, "%s",
                       result.awaits_code ? with_next(visit, "/accounts/login/code/", next)
                       : *next            ? next
                                          : "/users/profile/");
    }
}

void account_logout_get(struct visit *visit) {
    account_show_notice(
        visit, 200,
        (struct account_notice){
            .title = tr(visit->lang, "Do you want to log out?"),
            .text = tr(visit->lang, "The seats you hold stay in your cart until their time ends."),
            .link = "/users/profile/",
            .link_text = tr(visit->lang, "Log out"),
            .action = "/accounts/logout/"});
}

void account_logout_post(struct visit *visit) {
    const char *token = request_cookie(visit->request, SITE_SESSION_COOKIE);
    enum err err = session_end(visit_shop(visit), token ? token : "");
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_set_session(visit, NULL);
    visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "You have logged out."));
    visit_redirect(visit, "/");
}

/* ---- the confirmation link --------------------------------------------------------------------
 */

static void show_dead_link(struct visit *visit) {
    account_show_notice(
        visit, 404,
        (struct account_notice){
            .title = tr(visit->lang, "This link no longer works"),
            .text = tr(visit->lang, "It was used already or is too old. Log in and we will send "
                                    "you a new one."),
            .link = "/accounts/login/",
            .link_text = tr(visit->lang, "Log in")});
}

void account_confirm_get(struct visit *visit) {
    enum err err = account_confirm_check(visit_db(visit), visit_name(visit, 0), visit->now);
    if (err == ERR_NOT_FOUND) {
        show_dead_link(visit);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        account_show_notice(visit, 200,
                            (struct account_notice){
                                .title = tr(visit->lang, "Confirm your e-mail"),
                                .text = tr(visit->lang, "One tap and your account is ready."),
                                .link_text = tr(visit->lang, "Confirm"),
                                .action = arena_printf(visit->arena, "/accounts/confirm-email/%s/",
                                                       visit_name(visit, 0))});
    }
}

void account_confirm_post(struct visit *visit) {
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err = account_confirm(visit_shop(visit), &who, visit_name(visit, 0), &result);
    if (err == ERR_NOT_FOUND) {
        show_dead_link(visit);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        if (*result.cookie.token)
            visit_set_session(visit, &result.cookie);
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Your account is ready."));
        visit_redirect(visit, *result.cookie.token ? "/users/profile/" : "/accounts/login/");
    }
}
