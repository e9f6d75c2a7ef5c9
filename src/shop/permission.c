/* The table of permissions. */
#include "shop/permission.h"

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
    [MAY_NOTHING_SPECIAL] = {"enter", O | M | D | I},
    [MAY_SEE_WORKSHOPS] = {"see workshops", O | M | D | I},
    [MAY_EDIT_WORKSHOPS] = {"edit workshops", O | M},
    [MAY_TAKE_ATTENDANCE] = {"take attendance", O | M | D | I},
    [MAY_SEE_ORDERS] = {"see orders", O | M | D},
    [MAY_SETTLE_ORDERS] = {"settle orders", O | M | D},
    [MAY_SEE_PEOPLE] = {"see people", O | M | D},
    [MAY_ADD_FAMILIES] = {"add families", O | M | D},
    [MAY_EDIT_PEOPLE] = {"edit people", O | M},
    [MAY_EXPORT_PEOPLE] = {"export people", O | M},
    [MAY_ERASE_PEOPLE] = {"erase people", O},
    [MAY_GRANT_ROLES] = {"grant roles", O | M},
    [MAY_RESET_FACTORS] = {"reset second factors", O},
    [MAY_SEE_MAIL] = {"see mail", O | M | D},
    [MAY_CHANGE_SETTINGS] = {"change settings", O | M},
    [MAY_REQUIRE_CODES] = {"require codes", O},
    [MAY_SEE_AUDIT] = {"see the trail", O | M},
    [MAY_SEE_ANALYTICS] = {"see analytics", O | M},
    [MAY_IMPORT] = {"import", O | M},
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
