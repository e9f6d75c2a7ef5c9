/* Saving a section of settings, publishing legal texts. */
#include "shop/setting_change.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "shop/audit.h"
#include "shop/setting_sql.h"
#include "shop/shop.h"
#include <stdio.h>
#include <string.h>

/* ---- reading -------------------------------------------------------------------------------- */

static void set_version(struct setting_values *values) {
    struct buf text = {0};
    for (size_t i = 0; i < values->count; i++)
        if (values->values[i])
            buf_printf(&text, "%zu:%zu:%s", i, strlen(values->values[i]), values->values[i]);
    secret_digest_text(buf_text(&text), text.len, values->version);
    buf_free(&text);
}

enum err setting_values_read(struct db *db, struct arena *arena, enum setting_section section,
                             struct setting_values *out) {
    *out = (struct setting_values){0};
    const struct setting_info *items = setting_section(section, &out->count);
    out->values = arena_array(arena, out->count, sizeof(*out->values));
    for (size_t i = 0; i < out->count; i++) {
        out->values[i] = items[i].fallback;
        struct rows *rows = db_query(db, setting_sql[SETTING_GET], V(items[i].key));
        const char *stored = rows_next(rows) ? rows_text(rows, 0, arena) : NULL;
        enum err err = rows_end(rows);
        if (err)
            return err;
        if (stored && setting_valid(&items[i], stored))
            out->values[i] = stored;
    }
    set_version(out);
    return OK;
}

/* ---- saving --------------------------------------------------------------------------------- */

struct save {
    struct arena *arena;
    const struct setting_edit *edit;
    struct setting_result *result;
};

static bool same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* As it will be in force. */
static const char *wanted(const struct save *s, const struct setting_info *item, size_t i) {
    const char *value = s->edit->values[i];
    return value && *value ? value : item->fallback;
}

static enum err warn(struct tx *tx, const struct setting_info *item, unsigned *warnings) {
    if (item->type != SETTING_CURRENCY && item->type != SETTING_ZONE)
        return OK;
    bool currency = item->type == SETTING_CURRENCY;
    int64_t used;
    enum err err =
        db_int(tx_db(tx), setting_sql[currency ? SETTING_ORDERED : SETTING_IN_USE], &used);
    if (!err && used)
        *warnings |= currency ? SETTING_WARN_CURRENCY : SETTING_WARN_ZONE;
    return err;
}

/* Writes one that is different; an own value that is the default is none. */
static enum err put(struct tx *tx, const struct save *s, const struct setting_info *item,
                    size_t i) {
    const char *value = wanted(s, item, i);
    enum err err = setting_set_tx(tx, item->key, same(value, item->fallback) ? NULL : value);
    s->result->bad[i] = err == ERR_INVALID;
    return err == ERR_INVALID ? OK : err;
}

static enum err put_all(struct tx *tx, const struct save *s, const struct setting_values *before) {
    size_t count, changed = 0;
    const struct setting_info *items = setting_section(s->edit->section, &count);
    struct audit_field *fields = arena_array(s->arena, count, sizeof(*fields));
    bool refused = false;
    enum err err = OK;
    for (size_t i = 0; !err && i < count; i++) {
        if (same(before->values[i], wanted(s, &items[i], i)))
            continue;
        fields[changed++] = (struct audit_field){
            .name = items[i].key, .before = before->values[i], .after = wanted(s, &items[i], i)};
        err = put(tx, s, &items[i], i);
        if (!err)
            err = warn(tx, &items[i], &s->result->warnings);
        refused |= s->result->bad[i];
    }
    refused |= s->result->warnings && !s->edit->confirmed;
    s->result->changed = changed > 0;
    if (!err && refused)
        err = ERR_REFUSED;
    return err ? err
               : audit_change_tx(tx, s->edit->actor_id, "edit", "setting", 0, fields, changed);
}

static enum err save_tx(struct tx *tx, void *arg) {
    struct save *s = arg;
    struct setting_values before;
    enum err err = setting_values_read(tx_db(tx), s->arena, s->edit->section, &before);
    if (err)
        return err;
    *s->result = (struct setting_result){.bad = arena_array(s->arena, before.count, sizeof(bool))};
    if (strcmp(before.version, s->edit->version ? s->edit->version : "") != 0) {
        s->result->theirs = before;
        return ERR_CONFLICT;
    }
    return put_all(tx, s, &before);
}

enum err setting_save(struct shop *shop, struct arena *arena, const struct setting_edit *edit,
                      struct setting_result *result) {
    struct save save = {.arena = arena, .edit = edit, .result = result};
    return store_write(shop->store, save_tx, &save);
}

/* ---- legal texts ----------------------------------------------------------------------------- */

struct publication {
    const char *purpose, *body;
    int version;
    int64_t actor_id, now;
    bool changed;
};

static enum err leave_trail(struct tx *tx, const struct publication *p, int64_t id) {
    char before[16], after[16];
    snprintf(before, sizeof(before), "%d", p->version);
    snprintf(after, sizeof(after), "%d", p->version + 1);
    const struct audit_field fields[] = {
        {.name = "purpose", .after = p->purpose},
        {.name = "version", .before = p->version ? before : NULL, .after = after}};
    return audit_change_tx(tx, p->actor_id, "publish", "legal_text", id, fields, 2);
}

static enum err publish_tx(struct tx *tx, void *arg) {
    struct publication *p = arg;
    struct arena *arena = arena_create();
    int64_t version = 0;
    const char *body = NULL;
    p->changed = false;
    enum err err = db_int(tx_db(tx), setting_sql[SETTING_LEGAL_IN_FORCE], &version, V(p->purpose));
    if (!err && version)
        err = setting_version_body(tx_db(tx), arena, p->purpose, (int)version, &body);
    bool again = !err && same(body, p->body);
    arena_destroy(arena);
    if (err || again)
        return err;
    if (version != p->version)
        return ERR_CONFLICT;
    err = setting_publish_tx(tx, p->purpose, p->body, p->now);
    p->changed = !err;
    return err ? err : leave_trail(tx, p, tx_last_id(tx));
}

enum err setting_publish(struct shop *shop, int64_t actor_id, const char *purpose, int version,
                         const char *body, int64_t now, bool *changed) {
    struct publication publication = {
        .purpose = purpose, .body = body, .version = version, .actor_id = actor_id, .now = now};
    if (utf8_length(body) > LEGAL_TEXT_MAX)
        return ERR_INVALID;
    enum err err = store_write(shop->store, publish_tx, &publication);
    *changed = publication.changed;
    return err;
}

enum err setting_versions(struct db *db, struct arena *arena, const char *purpose,
                          struct legal_version **out, size_t *count) {
    *out = NULL;
    *count = 0;
    struct rows *rows = db_query(db, setting_sql[SETTING_LEGAL_VERSIONS], V(purpose));
    while (rows_next(rows)) {
        *out = arena_grow(arena, *out, *count, sizeof(**out));
        (*out)[(*count)++] = (struct legal_version){.version = (int)rows_int(rows, 0),
                                                    .published_at = rows_int(rows, 1),
                                                    .accepted = rows_int(rows, 2)};
    }
    return rows_end(rows);
}

enum err setting_version_body(struct db *db, struct arena *arena, const char *purpose, int version,
                              const char **body) {
    struct rows *rows = db_query(db, setting_sql[SETTING_LEGAL_BODY], V(purpose), V(version));
    bool found = rows_next(rows);
    *body = found ? rows_text(rows, 0, arena) : NULL;
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}
