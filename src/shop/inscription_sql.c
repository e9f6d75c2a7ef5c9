/* What inscription.c and inscription_list.c ask of the database. A seat is taken by one conditional
 * statement each; the triggers of schema.sql count. */
#include "shop/inscription_sql.h"
#include <string.h>

/* Whether the workshop `w` has a seat for one more. */
#define SEAT_LEFT "(w.capacity IS NULL OR w.seats_taken < w.capacity)"

/* Of an account ?2 at ?1: its cart, and how many seats it holds without having paid. */
#define ACCOUNT_CART "(SELECT c.id FROM orders c WHERE c.account_id = ?2 AND c.status = 'cart')"
#define ACCOUNT_HOLDS                                                        \
    "(SELECT count(*) FROM orders c JOIN inscription h ON h.order_id = c.id" \
    " WHERE c.account_id = ?2 AND c.status IN ('cart', 'pending')"           \
    " AND h.status = 'held' AND h.hold_until > ?1)"

const char *const inscription_sql[INSCRIPTION_SQL_COUNT] = {
    /* An own student ?3 for the workshop ?4, and the one inscription that matters there: the live
     * one, else an expired one of the own cart. */
    [INSCRIPTION_ASKED] =
        "SELECT s.id, s.slug, s.first_name, s.date_of_birth, " ACCOUNT_CART ", " ACCOUNT_HOLDS ","
        " i.id, i.order_id, i.status, i.hold_until, i.extensions, i.workshop_id"
        " FROM student s LEFT JOIN inscription i ON i.id = (SELECT x.id FROM inscription x"
        "  WHERE x.student_id = s.id AND x.workshop_id = ?4 AND (x.status IN ('held', 'confirmed')"
        "  OR (x.status = 'expired' AND x.order_id = " ACCOUNT_CART "))"
        "  ORDER BY x.status = 'expired', x.id DESC LIMIT 1)"
        " WHERE s.slug = ?3 AND s.parent_id = ?2 AND s.archived_at IS NULL",
    /* An own inscription ?3, in the same columns. */
    [INSCRIPTION_OWN] =
        "SELECT s.id, s.slug, s.first_name, s.date_of_birth, " ACCOUNT_CART ", " ACCOUNT_HOLDS ","
        " i.id, i.order_id, i.status, i.hold_until, i.extensions, i.workshop_id"
        " FROM inscription i JOIN orders o ON o.id = i.order_id"
        " JOIN student s ON s.id = i.student_id WHERE i.id = ?3 AND o.account_id = ?2",
    [INSCRIPTION_CANDIDATES] =
        "SELECT s.id, s.slug, s.first_name, s.last_name, s.is_self, s.date_of_birth, w.min_age,"
        " w.max_age, w.start_date, i.id IS NOT NULL, o.status"
        " FROM student s JOIN workshop w ON w.id = ?3"
        " LEFT JOIN inscription i ON i.student_id = s.id AND i.workshop_id = w.id"
        "  AND (i.status = 'confirmed' OR (i.status = 'held' AND i.hold_until > ?1))"
        " LEFT JOIN orders o ON o.id = i.order_id"
        " WHERE s.parent_id = ?2 AND s.archived_at IS NULL"
        " ORDER BY s.is_self DESC, s.first_name, s.last_name, s.id",
    /* ?2 account, ?3 today. In no order: sorting so many columns costs SQLite more than reading
       them. */
    [INSCRIPTION_UPCOMING] =
        "SELECT " INSCRIPTION_COLUMNS " FROM student own JOIN inscription i ON"
        " i.student_id = own.id AND i.status = 'confirmed'" INSCRIPTION_JOINS(
            " JOIN") " WHERE own.parent_id = ?2 AND w.cancelled_at IS NULL AND (coalesce(w.end_date, w.start_date) IS NULL"
                     "  OR coalesce(w.end_date, w.start_date) >= ?3)",
    /* Each live line of the order ?2 with what its student has elsewhere, as far as days and hours
     * meet; workshop_clash decides. Read from the order outwards, hence CROSS JOIN. */
    [INSCRIPTION_BESIDE] =
        "SELECT c.id, " INSCRIPTION_COLUMNS " FROM inscription c"
        " CROSS JOIN workshop d ON d.id = c.workshop_id"
        " CROSS JOIN inscription i ON i.student_id = c.student_id" INSCRIPTION_JOINS(
            " CROSS JOIN") " WHERE c.order_id = ?2 AND c.status = 'held' AND i.order_id <> ?2"
                           " AND (i.status = 'confirmed' OR (i.status = 'held' AND i.hold_until > ?1))"
                           " AND w.cancelled_at IS NULL AND d.start_minute < w.end_minute AND w.start_minute < d.end_minute"
                           " AND d.start_date <= coalesce(w.end_date, '9999-12-31')"
                           " AND w.start_date <= coalesce(d.end_date, '9999-12-31') ORDER BY c.id, i.id",
    [INSCRIPTION_EXPIRE_DUE] = "UPDATE inscription SET status = 'expired'"
                               " WHERE workshop_id = ?1 AND status = 'held' AND hold_until <= ?2",
    /* ?1 order, ?2 student, ?3 hold_until, ?4 now, ?5 workshop */
    [INSCRIPTION_TAKE] =
        "INSERT INTO inscription (order_id, workshop_id, student_id, list_price_cents,"
        " price_cents, status, hold_until, created_at)"
        " SELECT ?1, w.id, ?2, w.price_cents, coalesce(w.discount_price_cents, w.price_cents),"
        " 'held', ?3, ?4 FROM workshop w WHERE w.id = ?5 AND " SEAT_LEFT,
    /* ?1 inscription, ?2 hold_until */
    [INSCRIPTION_TAKE_AGAIN] =
        "UPDATE inscription SET status = 'held', hold_until = ?2, extensions = 0,"
        " list_price_cents = w.price_cents,"
        " price_cents = coalesce(w.discount_price_cents, w.price_cents)"
        " FROM workshop w WHERE inscription.id = ?1 AND inscription.status = 'expired'"
        " AND w.id = inscription.workshop_id AND " SEAT_LEFT,
    [INSCRIPTION_EXTEND] = "UPDATE inscription SET hold_until = ?2, extensions = extensions + 1"
                           " WHERE id = ?1",
    [INSCRIPTION_GIVE] = "UPDATE inscription SET student_id = ?2 WHERE id = ?1",
    /* The row stays until checkout, so that a second click finds what it asks for done. */
    [INSCRIPTION_REMOVE] =
        "UPDATE inscription SET status = 'cancelled', hold_until = NULL WHERE id = ?1",
};

