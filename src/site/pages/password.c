/* Three small forms of one shape: a heading, a sentence, the fields, a button. */
#include "site/pages/password.h"
#include "shop/account.h"
#include "site/pages/account.h"
#include "site/visit.h"
#include "views.h"

static const struct form_field RESET[RESET_INPUTS] = {
    [RESET_EMAIL] = {.name = "email",
                     .kind = FORM_EMAIL,
                     .label = N_("E-mail"),
                     .required = true,
                     .autocomplete = "email"},
};

static const struct form_field NEW[NEW_INPUTS] = {
    [NEW_PASSWORD] = {.name = "password1",
                      .kind = FORM_PASSWORD,
                      .label = N_("New password"),
                      .hint = N_("10 characters or more. A short sentence is easy to remember."),
                      .required = true,
                      .autocomplete = "new-password"},
    [NEW_PASSWORD_AGAIN] = {.name = "password2",
                            .kind = FORM_PASSWORD,
                            .label = N_("Repeat the password"),
                            .required = true,
                            .autocomplete = "new-password"},
};

static const struct form_field CHANGE[CHANGE_INPUTS] = {
    [CHANGE_OLD] = {.name = "oldpassword",
                    .kind = FORM_PASSWORD,
                    .label = N_("Current password"),
                    .required = true,
                    .autocomplete = "current-password"},
    [CHANGE_NEW] = {.name = "password1",
                    .kind = FORM_PASSWORD,
                    .label = N_("New password"),
                    .hint = N_("10 characters or more. A short sentence is easy to remember."),
                    .required = true,
                    .autocomplete = "new-password"},
    [CHANGE_AGAIN] = {.name = "password2",
                      .kind = FORM_PASSWORD,
                      .label = N_("Repeat the password"),
                      .required = true,
                      .autocomplete = "new-password"},
};

const struct form_spec password_reset_form = {RESET, RESET_INPUTS};
const struct form_spec password_new_form = {NEW, NEW_INPUTS};
const struct form_spec password_change_form = {CHANGE, CHANGE_INPUTS};

static void show(struct visit *visit, int status, struct password_page view) {
    struct page page = page_start_form(visit, view.title);
    page.section = visit->signed_in ? PAGE_PROFILE : PAGE_LOGIN;
    view.page = &page;
    struct out out = visit_page(visit, status, &page);
    view_password_page(&out, &view);
}

/* ---- forgotten --------------------------------------------------------------------------------
 */

static void show_reset(struct visit *visit, const struct form *form, int status) {
    show(visit, status,
         (struct password_page){
             .form = form,
             .title = tr(visit->lang, "Recover your password"),
             .text = tr(visit->lang, "Type the e-mail of your account and we send you a link to "
                                     "set a new one."),
             .action = "/accounts/password/reset/",
             .button = tr(visit->lang, "Send the link")});
}

void password_reset_get(struct visit *visit) {
    struct form form = form_empty(&password_reset_form, visit->arena, visit->lang);
    show_reset(visit, &form, 200);
}

/* The same answer whether the address has an account or not. */
void password_reset_post(struct visit *visit) {
    if (!form_ok(&visit->form)) {
        show_reset(visit, &visit->form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err = account_reset_request(visit_shop(visit), &who,
                                         form_text(&visit->form, RESET_EMAIL), &result);
    if (err == ERR_REFUSED && result.retry_after) {
        visit_too_many(visit, result.retry_after);
    } else if (err == ERR_REFUSED) {
        account_tell(&visit->form, &result);
        show_reset(visit, &visit->form, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, FLASH_SUCCESS,
                    tr(visit->lang, "If that e-mail has an account, we sent a link that works for "
                                    "1 hour. Look into Spam too."));
        visit_redirect(visit, "/accounts/login/");
    }
}

/* ---- set anew by the link ---------------------------------------------------------------------
 */

static void show_new(struct visit *visit, const struct form *form, int status) {
    show(visit, status,
         (struct password_page){.form = form,
                                .title = tr(visit->lang, "Set a new password"),
                                .action =
                                    arena_printf(visit->arena, "/accounts/password/reset/key/%s/",
                                                 visit_name(visit, 0)),
                                .button = tr(visit->lang, "Save the password")});
}

static void show_dead_link(struct visit *visit) {
    account_show_notice(
        visit, 404,
        (struct account_notice){
            .title = tr(visit->lang, "This link no longer works"),
            .text = tr(visit->lang, "It was used already or is older than 1 hour. Ask for a new "
                                    "one."),
            .link = "/accounts/password/reset/",
            .link_text = tr(visit->lang, "Recover your password")});
}

void password_new_get(struct visit *visit) {
    enum err err = account_reset_check(visit_db(visit), visit_name(visit, 0), visit->now);
    struct form form = form_empty(&password_new_form, visit->arena, visit->lang);
    if (err == ERR_NOT_FOUND)
        show_dead_link(visit);
    else if (err)
        visit_fail(visit, err);
    else
        show_new(visit, &form, 200);
}

void password_new_post(struct visit *visit) {
    if (!form_ok(&visit->form)) {
        show_new(visit, &visit->form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    const struct account_input input = {.password = form_text(&visit->form, NEW_PASSWORD),
                                        .password_again =
                                            form_text(&visit->form, NEW_PASSWORD_AGAIN)};
    enum err err = account_reset(visit_shop(visit), &who, visit_name(visit, 0), &input, &result);
    if (err == ERR_REFUSED) {
        account_tell(&visit->form, &result);
        show_new(visit, &visit->form, 422);
    } else if (err == ERR_NOT_FOUND) {
        show_dead_link(visit);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_set_session(visit, NULL);
        visit_flash(visit, FLASH_SUCCESS,
                    tr(visit->lang, "Your new password is set. Log in with it."));
        visit_redirect(visit, "/accounts/login/");
    }
}

/* ---- changed ----------------------------------------------------------------------------------
 */

static void show_change(struct visit *visit, const struct form *form, int status) {
    show(visit, status,
         (struct password_page){
             .form = form,
             .title = tr(visit->lang, "Change your password"),
             .text = tr(visit->lang, "You stay logged in here and are logged out everywhere else."),
             .action = "/accounts/password/change/",
             .button = tr(visit->lang, "Save the password")});
}

void password_change_get(struct visit *visit) {
    struct form form = form_empty(&password_change_form, visit->arena, visit->lang);
    show_change(visit, &form, 200);
}

void password_change_post(struct visit *visit) {
    if (!form_ok(&visit->form)) {
        show_change(visit, &visit->form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    const struct account_input input = {.old_password = form_text(&visit->form, CHANGE_OLD),
                                        .password = form_text(&visit->form, CHANGE_NEW),
                                        .password_again = form_text(&visit->form, CHANGE_AGAIN)};
    enum err err = account_change_password(visit_shop(visit), &who, visit->session.account_id,
                                           &input, visit->session.remember, &result);
    if (err == ERR_REFUSED && result.retry_after) {
        visit_too_many(visit, result.retry_after);
    } else if (err == ERR_REFUSED) {
        account_tell(&visit->form, &result);
        show_change(visit, &visit->form, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_set_session(visit, &result.cookie);
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Your new password is set."));
        visit_redirect(visit, "/users/profile/");
    }
}
