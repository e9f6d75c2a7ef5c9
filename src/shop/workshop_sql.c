/* What workshop.c and workshop_list.c ask of the database. Statements that select whole workshops
 * take the current moment as ?1. */
#include "shop/workshop_sql.h"

#define WHOLE                                                                               \
    "SELECT " WORKSHOP_CORE ","                                                             \
    " (SELECT count(*) FROM inscription i WHERE i.workshop_id = w.id AND i.status = 'held'" \
    " AND i.hold_until <= ?1),"                                                             \
    " w.description, w.bring, w.topic_id, t.name, w.created_at,"                            \
    " w.cancelled_at IS NOT NULL,"                                                          \
    " p.hash, p.content_type, p.width, p.height"                                            \
    " FROM workshop w LEFT JOIN topic t ON t.id = w.topic_id"                               \
    " LEFT JOIN picture p ON p.hash = w.picture_hash"

#define STARTING " w.active = 1 AND w.private = 0 AND w.start_date >= "

/* ?1 today, ?2 topic or 0, ?3 level or 0, ?4 age or -1, ?5 first start date or '' */
#define MATCHING                                                                                  \
    " FROM workshop w WHERE" WORKSHOP_LISTED(                                                     \
        "?1") " AND (?2 = 0 OR w.topic_id = ?2) AND (?3 = 0 OR w.level = ?3)"                     \
              " AND (?4 < 0 OR (coalesce(w.min_age, 0) <= ?4 AND coalesce(w.max_age, ?4) >= ?4))" \
              " AND coalesce(w.start_date, '') >= ?5"

const char *const workshop_sql[WORKSHOP_SQL_COUNT] = {
    [WORKSHOP_BY_ID] = WHOLE " WHERE w.id = ?2",
    [WORKSHOP_BY_SLUG] = WHOLE " WHERE w.slug = ?2",
    /* The catalogue as most see it, read along the index workshop_shown: ?2 today, ?3 limit,
     * ?4 offset. */
    [WORKSHOP_STARTING] =
        WHOLE " WHERE" STARTING "?2 ORDER BY w.start_date, w.id LIMIT ?3 OFFSET ?4",
    [WORKSHOP_STARTING_COUNT] = "SELECT count(*) FROM workshop w WHERE" STARTING "?1",
    /* What it lists behind those: in progress, then without a date. */
    [WORKSHOP_REST] = WHOLE " WHERE" WORKSHOP_LISTED(
        "?2") " AND (w.start_date < ?2 OR w.start_date IS NULL)"
              " ORDER BY w.start_date IS NULL, w.start_date, w.id LIMIT ?3 OFFSET ?4",
    /* ?1 today, ?2 where to stop counting */
    [WORKSHOP_LISTED_COUNT] =
        "SELECT count(*) FROM (SELECT 1 FROM workshop w WHERE" WORKSHOP_LISTED(
            "?1") " LIMIT ?2) AS counted",
    [WORKSHOP_CANDIDATES] =
        "SELECT w.id, w.start_date, coalesce(w.discount_price_cents, w.price_cents), w.created_at,"
        " w.title" MATCHING,
    [WORKSHOP_TEXTS] =
        "SELECT w.id, w.start_date, coalesce(w.discount_price_cents, w.price_cents), w.created_at,"
        " w.title, w.topic_id, w.place, w.description" MATCHING,
    [WORKSHOP_INSTRUCTORS] = "SELECT a.first_name, a.last_name FROM workshop_instructor i"
                             " JOIN account a ON a.id = i.account_id WHERE i.workshop_id = ?1"
                             " ORDER BY a.first_name, a.last_name, a.id",
    [WORKSHOP_TEACHERS] = "SELECT a.id, a.first_name, a.last_name FROM account a"
                          " WHERE a.id IN (SELECT account_id FROM workshop_instructor)",
    /* ?1 a JSON array of ids */
    [WORKSHOP_NAMES] =
        "SELECT id, title FROM workshop WHERE id IN (SELECT value FROM json_each(?1))",
    [WORKSHOP_TAUGHT_BY] = "SELECT workshop_id FROM workshop_instructor WHERE account_id = ?1",
};
