/* Reading topics, and deleting one. They are edited as records (topic_record.c). */
#include "shop/topic.h"
#include "base/date.h"
#include "base/zone.h"
#include "shop/audit.h"
#include "shop/shop.h"
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

/* ---- deleting ------------------------------------------------------------------------------- */

struct deletion {
    struct arena *arena;
    int64_t actor_id, id;
    int64_t *workshops;
};

static enum err topic_name(struct db *db, struct arena *arena, int64_t id, const char **name) {
    struct rows *rows = db_query(db, topic_sql[TOPIC_NAME], V(id));
    bool found = rows_next(rows);
    *name = found ? rows_text(rows, 0, arena) : NULL;
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

static enum err delete_tx(struct tx *tx, void *arg) {
    struct deletion *d = arg;
    struct audit_field field = {.name = "name"};
    *d->workshops = 0;
    enum err err = topic_name(tx_db(tx), d->arena, d->id, &field.before);
    if (!err)
        err = db_int(tx_db(tx), topic_sql[TOPIC_WORKSHOPS], d->workshops, V(d->id));
    if (!err && *d->workshops)
        err = ERR_REFUSED;
    if (!err)
        err = tx_exec(tx, topic_sql[TOPIC_DELETE], V(d->id));
    return err ? err : audit_change_tx(tx, d->actor_id, "delete", "topic", d->id, &field, 1);
}

enum err topic_delete(struct shop *shop, struct arena *arena, int64_t actor_id, int64_t id,
                      int64_t *workshops) {
    struct deletion deletion = {arena, actor_id, id, workshops};
    return store_write(shop->store, delete_tx, &deletion);
}
