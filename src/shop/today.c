/* Reading what the page of today shows. */
#include "shop/today.h"
#include "base/zone.h"
#include "shop/setting.h"
#include "shop/today_sql.h"
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400, FULL_DAYS = 30, EMPTY_DAYS = 14, HOLD_MAX = 2 * DAY };

/* ---- orders ---------------------------------------------------------------------------------- */

static struct today_order read_order(struct rows *rows, struct arena *arena) {
    struct today_order order = {.id = rows_int(rows, 0),
                                .account_id = rows_int(rows, 1),
                                .code = rows_text(rows, 2, arena),
                                .family = rows_text(rows, 3, arena),
                                .currency = rows_text(rows, 4, arena),
                                .paid_cents = rows_int(rows, 6)};
    order.due_cents = rows_int(rows, 5) - order.paid_cents;
    return order;
}

/* Asks for one more than is shown, to know whether there are others. */
static enum err read_orders(struct db *db, struct arena *arena, int statement, size_t limit,
                            struct today_orders *out) {
    bool transfers = statement == TODAY_TRANSFERS;
    *out = (struct today_orders){.items = arena_array(arena, limit, sizeof(*out->items))};
    struct rows *rows = db_query(db, today_sql[statement], V((long long)limit + 1));
    while (rows_next(rows)) {
        if (out->count == limit) {
            out->more = true;
            continue;
        }
        struct today_order order = read_order(rows, arena);
        const char *word = rows_text(rows, 7, arena);
        order.operation = transfers ? word : NULL;
        order.reason = transfers ? NULL : word;
        order.at = rows_int(rows, 8);
        order.due_at = transfers ? rows_int(rows, 9) : 0;
        out->items[out->count++] = order;
    }
    return rows_end(rows);
}

enum err today_reviews(struct db *db, struct arena *arena, struct today_orders *out) {
    return read_orders(db, arena, TODAY_REVIEWS, TODAY_LIST_MAX, out);
}

enum err today_transfers(struct db *db, struct arena *arena, struct today_orders *out) {
    return read_orders(db, arena, TODAY_TRANSFERS, TODAY_TRANSFERS_MAX, out);
}

/* ---- workshops ------------------------------------------------------------------------------- */

static struct today_workshop read_workshop(struct rows *rows, struct arena *arena) {
    return (struct today_workshop){
        .id = rows_int(rows, 0),
        .title = rows_text(rows, 1, arena),
        .place = rows_text(rows, 2, arena),
        .schedule = rows_text(rows, 3, arena),
        .hours = rows_text(rows, 4, arena),
        .start_minute = rows_null(rows, 5) ? -1 : (int)rows_int(rows, 5),
        .end_minute = rows_null(rows, 6) ? -1 : (int)rows_int(rows, 6),
        .weekdays = (int)rows_int(rows, 7),
        .start_date = rows_text(rows, 8, arena),
        .end_date = rows_text(rows, 9, arena),
        .taken = rows_int(rows, 10),
        .capacity = rows_null(rows, 11) ? -1 : rows_int(rows, 11),
    };
}

/* Which workshops are asked for. */
struct wanted {
    int statement, days;
    struct date from;
    int64_t own;
    size_t limit;
};

static enum err read_workshops(struct db *db, struct arena *arena, const struct wanted *wanted,
                               struct today_workshop **out, size_t *count) {
    char first[DATE_TEXT_SIZE], last[DATE_TEXT_SIZE];
    date_format(wanted->from, first);
    date_format(date_add_days(wanted->from, wanted->days), last);
    *out = arena_array(arena, wanted->limit, sizeof(**out));
    *count = 0;
    struct rows *rows =
        db_query(db, today_sql[wanted->statement], V((const char *)first), V((const char *)last),
                 V(wanted->own), V((long long)wanted->limit));
    while (*count < wanted->limit && rows_next(rows))
        (*out)[(*count)++] = read_workshop(rows, arena);
    return rows_end(rows);
}

/* Whether it meets that day; by its days of the week, else on its first day. */
static bool meets(const struct today_workshop *workshop, struct date day) {
    char text[DATE_TEXT_SIZE];
    date_format(day, text);
    if (workshop->weekdays == 0)
        return strcmp(workshop->start_date, text) == 0;
    bool begun = strcmp(workshop->start_date, text) <= 0;
    bool over = workshop->end_date && strcmp(workshop->end_date, text) < 0;
    return begun && !over && (workshop->weekdays >> date_weekday(day) & 1);
}

