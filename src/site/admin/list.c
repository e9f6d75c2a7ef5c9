/* Lists: from a noun's declaration and the address to a page. */
#include "site/admin/list.h"
#include "base/i18n.h"
#include "base/out.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <stdlib.h>
#include <string.h>

/* ---- what is asked for ---------------------------------------------------------------------- */

struct listing_query list_query(struct visit *visit, const struct noun *noun) {
    const struct listing *listing = noun->listing;
    size_t count = listing_filter_count(listing);
    const char **filters = arena_array(visit->arena, count, sizeof(*filters));
    for (size_t i = 0; i < count; i++)
        filters[i] = visit_query(visit, listing->filters[i].name);
    const char *sort = visit_query(visit, "sort");
    bool descending = sort && *sort == '-';
    return (struct listing_query){
        .text = visit_query(visit, "q"),
        .filters = filters,
        .sort = listing_column_sorted(listing, sort ? sort + descending : NULL),
        .descending = descending,
        .page = (int)visit_query_int(visit, "page", 1),
        .own = listing->own ? admin_own(visit) : 0,
        .zone = visit->settings->zone};
}

static void add_parameter(struct out *out, bool *first, const char *name, const char *value) {
    if (!value || !*value)
        return;
    buf_printf(out->buf, "%c%s=", *first ? '?' : '&', name);
    out_text(out, value);
    *first = false;
}

/* The address that asks for this. */
static const char *address_of(struct visit *visit, const struct noun *noun,
                              const struct listing_query *query) {
    struct buf text = {0};
    struct out out = out_start(&text, visit->lang, NULL);
    out.context = OUT_QUERY;
    bool first = true;
    buf_printf(&text, "/admin/%s/", noun->name);
    add_parameter(&out, &first, "q", query->text);
    for (size_t i = 0; i < listing_filter_count(noun->listing); i++)
        add_parameter(&out, &first, noun->listing->filters[i].name, query->filters[i]);
    if (query->sort >= 0)
        add_parameter(&out, &first, "sort",
                      arena_printf(visit->arena, "%s%s", query->descending ? "-" : "",
                                   noun->listing->columns[query->sort].name));
    if (query->page > 1)
        add_parameter(&out, &first, "page", arena_printf(visit->arena, "%d", query->page));
    const char *address = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return address;
}

static const char *page_address(struct visit *visit, const struct noun *noun,
                                const struct listing_query *query, int page) {
    struct listing_query other = *query;
    other.page = page;
    return address_of(visit, noun, &other);
}

/* The first page sorted by a column; by the current one, the other way round. */
static const char *sorted_address(struct visit *visit, const struct noun *noun,
                                  const struct listing_query *query, int column) {
    struct listing_query other = *query;
    other.descending = query->sort == column && !query->descending;
    other.sort = column;
    other.page = 1;
    return address_of(visit, noun, &other);
}

/* ---- what it looks like --------------------------------------------------------------------- */

struct admin_cell list_cell(struct visit *visit, const struct listing_column *column,
                            const struct listing_value *value) {
    struct admin_cell cell = {.column = column, .value = value};
    if (column->kind == LISTING_WORD)
        cell.choice = listing_choice_find(column->choices, value->text);
    const struct noun *to = column->link && value->link_id ? noun_find(column->link) : NULL;
    if (to && noun_may(visit, to->see))
        cell.href =
            arena_printf(visit->arena, "/admin/%s/%lld/", to->name, (long long)value->link_id);
    return cell;
}

static void add_option(struct visit *visit, struct admin_filter *f, const char *value,
                       const char *label) {
    f->options = arena_grow(visit->arena, f->options, f->option_count, sizeof(*f->options));
    f->options[f->option_count++] =
        (struct admin_filter_option){value, label, strcmp(value, f->value) == 0};
}

