/* What staff ask of the table of workshops. */
#include "shop/workshop_staff_sql.h"

/* Held seats that count at ?3. */
#define HELD                                                                               \
    "(SELECT count(*) FROM inscription i WHERE i.workshop_id = w.id AND i.status = 'held'" \
    " AND i.hold_until > ?3)"
#define CONFIRMED \
    "(SELECT count(*) FROM inscription i WHERE i.workshop_id = w.id AND i.status = 'confirmed')"

const char *const workshop_staff_sql[WORKSHOP_STAFF_SQL_COUNT] = {
    /* ?2: the account that must teach it, or 0 */
    [STAFF_WORKSHOP_ONE] =
        "SELECT w.id, w.slug, w.title, w.active, w.private, w.private_key, w.archived_at,"
        " w.cancelled_at, w.capacity, " CONFIRMED ", " HELD ", w.start_date, w.end_date,"
        " w.sales_open_at, w.sales_close_at FROM workshop w WHERE w.id = ?1 AND (?2 = 0 OR EXISTS (SELECT 1 FROM"
        " workshop_instructor t WHERE t.workshop_id = w.id AND t.account_id = ?2))",
    [STAFF_WORKSHOP_SLUG_OWNER] = "SELECT id FROM workshop WHERE slug = ?1",
    [STAFF_WORKSHOP_TOPIC] = "SELECT id FROM topic WHERE id = ?1",
    [STAFF_WORKSHOP_SEATS] = "SELECT seats_taken FROM workshop WHERE id = ?1",
    [STAFF_WORKSHOP_ENDED] = "SELECT cancelled_at IS NOT NULL OR archived_at IS NOT NULL"
                             " FROM workshop WHERE id = ?1",
    [STAFF_WORKSHOP_INSTRUCTORS] =
        "SELECT account_id FROM workshop_instructor WHERE workshop_id = ?1 ORDER BY account_id",
    [STAFF_WORKSHOP_TEACHER] = "SELECT id FROM account WHERE id = ?1 AND (staff_role IS NOT NULL"
                               " OR id IN (SELECT account_id FROM workshop_instructor))",
    [STAFF_WORKSHOP_CLEAR_INSTRUCTORS] = "DELETE FROM workshop_instructor WHERE workshop_id = ?1",
    [STAFF_WORKSHOP_ADD_INSTRUCTOR] =
        "INSERT INTO workshop_instructor (workshop_id, account_id) VALUES (?1, ?2)",
    [STAFF_WORKSHOP_COPY_INSTRUCTORS] =
        "INSERT INTO workshop_instructor (workshop_id, account_id)"
        " SELECT ?2, account_id FROM workshop_instructor WHERE workshop_id = ?1",
    /* A private workshop has a key; whoever has it keeps it. */
    [STAFF_WORKSHOP_KEY] = "UPDATE workshop SET private_key = ?2"
                           " WHERE id = ?1 AND private = 1 AND private_key IS NULL",
    [STAFF_WORKSHOP_NEW_KEY] = "UPDATE workshop SET private_key = ?2 WHERE id = ?1 AND private = 1",
    [STAFF_WORKSHOP_ACTIVATE] = "UPDATE workshop SET active = 1 WHERE id = ?1 AND active = 0",
    [STAFF_WORKSHOP_DEACTIVATE] = "UPDATE workshop SET active = 0 WHERE id = ?1 AND active = 1",
    [STAFF_WORKSHOP_ARCHIVE] = "UPDATE workshop SET active = 0, archived_at = ?2"
                               " WHERE id = ?1 AND archived_at IS NULL",
    [STAFF_WORKSHOP_RESTORE] = "UPDATE workshop SET archived_at = NULL"
                               " WHERE id = ?1 AND archived_at IS NOT NULL",
    /* ?2 slug, ?3 first day, ?4 last day, ?5 sales open, ?6 sales close, ?7 key, ?8 now */
    [STAFF_WORKSHOP_COPY] =
        "INSERT INTO workshop (slug, topic_id, title, description, bring, picture_hash,"
        " price_cents, discount_price_cents, min_age, max_age, place, start_date, end_date,"
        " schedule, hours, weekdays, start_minute, end_minute, weeks, level, capacity, active,"
        " private, private_key, sales_open_at, sales_close_at, created_at)"
        " SELECT ?2, topic_id, title, description, bring, picture_hash, price_cents,"
        " discount_price_cents, min_age, max_age, place, ?3, ?4, schedule, hours, weekdays,"
        " start_minute, end_minute, weeks, level, capacity, 0, private,"
        " CASE WHEN private = 1 THEN ?7 END, ?5, ?6, ?8 FROM workshop WHERE id = ?1",
    /* A copy of ?1 with these days made since ?4 */
    [STAFF_WORKSHOP_COPIED] =
        "SELECT c.id FROM workshop w JOIN workshop c ON c.topic_id = w.topic_id"
        " AND c.title = w.title AND c.id <> w.id WHERE w.id = ?1 AND c.start_date = ?2"
        " AND coalesce(c.end_date, '') = ?3 AND c.created_at >= ?4 ORDER BY c.id LIMIT 1",
    [STAFF_WORKSHOP_TOPICS] = "SELECT id, name FROM topic ORDER BY name",
    [STAFF_WORKSHOP_STAFF] =
        "SELECT id, first_name, last_name FROM account"
        " WHERE (staff_role IS NOT NULL AND is_active = 1) OR id IN"
        " (SELECT account_id FROM workshop_instructor) ORDER BY first_name, last_name, id",
    /* Where people of ?1 could go instead, on day ?2 */
    [STAFF_WORKSHOP_OTHERS] =
        "SELECT id, title, start_date FROM workshop WHERE id <> ?1 AND cancelled_at IS NULL"
        " AND archived_at IS NULL AND coalesce(end_date, start_date, '9999-12-31') >= ?2"
        " ORDER BY start_date IS NULL, start_date, title LIMIT 200",
};
