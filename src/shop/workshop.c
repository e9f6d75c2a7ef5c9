/* One workshop: reading it, and the rules about sale, age and time. The catalogue is in
 * workshop_list.c. */
#include "shop/workshop.h"
#include "base/buf.h"
#include "base/secret.h"
#include "base/zone.h"
#include "shop/workshop_sql.h"
#include <string.h>

/* ---- reading -------------------------------------------------------------------------------- */

static int int_or_none(struct rows *rows, int column) {
    return rows_null(rows, column) ? WORKSHOP_NONE : (int)rows_int(rows, column);
}

static struct date read_date(struct rows *rows, int column, struct arena *arena) {
    struct date date = {0};
    const char *text = rows_text(rows, column, arena);
    if (text)
        (void)date_parse(text, &date); /* a day that does not exist counts as none */
    return date;
}

struct workshop workshop_read_core(struct rows *rows, int first, struct arena *arena) {
    int c = first;
    struct workshop w = {
        .id = rows_int(rows, c),
        .slug = rows_text(rows, c + 1, arena),
        .title = rows_text(rows, c + 2, arena),
        .topic_color = (int)rows_int(rows, c + 3),
        .price_cents = rows_int(rows, c + 4),
        .price_now_cents = rows_int(rows, c + 5),
        .min_age = int_or_none(rows, c + 6),
        .max_age = int_or_none(rows, c + 7),
        .level = (enum workshop_level)rows_int(rows, c + 8),
        .place = rows_text(rows, c + 9, arena),
        .start = read_date(rows, c + 10, arena),
        .end = read_date(rows, c + 11, arena),
        .weekdays = (unsigned)rows_int(rows, c + 12),
        .start_minute = int_or_none(rows, c + 13),
        .end_minute = int_or_none(rows, c + 14),
        .schedule = rows_text(rows, c + 15, arena),
        .hours = rows_text(rows, c + 16, arena),
        .weeks = (int)rows_int(rows, c + 17),
        .capacity = int_or_none(rows, c + 18),
        .seats_left = WORKSHOP_NONE,
        .active = rows_bool(rows, c + 20),
        .private = rows_bool(rows, c + 21),
        .private_key = rows_text(rows, c + 22, arena),
        .sales_open_at = rows_int(rows, c + 23),
        .sales_close_at = rows_int(rows, c + 24),
    };
    if (w.capacity != WORKSHOP_NONE) /* the counter holds live and lapsed holds alike */
        w.seats_left =
            w.capacity - rows_int(rows, c + 19) + rows_int(rows, c + WORKSHOP_CORE_COUNT);
    return w;
}

struct workshop workshop_read(struct rows *rows, struct arena *arena) {
    int c = WORKSHOP_CORE_COUNT + 1;
    struct workshop w = workshop_read_core(rows, 0, arena);
    w.description = rows_text(rows, c, arena);
    w.bring = rows_text(rows, c + 1, arena);
    w.topic_id = rows_int(rows, c + 2);
    w.topic_name = rows_text(rows, c + 3, arena);
    w.created_at = rows_int(rows, c + 4);
    w.cancelled = rows_bool(rows, c + 5);
    w.picture = picture_ref_read(rows, c + 6, arena);
    return w;
}