enum err today_classes(struct db *db, struct arena *arena, struct date from, int64_t own,
                       struct today_classes *out) {
    struct today_workshop *workshops;
    size_t count;
    *out = (struct today_classes){0};
    const struct wanted running = {TODAY_RUNNING, TODAY_DAYS - 1, from, own, TODAY_CLASSES_MAX};
    enum err err = read_workshops(db, arena, &running, &workshops, &count);
    for (int d = 0; !err && d < TODAY_DAYS; d++) {
        struct date day = date_add_days(from, d);
        for (size_t i = 0; i < count && out->count < TODAY_CLASSES_MAX; i++) {
            if (!meets(&workshops[i], day))
                continue;
            out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
            out->items[out->count++] = (struct today_class){day, &workshops[i]};
        }
    }
    return err;
}

enum err today_seats(struct db *db, struct arena *arena, struct date from, int64_t own,
                     struct today_seats *out) {
    *out = (struct today_seats){0};
    const struct wanted full = {TODAY_FULL, FULL_DAYS, from, own, TODAY_LIST_MAX};
    const struct wanted empty = {TODAY_EMPTY, EMPTY_DAYS, from, own, TODAY_LIST_MAX};
    enum err err = read_workshops(db, arena, &full, &out->full, &out->full_count);
    return err ? err : read_workshops(db, arena, &empty, &out->empty, &out->empty_count);
}

/* ---- holds, the week, the set-up ------------------------------------------------------------- */

enum err today_holds(struct db *db, struct arena *arena, int64_t now, struct today_holds *out) {
    *out = (struct today_holds){.items = arena_array(arena, TODAY_LIST_MAX, sizeof(*out->items))};
    struct rows *rows =
        db_query(db, today_sql[TODAY_HOLDS], V(now), V(now + HOLD_MAX), V((int)TODAY_LIST_MAX + 1));
    while (rows_next(rows)) {
        if (out->count == TODAY_LIST_MAX) {
            out->more = true;
            continue;
        }
        out->items[out->count++] = (struct today_hold){.until = rows_int(rows, 0),
                                                       .workshop_id = rows_int(rows, 1),
                                                       .account_id = rows_int(rows, 2),
                                                       .title = rows_text(rows, 3, arena),
                                                       .family = rows_text(rows, 4, arena),
                                                       .student = rows_text(rows, 5, arena)};
    }
    return rows_end(rows);
}

static enum err read_paid(struct db *db, int64_t from, int64_t to, int64_t *inscriptions,
                          int64_t *cents) {
    struct rows *rows = db_query(db, today_sql[TODAY_PAID], V(from), V(to));
    if (rows_next(rows)) {
        *inscriptions = rows_int(rows, 0);
        *cents = rows_int(rows, 1);
    }
    return rows_end(rows);
}

enum err today_week(struct db *db, const struct zone *zone, int64_t now, struct today_week *out) {
    *out = (struct today_week){0};
    struct local_time local = zone_local(zone, now);
    struct date monday = date_add_days(local.date, -date_weekday(local.date));
    struct date before = date_add_days(monday, -7);
    enum err err =
        read_paid(db, zone_utc(zone, monday, 0, 0), now + 1, &out->inscriptions, &out->cents);
    if (!err)
        err = read_paid(db, zone_utc(zone, before, 0, 0),
                        zone_utc(zone, date_add_days(local.date, -7), local.hour, local.minute) + 1,
                        &out->last_inscriptions, &out->last_cents);
    return err;
}

enum err today_setup(struct db *db, const struct settings *settings, struct today_setup *out) {
    const struct setting_info *name = setting_find("school_name");
    *out = (struct today_setup){
        .name = strcmp(settings->school_name, name->fallback) != 0,
        .contact = settings->email || settings->phone || settings->whatsapp,
        .payment = settings->transfer_enabled &&
                   (settings->bank_details || settings->wallet_phone || settings->wallet_qr.name),
    };
    struct rows *rows = db_query(db, today_sql[TODAY_SETUP]);
    if (rows_next(rows)) {
        out->mail = rows_bool(rows, 0);
        out->workshop = rows_bool(rows, 1);
    }
    return rows_end(rows);
}
