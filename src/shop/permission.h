/* Who of the staff may do what: one table, in permission.c. The menu, the guard and the tests are
 * driven by it; nothing else compares staff roles. */
#ifndef SHOP_PERMISSION_H
#define SHOP_PERMISSION_H

#include "shop/session.h"
#include <stdbool.h>

enum permission {
    MAY_NOTHING_SPECIAL, /* every member of staff */
    MAY_SEE_WORKSHOPS,   /* with rosters and attendance; an instructor: the own ones */
    MAY_EDIT_WORKSHOPS,  /* create, change, cancel; topics; message everyone enrolled */
    MAY_TAKE_ATTENDANCE, /* an instructor: of the own workshops */
    MAY_SEE_ORDERS,      /* orders, inscriptions, payments */
    MAY_SETTLE_ORDERS,   /* confirm, reject, refund, move, cancel; orders at the desk */
    MAY_SEE_PEOPLE,      /* accounts and students */
    MAY_ADD_FAMILIES,    /* a family's account and its students, at the desk */
    MAY_EDIT_PEOPLE,     /* change, disable, send a reset link */
    MAY_EXPORT_PEOPLE,   /* files with personal data */
    MAY_ERASE_PEOPLE,    /* make anonymous for good */
    MAY_GRANT_ROLES,     /* up to the own role */
    MAY_RESET_FACTORS,   /* take off somebody's second factor */
    MAY_SEE_MAIL,        /* the outbox; retry, test mail */
    MAY_CHANGE_SETTINGS, /* the school, texts, payment, delivery */
    MAY_REQUIRE_CODES,   /* two-factor sign-in for all staff */
    MAY_SEE_AUDIT,       /* the trail */
    MAY_SEE_ANALYTICS,   /* reports */
    MAY_IMPORT,          /* workshops and families from files */
    PERMISSION_COUNT,
};

bool permission_granted(enum staff_role role, enum permission permission);

/* Whether this role sees only workshops it teaches, their rosters and nobody else's. */
bool permission_own_only(enum staff_role role);

/* Whether somebody of role `actor` may change, disable, reset or promote one of role `subject`:
 * never anybody above. */
bool permission_over(enum staff_role actor, enum staff_role subject);

/* "edit workshops", as the trail of refusals has it. */
const char *permission_name(enum permission permission);

#endif
