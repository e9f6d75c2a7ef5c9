/* What staff see first: what is broken, what waits, what comes; of a new school, what is still to
 * be set up. Each block only for those who may see what is in it. */
#ifndef SITE_ADMIN_TODAY_H
#define SITE_ADMIN_TODAY_H

#include "shop/outbox.h"
#include "shop/today.h"
#include "site/admin/admin.h"

void admin_today_get(struct visit *visit);

/* ---- for the templates ----------------------------------------------------------------------- */

struct today_step {
    const char *label, *help; /* translated */
    const char *address;      /* where it is done; NULL: outside this site */
    bool done;
};

struct today_transfer {
    const struct today_order *order;
    const char *confirm; /* address of the form */
};

struct today_day {
    const char *day; /* ISO */
    bool today;
    const struct today_class *classes;
    size_t count;
};

struct today_page {
    const struct admin_page *page;
    struct today_step *steps; /* of the set-up; step_count 0: it is done */
    size_t step_count;
    bool orders, seats, mail, week; /* which blocks this person sees */
    bool settle;                    /* may confirm transfers */
    bool people;                    /* may see families */
    struct today_orders reviews;
    struct today_orders transfer_orders;
    struct today_transfer *transfers;
    struct outbox_health health;
    int64_t backup_days; /* since the newest copy, when that is too long ago; 0: fine */
    bool backup_failed;  /* the last attempt at one */
    bool offsite_bad;    /* none was copied elsewhere for too long */
    struct today_day *days;
    size_t day_count;
    struct today_seats filling;
    struct today_holds holds;
    struct today_week sold;
    bool broken, nothing; /* something is broken; nothing at all to show */
    const char *currency;
    const struct zone *zone;
};

#endif
