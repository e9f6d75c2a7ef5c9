/* The pages of the second factor. */
#include "site/pages/second_factor.h"
#include "base/out.h"
#include "base/qr.h"
#include "site/pages/account.h"
#include "site/pages/password.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

#define PAGE "/accounts/second-factor/"

static const struct form_field LOGIN_CODE[CODE_INPUTS] = {
    [CODE_CODE] = {.name = "code",
                   .kind = FORM_TEXT,
                   .label = N_("Code"),
                   .hint = N_("The six digits that your app shows now, or a recovery code."),
                   .required = true,
                   .max = 40,
                   .autocomplete = "one-time-code"},
};

static const struct form_field AGAIN[AGAIN_INPUTS] = {
    [AGAIN_PASSWORD] = {.name = "password",
                        .kind = FORM_PASSWORD,
                        .label = N_("Current password"),
                        .unmarked = true,
                        .autocomplete = "current-password"},
    [AGAIN_CODE] = {.name = "code",
                    .kind = FORM_TEXT,
                    .label = N_("Or a code from your app"),
                    .unmarked = true,
                    .max = 40,
                    .autocomplete = "one-time-code"},
};

static const struct form_field SETUP_CODE[CODE_INPUTS] = {
    [CODE_CODE] = {.name = "code",
                   .kind = FORM_TEXT,
                   .label = N_("Code"),
                   .hint = N_("The six digits that your app shows now."),
                   .required = true,
                   .max = 40,
                   .autocomplete = "one-time-code"},
};

static const struct form_field DISABLE[DISABLE_INPUTS] = {
    [DISABLE_PASSWORD] = {.name = "oldpassword",
                          .kind = FORM_PASSWORD,
                          .label = N_("Current password"),
                          .required = true,
                          .autocomplete = "current-password"},
};

const struct form_spec login_code_form = {LOGIN_CODE, CODE_INPUTS};
const struct form_spec again_form = {AGAIN, AGAIN_INPUTS};
const struct form_spec second_factor_code_form = {SETUP_CODE, CODE_INPUTS};
const struct form_spec second_factor_disable_form = {DISABLE, DISABLE_INPUTS};

/* ---- what several pages need ------------------------------------------------------------------
 */

/* Where this page was on the way to: it stands in its own address. */
static const char *next_of(const struct visit *visit) {
    return visit_safe_next(visit_query(visit, "next"), "");
}

static const char *with_next(const struct visit *visit, const char *path) {
    const char *next = next_of(visit);
    return *next ? visit_with_next(visit, path, next) : path;
}

static void go_on(struct visit *visit) {
    const char *next = next_of(visit);
    visit_redirect(visit, "%s", *next ? next : "/users/profile/");
}

/* Answers what every form here has in common; false: it worked. */
static bool refused(struct visit *visit, enum err err, const struct account_result *result,
                    void (*show)(struct visit *, struct form *, int)) {
    if (err == ERR_REFUSED && result->retry_after) {
        visit_too_many(visit, result->retry_after);
    } else if (err == ERR_REFUSED) {
        account_tell(&visit->form, result);
        show(visit, &visit->form, 422);
    } else if (err) {
        visit_fail(visit, err);
    }
    return err != OK;
}

static void show_form(struct visit *visit, int status, struct password_page view) {
    struct page page = page_start(visit, view.title);
    page.csrf_token = visit->session.csrf_token;
    page.section = visit->signed_in ? PAGE_PROFILE : PAGE_LOGIN;
    view.page = &page;
    struct out out = visit_page(visit, status, &page);
    view_password_page(&out, &view);
}

/* ---- after the password -----------------------------------------------------------------------
 */

static void show_login(struct visit *visit, struct form *form, int status) {
    show_form(visit, status,
              (struct password_page){
                  .form = form,
                  .title = tr(visit->lang, "One more step"),
                  .text = tr(visit->lang, "Open the app on your phone and type the code it shows."),
                  .action = with_next(visit, "/accounts/login/code/"),
                  .button = tr(visit->lang, "Log in")});
}

void second_factor_login_get(struct visit *visit) {
    if (visit->signed_in) {
        go_on(visit);
        return;
    }
    struct form form = form_empty(&login_code_form, visit->arena, visit->lang);
    show_login(visit, &form, 200);
}

