/* The form of a topic, and deleting one. */
#include "shop/topic.h"
#include "site/admin/forms.h"
#include "site/admin/topic.h"
#include "site/visit.h"

static const struct form_choice COLORS[] = {
    {"1", N_("Blue")},      {"2", N_("Violet")}, {"3", N_("Pink")},
    {"4", N_("Orange")},    {"5", N_("Green")},  {"6", N_("Yellow")},
    {"7", N_("Turquoise")}, {"8", N_("Brick")},  {NULL},
};

static const struct form_field FIELDS[] = {
    {.name = "name", .kind = FORM_TEXT, .label = N_("Name"), .required = true, .max = 60},
    {.name = "description", .kind = FORM_LINES, .label = N_("Description"), .max = 600},
    {.name = "color",
     .kind = FORM_CHOICE,
     .label = N_("Colour"),
     .required = true,
     .choices = COLORS},
};

const struct form_spec topic_form = {FIELDS, ARRAY_COUNT(FIELDS)};

void admin_topic_delete_post(struct visit *visit) {
    int64_t id = visit_id(visit, 0), workshops;
    enum err err =
        topic_delete(visit_shop(visit), visit->arena, visit->session.account_id, id, &workshops);
    if (err && err != ERR_REFUSED) {
        visit_fail(visit, err);
        return;
    }
    if (err) {
        const char *one = N_("{n} workshop has this topic. Give it another one first."),
                   *many = N_("{n} workshops have this topic. Give them another one first.");
        visit_flash(visit, FLASH_PROBLEM,
                    visit_say(visit, workshops == 1 ? one : many, I18N_INT("n", workshops)));
        visit_redirect(visit, "/admin/topics/%lld/", (long long)id);
        return;
    }
    visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "Deleted."));
    visit_redirect(visit, "/admin/topics/");
}
