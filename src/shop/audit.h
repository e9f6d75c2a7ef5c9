/* The trail of who did what: rows are only ever added, in the transaction of the deed. What a
 * change changed stands in audit_value, field by field, personal values marked as such, so that a
 * person can be erased and the trail still be whole. No password, token or card data, ever. */
#ifndef SHOP_AUDIT_H
#define SHOP_AUDIT_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

/* `actor_id` 0: the system itself, or the shell. `action` is a fixed word ("create", "password"),
 * `entity` a table's name, `entity_id` 0 for none. `detail` is one JSON object as text without
 * personal data, or NULL. */
enum err audit_write_tx(struct tx *tx, int64_t actor_id, const char *action, const char *entity,
                        int64_t entity_id, const char *detail) MUST_CHECK;

/* A field that changed; NULL: empty, before or after. */
struct audit_field {
    const char *name; /* the column */
    const char *before, *after;
    bool personal;
};

/* The same with the fields that changed; those whose before and after are the same are left out.
 * With none, nothing happened and nothing is written. */
enum err audit_change_tx(struct tx *tx, int64_t actor_id, const char *action, const char *entity,
                         int64_t entity_id, const struct audit_field *fields,
                         size_t count) MUST_CHECK;

/* A number as a field has it: cents (of fields named …_cents), a moment (…_at). */
const char *audit_number(struct arena *arena, int64_t number);

/* For what is not a change: a look at sensitive data, a refusal for want of a right. Does not wait
 * for the disk. */
void audit_note(struct shop *shop, int64_t actor_id, const char *action, const char *entity,
                int64_t entity_id, const char *detail);

/* The trail of one thing, newest first, at most `limit`. */
struct audit_entry {
    int64_t id, at, actor_id; /* actor 0: the system, or the shell */
    const char *actor;        /* name; NULL */
    const char *action, *entity, *detail;
    int64_t entity_id;
    struct audit_field *fields;
    size_t field_count;
    bool redacted; /* values of an erased person are gone */
};
enum err audit_of(struct db *db, struct arena *arena, const char *entity, int64_t entity_id,
                  int limit, struct audit_entry **out, size_t *count) MUST_CHECK;

/* One entry by its id. */
enum err audit_find(struct db *db, struct arena *arena, int64_t id,
                    struct audit_entry *out) MUST_CHECK;

#endif
