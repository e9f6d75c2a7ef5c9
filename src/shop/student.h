/* Who sits in a workshop: children of an account, or the account's own person (is_self). Every
 * function takes the account that asks: another family's student is ERR_NOT_FOUND.
 *
 * Operations with `struct shop *` are called without a read connection on loan. ERR_REFUSED comes
 * with result.errors, field by field, in words of student_error_text(). */
#ifndef SHOP_STUDENT_H
#define SHOP_STUDENT_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum {
    STUDENT_NAME_MAX = 80,    /* characters of a first or last name */
    STUDENT_SCHOOL_MAX = 120, /* characters */
    STUDENT_CONTACT_MAX = 160,
    STUDENT_NOTES_MAX = 500,
    STUDENT_LIMIT = 60,     /* not archived, an account */
    STUDENT_SLUG_SIZE = 65, /* the longest, and its NUL; ours are 96 random bits as base64url */
};

struct student {
    int64_t id;
    const char *slug; /* what forms carry */
    int64_t parent_id;
    const char *first_name, *last_name;
    struct date date_of_birth;
    const char *school;                    /* or NULL */
    const char *emergency_contact, *notes; /* whom to call, what to know; or NULL */
    bool is_self;
    bool archived;
    bool has_inscriptions; /* of any kind: cannot be deleted, only archived */
};

struct student_list {
    struct student *items; /* by first name, then last name, then id; the own person first */
    size_t count;
};

/* The account's students: those in use, or the archived ones. */
enum err student_by_parent(struct db *db, struct arena *arena, int64_t parent_id, bool archived,
                           struct student_list *out) MUST_CHECK;
/* One, archived or not. */
enum err student_find(struct db *db, struct arena *arena, int64_t parent_id, int64_t id,
                      struct student *out) MUST_CHECK;
enum err student_find_slug(struct db *db, struct arena *arena, int64_t parent_id, const char *slug,
                           struct student *out) MUST_CHECK;
/* The account's own person; ERR_NOT_FOUND when not a student (yet). */
enum err student_find_self(struct db *db, struct arena *arena, int64_t account_id,
                           struct student *out) MUST_CHECK;

/* Whose student it is, for staff. */
enum err student_family(struct db *db, int64_t id, int64_t *account_id) MUST_CHECK;

/* Titles of the workshops to come whose age limits the student, who has a seat there, does not fit:
 * what staff are told about. */
enum err student_misfits(struct db *db, struct arena *arena, int64_t id, struct date today,
                         const char ***titles, size_t *count) MUST_CHECK;

/* As typed; NULL and "" both mean "not given". */
struct student_input {
    const char *first_name, *last_name; /* required */
    const char *date_of_birth;          /* required; ISO text */
    const char *school;
    const char *emergency_contact, *notes;
};

enum student_field {
    STUDENT_FIELD_FORM, /* the whole form */
    STUDENT_FIELD_FIRST_NAME,
    STUDENT_FIELD_LAST_NAME,
    STUDENT_FIELD_DATE_OF_BIRTH,
    STUDENT_FIELD_SCHOOL,
    STUDENT_FIELD_EMERGENCY_CONTACT,
    STUDENT_FIELD_NOTES,
    STUDENT_FIELDS,
};

enum student_error {
    STUDENT_FINE,
    STUDENT_REQUIRED,
    STUDENT_TOO_LONG,
    STUDENT_NAME_ADDRESS, /* of the web or of mail */
    STUDENT_DATE_INVALID,
    STUDENT_DATE_IMPLAUSIBLE, /* in the future, or before 1900 */
    STUDENT_DUPLICATE,        /* same name (whatever case and accents) and birth date */
    STUDENT_DUPLICATE_ARCHIVED,
    STUDENT_AGE_LIMIT, /* has a seat that would no longer fit the new birth date */
    STUDENT_NOT_ADULT, /* the account's own person, an adult student, must be 18 */
    STUDENT_TOO_MANY,
    STUDENT_IN_USE, /* deleting: has inscriptions */
    STUDENT_ERRORS,
};

struct student_result {
    enum student_error errors[STUDENT_FIELDS];
    int64_t id;
    char slug[STUDENT_SLUG_SIZE];
};

const char *student_field_name(enum student_field field); /* "first_name" …; "" for the form */
const char *student_error_text(enum student_error error); /* English, for tr(); NULL for FINE */

/* A repeat of the very same form within a minute is a double click: OK, with the first one's id. */
enum err student_create(struct shop *shop, int64_t parent_id, const struct student_input *input,
                        int64_t now, struct student_result *result) MUST_CHECK;

/* The account's own person becomes a student, in one tap. `date_of_birth` may be NULL where the
 * account has one; else STUDENT_REQUIRED on that field. A repeat is OK and gives the same id. */
enum err student_add_self(struct shop *shop, int64_t account_id, const char *date_of_birth,
                          int64_t now, struct student_result *result) MUST_CHECK;

/* A new birth date is refused when a held or confirmed seat in a workshop that is not over would
 * no longer fit its age limits: the school decides that. Of the own person the account follows. */
enum err student_edit(struct shop *shop, int64_t parent_id, int64_t id,
                      const struct student_input *input, int64_t now,
                      struct student_result *result) MUST_CHECK;

/* Hides a student from the lists, or brings one back. Inscriptions are not touched. */
enum err student_archive(struct shop *shop, int64_t parent_id, int64_t id, bool archived,
                         int64_t now, struct student_result *result) MUST_CHECK;

/* Only one that never had an inscription; else ERR_REFUSED, STUDENT_IN_USE. */
enum err student_delete(struct shop *shop, int64_t parent_id, int64_t id,
                        struct student_result *result) MUST_CHECK;

/* ---- steps of larger transactions ------------------------------------------------------------ */

/* The account's own person becomes a student, at sign-up. All is checked already. */
enum err student_create_self_tx(struct tx *tx, int64_t account_id, const char *first_name,
                                const char *last_name, struct date date_of_birth,
                                const char *school, int64_t now) MUST_CHECK;

/* The own person's record, if there is one, follows what the account now says; an unset date and a
 * NULL school stay as they were. ERR_REFUSED: a seat would no longer fit the new birth date. */
enum err student_follow_account_tx(struct tx *tx, int64_t account_id, const char *first_name,
                                   const char *last_name, struct date date_of_birth,
                                   const char *school, struct date today, int64_t now) MUST_CHECK;

#endif