static enum err load_options(struct visit *visit, struct admin_filter *f) {
    struct listing_option *options = NULL;
    size_t count = 0;
    enum err err = OK;
    if (f->filter->kind == FILTER_OPTIONS)
        err = listing_options(visit_db(visit), visit->arena, f->filter, &options, &count);
    for (size_t i = 0; !err && i < count; i++)
        add_option(visit, f, arena_printf(visit->arena, "%lld", (long long)options[i].id),
                   options[i].label);
    for (const struct listing_choice *c = f->filter->choices; c && c->value; c++)
        add_option(visit, f, c->value, tr(visit->lang, c->label));
    return err;
}

static enum err load_filters(struct visit *visit, const struct listing_query *query,
                             struct admin_list *view) {
    const struct listing *listing = view->noun->listing;
    size_t count = listing_filter_count(listing);
    view->filters = arena_array(visit->arena, count, sizeof(*view->filters));
    view->hidden = arena_array(visit->arena, count, sizeof(*view->hidden));
    enum err err = OK;
    for (size_t i = 0; !err && i < count; i++) {
        struct admin_filter f = {.filter = &listing->filters[i],
                                 .value = query->filters[i] ? query->filters[i] : ""};
        view->filtered |= *f.value != '\0';
        if (f.filter->kind == FILTER_ID) {
            if (*f.value)
                view->hidden[view->hidden_count++] = f;
            continue;
        }
        err = load_options(visit, &f);
        view->more_filters |= view->filter_count >= 2 && *f.value;
        view->filters[view->filter_count++] = f;
    }
    view->filtered |= *view->text != '\0';
    return err;
}

static void fill_headings(struct visit *visit, const struct listing_query *query,
                          struct admin_list *view) {
    const struct listing *listing = view->noun->listing;
    size_t count = listing_column_count(listing);
    view->headings = arena_array(visit->arena, count, sizeof(*view->headings));
    for (size_t i = 0; i < count; i++) {
        const struct listing_column *column = &listing->columns[i];
        if (column->file_only)
            continue;
        struct admin_heading h = {.column = column};
        if (column->sort)
            h.address = sorted_address(visit, view->noun, query, (int)i);
        if (query->sort == (int)i)
            h.order = query->descending ? -1 : 1;
        view->headings[view->column_count++] = h;
    }
}

static void fill_rows(struct visit *visit, const struct listing_page *page,
                      struct admin_list *view) {
    view->rows = arena_array(visit->arena, page->count, sizeof(*view->rows));
    for (size_t r = 0; r < page->count; r++) {
        struct admin_row *row = &view->rows[r];
        *row = (struct admin_row){
            .id = page->rows[r].id,
            .name = page->rows[r].values[0].text,
            .cells = arena_array(visit->arena, page->columns, sizeof(*row->cells))};
        size_t at = 0;
        for (size_t i = 0; i < page->columns; i++)
            if (!view->noun->listing->columns[i].file_only)
                row->cells[at++] =
                    list_cell(visit, &view->noun->listing->columns[i], &page->rows[r].values[i]);
        if (!row->cells[0].href)
            row->cells[0].href =
                arena_printf(visit->arena, "%s%lld/", view->address, (long long)row->id);
    }
    view->row_count = page->count;
}

/* What every list offers for the selected rows to whoever may take them home. */
static const struct noun_action FILE_ACTION = {.name = "file", .label = N_("Spreadsheet of these")};

