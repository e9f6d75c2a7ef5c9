/* Rosters and attendance. */
#ifndef SITE_ADMIN_ROSTER_H
#define SITE_ADMIN_ROSTER_H

#include "shop/roster.h"
#include "site/admin/admin.h"

struct visit;

struct admin_roster_row {
    const struct roster_line *line;
    const char *name;           /* first name, last name */
    const char *dial;           /* "tel:+51987654321"; NULL: no telephone */
    const char *whatsapp;       /* digits with country code; NULL: not known */
    enum attendance state;      /* on the day shown */
    const enum attendance *was; /* on the earlier days shown */
};

struct admin_roster {
    const struct admin_page *page;
    const struct roster *roster;
    const char *address; /* of the workshop's page */
    struct admin_roster_row *rows;
    const char *const *blank; /* ISO days of the print's empty columns; "": to be filled by hand */
    size_t blank_count;
    bool may_see_orders, may_take_attendance;
    const struct zone *zone;
    /* attendance */
    const char *day;         /* ISO; NULL: the workshop has no days yet */
    const char *const *days; /* ISO, all it takes place on */
    size_t day_count;
    const char *const *earlier; /* ISO, the last ones noted before `day` */
    size_t earlier_count;
    int totals[ATTENDANCE_STATES];
    const char *problem; /* NULL: none */
};

void admin_roster_get(struct visit *visit);
void admin_roster_file_get(struct visit *visit);
void admin_attendance_get(struct visit *visit);
void admin_attendance_post(struct visit *visit);

#endif
