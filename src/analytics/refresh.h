/* What following the database shares: refresh.c finds out what changed and puts the new delta
 * together, refresh_read.c reads what is true now; not for others. */
#ifndef ANALYTICS_REFRESH_H
#define ANALYTICS_REFRESH_H

#include "analytics/delta.h"

/* An order to look at again. */
struct touched {
    uint64_t id;
    size_t seen;     /* in what order: the first one tells what the base knows */
    bool was_paid;   /* before the change */
    int64_t paid_at; /* then */
};

/* What the database says of an inscription and its order, both paid for once. */
struct inscription {
    uint64_t order, account, workshop, student, price, list_price;
    int64_t paid_at;
    bool paid, confirmed; /* else refunded: the order, the inscription */
};

/* Some of the touched orders, asked for by one thread through one connection. */
struct share {
    struct db *db;
    const struct touched *touched;
    size_t touched_count;
    struct arena *arena;
    struct inscription *found;
    size_t found_count;
    enum err err;
};

struct refresh {
    struct share shares[STORE_READERS];
    size_t share_count; /* so many connections there are */
    struct workers *workers;
    struct db *db; /* the first of them */
    const struct snapshot_moment *moment;
    struct snapshot *base;
    const struct delta *before; /* NULL: this is the first one over its base */
    struct delta *d;
    struct snapshot_header header;
    struct arena *scratch, *row; /* `row`: reset with each */
    struct touched *touched;
    size_t touched_count;
    uint64_t *students, *accounts, *workshops, *topics; /* named by the log */
    size_t student_count, account_count, workshop_count, topic_count;
    uint64_t *relevelled; /* workshops that had another level */
    size_t relevelled_count;
    struct delta_row *rows; /* of the touched orders */
    struct delta_back *backs;
    size_t row_count, back_count;
    struct fact_day day;
};

/* One more id to a list in the scratch arena. */
static inline void refresh_add_id(struct refresh *r, uint64_t **ids, size_t *count, uint64_t id) {
    *ids = arena_grow(r->scratch, *ids, *count, sizeof(**ids));
    (*ids)[(*count)++] = id;
}

/* The topics, workshops, students and accounts that the log names, as they are now. */
enum err refresh_read_dimensions(struct refresh *refresh) MUST_CHECK;

/* What the database says of the touched orders, as rows and refunds. ERR_CONFLICT: one of them lies
 * outside of what a snapshot's calendar reaches. */
enum err refresh_read_orders(struct refresh *refresh) MUST_CHECK;

#endif
