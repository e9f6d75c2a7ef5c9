/* The page of backups. */
#include "site/admin/backups.h"
#include "base/i18n.h"
#include "site/admin/noun.h"
#include "site/site.h"
#include "site/visit.h"
#include "views.h"
#include <time.h>

/* 640 kB, 1.2 MB, 3.4 GB: as disks are sold. */
static const char *size_words(struct arena *arena, int64_t bytes) {
    static const struct {
        int64_t bytes;
        const char *unit;
    } UNITS[] = {{1000000000, "GB"}, {1000000, "MB"}};
    for (size_t i = 0; i < ARRAY_COUNT(UNITS); i++)
        if (bytes >= UNITS[i].bytes)
            return arena_printf(arena, "%.1f %s", (double)bytes / (double)UNITS[i].bytes,
                                UNITS[i].unit);
    return arena_printf(arena, "%lld kB", (long long)(bytes + 999) / 1000);
}

static const char *kind_words(enum shelf_kind kind) {
    switch (kind) {
    case SHELF_SCHEDULED:
        return N_("Regular");
    case SHELF_BY_HAND:
        return N_("With “taller backup”");
    case SHELF_BEFORE_UPGRADE:
        return N_("Before an upgrade");
    case SHELF_REPLACED:
        return N_("Replaced by a restore");
    }
    return "";
}

static void load(struct visit *visit, struct backups_page *view) {
    struct shelf shelf;
    view->unreadable = shelf_read(visit->site->backups, visit->arena, &shelf) != OK;
    if (view->unreadable)
        shelf.count = 0;
    struct backups_row *rows = arena_array(visit->arena, shelf.count, sizeof(*rows));
    for (size_t i = 0; i < shelf.count; i++)
        rows[i] =
            (struct backups_row){&shelf.items[i], size_words(visit->arena, shelf.items[i].bytes),
                                 tr(visit->lang, kind_words(shelf.items[i].kind))};
    view->rows = rows;
    view->count = shelf.count;
    view->status = backup_clock_status(visit->site->backup_clock);
    view->bad = backup_status_is_bad(&view->status, visit->now);
    view->size = size_words(visit->arena, view->status.last_bytes);
    view->age = visit_age(visit, view->status.last_at);
    view->rota = visit->site->backup_rota;
    if (!visit->site->offsite)
        return;
    view->offsite = offsite_status(visit->site->offsite);
    view->offsite_place = visit->site->offsite_place;
    view->offsite_age = visit_age(visit, view->offsite.last_at);
}

void backups_get(struct visit *visit) {
    struct backups_page view = {.zone = visit->settings->zone};
    load(visit, &view);
    struct admin_page *page = admin_page_make(visit, "settings", tr(visit->lang, "Backups"));
    view.page = page;
    if (view.status.waiting)
        response_header(visit->response, "Refresh", "2"); /* until it is there */
    struct out out = visit_page(visit, 200, &page->page);
    view_admin_backups(&out, &view);
}

/* That of a small school takes milliseconds; a long one goes on and the page says so. */
static bool wait_for_backup(struct backup_clock *clock) {
    enum { STEPS = 50 };
    const struct timespec step = {.tv_nsec = 20000000}; /* 20 ms */
    for (int i = 0; i < STEPS; i++) {
        if (!backup_clock_status(clock).waiting)
            return true;
        nanosleep(&step, NULL);
    }
    return false;
}

void backups_make_post(struct visit *visit) {
    struct backup_clock *clock = visit->site->backup_clock;
    visit_shop(visit); /* nobody holds a reader while waiting */
    backup_clock_request(clock);
    if (wait_for_backup(clock) && !backup_clock_status(clock).failed_at)
        visit_flash(visit, FLASH_SUCCESS, tr(visit->lang, "The backup is made."));
    visit_redirect(visit, "/admin/backups/"); /* the page tells a failure */
}