void second_factor_login_post(struct visit *visit) {
    if (visit->signed_in) {
        go_on(visit);
        return;
    }
    if (!form_ok(&visit->form)) {
        show_login(visit, &visit->form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err =
        second_factor_login(visit_shop(visit), &who, form_text(&visit->form, CODE_CODE), &result);
    if (err == ERR_NOT_FOUND) { /* it took too long */
        visit_set_session(visit, NULL);
        visit_redirect(visit, "%s", with_next(visit, "/accounts/login/"));
        return;
    }
    if (refused(visit, err, &result, show_login))
        return;
    visit_set_session(visit, &result.cookie);
    go_on(visit);
}

/* ---- before something sensitive ---------------------------------------------------------------
 */

static void show_again(struct visit *visit, struct form *form, int status) {
    if (!visit->session.second_factor)
        form->count = AGAIN_CODE;
    show_form(visit, status,
              (struct password_page){
                  .form = form,
                  .title = tr(visit->lang, "Is it still you?"),
                  .text = tr(visit->lang, "What comes next is sensitive, so we ask again when the "
                                          "last time is more than 15 minutes ago."),
                  .action = with_next(visit, "/accounts/again/"),
                  .button = tr(visit->lang, "Go on")});
}

void second_factor_again_get(struct visit *visit) {
    struct form form = form_empty(&again_form, visit->arena, visit->lang);
    show_again(visit, &form, 200);
}

void second_factor_again_post(struct visit *visit) {
    struct form *form = &visit->form;
    if (!form_given(form, AGAIN_PASSWORD) && !form_given(form, AGAIN_CODE))
        form_refuse(form, AGAIN_PASSWORD, N_("Please fill this in."));
    if (!form_ok(form)) {
        show_again(visit, form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err =
        second_factor_prove(visit_shop(visit), &who, visit->session.account_id,
                            form_text(form, AGAIN_PASSWORD), form_text(form, AGAIN_CODE), &result);
    if (!refused(visit, err, &result, show_again))
        go_on(visit);
}

/* ---- setting up -------------------------------------------------------------------------------
 */

static const char *in_groups(struct visit *visit, const char *text) {
    char *out = arena_alloc(visit->arena, strlen(text) * 2 + 1);
    size_t at = 0;
    for (size_t i = 0; text[i]; i++) {
        if (i && i % 4 == 0)
            out[at++] = ' ';
        out[at++] = text[i];
    }
    return out;
}

/* The key URI that authenticator apps read: otpauth://totp/ISSUER:ACCOUNT?secret=… */
static const char *draw_qr(struct visit *visit, const struct second_factor_page *view) {
    struct buf uri = {0}, svg = {0};
    struct out out = out_start(&uri, visit->lang, NULL);
    out.context = OUT_QUERY;
    buf_puts(&uri, "otpauth://totp/");
    out_text(&out, view->issuer);
    buf_puts(&uri, ":");
    out_text(&out, view->email);
    buf_printf(&uri, "?secret=%s&issuer=", view->bare);
    out_text(&out, view->issuer);
    buf_puts(&uri, "&algorithm=SHA1&digits=6&period=30");
    const char *drawn =
        qr_svg(&svg, buf_text(&uri)) ? arena_strdup(visit->arena, buf_text(&svg)) : NULL;
    secret_wipe(uri.data, uri.len);
    buf_free(&uri);
    buf_free(&svg);
    return drawn;
}

static void fill_secret(struct visit *visit, struct second_factor_page *view) {
    char *bare = arena_alloc(visit->arena, TOTP_BASE32_SIZE);
    totp_base32(view->factor->secret, bare);
    view->bare = bare;
    view->secret = in_groups(visit, bare);
    view->issuer = visit->settings->school_name;
    view->email = visit->session.email;
    view->qr = draw_qr(visit, view);
}

/* Whether the school asks for it, and of this person. */
static bool asked_of(const struct visit *visit) {
    return visit->settings->staff_second_factor && visit->session.staff_role != STAFF_NONE;
}

/* The page as things stand; `codes` just made and the form that was refused, if any. */
static void show_setup(struct visit *visit, const second_factor_code *codes,
                       const struct form *code, int status) {
    struct second_factor factor;
    enum err err = second_factor_find(visit_db(visit), visit->session.account_id, &factor);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    const struct form empty_code = form_empty(&second_factor_code_form, visit->arena, visit->lang);
    struct page page = page_start(visit, tr(visit->lang, "Two-step login"));
    page.section = PAGE_PROFILE;
    struct second_factor_page view = {
        .page = &page,
        .factor = &factor,
        .code_form = code ? code : &empty_code,
        .codes = codes,
        .next = next_of(visit),
        .start = with_next(visit, PAGE),
        .enable = with_next(visit, PAGE "enable/"),
        .renew = with_next(visit, PAGE "codes/"),
        .disable = with_next(visit, PAGE "disable/"),
        .required = asked_of(visit),
    };
    page.form = code;
    if (factor.begun)
        fill_secret(visit, &view);
    struct out out = visit_page(visit, status, &page);
    view_account_second_factor(&out, &view);
    secret_wipe(&factor, sizeof(factor));
}

void second_factor_get(struct visit *visit) {
    show_setup(visit, NULL, NULL, 200);
}

void second_factor_start_post(struct visit *visit) {
    enum err err = second_factor_begin(visit_shop(visit), visit->session.account_id);
    if (err)
        visit_fail(visit, err);
    else
        visit_redirect(visit, "%s", with_next(visit, PAGE));
}

static void show_enable(struct visit *visit, struct form *form, int status) {
    show_setup(visit, NULL, form, status);
}

/* The codes exist nowhere else, so the page that shows them is the answer itself: no redirect. */
void second_factor_enable_post(struct visit *visit) {
    if (!form_ok(&visit->form)) {
        show_enable(visit, &visit->form, 422);
        return;
    }
    second_factor_code codes[SECOND_FACTOR_CODES];
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err = second_factor_enable(visit_shop(visit), &who, visit->session.account_id,
                                        form_text(&visit->form, CODE_CODE), codes, &result);
    if (err == ERR_CONFLICT) /* sent twice, or never begun: the page says how things stand */
        visit_redirect(visit, "%s", with_next(visit, PAGE));
    else if (!refused(visit, err, &result, show_enable))
        show_setup(visit, codes, NULL, 200);
    secret_wipe(codes, sizeof(codes));
}

void second_factor_renew_post(struct visit *visit) {
    second_factor_code codes[SECOND_FACTOR_CODES];
    const struct account_visit who = account_visit_of(visit);
    enum err err =
        second_factor_renew_codes(visit_shop(visit), &who, visit->session.account_id, codes);
    if (err == ERR_CONFLICT)
        visit_redirect(visit, "%s", with_next(visit, PAGE));
    else if (err)
        visit_fail(visit, err);
    else
        show_setup(visit, codes, NULL, 200);
    secret_wipe(codes, sizeof(codes));
}

static void show_disable(struct visit *visit, struct form *form, int status) {
    const bool required = asked_of(visit);
    show_form(visit, status,
              (struct password_page){
                  .form = form,
                  .title = tr(visit->lang, "Turn two-step login off"),
                  .text = required ? tr(visit->lang, "Your school asks its staff for two-step "
                                                     "login: without it you cannot enter the "
                                                     "administration.")
                                   : NULL,
                  .action = with_next(visit, PAGE "disable/"),
                  .button = tr(visit->lang, "Turn it off"),
                  .danger = true});
}

void second_factor_disable_get(struct visit *visit) {
    struct form form = form_empty(&second_factor_disable_form, visit->arena, visit->lang);
    show_disable(visit, &form, 200);
}

void second_factor_disable_post(struct visit *visit) {
    if (!form_ok(&visit->form)) {
        show_disable(visit, &visit->form, 422);
        return;
    }
    struct account_result result = {0};
    const struct account_visit who = account_visit_of(visit);
    enum err err = second_factor_disable(visit_shop(visit), &who, visit->session.account_id,
                                         form_text(&visit->form, DISABLE_PASSWORD), &result);
    if (refused(visit, err, &result, show_disable))
        return;
    visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Two-step login is off."));
    visit_redirect(visit, "%s", with_next(visit, PAGE));
}
