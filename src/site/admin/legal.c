/* Terms and privacy: the text in force, its older versions, and publishing the next one. */
#include "base/i18n.h"
#include "site/admin/settings.h"
#include "site/text.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

enum { BODY };

static const struct form_field FIELDS[] = {
    [BODY] = {.name = "body",
              .kind = FORM_LINES,
              .label = N_("Text"),
              .hint = N_("An empty line begins a new paragraph. Families accept the new version "
                         "when they pay next."),
              .required = true,
              .max = LEGAL_TEXT_MAX},
};
const struct form_spec legal_form = {FIELDS, ARRAY_COUNT(FIELDS)};

/* The text the address names; false: there is none such, and that is said. */
static bool begin(struct visit *visit, struct settings_legal *view,
                  const struct legal_text **text) {
    view->name = visit_name(visit, 0);
    bool terms = strcmp(view->name, "terms") == 0;
    if (!terms && strcmp(view->name, "privacy") != 0) {
        visit_error(visit, 404);
        return false;
    }
    *text = terms ? &visit->settings->terms : &visit->settings->privacy;
    view->label = terms ? tr(visit->lang, "Terms") : tr(visit->lang, "Privacy");
    view->action = arena_printf(visit->arena, "/admin/settings/texts/%s/", view->name);
    view->zone = visit->settings->zone;
    return true;
}

static void show(struct visit *visit, struct settings_legal *view, int status) {
    struct legal_version *versions;
    enum err err = setting_versions(visit_db(visit), visit->arena, view->name, &versions,
                                    &view->version_count);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    view->versions = versions;
    struct admin_page *page = admin_page_make(visit, "settings", view->label);
    page->page.form = view->form;
    view->page = page;
    struct out out = visit_page(visit, status, &page->page);
    view_admin_legal(&out, view);
}

void settings_legal_get(struct visit *visit) {
    struct settings_legal view = {0};
    const struct legal_text *text;
    if (!begin(visit, &view, &text))
        return;
    int older = (int)visit_query_int(visit, "version", 0);
    if (older) {
        const char *body;
        enum err err = setting_version_body(visit_db(visit), visit->arena, view.name, older, &body);
        if (err) {
            visit_fail(visit, err);
            return;
        }
        view.shown = older;
        view.paragraphs = text_paragraphs(visit->arena, body, &view.paragraph_count);
    }
    struct form form = form_empty(&legal_form, visit->arena, visit->lang);
    form_set(&form, BODY, text->body);
    view.form = &form;
    view.version = text->version;
    show(visit, &view, 200);
}

/* Somebody published meanwhile: theirs is shown, and the form replaces theirs. */
static void show_both(struct visit *visit, struct settings_legal *view) {
    struct legal_version *versions;
    const char *body = NULL;
    size_t count;
    enum err err = setting_versions(visit_db(visit), visit->arena, view->name, &versions, &count);
    if (!err && count)
        err = setting_version_body(visit_db(visit), visit->arena, view->name, versions[0].version,
                                   &body);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    view->version = count ? versions[0].version : 0;
    view->conflict = true;
    view->paragraphs = text_paragraphs(visit->arena, body, &view->paragraph_count);
    show(visit, view, 409);
}

void settings_legal_post(struct visit *visit) {
    struct settings_legal view = {.form = &visit->form};
    const struct legal_text *text;
    bool changed = false;
    if (!begin(visit, &view, &text))
        return;
    const char *version = fields_get(&visit->request->form, "version");
    view.version = version ? (int)strtol(version, NULL, 10) : 0;
    enum err err = ERR_REFUSED;
    if (form_ok(&visit->form))
        err = setting_publish(visit_shop(visit), visit->session.account_id, view.name, view.version,
                              form_text(&visit->form, BODY), visit->now, &changed);
    if (err == ERR_CONFLICT) {
        show_both(visit, &view);
    } else if (err == ERR_REFUSED) {
        show(visit, &view, 422);
    } else if (err) {
        visit_fail(visit, err);
    } else {
        visit_flash(visit, changed ? FLASH_SUCCESS : FLASH_NOTICE,
                    tr(visit->lang, changed ? N_("Published.") : N_("Nothing was different.")));
        visit_redirect(visit, "%s", view.action);
    }
}