static void fill_links(struct visit *visit, const struct listing_query *query,
                       const struct listing_page *page, struct admin_list *view) {
    const struct noun *noun = view->noun;
    view->total = page->total;
    view->total_is_more = page->total_is_more;
    view->current = page->page;
    view->pages = page->pages;
    if (page->page > 1)
        view->previous = page_address(visit, noun, query, page->page - 1);
    if (page->page < page->pages)
        view->next = page_address(visit, noun, query, page->page + 1);
    if (noun_may(visit, noun->export)) {
        const char *parameters = strchr(page_address(visit, noun, query, 1), '?');
        view->file =
            arena_printf(visit->arena, "%sfile.csv%s", view->address, parameters ? parameters : "");
    }
    if (noun->tool.address && noun_may(visit, noun->tool.permission))
        view->tool = noun->tool.address;
    if (noun->create && noun->form && !noun->made_elsewhere && noun_may_add(visit, noun))
        view->create = arena_printf(visit->arena, "%snew/", view->address);
    for (const struct noun_action *a = noun->actions; a && a->name; a++)
        if (noun_may(visit, a->permission) && view->action_count < ARRAY_COUNT(view->actions))
            view->actions[view->action_count++] = a;
    if (view->file && view->action_count < ARRAY_COUNT(view->actions))
        view->actions[view->action_count++] = &FILE_ACTION;
}

void noun_list_get(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    struct listing_query query = list_query(visit, noun);
    struct listing_page found;
    struct admin_list view = {.noun = noun,
                              .text = query.text ? query.text : "",
                              .address = arena_printf(visit->arena, "/admin/%s/", noun->name),
                              .currency = visit->settings->currency,
                              .zone = visit->settings->zone};
    enum err err = listing_read(visit_db(visit), visit->arena, noun->listing, &query, &found);
    if (!err)
        err = load_filters(visit, &query, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    fill_headings(visit, &query, &view);
    fill_rows(visit, &found, &view);
    fill_links(visit, &query, &found, &view);
    struct admin_page page = admin_page_start(visit, noun->name, tr(visit->lang, noun->title));
    view.page = &page;
    struct out out = visit_page(visit, 200, &page.page);
    view_admin_list(&out, &view);
}

/* ---- actions on selected rows --------------------------------------------------------------- */

static size_t selected(struct visit *visit, int64_t *ids) {
    size_t count = 0;
    for (size_t i = 0; i < LISTING_PAGE_SIZE; i++) {
        const char *text = fields_nth(&visit->request->form, "id", i);
        if (!text)
            break;
        int64_t id = strtoll(text, NULL, 10);
        if (id > 0)
            ids[count++] = id;
    }
    return count;
}

static const struct noun_action *action_of(struct visit *visit, const struct noun *noun) {
    const char *name = fields_get(&visit->request->form, "action");
    for (const struct noun_action *a = noun->actions; name && a && a->name; a++)
        if (strcmp(a->name, name) == 0)
            return a;
    return name && strcmp(name, FILE_ACTION.name) == 0 ? &FILE_ACTION : NULL;
}

static void back_to_list(struct visit *visit, const struct noun *noun) {
    const char *next = fields_get(&visit->request->form, "next");
    const char *list = arena_printf(visit->arena, "/admin/%s/", noun->name);
    bool ours = next && strncmp(next, list, strlen(list)) == 0;
    visit_redirect(visit, "%s", ours ? visit_safe_next(next, list) : list);
}

void noun_list_post(struct visit *visit) {
    const struct noun *noun = noun_of(visit);
    const struct noun_action *action = action_of(visit, noun);
    int64_t ids[LISTING_PAGE_SIZE], done = 0;
    size_t count = selected(visit, ids);
    if (!action) {
        visit_error(visit, 400);
        return;
    }
    enum permission right = action == &FILE_ACTION ? noun->export : action->permission;
    if (!noun_may(visit, right)) {
        visit_forbidden(visit, right);
        return;
    }
    if (count == 0) {
        visit_flash(visit, FLASH_PROBLEM, tr(visit->lang, "Nothing was selected."));
        back_to_list(visit, noun);
        return;
    }
    if (action == &FILE_ACTION) {
        list_file(visit, noun, ids, count);
        return;
    }
    enum err err = action->run(visit, ids, count, &done);
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    if (!err)
        visit_flash(visit, FLASH_SUCCESS,
                    visit_say(visit, N_("{label}: {n} changed."),
                              I18N_TEXT("label", tr(visit->lang, action->label)),
                              I18N_INT("n", done)));
    back_to_list(visit, noun);
}
