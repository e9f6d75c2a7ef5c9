/* The engine of records: reading, comparing, checking, writing, the trail. */
#include "shop/record.h"
#include "base/buf.h"
#include "shop/audit.h"
#include "shop/shop.h"
#include <string.h>

size_t record_column_count(const struct record_kind *kind) {
    size_t count = 0;
    while (kind->columns[count].name)
        count++;
    return count;
}

int record_column_find(const struct record_kind *kind, const char *name) {
    for (int i = 0; kind->columns[i].name; i++)
        if (strcmp(kind->columns[i].name, name) == 0)
            return i;
    return -1;
}

int64_t record_int(const struct record_change *change, int column) {
    const struct value *value = &change->values[column];
    return value->type == VALUE_INT ? value->integer : 0;
}

const char *record_text(const struct record_change *change, int column) {
    const struct value *value = &change->values[column];
    return value->type == VALUE_TEXT ? value->text : NULL;
}

bool record_null(const struct record_change *change, int column) {
    return change->values[column].type == VALUE_NULL;
}

static bool same_value(const struct value *a, const struct value *b) {
    if (a->type != b->type)
        return false;
    if (a->type == VALUE_INT)
        return a->integer == b->integer;
    return a->type != VALUE_TEXT || strcmp(a->text, b->text) == 0;
}

bool record_changed(const struct record_change *change, int column) {
    return !change->before || !same_value(&change->before[column], &change->values[column]);
}

void record_refuse_with(struct record_change *change, int column, const char *english, int64_t n,
                        const char *text) {
    if (change->refusal_count < RECORD_REFUSALS_MAX)
        change->refusals[change->refusal_count++] =
            (struct record_refusal){.column = column, .english = english, .n = n, .text = text};
}

void record_refuse(struct record_change *change, int column, const char *english) {
    record_refuse_with(change, column, english, 0, NULL);
}

/* ---- reading -------------------------------------------------------------------------------- */

static void set_version(const struct record_kind *kind, struct record *record) {
    struct buf text = {0};
    for (size_t i = 0; i < record_column_count(kind); i++) {
        const struct value *value = &record->values[i];
        if (value->type == VALUE_INT)
            buf_printf(&text, "i%lld", (long long)value->integer);
        else if (value->type == VALUE_TEXT)
            buf_printf(&text, "t%zu:%s", strlen(value->text), value->text);
        else
            buf_puts(&text, "n");
    }
    secret_digest_text(buf_text(&text), text.len, record->version);
    buf_free(&text);
}

static struct value read_value(struct rows *rows, int at, const struct record_column *column,
                               struct arena *arena) {
    if (rows_null(rows, at))
        return value_text(NULL);
    return column->type == RECORD_INT ? value_int(rows_int(rows, at))
                                      : value_text(rows_text(rows, at, arena));
}

enum err record_load(struct db *db, struct arena *arena, const struct record_kind *kind, int64_t id,
                     struct record *out) {
    size_t count = record_column_count(kind);
    struct buf sql = {0};
    buf_puts(&sql, "SELECT id");
    for (size_t i = 0; i < count; i++)
        buf_printf(&sql, ", %s", kind->columns[i].elsewhere ? "NULL" : kind->columns[i].name);
    buf_printf(&sql, " FROM %s WHERE id = ?1", kind->table);
    *out = (struct record){.id = id, .values = arena_array(arena, count, sizeof(*out->values))};
    struct rows *rows = db_query_once(db, buf_text(&sql), VALUES(V(id)));
    bool found = rows_next(rows);
    for (size_t i = 0; found && i < count; i++)
        out->values[i] = read_value(rows, (int)i + 1, &kind->columns[i], arena);
    enum err err = rows_end(rows);
    buf_free(&sql);
    if (err)
        return err;
    if (!found)
        return ERR_NOT_FOUND;
    if (kind->load)
        err = kind->load(db, arena, id, out->values);
    set_version(kind, out);
    return err;
}

/* ---- writing -------------------------------------------------------------------------------- */

/* A statement over the table's own columns, put together piece by piece. */
struct writing {
    struct buf sql;
    struct value values[RECORD_COLUMNS_MAX + 2];
    size_t count;
};

static void bind(struct writing *w, struct value value) {
    w->values[w->count++] = value;
}

static enum err run(struct tx *tx, struct writing *w) {
    w->values[w->count] = (struct value){.type = VALUE_END};
    enum err err = tx_exec_once(tx, buf_text(&w->sql), w->values);
    buf_free(&w->sql);
    return err;
}

static enum err insert(struct record_change *c, size_t count) {
    struct writing w = {0};
    buf_printf(&w.sql, "INSERT INTO %s (", c->kind->table);
    for (size_t i = 0; i < count; i++) {
        if (c->kind->columns[i].elsewhere)
            continue;
        buf_printf(&w.sql, "%s%s", w.count ? ", " : "", c->kind->columns[i].name);
        bind(&w, c->values[i]);
    }
    if (c->kind->created_at) {
        buf_puts(&w.sql, ", created_at");
        bind(&w, V(c->now));
    }
    buf_puts(&w.sql, ") VALUES (");
    for (size_t i = 1; i <= w.count; i++)
        buf_printf(&w.sql, "%s?%zu", i > 1 ? ", " : "", i);
    buf_puts(&w.sql, ")");
    enum err err = run(c->tx, &w);
    c->id = err ? 0 : tx_last_id(c->tx);
    return err;
}

