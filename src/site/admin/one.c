/* One row of a noun: what it is, what belongs to it, its history, and the form that edits it. */
#include "base/buf.h"
#include "base/i18n.h"
#include "base/zone.h"
#include "shop/picture_import.h"
#include "site/admin/list.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HISTORY_SHOWN = 30 };

/* ---- loading -------------------------------------------------------------------------------- */

static enum err load_row(struct visit *visit, const struct noun *noun, int64_t id,
                         struct admin_one *out) {
    const struct listing *listing = noun->listing;
    const struct listing_query query = {.sort = -1,
                                        .page = 1,
                                        .ids = &id,
                                        .id_count = 1,
                                        .own = listing->own ? admin_own(visit) : 0,
                                        .zone = visit->settings->zone};
    struct listing_page found;
    enum err err = listing_read(visit_db(visit), visit->arena, listing, &query, &found);
    if (!err && found.count == 0)
        err = ERR_NOT_FOUND;
    if (err)
        return err;
    out->facts = arena_array(visit->arena, found.columns, sizeof(*out->facts));
    for (size_t i = 0; i < found.columns; i++)
        out->facts[out->fact_count++] =
            (struct admin_fact){tr(visit->lang, listing->columns[i].label),
                                list_cell(visit, &listing->columns[i], &found.rows[0].values[i])};
    out->heading = found.rows[0].values[0].text;
    if (!out->heading || !*out->heading)
        out->heading =
            arena_printf(visit->arena, "%s %lld", tr(visit->lang, noun->one), (long long)id);
    return OK;
}

static enum err load_related(struct visit *visit, const struct noun *noun, int64_t id,
                             struct admin_one *out) {
    size_t count = 0;
    while (noun->related && noun->related[count].label)
        count++;
    out->related = arena_array(visit->arena, count, sizeof(*out->related));
    enum err err = OK;
    for (size_t i = 0; !err && i < count; i++) {
        const struct noun_related *related = &noun->related[i];
        const struct noun *to = noun_find(related->noun);
        if (!noun_may(visit, to->see))
            continue;
        size_t filters = listing_filter_count(to->listing);
        const char **values = arena_array(visit->arena, filters, sizeof(*values));
        const char *value = arena_printf(visit->arena, "%lld", (long long)id);
        for (size_t f = 0; f < filters; f++)
            if (strcmp(to->listing->filters[f].name, related->filter) == 0)
                values[f] = value;
        const struct listing_query query = {.sort = -1, .page = 1, .filters = values};
        int64_t total;
        bool is_more;
        err = listing_count(visit_db(visit), visit->arena, to->listing, &query, &total, &is_more);
        if (!err)
            out->related[out->related_count++] =
                (struct admin_link){tr(visit->lang, related->label),
                                    arena_printf(visit->arena, "/admin/%s/?%s=%lld", to->name,
                                                 related->filter, (long long)id),
                                    total};
    }
    return err;
}

enum err admin_one_load(struct visit *visit, const struct noun *noun, int64_t id,
                        struct admin_one *out) {
    *out = (struct admin_one){.noun = noun,
                              .id = id,
                              .list = arena_printf(visit->arena, "/admin/%s/", noun->name),
                              .currency = visit->settings->currency,
                              .zone = visit->settings->zone,
                              .may_see_history = noun_may(visit, MAY_SEE_AUDIT)};
    out->action = arena_printf(visit->arena, "%s%lld/", out->list, (long long)id);
    enum err err = load_row(visit, noun, id, out);
    if (!err)
        err = load_related(visit, noun, id, out);
    if (!err && noun->picture)
        err = picture_place_get(visit_db(visit), visit->arena,
                                &(struct picture_place){.entity = noun->entity, .id = id},
                                &out->picture);
    if (!err && noun->load)
        err = noun->load(visit, out);
    if (!err && out->may_see_history)
        err = audit_of(visit_db(visit), visit->arena, noun->entity, id, HISTORY_SHOWN,
                       &out->history, &out->history_count);
    return err;
}

/* ---- between the form and the record -------------------------------------------------------- */

/* The column a field edits: its own name, or with "_cents" for money. -1: none. */
static int column_of(const struct noun *noun, const struct form_field *field) {
    char cents[64];
    if (field->kind != FORM_MONEY)
        return record_column_find(noun->record, field->name);
    snprintf(cents, sizeof(cents), "%s_cents", field->name);
    return record_column_find(noun->record, cents);
}

static const char *moment_text(struct visit *visit, int64_t at) {
    struct local_time t = zone_local(visit->settings->zone, at);
    char day[DATE_TEXT_SIZE];
    date_format(t.date, day);
    return arena_printf(visit->arena, "%sT%02d:%02d", day, t.hour, t.minute);
}

