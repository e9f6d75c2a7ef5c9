/* One sum a month over the index of movements. */
#include "shop/cash.h"
#include "base/zone.h"
#include "shop/cash_sql.h"
#include "shop/setting.h"

enum { MONTHS = 12 };

static int month_of(const struct zone *zone, int64_t moment) {
    struct date day = zone_date(zone, moment);
    return day.year * MONTHS + day.month - 1;
}

static int64_t month_begin(const struct zone *zone, int month) {
    return zone_utc(zone, (struct date){month / MONTHS, month % MONTHS + 1, 1}, 0, 0);
}

static enum err read_month(struct db *db, int64_t from, int64_t before, struct cash_month *out) {
    struct rows *rows = db_query(db, cash_sql[CASH_MOVED], V(from), V(before));
    if (rows_next(rows)) {
        out->in_cents = rows_int(rows, 0);
        out->back_cents = rows_int(rows, 1);
        out->in_count = rows_int(rows, 2);
        out->back_count = rows_int(rows, 3);
        out->net_cents = out->in_cents - out->back_cents;
    }
    return rows_end(rows);
}

/* The first and the last moment of a movement in the period. */
static enum err read_span(struct db *db, int64_t from, int64_t before, int64_t *first,
                          int64_t *last) {
    struct rows *rows = db_query(db, cash_sql[CASH_SPAN], V(from), V(before));
    bool any = rows_next(rows) && !rows_null(rows, 0);
    if (any) {
        *first = rows_int(rows, 0);
        *last = rows_int(rows, 1);
    }
    enum err err = rows_end(rows);
    return err || any ? err : ERR_NOT_FOUND;
}

enum err cash_months(struct db *db, const struct settings *settings, struct date from,
                     struct date to, struct arena *arena, struct cash_month **out, size_t *count) {
    static const struct date LAST_DAY = {9999, 12, 30}; /* what a date can say */
    const struct zone *zone = settings->zone;
    int64_t begin = date_is_set(from) ? zone_utc(zone, from, 0, 0) : 0;
    int64_t end = zone_utc(zone, date_add_days(date_is_set(to) ? to : LAST_DAY, 1), 0, 0);
    *out = NULL;
    *count = 0;
    int64_t first, last;
    enum err err = read_span(db, begin, end, &first, &last);
    if (err)
        return err == ERR_NOT_FOUND ? OK : err;
    int month = month_of(zone, first), final = month_of(zone, last);
    *out = arena_array(arena, (size_t) final - (size_t)month + 1, sizeof(**out));
    for (; !err && month <= final; month++) {
        int64_t low = month_begin(zone, month), high = month_begin(zone, month + 1);
        struct cash_month *item = &(*out)[(*count)++];
        item->month = month;
        err = read_month(db, low < begin ? begin : low, high > end ? end : high, item);
    }
    return err;
}
