/* What the pages of the desk choose from. */
#include "base/zone.h"
#include "shop/order_desk.h"
#include "shop/order_staff_sql.h"
#include "shop/setting.h"
#include "shop/workshop_sql.h"

enum err order_desk_student(struct db *db, struct arena *arena, int64_t id,
                            struct order_desk_student *out) {
    struct rows *rows = db_query(db, order_staff_sql[ORDER_DESK_STUDENT], V(id));
    bool found = rows_next(rows);
    if (found) {
        *out = (struct order_desk_student){.id = id,
                                           .account_id = rows_int(rows, 0),
                                           .first_name = rows_text(rows, 1, arena),
                                           .last_name = rows_text(rows, 2, arena)};
        (void)date_parse(rows_text(rows, 3, arena), &out->birth); /* checked when stored */
    }
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

enum err order_desk_offers(struct db *db, struct arena *arena,
                           const struct order_desk_student *student,
                           const struct settings *settings, int64_t now,
                           struct order_desk_offer **out, size_t *count) {
    char text[DATE_TEXT_SIZE];
    struct date today = zone_date(settings->zone, now);
    date_format(today, text);
    *out = NULL;
    *count = 0;
    struct rows *rows =
        db_query(db, order_staff_sql[ORDER_DESK_WORKSHOPS], V(now), V((const char *)text),
                 V(student->id), V((int)ORDER_DESK_OFFERS_MAX));
    while (rows_next(rows)) {
        *out = arena_grow(arena, *out, *count, sizeof(**out));
        struct order_desk_offer *offer = &(*out)[(*count)++];
        *offer = (struct order_desk_offer){.workshop = workshop_read_core(rows, 0, arena),
                                           .already = rows_bool(rows, WORKSHOP_CORE_COUNT + 1)};
        offer->fits = workshop_age_fits(&offer->workshop, student->birth, today, &offer->age);
    }
    return rows_end(rows);
}

enum err order_of_inscription(struct db *db, struct arena *arena, int64_t inscription_id,
                              int64_t now, struct order *out, const struct inscription **line) {
    int64_t order_id;
    *line = NULL;
    enum err err =
        db_int(db, order_staff_sql[ORDER_DESK_INSCRIPTION], &order_id, V(inscription_id));
    if (!err)
        err = order_any(db, arena, order_id, now, out);
    for (size_t i = 0; !err && i < out->lines.count; i++)
        if (out->lines.items[i].id == inscription_id)
            *line = &out->lines.items[i];
    return err || *line ? err : ERR_NOT_FOUND; /* taken out of a cart */
}
