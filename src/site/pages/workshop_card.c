/* Putting a workshop's facts into words. */
#include "site/pages/workshop_card.h"
#include "base/words.h"
#include "http/asset.h"
#include "site/visit.h"
#include <string.h>

enum { FEW = 3, PICTURE_WIDTH = 400, PICTURE_HEIGHT = 300 };

static const char *take(struct arena *arena, struct buf *text) {
    const char *copy = text->len ? arena_strdup(arena, buf_text(text)) : NULL;
    buf_free(text);
    return copy;
}

const char *workshop_ages(const struct visit *visit, int min_age, int max_age) {
    if (min_age == WORKSHOP_NONE && max_age == WORKSHOP_NONE)
        return NULL;
    if (max_age == WORKSHOP_NONE)
        return visit_say(visit, N_("from {min} years"), I18N_INT("min", min_age));
    if (min_age == WORKSHOP_NONE)
        return visit_say(visit, N_("up to {max} years"), I18N_INT("max", max_age));
    if (min_age == max_age)
        return visit_say(visit, N_("{min} years"), I18N_INT("min", min_age));
    return visit_say(visit, N_("{min} to {max} years"), I18N_INT("min", min_age),
                     I18N_INT("max", max_age));
}

const char *workshop_schedule(const struct visit *visit, const struct workshop *workshop) {
    struct buf text = {0};
    if (workshop->weekdays)
        words_weekdays(&text, visit->lang, (int)workshop->weekdays);
    else
        buf_puts(&text, workshop->schedule);
    bool timed = workshop->start_minute >= 0 && workshop->end_minute >= 0;
    if (text.len && (timed || workshop->hours))
        buf_puts(&text, ", ");
    if (timed)
        words_minutes(&text, visit->lang, workshop->start_minute, workshop->end_minute);
    else
        buf_puts(&text, workshop->hours);
    return take(visit->arena, &text);
}

static const char *start_in_words(const struct visit *visit, const struct workshop *workshop) {
    struct buf day = {0};
    words_day(&day, visit->lang, workshop->start);
    const char *said = take(visit->arena, &day);
    if (!said)
        return NULL;
    bool begun = date_compare(workshop->start, visit_today(visit)) < 0;
    const char *start = begun ? visit_say(visit, N_("Began {day}"), I18N_TEXT("day", said))
                              : visit_say(visit, N_("Starts {day}"), I18N_TEXT("day", said));
    if (workshop->weeks <= 0)
        return start;
    const char *one = N_("{n} week"), *many = N_("{n} weeks");
    const char *weeks =
        visit_say(visit, workshop->weeks == 1 ? one : many, I18N_INT("n", workshop->weeks));
    return arena_printf(visit->arena, "%s · %s", start, weeks);
}

const char *workshop_picture(struct arena *arena, const char *name, int color) {
    if (name)
        return arena_printf(arena, "/media/%s", name);
    return asset_address(arena_printf(arena, "pictures/topics/%d.svg", color));
}

static const char *closed_in_words(const struct visit *visit, enum workshop_sale sale) {
    switch (sale) {
    case WORKSHOP_OPEN:
        return NULL;
    case WORKSHOP_NOT_YET:
        return tr(visit->lang, "Enrolment opens soon");
    case WORKSHOP_CLOSED:
        return tr(visit->lang, "Enrolment closed");
    case WORKSHOP_FULL:
        return tr(visit->lang, "No seats left");
    }
    return NULL;
}

/* Drawings (SVG) need no sizes; everything else came in several (shop/picture_import.h). */
static void add_sizes(struct arena *arena, const struct picture_ref *picture,
                      struct workshop_card *card) {
    const char *dot = picture->name ? strchr(picture->name, '.') : NULL;
    if (!dot || strcmp(dot, ".svg") == 0)
        return;
    card->picture_hash = arena_strndup(arena, picture->name, (size_t)(dot - picture->name));
    card->picture_type = dot + 1;
}

struct workshop_card workshop_card(const struct visit *visit, const struct workshop *workshop) {
    enum workshop_sale sale = workshop_for_sale(workshop, visit->settings, visit->now);
    bool own = workshop->picture.name != NULL;
    struct workshop_card card = {
        .slug = workshop->slug,
        .title = workshop->title,
        .picture = workshop_picture(visit->arena, workshop->picture.name, workshop->topic_color),
        .picture_width = own ? workshop->picture.width : PICTURE_WIDTH,
        .picture_height = own ? workshop->picture.height : PICTURE_HEIGHT,
        .topic = workshop->topic_name,
        .color = workshop->topic_color,
        .ages = workshop_ages(visit, workshop->min_age, workshop->max_age),
        .schedule = workshop_schedule(visit, workshop),
        .start = start_in_words(visit, workshop),
        .place = workshop->place,
        .level = (int)workshop->level,
        .price_cents = workshop->price_now_cents,
        .list_cents = workshop->price_cents,
        .saving_cents = workshop->price_cents - workshop->price_now_cents,
        .currency = visit->settings->currency,
        .closed = closed_in_words(visit, sale),
        .few = sale == WORKSHOP_OPEN && workshop->seats_left > 0 && workshop->seats_left <= FEW,
        .seats_left = workshop->seats_left,
    };
    add_sizes(visit->arena, &workshop->picture, &card);
    return card;
}

const struct workshop_card *workshop_cards(const struct visit *visit, const struct workshop *items,
                                           size_t count) {
    struct workshop_card *cards = arena_array(visit->arena, count, sizeof(*cards));
    for (size_t i = 0; i < count; i++)
        cards[i] = workshop_card(visit, &items[i]);
    return cards;
}