/* 5 → "1 4" */
static const char *bits_text(struct visit *visit, int64_t bits) {
    struct buf text = {0};
    for (int64_t bit = 1; bit <= bits; bit *= 2)
        if (bits & bit)
            buf_printf(&text, "%s%lld", text.len ? " " : "", (long long)bit);
    const char *words = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return words;
}

static void put_number(struct visit *visit, struct form *form, size_t field, int64_t n) {
    enum form_kind kind = form->entries[field].field->kind;
    const char *text = NULL;
    if (kind == FORM_MONEY)
        text = arena_printf(visit->arena, "%lld.%02d", (long long)(n / 100), (int)(n % 100));
    else if (kind == FORM_TIME) /* the end of a day is 24:00 in tables, 00:00 on clocks */
        text = arena_printf(visit->arena, "%02d:%02d", (int)(n / 60 % 24), (int)(n % 60));
    else if (kind == FORM_MOMENT)
        text = moment_text(visit, n);
    else if (kind == FORM_SET)
        text = bits_text(visit, n);
    if (text)
        form_set(form, field, text);
    else
        form_set_number(form, field, n);
}

static void put_value(struct visit *visit, struct form *form, size_t field,
                      const struct value *value) {
    if (value->type == VALUE_TEXT)
        form_set(form, field, value->text);
    else if (value->type == VALUE_INT)
        put_number(visit, form, field, value->integer);
}

static struct form form_of(struct visit *visit, const struct noun *noun,
                           const struct record *record) {
    struct form form = form_empty(noun->form, visit->arena, visit->lang);
    for (size_t i = 0; i < form.count; i++) {
        int column = column_of(noun, form.entries[i].field);
        if (column >= 0 && record)
            put_value(visit, &form, i, &record->values[column]);
        else if (!record)
            form_set(&form, i, form.entries[i].field->preset);
    }
    if (noun->prepare)
        noun->prepare(visit, &form);
    return form;
}

/* "1 4" → 5 */
static int64_t bits_of(const char *words) {
    int64_t bits = 0;
    for (char *end; *words; words = end + strspn(end, " "))
        bits |= strtoll(words, &end, 10);
    return bits;
}

static struct value value_of(struct visit *visit, const struct record_column *column,
                             const struct form_entry *entry) {
    enum form_kind kind = entry->field->kind;
    if (kind == FORM_CHECK)
        return value_int(entry->number);
    if (!entry->given)
        return value_text(NULL);
    if (column->type == RECORD_TEXT)
        return value_text(entry->text);
    if (kind == FORM_CHOICE)
        return value_int(strtoll(entry->text, NULL, 10));
    if (kind == FORM_SET)
        return value_int(bits_of(entry->text));
    if (kind == FORM_MOMENT)
        return value_int(zone_utc(visit->settings->zone, entry->date, (int)(entry->number / 60),
                                  (int)(entry->number % 60)));
    return value_int(entry->number);
}

/* What the form says, over what is stored: columns without a field stay as they are. */
static struct value *values_of(struct visit *visit, const struct noun *noun,
                               const struct record *record) {
    size_t count = record_column_count(noun->record);
    struct value *values = arena_array(visit->arena, count, sizeof(*values));
    for (size_t i = 0; i < count; i++)
        values[i] = record ? record->values[i] : value_text(NULL);
    for (size_t i = 0; i < visit->form.count; i++) {
        int column = column_of(noun, visit->form.entries[i].field);
        if (column >= 0)
            values[column] =
                value_of(visit, &noun->record->columns[column], &visit->form.entries[i]);
    }
    return values;
}

static void refuse(struct visit *visit, const struct noun *noun,
                   const struct record_refusal *refusal) {
    struct form *form = &visit->form;
    const char *text = visit_say(visit, refusal->english, I18N_INT("n", refusal->n),
                                 I18N_TEXT("text", refusal->text));
    for (size_t i = 0; i < form->count && refusal->column >= 0; i++)
        if (column_of(noun, form->entries[i].field) == refusal->column) {
            form_refuse_text(form, i, text);
            return;
        }
    form->error = text;
}

/* What an entry says to people: labels instead of the values of choices. */
static const char *said(struct visit *visit, const struct form_entry *entry) {
    if (entry->field->kind == FORM_CHECK)
        return tr(visit->lang, entry->number ? N_("Yes") : N_("No"));
    if (!entry->choices)
        return entry->text;
    struct buf text = {0};
    for (const struct form_choice *c = entry->choices; c->value; c++)
        if (form_chosen(entry, c))
            buf_printf(&text, "%s%s", text.len ? ", " : "",
                       entry->offered ? c->label : tr(visit->lang, c->label));
    const char *words = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return words;
}

