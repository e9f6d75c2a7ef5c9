/* The page of backups: the last one, its age and size, what lies in the folder; one more at once.
 */
#ifndef SITE_ADMIN_BACKUPS_H
#define SITE_ADMIN_BACKUPS_H

#include "shop/backup_clock.h"
#include "shop/backup_shelf.h"
#include "site/admin/admin.h"
#include "site/offsite.h"

void backups_get(struct visit *visit);
void backups_make_post(struct visit *visit);

/* ---- for the template ------------------------------------------------------------------------ */

struct backups_row {
    const struct shelf_item *item;
    const char *size; /* "1.2 MB" */
    const char *kind; /* translated */
};

struct backups_page {
    const struct admin_page *page;
    struct backup_status status;
    const char *age, *size; /* of the last one: "3 hours ago"; "1.2 MB" */
    const struct backup_rota *rota;
    bool bad;
    struct offsite_status offsite;
    const char *offsite_place, *offsite_age; /* NULL: none is sent elsewhere; of the newest there */
    const struct backups_row *rows;
    size_t count;
    bool unreadable; /* the folder: nothing is known of what is in it */
    const struct zone *zone;
};

#endif
