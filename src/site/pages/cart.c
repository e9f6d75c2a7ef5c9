/* Showing the cart and changing it. Every change goes back to the cart, which says what happened.
 */
#include "site/pages/cart.h"
#include "base/words.h"
#include "shop/workshop.h"
#include "site/pages/workshop.h"
#include "site/pages/workshop_card.h"
#include "site/visit.h"
#include "views.h"

#define CART_ADDRESS "/store/order-summary/"

enum { SOON_SECONDS = 5 * 60 };

/* ---- showing ----------------------------------------------------------------------------------
 */

static const char *when_in_words(const struct visit *visit, const struct workshop *workshop) {
    const char *schedule = workshop_schedule(visit, workshop);
    if (!date_is_set(workshop->start))
        return schedule;
    struct buf day = {0};
    words_day(&day, visit->lang, workshop->start);
    const char *from = visit_say(visit, N_("from {day} on"), I18N_TEXT("day", buf_text(&day)));
    buf_free(&day);
    return schedule ? arena_printf(visit->arena, "%s · %s", schedule, from) : from;
}

struct cart_line cart_line(const struct visit *visit, const struct inscription *inscription) {
    const struct workshop *workshop = &inscription->workshop;
    int64_t left = inscription->hold_until - visit->now;
    bool live = inscription->status == INSCRIPTION_HELD;
    return (struct cart_line){
        .inscription = inscription,
        .picture = workshop_picture(visit->arena, workshop->picture.name, workshop->topic_color),
        .address = workshop->private && workshop->private_key
                       ? arena_printf(visit->arena, "/workshops/%s/?key=%s", workshop->slug,
                                      workshop->private_key)
                       : arena_printf(visit->arena, "/workshops/%s/", workshop->slug),
        .when = when_in_words(visit, workshop),
        .live = live,
        .closed = !workshop->active,
        .soon = live && left <= SOON_SECONDS,
        .seconds_left = live ? left : 0,
    };
}

static const char *clash_of(const struct order *cart, const struct inscription *inscription) {
    for (size_t i = 0; i < cart->clashes.count; i++) {
        const struct inscription_clash *clash = &cart->clashes.items[i];
        if (clash->one->id == inscription->id)
            return clash->other->workshop.title;
        if (clash->other->id == inscription->id)
            return clash->one->workshop.title;
    }
    return NULL;
}

static enum err load(struct visit *visit, struct order *cart, struct student_list *students) {
    struct db *db = visit_db(visit);
    int64_t account = visit->session.account_id;
    enum err err = order_cart(db, visit->arena, account, visit->now, cart);
    return err ? err : student_by_parent(db, visit->arena, account, false, students);
}

static void show(struct visit *visit, const char *problem, int status) {
    struct order cart;
    struct student_list students;
    enum err err = load(visit, &cart, &students);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct page page = page_start(visit, tr(visit->lang, "Your cart"));
    page.section = PAGE_CART;
    page.path = CART_ADDRESS;
    if (problem)
        page.flash = (struct flash){FLASH_PROBLEM, problem};
    struct cart_line *lines = arena_array(visit->arena, cart.lines.count, sizeof(*lines));
    bool closed = false;
    for (size_t i = 0; i < cart.lines.count; i++) {
        lines[i] = cart_line(visit, &cart.lines.items[i]);
        lines[i].clash = lines[i].live ? clash_of(&cart, &cart.lines.items[i]) : NULL;
        closed = closed || lines[i].closed;
    }
    struct cart_page view = {.page = &page,
                             .cart = &cart,
                             .lines = lines,
                             .line_count = cart.lines.count,
                             .students = &students,
                             .settings = visit->settings,
                             .zone = visit->settings->zone,
                             .saving_cents = cart.list_total_cents - cart.total_cents,
                             .can_pay = cart.live && !cart.expired && !closed};
    struct out out = visit_page(visit, status, &page);
    view_cart_page(&out, &view);
}

void cart_get(struct visit *visit) {
    show(visit, NULL, 200);
}

/* ---- changing ---------------------------------------------------------------------------------
 */

/* "We hold a seat for Sofía until 5:42 p.m." */
static const char *held_text(const struct visit *visit, const struct inscription_result *result) {
    struct buf until = {0};
    words_clock(&until, visit->lang, visit->settings->zone, result->hold_until);
    const char *text = visit_say(visit, N_("We hold a seat for {name} until {time}."),
                                 I18N_TEXT("name", result->student_first_name),
                                 I18N_TEXT("time", buf_text(&until)));
    buf_free(&until);
    return text;
}

/* The way back to the cart after any change but the first: what was refused is said there. */
static void answer(struct visit *visit, enum err err, const struct inscription_result *result,
                   const char *done) {
    if (err == OK) {
        visit_flash(visit, FLASH_SUCCESS, done);
        visit_redirect(visit, CART_ADDRESS);
    } else if (err == ERR_REFUSED) {
        show(visit, workshop_refusal_text(visit, result), 422);
    } else {
        visit_fail(visit, err);
    }
}

void cart_add_post(struct visit *visit) {
    const struct fields *form = &visit->request->form;
    const char *slug = visit_name(visit, 0), *key = fields_get(form, "key");
    const char *student = fields_get(form, "student");
    if (!student || !*student) {
        workshop_show_refused(visit, slug, key, NULL,
                              tr(visit->lang, "Choose who you want to enrol."));
        return;
    }
    struct inscription_result result;
    enum err err = inscription_hold(visit_shop(visit), visit->arena, visit->session.account_id,
                                    slug, key, student, visit->now, &result);
    if (err == ERR_REFUSED)
        workshop_show_refused(visit, slug, key, student, workshop_refusal_text(visit, &result));
    else
        answer(visit, err, &result, err ? NULL : held_text(visit, &result));
}

void cart_remove_post(struct visit *visit) {
    struct inscription_result result;
    enum err err = inscription_remove(visit_shop(visit), visit->arena, visit->session.account_id,
                                      visit_id(visit, 0), visit->now, &result);
    answer(visit, err, &result, tr(visit->lang, "Removed. The seat is free again."));
}

void cart_extend_post(struct visit *visit) {
    struct inscription_result result;
    enum err err = inscription_extend(visit_shop(visit), visit->arena, visit->session.account_id,
                                      visit_id(visit, 0), visit->now, &result);
    answer(visit, err, &result, err ? NULL : held_text(visit, &result));
}

void cart_rehold_post(struct visit *visit) {
    struct inscription_result result;
    enum err err = inscription_rehold(visit_shop(visit), visit->arena, visit->session.account_id,
                                      visit_id(visit, 0), visit->now, &result);
    answer(visit, err, &result, err ? NULL : held_text(visit, &result));
}

void cart_student_post(struct visit *visit) {
    const char *student = fields_get(&visit->request->form, "student");
    struct inscription_result result;
    enum err err =
        inscription_change_student(visit_shop(visit), visit->arena, visit->session.account_id,
                                   visit_id(visit, 0), student ? student : "", visit->now, &result);
    answer(visit, err, &result, err ? NULL : held_text(visit, &result));
}
