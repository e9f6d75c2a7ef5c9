/* The statements of inscription.c and inscription_list.c, and the columns of a line (an inscription
 * with its student and workshop), which order_sql.c selects too. */
#ifndef SHOP_INSCRIPTION_SQL_H
#define SHOP_INSCRIPTION_SQL_H

#include "shop/inscription.h"
#include "shop/workshop_sql.h"

/* What inscription_read reads. The statement's ?1 is now; the aliases are those of the joins. The
 * column behind the workshop's counts, for a line that has expired only, holds in its workshop that
 * have lapsed but were not swept: their seats are free. Then comes the workshop's picture. */
#define INSCRIPTION_COLUMNS                                                                      \
    "i.id, i.order_id, i.status, i.hold_until, i.extensions, i.list_price_cents, i.price_cents," \
    " s.id, s.slug, s.first_name, s.last_name, " WORKSHOP_CORE ","                               \
    " CASE WHEN i.status = 'expired' OR (i.status = 'held' AND i.hold_until <= ?1)"              \
    " THEN (SELECT count(*) FROM inscription h WHERE h.workshop_id = w.id"                       \
    " AND h.status = 'held' AND h.hold_until <= ?1) ELSE 0 END,"                                 \
    " pic.hash, pic.content_type, pic.width, pic.height"
enum { INSCRIPTION_COLUMN_COUNT = 11 + WORKSHOP_CORE_COUNT + 1 + 4 };

#define INSCRIPTION_JOINS(join)                                                              \
    join " student s ON s.id = i.student_id" join " workshop w ON w.id = i.workshop_id" join \
         " topic t ON t.id = w.topic_id LEFT JOIN picture pic ON pic.hash = w.picture_hash"

/* A line of the current row, whose first column of INSCRIPTION_COLUMNS is `first`. */
void inscription_read(struct rows *rows, int first, struct arena *arena, int64_t now,
                      struct inscription *out);

/* A status, followed by the column hold_until, as of now: a hold that has ended reads as expired.
 */
enum inscription_status inscription_read_status(struct rows *rows, int column, struct arena *arena,
                                                int64_t now);

enum inscription_sql {
    INSCRIPTION_ASKED,
    INSCRIPTION_OWN,
    INSCRIPTION_CANDIDATES,
    INSCRIPTION_UPCOMING,
    INSCRIPTION_BESIDE,
    INSCRIPTION_EXPIRE_DUE,
    INSCRIPTION_TAKE,
    INSCRIPTION_TAKE_AGAIN,
    INSCRIPTION_EXTEND,
    INSCRIPTION_GIVE,
    INSCRIPTION_REMOVE,
    INSCRIPTION_SQL_COUNT,
};

extern const char *const inscription_sql[];

#endif