static enum err update(struct record_change *c, size_t count) {
    struct writing w = {0};
    buf_printf(&w.sql, "UPDATE %s SET ", c->kind->table);
    for (size_t i = 0; i < count; i++) {
        if (c->kind->columns[i].elsewhere)
            continue;
        bind(&w, c->values[i]);
        buf_printf(&w.sql, "%s%s = ?%zu", w.count > 1 ? ", " : "", c->kind->columns[i].name,
                   w.count);
    }
    bind(&w, V(c->id));
    buf_printf(&w.sql, " WHERE id = ?%zu", w.count);
    return run(c->tx, &w);
}

static const char *as_text(struct arena *arena, const struct value *value) {
    if (!value || value->type == VALUE_NULL)
        return NULL;
    return value->type == VALUE_INT ? arena_printf(arena, "%lld", (long long)value->integer)
                                    : value->text;
}

static enum err leave_trail(struct record_change *c, size_t count, bool is_new) {
    struct audit_field fields[RECORD_COLUMNS_MAX];
    size_t changed = 0;
    for (size_t i = 0; i < count; i++) {
        const struct record_column *column = &c->kind->columns[i];
        if (is_new ? c->values[i].type == VALUE_NULL : !record_changed(c, (int)i))
            continue;
        fields[changed++] =
            (struct audit_field){.name = column->name,
                                 .before = as_text(c->arena, c->before ? &c->before[i] : NULL),
                                 .after = as_text(c->arena, &c->values[i]),
                                 .personal = column->personal};
    }
    return audit_change_tx(c->tx, c->actor_id, is_new ? "create" : "edit", c->kind->table, c->id,
                           fields, changed);
}

/* What is asked for, and what came of it. */
struct save {
    struct shop *shop;
    struct arena *arena;
    const struct record_request *request;
    int64_t now;
    struct record_result *result;
};

static enum err apply(struct record_change *c, struct record_result *result) {
    size_t count = record_column_count(c->kind);
    bool is_new = c->id == 0;
    enum err err = c->kind->check ? c->kind->check(c) : OK;
    memcpy(result->refusals, c->refusals, sizeof(c->refusals));
    result->refusal_count = c->refusal_count;
    if (!err && c->refusal_count)
        err = ERR_REFUSED;
    if (!err)
        err = is_new ? insert(c, count) : update(c, count);
    if (err == ERR_CONFLICT) { /* a rule of the schema that no check above has named */
        record_refuse(c, -1, N_("This does not go together with what is stored."));
        result->refusals[0] = c->refusals[0];
        result->refusal_count = 1;
        return ERR_REFUSED;
    }
    if (!err)
        err = leave_trail(c, count, is_new);
    return !err && c->kind->done ? c->kind->done(c) : err;
}

static enum err save_tx(struct tx *tx, void *arg) {
    const struct save *s = arg;
    const struct record_request *request = s->request;
    size_t count = record_column_count(request->kind);
    struct record before = {0};
    *s->result = (struct record_result){0};
    enum err err =
        request->id ? record_load(tx_db(tx), s->arena, request->kind, request->id, &before) : OK;
    if (err)
        return err;
    if (request->id && strcmp(before.version, request->version ? request->version : "") != 0) {
        s->result->theirs = before;
        return ERR_CONFLICT;
    }
    struct record_change change = {.shop = s->shop,
                                   .tx = tx,
                                   .arena = s->arena,
                                   .kind = request->kind,
                                   .settings = shop_settings(s->shop, tx_db(tx)),
                                   .actor_id = request->actor_id,
                                   .now = s->now,
                                   .id = request->id,
                                   .before = request->id ? before.values : NULL,
                                   .extra = request->extra};
    change.values = arena_array(s->arena, count, sizeof(*change.values));
    memcpy(change.values, request->values, count * sizeof(*change.values));
    err = apply(&change, s->result);
    s->result->id = change.id;
    for (size_t i = 0; i < count; i++)
        s->result->changed |= record_changed(&change, (int)i);
    return err;
}

enum err record_add_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                       const struct record_kind *kind, int64_t actor_id, const struct value *values,
                       int64_t now, struct record_result *result) {
    const struct record_request request = {.kind = kind, .actor_id = actor_id, .values = values};
    struct save save = {shop, arena, &request, now, result};
    return save_tx(tx, &save);
}

enum err record_save(struct shop *shop, struct arena *arena, const struct record_request *request,
                     int64_t now, struct record_result *result) {
    struct save save = {shop, arena, request, now, result};
    return store_write(shop->store, save_tx, &save);
}
