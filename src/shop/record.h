/* Records: one row of a noun as staff edit it. A declaration names the columns and the rules; the
 * engine here reads the row, tells two versions apart, checks, writes and leaves the trail.
 *
 *     static enum err check(struct record_change *change) {
 *         if (record_int(change, TOPIC_COLOR) > 8)
 *             record_refuse(change, TOPIC_COLOR, N_("There is no such colour."));
 *         return OK;
 *     }
 *     const struct record_kind topic_record = {
 *         .table = "topic",
 *         .columns = (const struct record_column[]){{"name", N_("Name"), RECORD_TEXT},
 *                                                   {"color", N_("Colour"), RECORD_INT}, {NULL}},
 *         .check = check,
 *     };
 *
 * Who may edit is asked by the guard, not here. */
#ifndef SHOP_RECORD_H
#define SHOP_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/secret.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;
struct settings;
struct record_change;

enum { RECORD_COLUMNS_MAX = 40, RECORD_REFUSALS_MAX = 12 };

struct record_column {
    const char *name;  /* of the table */
    const char *label; /* N_("…"), as the trail names it */
    enum { RECORD_TEXT, RECORD_INT } type;
    bool personal;  /* goes from the trail when the person is erased */
    bool elsewhere; /* not of this table: the kind's `load` reads it, its `done` writes it */
};

struct record_kind {
    const char *table;                   /* also the trail's entity */
    const struct record_column *columns; /* end with a NULL name; what staff may edit */
    /* Rules beyond the columns' own, inside the transaction; may set columns too (a slug). Refuses
     * by record_refuse; an error other than OK is one. NULL: none. */
    enum err (*check)(struct record_change *change);
    /* What else belongs to the change, after the row was written. NULL: nothing. */
    enum err (*done)(struct record_change *change);
    bool created_at; /* the table notes when a row was made */
    /* Fills in the columns that stand elsewhere, of a row that is there. NULL: none do. */
    enum err (*load)(struct db *db, struct arena *arena, int64_t id, struct value *values);
};

struct record {
    int64_t id;
    struct value *values;                  /* one a column, in order */
    char version[SECRET_DIGEST_TEXT_SIZE]; /* changes whenever a value does */
};

struct record_refusal {
    int column;          /* -1: the whole */
    const char *english; /* N_("…") with {n} and {text} */
    int64_t n;
    const char *text;
};

/* A change on its way. */
struct record_change {
    struct shop *shop;
    struct tx *tx;
    struct arena *arena;
    const struct record_kind *kind;
    const struct settings *settings;
    int64_t actor_id, now;
    int64_t id;                 /* 0 until a new one is written */
    const struct value *before; /* NULL: it is new */
    struct value *values;
    const void *extra; /* what the caller gave along, for check and done */
    struct record_refusal refusals[RECORD_REFUSALS_MAX];
    int refusal_count;
};

/* Of the values as they shall be. A NULL column is 0 and NULL. */
int64_t record_int(const struct record_change *change, int column);
const char *record_text(const struct record_change *change, int column);
bool record_null(const struct record_change *change, int column);
/* Whether the column is not what it was; a new one's always is. */
bool record_changed(const struct record_change *change, int column);
void record_refuse(struct record_change *change, int column, const char *english);
void record_refuse_with(struct record_change *change, int column, const char *english, int64_t n,
                        const char *text);

size_t record_column_count(const struct record_kind *kind);
/* Index of a column's name, or -1. */
int record_column_find(const struct record_kind *kind, const char *name);

enum err record_load(struct db *db, struct arena *arena, const struct record_kind *kind, int64_t id,
                     struct record *out) MUST_CHECK;

struct record_result {
    int64_t id;
    struct record_refusal refusals[RECORD_REFUSALS_MAX]; /* with ERR_REFUSED */
    int refusal_count;
    struct record theirs; /* with ERR_CONFLICT: as somebody else left it */
    bool changed;         /* with OK: something was different */
};

/* What is to be written: a new one (id 0) or a changed one. */
struct record_request {
    const struct record_kind *kind;
    int64_t actor_id, id;
    const char *version;        /* of the record as it was shown */
    const struct value *values; /* one a column */
    const void *extra;          /* goes to the kind's functions */
};

/* ERR_CONFLICT when the version is another one by now; ERR_REFUSED: see refusals. */
enum err record_save(struct shop *shop, struct arena *arena, const struct record_request *request,
                     int64_t now, struct record_result *result) MUST_CHECK;

/* A new one as part of a larger operation. After ERR_REFUSED the transaction goes on. */
enum err record_add_tx(struct shop *shop, struct tx *tx, struct arena *arena,
                       const struct record_kind *kind, int64_t actor_id, const struct value *values,
                       int64_t now, struct record_result *result) MUST_CHECK;

#endif
