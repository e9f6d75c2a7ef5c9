/* What staff see first: what is broken, what waits, what comes. */
#include "site/admin/today.h"
#include "base/i18n.h"
#include "http/server.h"
#include "shop/backup_clock.h"
#include "site/admin/noun.h"
#include "site/offsite.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <string.h>

enum { DAY = 86400 };

/* ---- the set-up of a new school -------------------------------------------------------------- */

static bool trusted_address(const struct visit *visit) {
    struct server *server = atomic_load(&visit->site->server);
    return visit->site->host && server && !server_self_signed(server);
}

/* Without these nobody can enrol and pay; the others are shown beside them. */
static bool essential_done(const struct today_setup *setup) {
    return setup->name && setup->contact && setup->mail && setup->payment && setup->workshop;
}

static enum err load_setup(struct visit *visit, struct today_page *view) {
    struct today_setup setup;
    struct backup_status backup = backup_clock_status(visit->site->backup_clock);
    if (visit->settings->demo || !noun_may(visit, MAY_CHANGE_SETTINGS))
        return OK;
    enum err err = today_setup(visit_db(visit), visit->settings, &setup);
    if (err || essential_done(&setup))
        return err;
    const struct today_step steps[] = {
        {N_("Name of the school"), N_("So that families know where they are."),
         "/admin/settings/school/", setup.name},
        {N_("Contact"), N_("E-mail, telephone or WhatsApp."), "/admin/settings/contact/",
         setup.contact},
        {N_("Mail"), N_("Send yourself a test mail."), "/admin/mail/delivery/", setup.mail},
        {N_("Payment"), N_("The bank account or mobile wallet that families pay to."),
         "/admin/settings/payment/", setup.payment},
        {N_("First workshop"), N_("With its days, price and seats."), "/admin/workshops/new/",
         setup.workshop},
        {N_("Address and certificate"),
         N_("An own address with a certificate that browsers trust; whoever runs the machine sets "
            "it."),
         NULL, trusted_address(visit)},
        {N_("Backup"), N_("A copy of everything, renewed by itself. Keep one elsewhere too."),
         "/admin/backups/", backup.last_at > 0},
    };
    view->steps = arena_array(visit->arena, ARRAY_COUNT(steps), sizeof(*view->steps));
    for (size_t i = 0; i < ARRAY_COUNT(steps); i++) {
        view->steps[i] = steps[i];
        view->steps[i].label = tr(visit->lang, steps[i].label);
        view->steps[i].help = tr(visit->lang, steps[i].help);
    }
    view->step_count = ARRAY_COUNT(steps);
    return OK;
}

/* ---- the blocks ------------------------------------------------------------------------------ */

static enum err load_orders(struct visit *visit, struct today_page *view) {
    struct db *db = visit_db(visit);
    enum err err = today_reviews(db, visit->arena, &view->reviews);
    if (!err)
        err = today_transfers(db, visit->arena, &view->transfer_orders);
    if (!err)
        err = today_holds(db, visit->arena, visit->now, &view->holds);
    size_t count = view->transfer_orders.count;
    view->transfers = arena_array(visit->arena, count, sizeof(*view->transfers));
    for (size_t i = 0; i < count; i++) {
        const struct today_order *order = &view->transfer_orders.items[i];
        view->transfers[i] = (struct today_transfer){
            order, arena_printf(visit->arena, "/admin/orders/%lld/confirm/", (long long)order->id)};
    }
    return err;
}

static enum err load_classes(struct visit *visit, struct today_page *view) {
    struct today_classes classes;
    struct date today = visit_today(visit);
    enum err err = today_classes(visit_db(visit), visit->arena, today, admin_own(visit), &classes);
    struct today_day *days = arena_array(visit->arena, TODAY_DAYS, sizeof(*days));
    struct today_day *last = NULL;
    view->days = days;
    for (size_t i = 0; !err && i < classes.count; i++) {
        if (last && date_compare(classes.items[i].day, last->classes->day) == 0) {
            last->count++;
            continue;
        }
        char *day = arena_alloc(visit->arena, DATE_TEXT_SIZE);
        date_format(classes.items[i].day, day);
        last = &days[view->day_count++];
        *last = (struct today_day){.day = day,
                                   .today = date_compare(classes.items[i].day, today) == 0,
                                   .classes = &classes.items[i],
                                   .count = 1};
    }
    if (!err)
        err = today_seats(visit_db(visit), visit->arena, today, admin_own(visit), &view->filling);
    return err;
}

static void load_backup(const struct visit *visit, struct today_page *view) {
    struct backup_status status = backup_clock_status(visit->site->backup_clock);
    if (!noun_may(visit, MAY_CHANGE_SETTINGS))
        return;
    if (backup_status_is_bad(&status, visit->now)) {
        view->backup_failed = status.failed_at != 0;
        view->backup_days = (visit->now - status.last_at) / DAY;
    }
    if (visit->site->offsite) {
        struct offsite_status offsite = offsite_status(visit->site->offsite);
        view->offsite_bad = offsite_is_bad(&offsite, status.interval, visit->now);
    }
}

static enum err load(struct visit *visit, struct today_page *view) {
    enum err err = load_setup(visit, view);
    if (!err && view->orders)
        err = load_orders(visit, view);
    if (!err && view->mail)
        err = outbox_health(visit_db(visit), visit->arena, visit->now, &view->health);
    if (!err && view->seats)
        err = load_classes(visit, view);
    if (!err && view->week)
        err = today_week(visit_db(visit), visit->settings->zone, visit->now, &view->sold);
    load_backup(visit, view);
    view->broken = view->reviews.count || view->health.failed || view->health.late ||
                   view->backup_days || view->backup_failed || view->offsite_bad;
    view->nothing = !view->broken && !view->transfer_orders.count && !view->day_count &&
                    !view->filling.full_count && !view->filling.empty_count && !view->holds.count;
    return err;
}

void admin_today_get(struct visit *visit) {
    struct today_page view = {.orders = noun_may(visit, MAY_SEE_ORDERS),
                              .settle = noun_may(visit, MAY_SETTLE_ORDERS),
                              .people = noun_may(visit, MAY_SEE_PEOPLE),
                              .seats = noun_may(visit, MAY_SEE_WORKSHOPS),
                              .mail = noun_may(visit, MAY_SEE_MAIL),
                              .week = noun_may(visit, MAY_SEE_ANALYTICS),
                              .currency = visit->settings->currency,
                              .zone = visit->settings->zone};
    enum err err = load(visit, &view);
    if (err) {
        visit_fail(visit, err);
        return;
    }
    struct admin_page page = admin_page_start(visit, "today", tr(visit->lang, "Today"));
    view.page = &page;
    struct out out = visit_page(visit, 200, &page.page);
    view_admin_today(&out, &view);
}
