/* Reading topics. */
#include "shop/topic.h"
#include "base/date.h"
#include "base/zone.h"
#include "shop/topic_sql.h"

enum err topic_list(struct db *db, struct arena *arena, struct topics *out) {
    *out = (struct topics){0};
    struct rows *rows = db_query(db, topic_sql[TOPIC_ALL]);
    while (rows_next(rows)) {
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        out->items[out->count++] = (struct topic){
            .id = rows_int(rows, 0),
            .name = rows_text(rows, 1, arena),
            .description = rows_text(rows, 2, arena),
            .color = (int)rows_int(rows, 3),
            .picture = picture_ref_read(rows, 4, arena),
        };
    }
    return rows_end(rows);
}

static struct topic *find(const struct topics *topics, int64_t id) {
    for (size_t i = 0; i < topics->count; i++)
        if (topics->items[i].id == id)
            return &topics->items[i];
    return NULL;
}

enum err topic_count(struct db *db, const struct settings *settings, int64_t now,
                     struct topics *topics) {
    char today[DATE_TEXT_SIZE];
    date_format(zone_date(settings->zone, now), today);
    struct rows *rows = db_query(db, topic_sql[TOPIC_LISTED], V(today));
    while (rows_next(rows)) {
        struct topic *topic = find(topics, rows_int(rows, 0));
        if (topic)
            topic->workshops++;
    }
    return rows_end(rows);
}
