/* Workshops and families out of a CSV that staff upload. The file is kept, tried, and then taken
 * in: trying is the taking-in itself, undone at its end, so that what it says is what will happen.
 * All of a file goes in or nothing, in one transaction, with a line in the trail for each row. */
#ifndef SHOP_IMPORT_H
#define SHOP_IMPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum {
    IMPORT_BYTES_MAX = 8 << 20,
    IMPORT_ROWS_MAX = 10000,
    IMPORT_KEPT_SECONDS = 24 * 60 * 60, /* a file that was not taken in */
};

enum import_kind { IMPORT_WORKSHOPS, IMPORT_FAMILIES, IMPORT_KINDS };

/* "workshops", "families"; -1 for another word. */
int import_kind_find(const char *name);
const char *import_kind_name(enum import_kind kind);

/* A column that a file may have. */
struct import_column {
    const char *name; /* as the template file has it; also understood in any case */
    const char *spanish;
    const char *more;  /* other names, separated by spaces; NULL: none */
    const char *label; /* N_("…") */
    bool required;
    size_t max;          /* characters; 0: its own bounds */
    const char *example; /* in the template file; NULL: empty */
};

/* Ends with a NULL name. */
const struct import_column *import_columns(enum import_kind kind);

/* ---- a file --------------------------------------------------------------------------------- */

struct import_file {
    int64_t id, account_id, created_at, done_at; /* done_at 0: not taken in */
    enum import_kind kind;
    const char *name;
};

/* Keeps a file; ERR_INVALID when it is empty, larger than above or no text. */
enum err import_keep(struct shop *shop, int64_t actor_id, enum import_kind kind, const char *name,
                     const void *bytes, size_t size, int64_t now, int64_t *id) MUST_CHECK;

/* One's own; ERR_NOT_FOUND for anybody else's. */
enum err import_find(struct db *db, struct arena *arena, int64_t id, int64_t actor_id,
                     struct import_file *out) MUST_CHECK;

/* Forgets files nobody took in. */
enum err import_sweep_tx(struct tx *tx, int64_t now) MUST_CHECK;

/* ---- what is in it -------------------------------------------------------------------------- */

struct import_problem {
    long line;           /* of the file, from 1; 0: the whole */
    const char *column;  /* N_("…"); NULL: the row */
    const char *english; /* N_("…") with {n} and {text} */
    int64_t n;
    const char *text;
};

struct import_result {
    enum import_kind kind;
    long rows;            /* read */
    long added, families; /* workshops or children; accounts */
    struct import_problem *problems;
    size_t problem_count, problem_size;
    const char **new_topics; /* named in the file and not there yet */
    size_t new_topic_count, new_topic_size;
    const char *ignored; /* columns that are not known, "a, b"; NULL: none */
    bool already;        /* it had been taken in before; nothing was done now */
};

struct import_options {
    bool create_topics; /* else a topic that is not there is a problem */
    bool send_links;    /* mail each new family a link to choose a password */
    enum lang lang;     /* of those mails */
};

/* What taking it in would do, and every problem there is. Topics count as created. */
enum err import_try(struct shop *shop, struct arena *arena, int64_t id, int64_t actor_id,
                    int64_t now, struct import_result *out) MUST_CHECK;

/* Takes it in. ERR_REFUSED with a problem, and nothing changed. The file's content is gone then. */
enum err import_take(struct shop *shop, struct arena *arena, int64_t id, int64_t actor_id,
                     const struct import_options *options, int64_t now,
                     struct import_result *out) MUST_CHECK;

#endif
