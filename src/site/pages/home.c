/* What a family sees first: the promise, what starts soon, topics, how it works. */
#include "site/pages/home.h"
#include "site/visit.h"
#include "views.h"

enum { SOON = 4 };

static enum err load(struct visit *visit, struct home_page *view) {
    struct db *db = visit_db(visit);
    struct workshop_page soon;
    enum err err = workshop_upcoming(db, visit->arena, SOON, visit->settings, visit->now, &soon);
    if (err)
        return err;
    view->cards = workshop_cards(visit, soon.items, soon.count);
    view->card_count = soon.count;
    struct topics topics;
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
    page.description = visit->settings->slogan;
    struct home_page view = {.page = &page};
    enum err err = load(visit, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct out out = visit_page(visit, 200, &page);
    view_home_page(&out, &view);
}
