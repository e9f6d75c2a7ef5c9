/* Finding a workshop, and one workshop's page with the way to enrol. */
#include "site/pages/workshop.h"
#include "base/words.h"
#include "shop/shop.h"
#include "site/pages/student.h"
#include "site/site.h"
#include "site/text.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

/* ---- the catalogue ----------------------------------------------------------------------------
 */

static const char *const SORTS[] = {
    [WORKSHOP_BY_START] = "start",
    [WORKSHOP_BY_PRICE] = "price",
    [WORKSHOP_BY_TITLE] = "title",
    [WORKSHOP_BY_NEWEST] = "newest",
};

/* Nonsense in a filter counts as "not set": a list is still the best answer. */
static struct workshop_filter read_filter(const struct visit *visit, struct workshop_list *view) {
    struct workshop_filter filter = {.q = visit_query(visit, "q"),
                                     .topic_id = visit_query_int(visit, "topic", 0),
                                     .page = (int)visit_query_int(visit, "page", 1)};
    int64_t level = visit_query_int(visit, "level", 0);
    if (level >= WORKSHOP_BEGINNER && level <= WORKSHOP_ADVANCED)
        filter.level = (enum workshop_level)level;
    int64_t age = visit_query_int(visit, "age", WORKSHOP_NONE);
    filter.by_age = age >= 0 && age <= 120;
    filter.age = filter.by_age ? (int)age : 0;
    bool from = date_parse(visit_query(visit, "from"), &filter.from);
    const char *sort = visit_query(visit, "sort");
    for (size_t i = 0; sort && i < ARRAY_COUNT(SORTS); i++)
        if (strcmp(SORTS[i], sort) == 0)
            filter.sort = (enum workshop_sort)i;
    view->q = filter.q ? filter.q : "";
    view->age = filter.by_age ? filter.age : WORKSHOP_NONE;
    view->topic_id = filter.topic_id;
    view->level = (int)filter.level;
    view->from = from ? visit_query(visit, "from") : "";
    view->sort = (int)filter.sort;
    view->more_filters = filter.level || from || filter.sort != WORKSHOP_BY_START;
    view->filtered = *view->q || filter.by_age || filter.topic_id || filter.level || from;
    return filter;
}

/* The address of this list without its page number, ready for "page=N" behind it. */
static const char *list_base(const struct visit *visit, const struct workshop_list *view) {
    struct buf base = {0};
    struct out out = out_start(&base, visit->lang, NULL);
    buf_puts(&base, "/workshops/?");
    out.context = OUT_QUERY;
    if (*view->q) {
        buf_puts(&base, "q=");
        out_text(&out, view->q);
        buf_putc(&base, '&');
    }
    if (view->age != WORKSHOP_NONE)
        buf_printf(&base, "age=%d&", view->age);
    if (view->topic_id)
        buf_printf(&base, "topic=%lld&", (long long)view->topic_id);
    if (view->level)
        buf_printf(&base, "level=%d&", view->level);
    if (*view->from)
        buf_printf(&base, "from=%s&", view->from);
    if (view->sort != WORKSHOP_BY_START)
        buf_printf(&base, "sort=%s&", SORTS[view->sort]);
    const char *text = arena_strdup(visit->arena, buf_text(&base));
    buf_free(&base);
    return text;
}

static const char *page_address(const struct visit *visit, const char *base, int number) {
    return arena_printf(visit->arena, "%spage=%d", base, number);
}

static void link_pages(const struct visit *visit, struct workshop_list *view) {
    const char *base = list_base(visit, view);
    int current = view->current, around = (int)ARRAY_COUNT(view->links) / 2;
    if (current > 1)
        view->previous = page_address(visit, base, current - 1);
    if (current < view->pages)
        view->next = page_address(visit, base, current + 1);
    for (int n = current - around; n <= current + around; n++)
        if (n >= 1 && n <= view->pages)
            view->links[view->link_count++] =
                (struct workshop_list_link){n, page_address(visit, base, n)};
}

void workshop_list_get(struct visit *visit) {
    struct workshop_list view = {0};
    struct workshop_filter filter = read_filter(visit, &view);
    struct workshop_page found;
    struct topics topics;
    struct db *db = visit_db(visit);
    enum err err = workshop_list(db, visit->arena, &filter, visit->settings, visit->now, &found);
    if (!err)
        err = topic_list(db, visit->arena, &topics);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct page page = page_start(visit, tr(visit->lang, "Workshops"));
    page.section = PAGE_WORKSHOPS;
    page.description = tr(visit->lang, "All workshops with ages, days, prices and free seats.");
    view.page = &page;
    view.cards = workshop_cards(visit, found.items, found.count);
    view.card_count = found.count;
    view.total = found.total;
    view.total_is_more = found.total_is_more;
    view.current = found.page;
    view.pages = found.pages;
    view.topics = topics.items;
    view.topic_count = topics.count;
    link_pages(visit, &view);
    struct out out = visit_page(visit, 200, &page);
    view_workshop_list(&out, &view);
}

