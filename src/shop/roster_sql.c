/* What roster.c asks of the database. */
#include "shop/roster_sql.h"

const char *const roster_sql[ROSTER_SQL_COUNT] = {
    [ROSTER_OWN] = "SELECT 1 FROM workshop_instructor WHERE workshop_id = ?1 AND account_id = ?2",
    /* ?1 workshop, ?2 now */
    [ROSTER_LINES] =
        "SELECT i.id, s.id, s.first_name, s.last_name, s.date_of_birth, s.emergency_contact,"
        " s.notes, s.is_self, a.id, a.first_name, a.last_name, a.email, a.phone, a.country, o.id,"
        " o.code, i.status = 'confirmed', o.due_at, i.price_cents,"
        " a.erased_at IS NOT NULL, a.language"
        " FROM inscription i JOIN student s ON s.id = i.student_id"
        " JOIN orders o ON o.id = i.order_id JOIN account a ON a.id = o.account_id"
        " WHERE i.workshop_id = ?1 AND (i.status = 'confirmed'"
        "  OR (i.status = 'held' AND i.hold_until > ?2 AND o.status <> 'cart')) ORDER BY i.id",
    [ROSTER_MARKS] = "SELECT m.inscription_id, m.day, m.state FROM inscription i"
                     " JOIN attendance m ON m.inscription_id = i.id WHERE i.workshop_id = ?1"
                     " ORDER BY m.inscription_id, m.day",
    /* ?1 inscription, ?2 day, ?3 state, ?4 by, ?5 at */
    [ROSTER_SET] =
        "INSERT INTO attendance (inscription_id, day, state, noted_by, noted_at)"
        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (inscription_id, day) DO UPDATE"
        " SET state = excluded.state, noted_by = excluded.noted_by, noted_at = excluded.noted_at",
    [ROSTER_CLEAR] = "DELETE FROM attendance WHERE inscription_id = ?1 AND day = ?2",
};