static enum err read_one(struct rows *rows, struct arena *arena, struct workshop *out) {
    bool found = rows_next(rows);
    *out = found ? workshop_read(rows, arena) : (struct workshop){0};
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

enum err workshop_by_id(struct db *db, struct arena *arena, int64_t id, int64_t now,
                        struct workshop *out) {
    return read_one(db_query(db, workshop_sql[WORKSHOP_BY_ID], V(now), V(id)), arena, out);
}

/* Hashes are compared, so that the time tells neither the length nor a common beginning. */
static bool same_key(const char *right, const char *given) {
    uint8_t a[SECRET_HASH_SIZE], b[SECRET_HASH_SIZE];
    if (!right || !given)
        return false;
    secret_hash(NULL, right, strlen(right), a);
    secret_hash(NULL, given, strlen(given), b);
    return secret_equal(a, b, sizeof(a));
}

enum err workshop_by_slug(struct db *db, struct arena *arena, const char *slug, const char *key,
                          int64_t now, struct workshop *out) {
    enum err err =
        read_one(db_query(db, workshop_sql[WORKSHOP_BY_SLUG], V(now), V(slug)), arena, out);
    if (err)
        return err;
    if ((out->active || out->cancelled) && (!out->private || same_key(out->private_key, key)))
        return OK;
    *out = (struct workshop){0};
    return ERR_NOT_FOUND;
}

enum err workshop_instructors(struct db *db, struct arena *arena, int64_t id,
                              struct workshop_instructors *out) {
    const char **names = NULL;
    size_t count = 0;
    struct rows *rows = db_query(db, workshop_sql[WORKSHOP_INSTRUCTORS], V(id));
    while (rows_next(rows)) {
        names = arena_grow(arena, names, count, sizeof(*names));
        names[count++] =
            arena_printf(arena, "%s %s", rows_text(rows, 0, arena), rows_text(rows, 1, arena));
    }
    *out = (struct workshop_instructors){.names = names, .count = count};
    return rows_end(rows);
}

enum err workshop_names(struct db *db, struct arena *arena, const int64_t *ids, size_t id_count,
                        struct workshop_name **out, size_t *count) {
    struct buf list = {0};
    for (size_t i = 0; i < id_count; i++)
        buf_printf(&list, "%c%lld", i ? ',' : '[', (long long)ids[i]);
    buf_puts(&list, id_count ? "]" : "[]");
    *out = arena_array(arena, id_count, sizeof(**out));
    *count = 0;
    struct rows *rows = db_query(db, workshop_sql[WORKSHOP_NAMES], V(buf_text(&list)));
    while (*count < id_count && rows_next(rows))
        (*out)[(*count)++] = (struct workshop_name){rows_int(rows, 0), rows_text(rows, 1, arena)};
    buf_free(&list);
    return rows_end(rows);
}

/* ---- rules ---------------------------------------------------------------------------------- */

enum workshop_sale workshop_for_sale(const struct workshop *workshop,
                                     const struct settings *settings, int64_t now) {
    bool closed = !workshop->active;
    if (workshop->sales_close_at)
        closed |= now >= workshop->sales_close_at;
    else if (date_is_set(workshop->start))
        closed |= date_compare(zone_date(settings->zone, now), workshop->start) >= 0;
    if (closed)
        return WORKSHOP_CLOSED;
    if (now < workshop->sales_open_at)
        return WORKSHOP_NOT_YET;
    bool limited = workshop->capacity != WORKSHOP_NONE;
    return limited && workshop->seats_left <= 0 ? WORKSHOP_FULL : WORKSHOP_OPEN;
}

enum workshop_age workshop_age_fits(const struct workshop *workshop, struct date birth,
                                    struct date today, int *age) {
    int years = date_age(birth, date_is_set(workshop->start) ? workshop->start : today);
    if (age)
        *age = years;
    if (workshop->min_age != WORKSHOP_NONE && years < workshop->min_age)
        return WORKSHOP_TOO_YOUNG;
    if (workshop->max_age != WORKSHOP_NONE && years > workshop->max_age)
        return WORKSHOP_TOO_OLD;
    return WORKSHOP_AGE_FITS;
}

struct date workshop_last_day(const struct workshop *w) {
    if (date_is_set(w->end))
        return w->end;
    return date_is_set(w->start) && w->weeks ? date_add_days(w->start, w->weeks * 7 - 1) : w->start;
}

/* The days of the week that it takes place on; one day alone is its own. */
static unsigned days_of(const struct workshop *w) {
    if (w->weekdays == 0 && date_compare(w->start, workshop_last_day(w)) == 0)
        return 1U << date_weekday(w->start);
    return w->weekdays;
}

/* The days of the week between two dates, both included. */
static unsigned days_between(struct date first, struct date last) {
    unsigned days = 0;
    int64_t count = date_to_days(last) - date_to_days(first) + 1;
    for (int64_t i = 0; i < count && i < 7; i++)
        days |= 1U << (date_weekday(first) + i) % 7;
    return days;
}

bool workshop_clash(const struct workshop *a, const struct workshop *b) {
    bool timed = a->start_minute != WORKSHOP_NONE && a->end_minute != WORKSHOP_NONE &&
                 b->start_minute != WORKSHOP_NONE && b->end_minute != WORKSHOP_NONE;
    if (!timed || !date_is_set(a->start) || !date_is_set(b->start))
        return false;
    if (a->start_minute >= b->end_minute || b->start_minute >= a->end_minute)
        return false;
    struct date a_last = workshop_last_day(a), b_last = workshop_last_day(b);
    struct date first = date_compare(a->start, b->start) > 0 ? a->start : b->start;
    struct date last = date_compare(a_last, b_last) < 0 ? a_last : b_last;
    return (days_of(a) & days_of(b) & days_between(first, last)) != 0;
}

struct workshop_days workshop_days(struct arena *arena, const struct workshop *w) {
    struct workshop_days days = {0};
    if (!date_is_set(w->start))
        return days;
    int64_t first = date_to_days(w->start), last = date_to_days(workshop_last_day(w));
    for (int64_t day = first; day <= last && days.count < WORKSHOP_DAYS_MAX; day++) {
        struct date date = date_from_days(day);
        if (w->weekdays && !(w->weekdays & 1U << date_weekday(date)))
            continue;
        days.items = arena_grow(arena, days.items, days.count, sizeof(*days.items));
        days.items[days.count++] = date;
    }
    return days;
}