enum inscription_status inscription_read_status(struct rows *rows, int column, struct arena *arena,
                                                int64_t now) {
    static const char *const names[] = {
        [INSCRIPTION_HELD] = "held",           [INSCRIPTION_CONFIRMED] = "confirmed",
        [INSCRIPTION_CANCELLED] = "cancelled", [INSCRIPTION_REFUNDED] = "refunded",
        [INSCRIPTION_EXPIRED] = "expired",
    };
    const char *name = rows_text(rows, column, arena);
    size_t i = 0;
    while (i < ARRAY_COUNT(names) - 1 && strcmp(name, names[i]) != 0)
        i++;
    if (i == INSCRIPTION_HELD && rows_int(rows, column + 1) <= now)
        return INSCRIPTION_EXPIRED;
    return (enum inscription_status)i;
}

void inscription_read(struct rows *rows, int first, struct arena *arena, int64_t now,
                      struct inscription *out) {
    *out = (struct inscription){
        .id = rows_int(rows, first),
        .order_id = rows_int(rows, first + 1),
        .status = inscription_read_status(rows, first + 2, arena, now),
        .hold_until = rows_int(rows, first + 3),
        .extensions = (int)rows_int(rows, first + 4),
        .list_price_cents = rows_int(rows, first + 5),
        .price_cents = rows_int(rows, first + 6),
        .student_id = rows_int(rows, first + 7),
        .student_slug = rows_text(rows, first + 8, arena),
        .student_first_name = rows_text(rows, first + 9, arena),
        .student_last_name = rows_text(rows, first + 10, arena),
        .workshop = workshop_read_core(rows, first + 11, arena),
    };
    out->workshop.picture = picture_ref_read(rows, first + 11 + WORKSHOP_CORE_COUNT + 1, arena);
    out->price_changed = out->price_cents != out->workshop.price_now_cents;
}
