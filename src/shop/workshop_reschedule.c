/* Other days and hours for a workshop, and what they collide with. */
#include "shop/audit.h"
#include "shop/shop.h"
#include "shop/workshop_change.h"
#include "shop/workshop_change_sql.h"
#include "shop/workshop_mail.h"
#include "shop/workshop_sql.h"
#include <string.h>

enum { FIELDS_MAX = 8 };

struct reschedule {
    struct shop *shop;
    struct arena *arena;
    const struct reschedule_request *request;
    struct change_result *result;
    int64_t now;
};

void workshop_apply(struct workshop *workshop, const struct reschedule_request *request) {
    workshop->start = request->start;
    workshop->end = request->end;
    workshop->weekdays = request->weekdays;
    workshop->start_minute = request->start_minute;
    workshop->end_minute = request->end_minute;
    workshop->schedule = request->schedule;
    workshop->hours = request->hours;
}

enum change_refusal workshop_reschedule_check(const struct reschedule_request *r,
                                              const struct workshop *w) {
    if (w->cancelled)
        return CHANGE_CALLED_OFF;
    if (!date_is_set(r->start))
        return CHANGE_NO_DATE;
    if (date_is_set(r->end) && date_compare(r->end, r->start) < 0)
        return CHANGE_DATES_REVERSED;
    bool half = (r->start_minute == WORKSHOP_NONE) && r->end_minute != WORKSHOP_NONE;
    bool reversed = r->end_minute != WORKSHOP_NONE && r->start_minute >= r->end_minute;
    return half || reversed ? CHANGE_HOURS_REVERSED : CHANGE_OK;
}

/* ---- what is different ---------------------------------------------------------------------- */

struct differences {
    struct audit_field fields[FIELDS_MAX];
    size_t count;
};

static bool same(const char *a, const char *b) {
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static void compare(struct differences *d, const char *name, const char *before,
                    const char *after) {
    if (!same(before, after))
        d->fields[d->count++] =
            (struct audit_field){.name = name, .before = before, .after = after};
}

static const char *number(struct arena *arena, int64_t n) {
    return n == WORKSHOP_NONE ? NULL : arena_printf(arena, "%lld", (long long)n);
}

static const char *day(struct arena *arena, struct date date) {
    char text[DATE_TEXT_SIZE];
    date_format(date, text);
    return *text ? arena_strdup(arena, text) : NULL;
}

static struct differences differences(struct arena *arena, const struct workshop *was,
                                      const struct workshop *is) {
    struct differences d = {0};
    compare(&d, "start_date", day(arena, was->start), day(arena, is->start));
    compare(&d, "end_date", day(arena, was->end), day(arena, is->end));
    compare(&d, "weekdays", number(arena, was->weekdays), number(arena, is->weekdays));
    compare(&d, "start_minute", number(arena, was->start_minute), number(arena, is->start_minute));
    compare(&d, "end_minute", number(arena, was->end_minute), number(arena, is->end_minute));
    compare(&d, "schedule", was->schedule, is->schedule);
    compare(&d, "hours", was->hours, is->hours);
    return d;
}

/* ---- the change ----------------------------------------------------------------------------- */

/* When sales close, as many days later as the first day is. */
static struct value sales_close(const struct zone *zone, const struct workshop *was,
                                struct date start) {
    if (!was->sales_close_at || !date_is_set(was->start))
        return V_OPT(was->sales_close_at != 0, was->sales_close_at);
    struct local_time t = zone_local(zone, was->sales_close_at);
    int64_t days = date_to_days(start) - date_to_days(was->start);
    return value_int(zone_utc(zone, date_add_days(t.date, days), t.hour, t.minute));
}

static enum err write_days(struct tx *tx, const struct reschedule *r, const struct workshop *was,
                           const struct workshop *is) {
    const struct zone *zone = shop_settings(r->shop, tx_db(tx))->zone;
    return tx_exec(tx, workshop_change_sql[CHANGE_SET_DAYS], V(is->id), V(day(r->arena, is->start)),
                   V(day(r->arena, is->end)), V((int)is->weekdays),
                   V_OPT(is->start_minute != WORKSHOP_NONE, is->start_minute),
                   V_OPT(is->end_minute != WORKSHOP_NONE, is->end_minute), V(is->schedule),
                   V(is->hours), sales_close(zone, was, is->start));
}

static enum err reschedule_tx(struct tx *tx, void *arg) {
    struct reschedule *r = arg;
    const struct settings *settings = shop_settings(r->shop, tx_db(tx));
    struct roster roster;
    *r->result = (struct change_result){0};
    enum err err = roster_read(tx_db(tx), r->arena, r->request->workshop_id, 0,
                               zone_date(settings->zone, r->now), r->now, &roster);
    if (err)
        return err;
    struct workshop was = roster.workshop;
    r->result->refusal = workshop_reschedule_check(r->request, &was);
    if (r->result->refusal)
        return ERR_REFUSED;
    workshop_apply(&roster.workshop, r->request);
    struct differences d = differences(r->arena, &was, &roster.workshop);
    r->result->replay = d.count == 0;
    if (d.count == 0)
        return OK;
    err = write_days(tx, r, &was, &roster.workshop);
    if (!err)
        err = audit_change_tx(tx, r->request->actor_id, "reschedule", "workshop", was.id, d.fields,
                              d.count);
    const struct workshop_letter letter = {.kind = MAIL_WORKSHOP_RESCHEDULED,
                                           .roster = &roster,
                                           .was = &was,
                                           .note = r->request->note};
    return err ? err
               : workshop_letter_tx(r->shop, tx, r->arena, settings, &letter, &r->result->families);
}

enum err workshop_reschedule(struct shop *shop, struct arena *arena,
                             const struct reschedule_request *request, int64_t now,
                             struct change_result *result) {
    struct reschedule r = {
        .shop = shop, .arena = arena, .request = request, .result = result, .now = now};
    enum err err = store_write(shop->store, reschedule_tx, &r);
    if (!err)
        mail_notify(shop);
    return err;
}

/* ---- clashes -------------------------------------------------------------------------------- */

enum err workshop_change_clashes(struct db *db, struct arena *arena,
                                 const struct workshop *workshop, int64_t now,
                                 struct change_clashes *out) {
    *out = (struct change_clashes){0};
    struct rows *rows =
        db_query(db, workshop_change_sql[CHANGE_ELSEWHERE], V(workshop->id), V(now));
    while (rows_next(rows)) {
        struct workshop other = workshop_read_core(rows, 2, arena);
        if (!workshop_clash(workshop, &other))
            continue;
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        out->items[out->count++] = (struct change_clash){
            arena_printf(arena, "%s %s", rows_text(rows, 0, arena), rows_text(rows, 1, arena)),
            other.title};
    }
    return rows_end(rows);
}
