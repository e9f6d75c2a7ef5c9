/* Statements of students; shop/student.c runs them. */
#include "shop/student_sql.h"

#define COLUMNS                                                                                    \
    "s.id, s.slug, s.parent_id, s.first_name, s.last_name, s.date_of_birth, s.school, s.is_self, " \
    "s.archived_at IS NOT NULL, "                                                                  \
    "EXISTS (SELECT 1 FROM inscription i WHERE i.student_id = s.id), "                             \
    "s.emergency_contact, s.notes"

const char *const student_sql[] = {
    [STUDENT_BY_PARENT] = "SELECT " COLUMNS " FROM student s "
                          "WHERE s.parent_id = ?1 AND (s.archived_at IS NOT NULL) = ?2",

    [STUDENT_BY_ID] = "SELECT " COLUMNS " FROM student s WHERE s.id = ?1 AND s.parent_id = ?2",

    [STUDENT_BY_SLUG] = "SELECT " COLUMNS " FROM student s WHERE s.slug = ?1 AND s.parent_id = ?2",

    /* The account behind a family's students. */
    [STUDENT_OWNER] = "SELECT first_name, last_name, date_of_birth, role, school FROM account "
                      "WHERE id = ?1 AND is_active = 1",

    /* Candidates for being the same child: names are compared in C. */
    [STUDENT_SAME_BIRTH] =
        "SELECT id, slug, first_name, last_name, school, archived_at IS NOT NULL, created_at "
        "FROM student WHERE parent_id = ?1 AND date_of_birth = ?2 AND id <> ?3 "
        "ORDER BY archived_at IS NOT NULL, id",

    [STUDENT_COUNT] = "SELECT count(*) FROM student WHERE parent_id = ?1 AND archived_at IS NULL",

    [STUDENT_INSERT] =
        "INSERT INTO student (slug, parent_id, first_name, last_name, date_of_birth, school, "
        "is_self, created_at, emergency_contact, notes) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",

    [STUDENT_UPDATE] = "UPDATE student SET first_name = ?2, last_name = ?3, date_of_birth = ?4, "
                       "school = ?5, emergency_contact = ?6, notes = ?7 WHERE id = ?1",

    [STUDENT_ARCHIVE] = "UPDATE student SET archived_at = ?3 WHERE id = ?1 AND parent_id = ?2",

    [STUDENT_DELETE] = "DELETE FROM student WHERE id = ?1 AND parent_id = ?2",

    /* Seats in workshops with age limits that are not over on day ?2; lapsed holds at ?3 are none.
     */
    [STUDENT_SEATS] =
        "SELECT w.min_age, w.max_age, w.start_date "
        "FROM inscription i JOIN workshop w ON w.id = i.workshop_id WHERE i.student_id = ?1 "
        "AND (i.status = 'confirmed' OR i.status = 'held' AND i.hold_until > ?3) "
        "AND (w.min_age IS NOT NULL OR w.max_age IS NOT NULL) "
        "AND coalesce(w.end_date, w.start_date, ?2) >= ?2",

    [STUDENT_SELF] = "SELECT " COLUMNS " FROM student s WHERE s.parent_id = ?1 AND s.is_self = 1",

    [STUDENT_ACCOUNT_UPDATE] = "UPDATE account SET first_name = ?2, last_name = ?3, "
                               "date_of_birth = coalesce(?4, date_of_birth) WHERE id = ?1",

    [STUDENT_ACCOUNT_FOLLOWS] =
        "UPDATE account SET first_name = s.first_name, last_name = s.last_name, "
        "date_of_birth = s.date_of_birth FROM student s "
        "WHERE s.id = ?1 AND s.is_self = 1 AND account.id = s.parent_id",

    [STUDENT_FAMILY] = "SELECT parent_id FROM student WHERE id = ?1",

    [STUDENT_MISFITS] =
        "SELECT w.title, w.min_age, w.max_age, w.start_date, s.date_of_birth FROM inscription i "
        "JOIN workshop w ON w.id = i.workshop_id JOIN student s ON s.id = i.student_id "
        "WHERE i.student_id = ?1 AND i.status IN ('confirmed', 'held') "
        "AND (w.min_age IS NOT NULL OR w.max_age IS NOT NULL) "
        "AND coalesce(w.end_date, w.start_date, ?2) >= ?2 ORDER BY w.start_date, w.id",
};
