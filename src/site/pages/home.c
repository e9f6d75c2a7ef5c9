/* What a family sees first: the promise, what starts soon, topics, how it works. */
#include "site/pages/home.h"
#include "site/visit.h"
#include "views.h"

enum { SHOWN = 4 };

/* What starts soon; where nothing does, the first of the list, which may have no date at all. */
static enum err load_cards(struct visit *visit, struct home_page *view) {
    const struct workshop_filter all = {0};
    struct workshop_page found;
    enum err err = workshop_upcoming(visit_db(visit), visit->arena, SHOWN, visit->settings,
                                     visit->now, &found);
    view->soon = !err && found.count > 0;
    if (!err && !view->soon)
        err =
            workshop_list(visit_db(visit), visit->arena, &all, visit->settings, visit->now, &found);
    if (err)
        return err;
    view->card_count = found.count < SHOWN ? found.count : SHOWN;
    view->cards = workshop_cards(visit, found.items, view->card_count);
    return OK;
}

static enum err load(struct visit *visit, struct home_page *view) {
    struct db *db = visit_db(visit);
    struct topics topics;
    enum err err = load_cards(visit, view);
    if (!err)
        err = topic_list(db, visit->arena, &topics);
    if (!err)
        err = topic_count(db, visit->settings, visit->now, &topics);
    if (err)
        return err;
    struct topic *shown = arena_array(visit->arena, topics.count, sizeof(*shown));
    view->topic_pictures = arena_array(visit->arena, topics.count, sizeof(*view->topic_pictures));
    for (size_t i = 0; i < topics.count; i++) {
        if (!topics.items[i].workshops)
            continue;
        view->topic_pictures[view->topic_count] =
            workshop_picture(visit->arena, topics.items[i].picture.name, topics.items[i].color);
        shown[view->topic_count++] = topics.items[i];
        view->total += topics.items[i].workshops;
    }
    view->topics = shown;
    return OK;
}

void home_get(struct visit *visit) {
    struct page page = page_start(visit, NULL);
    page.section = PAGE_HOME;
    page.description = visit->settings->slogan
                           ? visit->settings->slogan
                           : tr(visit->lang, "Workshops where your child learns by doing");
    struct home_page view = {.page = &page};
    enum err err = load(visit, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct out out = visit_page(visit, 200, &page);
    view_home_page(&out, &view);
}
