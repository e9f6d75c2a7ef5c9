/* Pages of the import. */
#include "site/admin/import.h"
#include "base/csv.h"
#include "base/i18n.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

enum { KIND };

static const struct form_choice KINDS[] = {
    {"workshops", N_("Workshops")}, {"families", N_("Families and children")}, {NULL}};

static const struct form_field FIELDS[] = {
    {.name = "kind",
     .kind = FORM_CHOICE,
     .label = N_("What is in the file"),
     .required = true,
     .choices = KINDS},
};

const struct form_spec import_form = {FIELDS, ARRAY_COUNT(FIELDS)};

/* ---- choosing a file ------------------------------------------------------------------------ */

static void show(struct visit *visit, const struct form *form, int status, const char *problem) {
    struct admin_page page = admin_page_start(visit, "import", tr(visit->lang, "Import"));
    struct admin_import view = {
        .page = &page, .form = form, .problem = problem ? tr(visit->lang, problem) : NULL};
    for (int i = 0; i < IMPORT_KINDS; i++)
        view.kinds[i] = (struct admin_import_columns){
            .title = tr(visit->lang, KINDS[i].label),
            .file = arena_printf(visit->arena, "/admin/import/templates/%s.csv",
                                 import_kind_name((enum import_kind)i)),
            .columns = import_columns((enum import_kind)i)};
    struct out out = visit_page(visit, status, &page.page);
    view_admin_import(&out, &view);
}

void admin_import_get(struct visit *visit) {
    struct form form = form_empty(&import_form, visit->arena, visit->lang);
    form_set(&form, KIND, visit_query(visit, "kind"));
    show(visit, &form, 200, NULL);
}

void admin_import_post(struct visit *visit) {
    const struct field *file = fields_file(&visit->request->form, "file");
    int kind = import_kind_find(form_text(&visit->form, KIND));
    const char *problem = NULL;
    int64_t id = 0;
    if (!file || file->len == 0)
        problem = N_("Please choose a file.");
    else if (file->len > IMPORT_BYTES_MAX)
        problem = N_("This file is larger than 8 MB. Please choose a smaller one.");
    if (!problem && form_ok(&visit->form) && kind >= 0) {
        enum err err =
            import_keep(visit_shop(visit), visit->session.account_id, (enum import_kind)kind,
                        file->filename, file->value, file->len, visit->now, &id);
        if (err && err != ERR_INVALID) {
            visit_fail(visit, err);
            return;
        }
        if (err)
            problem = N_("This is not a CSV file. In your spreadsheet choose “Save as”, then CSV.");
    }
    if (id)
        visit_redirect(visit, "/admin/import/%lld/", (long long)id);
    else
        show(visit, &visit->form, 422, problem);
}

void admin_import_template_get(struct visit *visit) {
    int kind = import_kind_find(visit_name(visit, 0));
    if (kind < 0) {
        visit_error(visit, 404);
        return;
    }
    const struct import_column *columns = import_columns((enum import_kind)kind);
    struct buf *out = &visit->response->body;
    bool spanish = visit->lang == LANG_ES;
    csv_begin(out);
    for (int i = 0; columns[i].name; i++)
        csv_text(out, i == 0, spanish ? columns[i].spanish : columns[i].name);
    csv_end_row(out);
    for (int i = 0; columns[i].name; i++)
        csv_text(out, i == 0, columns[i].example);
    csv_end_row(out);
    visit_csv(visit, import_kind_name((enum import_kind)kind), false);
}

/* ---- what it would do ----------------------------------------------------------------------- */

static void fill_lines(struct visit *visit, const struct import_result *result,
                       struct admin_import_check *view) {
    view->lines = arena_array(visit->arena, result->problem_count, sizeof(*view->lines));
    for (size_t i = 0; i < result->problem_count; i++) {
        const struct import_problem *p = &result->problems[i];
        view->lines[view->line_count++] = (struct admin_import_line){
            p->line, p->column ? tr(visit->lang, p->column) : NULL,
            visit_say(visit, p->english, I18N_INT("n", p->n), I18N_TEXT("text", p->text))};
    }
}

static const char *join(struct visit *visit, const char *const *words, size_t count) {
    struct buf text = {0};
    for (size_t i = 0; i < count; i++)
        buf_printf(&text, "%s%s", i ? ", " : "", words[i]);
    const char *joined = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return joined;
}

static void show_check(struct visit *visit, int status, const struct import_file *file,
                       const struct import_result *result) {
    struct admin_page page = admin_page_start(visit, "import", tr(visit->lang, "Import"));
    struct admin_import_check view = {
        .page = &page,
        .file = file,
        .result = result,
        .address = arena_printf(visit->arena, "/admin/import/%lld/", (long long)file->id),
        .families = file->kind == IMPORT_FAMILIES,
        .done = file->done_at != 0,
        .topics = result->new_topic_count ? join(visit, result->new_topics, result->new_topic_count)
                                          : NULL};
    view.list = view.families ? "/admin/students/" : "/admin/workshops/";
    fill_lines(visit, result, &view);
    struct out out = visit_page(visit, status, &page.page);
    view_admin_import_check(&out, &view);
}

/* Answers 404 for a file of somebody else. */
static bool find(struct visit *visit, struct import_file *file) {
    enum err err = import_find(visit_db(visit), visit->arena, visit_id(visit, 0),
                               visit->session.account_id, file);
    if (err)
        visit_fail(visit, err);
    return err == OK;
}

void admin_import_check_get(struct visit *visit) {
    struct import_file file;
    struct import_result result = {0};
    if (!find(visit, &file))
        return;
    enum err err = import_try(visit_shop(visit), visit->arena, file.id, visit->session.account_id,
                              visit->now, &result);
    if (err)
        visit_fail(visit, err);
    else
        show_check(visit, 200, &file, &result);
}

void admin_import_check_post(struct visit *visit) {
    struct import_file file;
    struct import_result result = {0};
    const struct fields *form = &visit->request->form;
    if (!find(visit, &file))
        return;
    const struct import_options options = {.create_topics = fields_get(form, "create_topics"),
                                           .send_links = fields_get(form, "send_links"),
                                           .lang = visit->settings->language};
    enum err err = import_take(visit_shop(visit), visit->arena, file.id, visit->session.account_id,
                               &options, visit->now, &result);
    if (err == ERR_REFUSED) {
        show_check(visit, 422, &file, &result);
        return;
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    const char *one = N_("Taken in: {n} row."), *many = N_("Taken in: {n} rows.");
    visit_flash(visit, result.already ? FLASH_NOTICE : FLASH_SUCCESS,
                result.already
                    ? tr(visit->lang, "This file was taken in already.")
                    : visit_say(visit, result.rows == 1 ? one : many, I18N_INT("n", result.rows)));
    visit_redirect(visit, "%s",
                   file.kind == IMPORT_FAMILIES ? "/admin/students/" : "/admin/workshops/");
}
