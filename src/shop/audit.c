/* Writing and reading the trail. */
#include "shop/audit.h"
#include "base/clock.h"
#include "shop/audit_sql.h"
#include "shop/shop.h"
#include <stdlib.h>
#include <string.h>

enum err audit_write_tx(struct tx *tx, int64_t actor_id, const char *action, const char *entity,
                        int64_t entity_id, const char *detail) {
    return tx_exec(tx, audit_sql[AUDIT_INSERT], V(clock_now()), V_OPT(actor_id != 0, actor_id),
                   V(action), V(entity), V_OPT(entity_id != 0, entity_id), V(detail));
}

const char *audit_number(struct arena *arena, int64_t number) {
    return arena_printf(arena, "%lld", (long long)number);
}

/* Nothing and an empty text are the same. */
static bool is_changed(const struct audit_field *field) {
    return strcmp(field->before ? field->before : "", field->after ? field->after : "") != 0;
}

enum err audit_change_tx(struct tx *tx, int64_t actor_id, const char *action, const char *entity,
                         int64_t entity_id, const struct audit_field *fields, size_t count) {
    size_t changed = 0;
    for (size_t i = 0; i < count; i++)
        changed += is_changed(&fields[i]);
    if (changed == 0)
        return OK;
    enum err err = audit_write_tx(tx, actor_id, action, entity, entity_id, NULL);
    int64_t id = tx_last_id(tx);
    for (size_t i = 0; !err && i < count; i++)
        if (is_changed(&fields[i]))
            err = tx_exec(tx, audit_sql[AUDIT_VALUE_INSERT], V(id), V(fields[i].name),
                          V(fields[i].before), V(fields[i].after), V(fields[i].personal));
    return err;
}

/* ---- notes ---------------------------------------------------------------------------------- */

struct note {
    int64_t actor_id, entity_id;
    const char *action, *entity; /* fixed words */
    char *detail;
};

static enum err note_tx(struct tx *tx, void *arg) {
    const struct note *note = arg;
    return audit_write_tx(tx, note->actor_id, note->action, note->entity, note->entity_id,
                          note->detail);
}

static void note_free(void *arg) {
    struct note *note = arg;
    free(note->detail);
    free(note);
}

void audit_note(struct shop *shop, int64_t actor_id, const char *action, const char *entity,
                int64_t entity_id, const char *detail) {
    struct note *note = malloc(sizeof(*note));
    if (!note)
        abort();
    *note = (struct note){.actor_id = actor_id,
                          .entity_id = entity_id,
                          .action = action,
                          .entity = entity,
                          .detail = detail ? strdup(detail) : NULL};
    store_write_later(shop->store, note_tx, note, note_free);
}

/* ---- reading -------------------------------------------------------------------------------- */

static struct audit_entry read_entry(struct rows *rows, struct arena *arena) {
    return (struct audit_entry){.id = rows_int(rows, 0),
                                .at = rows_int(rows, 1),
                                .actor_id = rows_int(rows, 2),
                                .actor = rows_text(rows, 3, arena),
                                .action = rows_text(rows, 4, arena),
                                .entity = rows_text(rows, 5, arena),
                                .entity_id = rows_int(rows, 6),
                                .detail = rows_text(rows, 7, arena)};
}

static enum err read_fields(struct db *db, struct arena *arena, struct audit_entry *entry) {
    struct rows *rows = db_query(db, audit_sql[AUDIT_VALUES], V(entry->id));
    while (rows_next(rows)) {
        entry->fields =
            arena_grow(arena, entry->fields, entry->field_count, sizeof(*entry->fields));
        entry->fields[entry->field_count++] =
            (struct audit_field){.name = rows_text(rows, 0, arena),
                                 .before = rows_text(rows, 1, arena),
                                 .after = rows_text(rows, 2, arena),
                                 .personal = rows_bool(rows, 3)};
        entry->redacted |= rows_bool(rows, 4);
    }
    return rows_end(rows);
}

enum err audit_of(struct db *db, struct arena *arena, const char *entity, int64_t entity_id,
                  int limit, struct audit_entry **out, size_t *count) {
    *out = NULL;
    *count = 0;
    struct rows *rows = db_query(db, audit_sql[AUDIT_OF], V(entity), V(entity_id), V(limit));
    while (rows_next(rows)) {
        *out = arena_grow(arena, *out, *count, sizeof(**out));
        (*out)[(*count)++] = read_entry(rows, arena);
    }
    enum err err = rows_end(rows);
    for (size_t i = 0; !err && i < *count; i++)
        err = read_fields(db, arena, &(*out)[i]);
    return err;
}

enum err audit_find(struct db *db, struct arena *arena, int64_t id, struct audit_entry *out) {
    struct rows *rows = db_query(db, audit_sql[AUDIT_BY_ID], V(id));
    bool found = rows_next(rows);
    if (found)
        *out = read_entry(rows, arena);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? read_fields(db, arena, out) : ERR_NOT_FOUND;
}
