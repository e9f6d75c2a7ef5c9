/* One page for every place that has a picture: what is there, another one, none. */
#include "site/admin/picture.h"
#include "base/i18n.h"
#include "shop/picture_import.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

/* A place, and how its page speaks. */
struct target {
    struct picture_place place;
    enum picture_use use;
    const char *menu;           /* current entry */
    const char *back, *address; /* NULL address: there is no such place */
    const char *heading, *back_label, *what;
};

/* ---- which one ------------------------------------------------------------------------------ */

static struct target target_of_noun(struct visit *visit, const char *noun_name,
                                    enum picture_use use, const char *what) {
    const struct noun *noun = noun_find(noun_name);
    int64_t id = visit_id(visit, 0);
    const char *back = arena_printf(visit->arena, "/admin/%s/%lld/", noun->name, (long long)id);
    return (struct target){.place = {.entity = noun->entity, .id = id},
                           .use = use,
                           .menu = noun->name,
                           .back = back,
                           .address = arena_printf(visit->arena, "%spicture/", back),
                           .heading = N_("Picture"),
                           .back_label = noun->one,
                           .what = what};
}

static struct target target_workshop(struct visit *visit) {
    return target_of_noun(visit, "workshops", PICTURE_PHOTO,
                          N_("It stands on the workshop’s card and page. Across looks best: four"
                             " wide to three high."));
}

static struct target target_topic(struct visit *visit) {
    return target_of_noun(visit, "topics", PICTURE_DRAWING,
                          N_("It stands beside the topic’s name on the home page. A drawing on"
                             " a clear background looks best."));
}

static struct target target_school(struct visit *visit) {
    static const struct {
        const char *name, *section, *heading, *what;
    } PLACES[] = {
        {"logo", "school", N_("Logo"), N_("It stands on top of every page and on receipts.")},
        {"wallet_qr", "payment", N_("Payment code"),
         N_("Families scan it to pay with their wallet. It is shown with the payment"
            " instructions.")},
    };
    for (size_t i = 0; i < ARRAY_COUNT(PLACES); i++)
        if (strcmp(PLACES[i].name, visit_name(visit, 0)) == 0)
            return (struct target){
                .place = {.entity = "setting", .setting = PLACES[i].name},
                .use = PICTURE_DRAWING,
                .menu = "settings",
                .back = arena_printf(visit->arena, "/admin/settings/%s/", PLACES[i].section),
                .address =
                    arena_printf(visit->arena, "/admin/settings/picture/%s/", PLACES[i].name),
                .heading = PLACES[i].heading,
                .back_label = N_("Settings"),
                .what = PLACES[i].what};
    return (struct target){0};
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* Answers 404 where there is no such place. */
static bool find(struct visit *visit, const struct target *target, struct picture_ref *now) {
    enum err err = target->address
                       ? picture_place_get(visit_db(visit), visit->arena, &target->place, now)
                       : ERR_NOT_FOUND;
    if (err)
        visit_fail(visit, err);
    return err == OK;
}

static void show(struct visit *visit, const struct target *target, int status,
                 const char *problem) {
    struct picture_ref now;
    if (!find(visit, target, &now))
        return;
    struct admin_page page =
        admin_page_start(visit, target->menu, tr(visit->lang, target->heading));
    struct admin_picture view = {
        .page = &page,
        .heading = tr(visit->lang, target->heading),
        .what = tr(visit->lang, target->what),
        .back = target->back,
        .back_label = tr(visit->lang, target->back_label),
        .address = target->address,
        .picture = now,
        .problem = problem ? tr(visit->lang, problem) : NULL,
    };
    struct out out = visit_page(visit, status, &page.page);
    view_admin_picture(&out, &view);
}

static void place(struct visit *visit, const struct target *target, const struct picture_set *set,
                  const char *done) {
    bool changed;
    enum err err = picture_place_set(visit_shop(visit), visit->session.account_id, &target->place,
                                     set, &changed);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    visit_flash(visit, changed ? FLASH_SUCCESS : FLASH_NOTICE,
                tr(visit->lang, changed ? done : N_("Nothing was different.")));
    visit_redirect(visit, "%s", target->back);
}

static void change(struct visit *visit, const struct target *target) {
    const struct fields *form = &visit->request->form;
    struct picture_ref now;
    struct picture_set set;
    enum picture_refusal refusal;
    if (!find(visit, target, &now))
        return;
    if (fields_get(form, "remove")) {
        place(visit, target, NULL, N_("The picture was taken away."));
        return;
    }
    const struct field *file = fields_file(form, "picture");
    const struct picture_upload upload =
        file ? (struct picture_upload){file->value, file->len, file->filename, file->content_type}
             : (struct picture_upload){0};
    (void)visit_shop(visit); /* nobody holds a reader while a picture is decoded */
    enum err err = picture_prepare(visit->arena, &upload, target->use, &set, &refusal);
    if (err == ERR_REFUSED)
        show(visit, target, 422, picture_refusal_text(refusal));
    else if (err)
        visit_fail(visit, err);
    else
        place(visit, target, &set, N_("The new picture is in its place."));
}

void admin_picture_workshop_get(struct visit *visit) {
    struct target target = target_workshop(visit);
    show(visit, &target, 200, NULL);
}

void admin_picture_workshop_post(struct visit *visit) {
    struct target target = target_workshop(visit);
    change(visit, &target);
}

void admin_picture_topic_get(struct visit *visit) {
    struct target target = target_topic(visit);
    show(visit, &target, 200, NULL);
}

void admin_picture_topic_post(struct visit *visit) {
    struct target target = target_topic(visit);
    change(visit, &target);
}

/* Where families send their money is as sensitive as the settings of payment. */
static bool of_payment(const struct visit *visit) {
    return strcmp(visit_name(visit, 0), "wallet_qr") == 0;
}

void admin_picture_school_get(struct visit *visit) {
    struct target target = target_school(visit);
    if (of_payment(visit) && !visit_fresh(visit))
        visit_ask_again(visit);
    else
        show(visit, &target, 200, NULL);
}

void admin_picture_school_post(struct visit *visit) {
    struct target target = target_school(visit);
    if (of_payment(visit) && !visit_fresh(visit))
        visit_ask_again(visit);
    else
        change(visit, &target);
}
