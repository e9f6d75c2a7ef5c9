/* What a family's pages ask about inscriptions: whom a workshop would take, what comes next, what
 * clashes. Nothing here writes. */
#include "base/array.h"
#include "shop/inscription.h"
#include "shop/inscription_sql.h"
#include <stdlib.h>
#include <string.h>

static int int_or_none(struct rows *rows, int column) {
    return rows_null(rows, column) ? WORKSHOP_NONE : (int)rows_int(rows, column);
}

static enum inscription_refusal candidate_refusal(struct rows *rows, struct arena *arena,
                                                  struct date today, int *age) {
    struct workshop w = {.min_age = int_or_none(rows, 6), .max_age = int_or_none(rows, 7)};
    struct date birth = {0};
    const char *start = rows_text(rows, 8, arena);
    if (start)
        (void)date_parse(start, &w.start);
    (void)date_parse(rows_text(rows, 5, arena), &birth);
    enum workshop_age fits = workshop_age_fits(&w, birth, today, age);
    if (rows_bool(rows, 9))
        return strcmp(rows_text(rows, 10, arena), "cart") == 0 ? INSCRIPTION_IN_CART
                                                               : INSCRIPTION_ALREADY;
    switch (fits) {
    case WORKSHOP_AGE_FITS:
        break;
    case WORKSHOP_TOO_YOUNG:
        return INSCRIPTION_AGE_LOW;
    case WORKSHOP_TOO_OLD:
        return INSCRIPTION_AGE_HIGH;
    }
    return INSCRIPTION_OK;
}

enum err inscription_can(struct db *db, struct arena *arena, int64_t account_id,
                         int64_t workshop_id, struct date today, int64_t now,
                         struct inscription_candidates *out) {
    *out = (struct inscription_candidates){0};
    struct rows *rows = db_query(db, inscription_sql[INSCRIPTION_CANDIDATES], V(now), V(account_id),
                                 V(workshop_id));
    while (rows_next(rows)) {
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        struct inscription_candidate *c = &out->items[out->count++];
        *c = (struct inscription_candidate){
            .student_id = rows_int(rows, 0),
            .slug = rows_text(rows, 1, arena),
            .first_name = rows_text(rows, 2, arena),
            .last_name = rows_text(rows, 3, arena),
            .is_self = rows_bool(rows, 4),
        };
        c->refusal = candidate_refusal(rows, arena, today, &c->age);
        out->possible += c->refusal == INSCRIPTION_OK;
    }
    return rows_end(rows);
}

static enum err read_list(struct rows *rows, struct arena *arena, int64_t now,
                          struct inscription_list *out) {
    *out = (struct inscription_list){0};
    while (rows_next(rows)) {
        out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
        inscription_read(rows, 0, arena, now, &out->items[out->count++]);
    }
    return rows_end(rows);
}

/* Without a date comes last. */
static int compare_starts(const struct workshop *a, const struct workshop *b) {
    bool dated = date_is_set(a->start), other_dated = date_is_set(b->start);
    int order = other_dated - dated;
    if (order == 0 && dated)
        order = date_compare(a->start, b->start);
    return order ? order : array_compare(a->start_minute, b->start_minute);
}

static int compare_upcoming(const void *left, const void *right) {
    const struct inscription *a = left, *b = right;
    int order = strcmp(a->student_first_name, b->student_first_name);
    if (order == 0)
        order = array_compare(a->student_id, b->student_id);
    if (order == 0)
        order = compare_starts(&a->workshop, &b->workshop);
    return order ? order : array_compare(a->id, b->id);
}

enum err inscription_upcoming(struct db *db, struct arena *arena, int64_t account_id,
                              struct date today, struct inscription_list *out) {
    char day[DATE_TEXT_SIZE];
    date_format(today, day);
    /* Confirmed seats have no end: the moment does not matter. */
    enum err err = read_list(db_query(db, inscription_sql[INSCRIPTION_UPCOMING], V(0),
                                      V(account_id), V((const char *)day)),
                             arena, 0, out);
    if (!err && out->count > 1)
        qsort(out->items, out->count, sizeof(*out->items), compare_upcoming);
    return err;
}

/* ---- clashes -------------------------------------------------------------------------------- */

static void compare(struct arena *arena, const struct inscription *one,
                    const struct inscription *other, struct inscription_clashes *out) {
    if (one->status != INSCRIPTION_HELD || one->student_id != other->student_id ||
        !workshop_clash(&one->workshop, &other->workshop))
        return;
    out->items = arena_grow(arena, out->items, out->count, sizeof(*out->items));
    out->items[out->count++] = (struct inscription_clash){.one = one, .other = other};
}

static const struct inscription *line_of(const struct inscription_list *cart, int64_t id) {
    for (size_t i = 0; i < cart->count; i++)
        if (cart->items[i].id == id)
            return &cart->items[i];
    return NULL;
}

enum err inscription_find_clashes(struct db *db, struct arena *arena,
                                  const struct inscription_list *cart, int64_t order_id,
                                  int64_t now, struct inscription_clashes *out) {
    *out = (struct inscription_clashes){0};
    for (size_t i = 0; i < cart->count; i++)
        for (size_t j = i + 1; j < cart->count; j++)
            if (cart->items[j].status == INSCRIPTION_HELD)
                compare(arena, &cart->items[i], &cart->items[j], out);
    struct rows *rows = db_query(db, inscription_sql[INSCRIPTION_BESIDE], V(now), V(order_id));
    while (rows_next(rows)) {
        const struct inscription *one = line_of(cart, rows_int(rows, 0));
        struct inscription *other = arena_alloc(arena, sizeof(*other));
        inscription_read(rows, 1, arena, now, other);
        if (one)
            compare(arena, one, other, out);
    }
    return rows_end(rows);
}
