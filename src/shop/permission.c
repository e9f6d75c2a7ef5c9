/* The table of permissions. */
#include "shop/permission.h"
#include "base/i18n.h"

enum {
    O = 1 << STAFF_OWNER,
    M = 1 << STAFF_MANAGER,
    D = 1 << STAFF_DESK,
    I = 1 << STAFF_INSTRUCTOR,
};

static const struct {
    const char *name;
    unsigned roles;
} TABLE[PERMISSION_COUNT] = {
    [MAY_NOTHING_SPECIAL] = {N_("enter"), O | M | D | I},
    [MAY_SEE_WORKSHOPS] = {N_("see workshops"), O | M | D | I},
    [MAY_EDIT_WORKSHOPS] = {N_("edit workshops"), O | M},
    [MAY_TAKE_ATTENDANCE] = {N_("take attendance"), O | M | D | I},
    [MAY_SEE_ORDERS] = {N_("see orders"), O | M | D},
    [MAY_SETTLE_ORDERS] = {N_("settle orders"), O | M | D},
    [MAY_SEE_PEOPLE] = {N_("see people"), O | M | D},
    [MAY_ADD_FAMILIES] = {N_("add families"), O | M | D},
    [MAY_EDIT_PEOPLE] = {N_("edit people"), O | M},
    [MAY_EXPORT_PEOPLE] = {N_("export people"), O | M},
    [MAY_ERASE_PEOPLE] = {N_("erase people"), O},
    [MAY_GRANT_ROLES] = {N_("grant roles"), O | M},
    [MAY_RESET_FACTORS] = {N_("reset second factors"), O},
    [MAY_SEE_MAIL] = {N_("see mail"), O | M | D},
    [MAY_CHANGE_SETTINGS] = {N_("change settings"), O | M},
    [MAY_REQUIRE_CODES] = {N_("require codes"), O},
    [MAY_SEE_AUDIT] = {N_("see the trail"), O | M},
    [MAY_SEE_ANALYTICS] = {N_("see analytics"), O | M},
    [MAY_IMPORT] = {N_("import"), O | M},
};

bool permission_granted(enum staff_role role, enum permission permission) {
    return (TABLE[permission].roles >> role & 1U) != 0;
}

bool permission_own_only(enum staff_role role) {
    return role == STAFF_INSTRUCTOR;
}

bool permission_over(enum staff_role actor, enum staff_role subject) {
    return subject <= actor;
}

const char *permission_name(enum permission permission) {
    return TABLE[permission].name;
}
