/* What students look like, and the words for what may be wrong with a form about one. The rules:
 * shop/student_change.c. */
#include "shop/student.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "shop/person.h"
#include "shop/student_sql.h"
#include "shop/workshop.h"
#include <stdlib.h>
#include <string.h>

static const char *const FIELDS[STUDENT_FIELDS] = {
    [STUDENT_FIELD_FORM] = "",
    [STUDENT_FIELD_FIRST_NAME] = "first_name",
    [STUDENT_FIELD_LAST_NAME] = "last_name",
    [STUDENT_FIELD_DATE_OF_BIRTH] = "date_of_birth",
    [STUDENT_FIELD_SCHOOL] = "school",
    [STUDENT_FIELD_EMERGENCY_CONTACT] = "emergency_contact",
    [STUDENT_FIELD_NOTES] = "notes",
};

static const char *const TEXTS[STUDENT_ERRORS] = {
    [STUDENT_REQUIRED] = N_("Please fill this in."),
    [STUDENT_TOO_LONG] = N_("This is too long."),
    [STUDENT_NAME_ADDRESS] =
        N_("Please write a name without web or mail addresses, with a space after each point."),
    [STUDENT_DATE_INVALID] = N_("This is not a date in the calendar."),
    [STUDENT_DATE_IMPLAUSIBLE] = N_("Nobody can be born on that day. Please check the year."),
    [STUDENT_DUPLICATE] = N_("You have already added a student of that name and birth date."),
    [STUDENT_DUPLICATE_ARCHIVED] =
        N_("This student is among your archived ones. Bring them back from there."),
    [STUDENT_AGE_LIMIT] =
        N_("That age would not fit a workshop already enrolled in. Please write to the school."),
    [STUDENT_NOT_ADULT] = N_("An adult student is at least 18 years old."),
    [STUDENT_TOO_MANY] =
        N_("That is as many students as one account may have. Archive some first."),
    [STUDENT_IN_USE] = N_("This student has enrolments and cannot be deleted, only archived."),
};

const char *student_field_name(enum student_field field) {
    return FIELDS[field];
}

const char *student_error_text(enum student_error error) {
    return TEXTS[error];
}

/* ---- reading --------------------------------------------------------------------------------- */

static struct student read_student(struct rows *rows, struct arena *arena) {
    return (struct student){
        .id = rows_int(rows, 0),
        .slug = rows_text(rows, 1, arena),
        .parent_id = rows_int(rows, 2),
        .first_name = rows_text(rows, 3, arena),
        .last_name = rows_text(rows, 4, arena),
        .date_of_birth = person_read_date(rows, 5, arena),
        .school = rows_text(rows, 6, arena),
        .is_self = rows_bool(rows, 7),
        .archived = rows_bool(rows, 8),
        .has_inscriptions = rows_bool(rows, 9),
        .emergency_contact = rows_text(rows, 10, arena),
        .notes = rows_text(rows, 11, arena),
    };
}

static enum err read_one(struct rows *rows, struct arena *arena, struct student *out) {
    bool found = rows_next(rows);
    if (found)
        *out = read_student(rows, arena);
    enum err err = rows_end(rows);
    if (err)
        return err;
    return found ? OK : ERR_NOT_FOUND;
}

/* For the order of a list as people expect it: Ángel before Beatriz. */
struct keyed {
    const char *first_name, *last_name; /* folded */
    struct student student;
};

static int compare_keyed(const void *one, const void *other) {
    const struct keyed *a = one, *b = other;
    if (a->student.is_self != b->student.is_self)
        return a->student.is_self ? -1 : 1;
    int order = strcmp(a->first_name, b->first_name);
    if (order == 0)
        order = strcmp(a->last_name, b->last_name);
    return order ? order : (a->student.id > b->student.id) - (a->student.id < b->student.id);
}

enum err student_by_parent(struct db *db, struct arena *arena, int64_t parent_id, bool archived,
                           struct student_list *out) {
    *out = (struct student_list){0};
    struct keyed *keyed = NULL;
    size_t count = 0;
    struct rows *rows = db_query(db, student_sql[STUDENT_BY_PARENT], V(parent_id), V(archived));
    while (rows_next(rows)) {
        keyed = arena_grow(arena, keyed, count, sizeof(*keyed));
        struct student student = read_student(rows, arena);
        keyed[count++] = (struct keyed){
            .first_name = utf8_fold(arena, student.first_name),
            .last_name = utf8_fold(arena, student.last_name),
            .student = student,
        };
    }
    enum err err = rows_end(rows);
    if (err || count == 0)
        return err;
    qsort(keyed, count, sizeof(*keyed), compare_keyed);
    out->items = arena_array(arena, count, sizeof(*out->items));
    for (; out->count < count; out->count++)
        out->items[out->count] = keyed[out->count].student;
    return OK;
}

enum err student_find(struct db *db, struct arena *arena, int64_t parent_id, int64_t id,
                      struct student *out) {
    return read_one(db_query(db, student_sql[STUDENT_BY_ID], V(id), V(parent_id)), arena, out);
}

enum err student_find_slug(struct db *db, struct arena *arena, int64_t parent_id, const char *slug,
                           struct student *out) {
    return read_one(db_query(db, student_sql[STUDENT_BY_SLUG], V(slug), V(parent_id)), arena, out);
}

enum err student_find_self(struct db *db, struct arena *arena, int64_t account_id,
                           struct student *out) {
    return read_one(db_query(db, student_sql[STUDENT_SELF], V(account_id)), arena, out);
}

enum err student_family(struct db *db, int64_t id, int64_t *account_id) {
    return db_int(db, student_sql[STUDENT_FAMILY], account_id, V(id));
}

enum err student_misfits(struct db *db, struct arena *arena, int64_t id, struct date today,
                         const char ***titles, size_t *count) {
    char day[DATE_TEXT_SIZE];
    date_format(today, day);
    *titles = NULL;
    *count = 0;
    struct rows *rows = db_query(db, student_sql[STUDENT_MISFITS], V(id), V(day));
    while (rows_next(rows)) {
        struct workshop limits = {
            .min_age = rows_null(rows, 1) ? WORKSHOP_NONE : (int)rows_int(rows, 1),
            .max_age = rows_null(rows, 2) ? WORKSHOP_NONE : (int)rows_int(rows, 2),
            .start = person_read_date(rows, 3, arena),
        };
        struct date birth = person_read_date(rows, 4, arena);
        if (workshop_age_fits(&limits, birth, today, NULL) == WORKSHOP_AGE_FITS)
            continue;
        *titles = arena_grow(arena, *titles, *count, sizeof(**titles));
        (*titles)[(*count)++] = rows_text(rows, 0, arena);
    }
    return rows_end(rows);
}