/* ---- one workshop -----------------------------------------------------------------------------
 */

static const char *day_in_words(const struct visit *visit, struct date date) {
    struct buf text = {0};
    words_date(&text, visit->lang, date);
    const char *said = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

static const char *age_refusal(const struct visit *visit, const struct inscription_result *result) {
    const char *ages = workshop_ages(visit, result->min_age, result->max_age);
    return visit_say(visit, N_("{name} will be {age} on {day}; this workshop is for {ages}."),
                     I18N_TEXT("name", result->student_first_name), I18N_INT("age", result->age),
                     I18N_TEXT("day", day_in_words(visit, result->age_on)),
                     I18N_TEXT("ages", ages));
}

const char *workshop_refusal_text(const struct visit *visit,
                                  const struct inscription_result *result) {
    const struct i18n_arg name = I18N_TEXT("name", result->student_first_name);
    switch (result->refusal) {
    case INSCRIPTION_OK:
        return NULL;
    case INSCRIPTION_FULL:
        return tr(visit->lang, "No seats left. Somebody was faster; look for another group.");
    case INSCRIPTION_AGE_LOW:
    case INSCRIPTION_AGE_HIGH:
        return age_refusal(visit, result);
    case INSCRIPTION_ALREADY:
        return visit_say(visit, N_("{name} is already enrolled here."), name);
    case INSCRIPTION_IN_CART:
        return visit_say(visit, N_("{name} is already in your cart for this workshop."), name);
    case INSCRIPTION_NOT_OPEN_YET:
        return tr(visit->lang, "Enrolment has not opened yet.");
    case INSCRIPTION_CLOSED:
        return tr(visit->lang, "Enrolment for this workshop is closed.");
    case INSCRIPTION_TOO_MANY:
        return visit_say(visit, N_("You are holding {n} seats already. Pay or remove one first."),
                         I18N_INT("n", result->limit));
    case INSCRIPTION_EXTENDED_OUT:
        return visit_say(visit, N_("This hold was extended {n} times already. Please pay now."),
                         I18N_INT("n", result->limit));
    case INSCRIPTION_ENDED:
        return tr(visit->lang, "This hold has ended. You can hold the seat again.");
    case INSCRIPTION_LOCKED:
        return tr(visit->lang, "This seat is being paid for and cannot be changed any more.");
    }
    return NULL;
}

static const char *closed_text(const struct visit *visit, const struct workshop *workshop) {
    if (workshop->cancelled)
        return tr(visit->lang, "This workshop was called off.");
    struct date today = visit_today(visit), start = workshop->start;
    struct date end = date_is_set(workshop->end) ? workshop->end : start;
    if (date_is_set(end) && date_compare(end, today) < 0)
        return tr(visit->lang, "This workshop is over.");
    if (date_is_set(start) && date_compare(start, today) <= 0)
        return tr(visit->lang, "This workshop has begun; enrolment is closed.");
    return tr(visit->lang, "Enrolment for this workshop is closed.");
}

static const char *sale_text(const struct visit *visit, const struct workshop *workshop) {
    switch (workshop_for_sale(workshop, visit->settings, visit->now)) {
    case WORKSHOP_OPEN:
        return NULL;
    case WORKSHOP_NOT_YET: {
        struct buf moment = {0};
        words_moment_long(&moment, visit->lang, visit->settings->zone, workshop->sales_open_at);
        const char *text = visit_say(visit, N_("Enrolment opens {moment}."),
                                     I18N_TEXT("moment", buf_text(&moment)));
        buf_free(&moment);
        return text;
    }
    case WORKSHOP_CLOSED:
        return closed_text(visit, workshop);
    case WORKSHOP_FULL:
        return tr(visit->lang, "All seats are taken.");
    }
    return NULL;
}

/* Who can be chosen, and the reason beside each who cannot. The one asked for is marked, else the
 * only one possible. */
static enum err load_children(struct visit *visit, const struct workshop *workshop,
                              const char *asked, struct workshop_view *view) {
    struct inscription_candidates found;
    enum err err = inscription_can(visit_db(visit), visit->arena, visit->session.account_id,
                                   workshop->id, visit_today(visit), visit->now, &found);
    if (err)
        return err;
    struct workshop_child *children = arena_array(visit->arena, found.count, sizeof(*children));
    for (size_t i = 0; i < found.count; i++) {
        const struct inscription_candidate *candidate = &found.items[i];
        const struct inscription_result why = {
            .refusal = candidate->refusal,
            .student_first_name = candidate->first_name,
            .age = candidate->age,
            .min_age = workshop->min_age,
            .max_age = workshop->max_age,
            .age_on = date_is_set(workshop->start) ? workshop->start : visit_today(visit)};
        bool possible = candidate->refusal == INSCRIPTION_OK;
        bool named = asked && strcmp(asked, candidate->slug) == 0;
        children[i] =
            (struct workshop_child){.slug = candidate->slug,
                                    .first_name = candidate->first_name,
                                    .age = candidate->age,
                                    .reason = possible ? NULL : workshop_refusal_text(visit, &why),
                                    .chosen = possible && (named || found.possible == 1)};
    }
    view->children = children;
    view->child_count = found.count;
    view->possible = found.possible;
    return OK;
}

static const char *own_address(const struct visit *visit, const struct workshop *workshop,
                               const char *key) {
    if (workshop->private && key)
        return arena_printf(visit->arena, "/workshops/%s/?key=%s", workshop->slug, key);
    return arena_printf(visit->arena, "/workshops/%s/", workshop->slug);
}

static const char *end_in_words(const struct visit *visit, const struct workshop *workshop) {
    if (!date_is_set(workshop->end))
        return NULL;
    struct buf day = {0};
    words_day(&day, visit->lang, workshop->end);
    const char *text = visit_say(visit, N_("until {day}"), I18N_TEXT("day", buf_text(&day)));
    buf_free(&day);
    return text;
}

static enum err fill(struct visit *visit, const struct workshop *workshop, const char *key,
                     const char *student, struct workshop_view *view) {
    struct arena *arena = visit->arena;
    struct workshop_instructors instructors;
    enum err err = workshop_instructors(visit_db(visit), arena, workshop->id, &instructors);
    if (err)
        return err;
    view->instructors = instructors.names;
    view->instructor_count = instructors.count;
    view->paragraphs = text_paragraphs(arena, workshop->description, &view->paragraph_count);
    view->bring = text_lines(arena, workshop->bring, &view->bring_count);
    view->cancellation =
        text_lines(arena, visit->settings->cancellation, &view->cancellation_count);
    view->ends = end_in_words(visit, workshop);
    view->closed = sale_text(visit, workshop);
    view->key = workshop->private ? key : NULL;
    view->next = own_address(visit, workshop, key);
    view->share =
        arena_printf(arena, "%s %s%s", workshop->title, visit->site->shop.base_url, view->next);
    view->hold_minutes = visit->settings->hold_minutes;
    if (!visit->signed_in || view->preview)
        return OK;
    struct form *form = arena_alloc(arena, sizeof(*form));
    *form = form_empty(&student_form, arena, visit->lang);
    form_set(form, STUDENT_LAST_NAME, visit->session.last_name);
    view->student_form = form;
    return load_children(visit, workshop, student, view);
}

static void show_workshop(struct visit *visit, const struct workshop *workshop, const char *key,
                          const char *student, struct workshop_view *view, int status) {
    enum err err = fill(visit, workshop, key, student, view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct workshop_card *card = arena_alloc(visit->arena, sizeof(*card));
    struct page *page = arena_alloc(visit->arena, sizeof(*page));
    *card = workshop_card(visit, workshop);
    *page = page_start(visit, workshop->title);
    page->section = PAGE_WORKSHOPS;
    page->path = view->next;
    if (view->paragraph_count)
        page->description = view->paragraphs[0];
    if (view->preview) {
        page->path = view->preview;
        page->signed_in = false; /* as a visitor sees it */
    }
    view->page = page;
    view->card = card;
    struct out out = visit_page(visit, status, page);
    view_workshop_page(&out, view);
}

static void show(struct visit *visit, const char *slug, const char *key, const char *student,
                 const char *problem, int status) {
    struct workshop workshop;
    struct workshop_view view = {.problem = problem};
    enum err err =
        workshop_by_slug(visit_db(visit), visit->arena, slug, key, visit->now, &workshop);
    if (err)
        visit_fail(visit, err);
    else
        show_workshop(visit, &workshop, key, student, &view, status);
}

void workshop_show_preview(struct visit *visit, int64_t id) {
    struct workshop workshop;
    struct workshop_view view = {
        .preview = arena_printf(visit->arena, "/admin/workshops/%lld/", (long long)id)};
    enum err err = workshop_by_id(visit_db(visit), visit->arena, id, visit->now, &workshop);
    workshop.active = !workshop.cancelled; /* as it will look once it is on sale */
    if (err)
        visit_fail(visit, err);
    else
        show_workshop(visit, &workshop, workshop.private_key, NULL, &view, 200);
}

void workshop_get(struct visit *visit) {
    show(visit, visit_name(visit, 0), visit_query(visit, "key"), visit_query(visit, "student"),
         NULL, 200);
}

void workshop_show_refused(struct visit *visit, const char *slug, const char *key,
                           const char *student, const char *problem) {
    show(visit, slug, key, student, problem, 422);
}
