/* Finding nouns, and what every page of the administration has. */
#include "site/admin/noun.h"
#include "base/i18n.h"
#include "site/admin/admin.h"
#include "site/visit.h"
#include <string.h>

#define ADMIN "/admin/"

static const struct noun *find(const char *name, size_t length) {
    for (size_t i = 0; i < NOUN_COUNT; i++)
        if (strlen(NOUNS[i].name) == length && memcmp(NOUNS[i].name, name, length) == 0)
            return &NOUNS[i];
    return NULL;
}

const struct noun *noun_find(const char *name) {
    return find(name, strlen(name));
}

const struct noun *noun_of(const struct visit *visit) {
    const char *name = visit->hit.route->pattern + strlen(ADMIN);
    return find(name, strcspn(name, "/"));
}

bool noun_may(const struct visit *visit, enum permission permission) {
    return permission_granted(visit->session.staff_role, permission);
}

bool noun_may_add(const struct visit *visit, const struct noun *noun) {
    return noun_may(visit, noun->add ? noun->add : noun->edit);
}

int64_t admin_own(const struct visit *visit) {
    return permission_own_only(visit->session.staff_role) ? visit->session.account_id : 0;
}

/* Pages of the menu that are no noun. */
static const struct menu_page {
    const char *name, *address, *label, *icon;
    enum permission see;
} FIRST = {"today", ADMIN, N_("Today"), "icon-calendar", MAY_NOTHING_SPECIAL},
  LAST[] = {
      {"analytics", ADMIN "analytics/", N_("Statistics"), "icon-level", MAY_SEE_ANALYTICS},
      {"import", ADMIN "import/", N_("Import"), "icon-download", MAY_IMPORT},
      {"settings", ADMIN "settings/", N_("Settings"), "icon-sliders", MAY_CHANGE_SETTINGS},
};

static void add_page(struct visit *visit, struct admin_page *admin, const struct menu_page *page,
                     const char *current) {
    if (noun_may(visit, page->see))
        admin->menu[admin->menu_count++] =
            (struct admin_menu_entry){page->address, tr(visit->lang, page->label), page->icon,
                                      current && strcmp(current, page->name) == 0};
}

static const char *role_name(const struct visit *visit) {
    static const char *const NAMES[] = {
        [STAFF_NONE] = "",
        [STAFF_INSTRUCTOR] = N_("Instructor"),
        [STAFF_DESK] = N_("Front desk"),
        [STAFF_MANAGER] = N_("Manager"),
        [STAFF_OWNER] = N_("Owner"),
    };
    return tr(visit->lang, NAMES[visit->session.staff_role]);
}

struct admin_page admin_page_start(struct visit *visit, const char *current, const char *title) {
    struct admin_page admin = {.page = page_start(visit, title), .role = role_name(visit)};
    admin.page.section = PAGE_ADMIN;
    admin.menu = arena_array(visit->arena, 1 + NOUN_COUNT + ARRAY_COUNT(LAST), sizeof(*admin.menu));
    add_page(visit, &admin, &FIRST, current);
    for (size_t i = 0; i < NOUN_COUNT; i++)
        if (NOUNS[i].in_menu && noun_may(visit, NOUNS[i].see))
            admin.menu[admin.menu_count++] =
                (struct admin_menu_entry){arena_printf(visit->arena, ADMIN "%s/", NOUNS[i].name),
                                          tr(visit->lang, NOUNS[i].title), NOUNS[i].icon,
                                          current && strcmp(current, NOUNS[i].name) == 0};
    for (size_t i = 0; i < ARRAY_COUNT(LAST); i++)
        add_page(visit, &admin, &LAST[i], current);
    return admin;
}

struct admin_page *admin_page_make(struct visit *visit, const char *current, const char *title) {
    struct admin_page *page = arena_alloc(visit->arena, sizeof(*page));
    *page = admin_page_start(visit, current, title);
    return page;
}