/* Both versions of every field that differs. */
static void fill_theirs(struct visit *visit, const struct noun *noun, const struct record *theirs,
                        struct admin_one *view) {
    struct form *form = &visit->form, stored = form_of(visit, noun, theirs);
    view->theirs = arena_array(visit->arena, form->count, sizeof(*view->theirs));
    for (size_t i = 0; i < form->count; i++) {
        if (column_of(noun, form->entries[i].field) < 0)
            continue;
        const char *other = said(visit, &stored.entries[i]), *mine = said(visit, &form->entries[i]);
        if (strcmp(other, mine) != 0)
            view->theirs[view->theirs_count++] =
                (struct admin_theirs){tr(visit->lang, form->entries[i].field->label), other, mine};
    }
    view->theirs_version = theirs->version;
}

/* ---- pages ---------------------------------------------------------------------------------- */

static void show(struct visit *visit, struct admin_one *view, int status) {
    struct admin_page *page = admin_page_make(visit, view->noun->name, view->heading);
    page->page.form = view->form;
    view->page = page;
    struct out out = visit_page(visit, status, &page->page);
    view_admin_one(&out, view);
}

void noun_one_get(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    int64_t id = visit_id(visit, 0);
    if (noun->show) {
        noun->show(visit, id);
        return;
    }
    struct admin_one view;
    struct record record;
    struct form form;
    enum err err = admin_one_load(visit, noun, id, &view);
    if (!err && noun->record && !view.locked && noun_may(visit, noun->edit)) {
        err = record_load(visit_db(visit), visit->arena, noun->record, id, &record);
        if (!err) {
            form = form_of(visit, noun, &record);
            view.form = &form;
            view.version = record.version;
        }
    }
    if (err) {
        visit_fail(visit, err);
        return;
    }
    if (noun->sensitive)
        audit_note(visit_shop(visit), visit->session.account_id, "view", noun->entity, id, NULL);
    show(visit, &view, 200);
}

static void begin_new(struct visit *visit, const struct noun *noun, struct admin_one *view) {
    *view = (struct admin_one){.noun = noun,
                               .heading = tr(visit->lang, noun->create),
                               .list = arena_printf(visit->arena, "/admin/%s/", noun->name),
                               .action = arena_printf(visit->arena, "/admin/%s/new/", noun->name)};
}

void noun_new_get(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    struct admin_one view;
    begin_new(visit, noun, &view);
    struct form form = form_of(visit, noun, NULL);
    view.form = &form;
    show(visit, &view, 200);
}

static enum err save_record(struct visit *visit, const struct noun *noun, int64_t id,
                            const char *version, const struct record *record,
                            struct record_result *result) {
    const struct record_request request = {.kind = noun->record,
                                           .actor_id = visit->session.account_id,
                                           .id = id,
                                           .version = version,
                                           .values = values_of(visit, noun, record),
                                           .extra = &visit->form};
    return record_save(visit_shop(visit), visit->arena, &request, visit->now, result);
}

/* Saves; answers everything but success. */
static bool save(struct visit *visit, const struct noun *noun, int64_t id,
                 const struct record *record, struct admin_one *view,
                 struct record_result *result) {
    struct form *form = &visit->form;
    const char *version = fields_get(&visit->request->form, "version");
    enum err err = ERR_REFUSED;
    if (noun->prepare)
        noun->prepare(visit, form);
    if (form_ok(form))
        err = save_record(visit, noun, id, version, record, result);
    if (err == OK)
        return true;
    if (err != ERR_REFUSED && err != ERR_CONFLICT) {
        visit_fail(visit, err);
        return false;
    }
    for (int i = 0; i < result->refusal_count; i++)
        refuse(visit, noun, &result->refusals[i]);
    view->version = version;
    if (err == ERR_CONFLICT)
        fill_theirs(visit, noun, &result->theirs, view);
    if (noun->prepare)
        noun->prepare(visit, form);
    view->form = form;
    show(visit, view, err == ERR_CONFLICT ? 409 : 422);
    return false;
}

void noun_new_post(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    struct admin_one view;
    struct record_result result = {0};
    begin_new(visit, noun, &view);
    if (!save(visit, noun, 0, NULL, &view, &result))
        return;
    visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Saved."));
    visit_redirect(visit, "/admin/%s/%lld/", noun->name, (long long)result.id);
}

void noun_one_post(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    int64_t id = visit_id(visit, 0);
    struct admin_one view;
    struct record record;
    struct record_result result = {0};
    if (!noun_may(visit, noun->edit)) { /* the row asks for the right to see only */
        visit_forbidden(visit, noun->edit);
        return;
    }
    enum err err = admin_one_load(visit, noun, id, &view);
    if (!err)
        err = record_load(visit_db(visit), visit->arena, noun->record, id, &record);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    if (view.locked) {
        visit_forbidden(visit, noun->edit);
        return;
    }
    if (!save(visit, noun, id, &record, &view, &result))
        return;
    visit_flash(visit, result.changed ? FLASH_SUCCESS : FLASH_NOTICE,
                tr(visit->lang, result.changed ? N_("Saved.") : N_("Nothing was different.")));
    visit_redirect(visit, "%s", view.action);
}
