/* The roster of a workshop: who sits in it, with whom to call; and who came, day by day.
 *
 * A roster holds the confirmed and those whose order waits for payment (its seats are held), by
 * last name; what merely lies in a cart is not on it. `own` is the account that must teach the
 * workshop, 0: any; somebody else's workshop is ERR_NOT_FOUND. Texts live in the arena given. */
#ifndef SHOP_ROSTER_H
#define SHOP_ROSTER_H

#include "base/arena.h"
#include "base/date.h"
#include "base/err.h"
#include "base/i18n.h"
#include "db/db.h"
#include "shop/workshop.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum attendance {
    ATTENDANCE_NONE, /* nobody has said yet */
    ATTENDANCE_PRESENT,
    ATTENDANCE_LATE,
    ATTENDANCE_ABSENT,
    ATTENDANCE_STATES
};

/* "present"; "" for NONE. */
const char *attendance_word(enum attendance state);
/* False for any other word. */
bool attendance_parse(const char *word, enum attendance *state);

struct roster_mark {
    struct date day;
    enum attendance state;
};

struct roster_line {
    int64_t inscription_id, student_id;
    const char *first_name, *last_name;
    struct date birth;
    int age;                               /* on the first day, or today where there is none */
    const char *emergency_contact, *notes; /* NULL: none */
    int64_t account_id;
    const char *parent_first_name;
    const char *parent, *email, *phone, *country; /* of the account; phone and country NULL: none */
    bool is_self;                                 /* the account's own person */
    bool erased;                                  /* the account was: nobody to write to */
    bool has_language; /* the account has chosen one; else the school's */
    enum lang language;
    int64_t order_id;
    const char *code;
    bool paid; /* confirmed; else the order waits for payment until due_at */
    int64_t due_at, price_cents;
    struct roster_mark *marks; /* by day */
    size_t mark_count;
};

struct roster {
    struct workshop workshop;
    struct roster_line *lines;
    size_t count;
    struct workshop_days days; /* it takes place on */
};

enum err roster_read(struct db *db, struct arena *arena, int64_t workshop_id, int64_t own,
                     struct date today, int64_t now, struct roster *out) MUST_CHECK;

/* What was said of that day; NONE where nothing was. */
enum attendance roster_state(const struct roster_line *line, struct date day);

/* The day to ask for first: the latest class day that is not after today, else the first one; unset
 * where there is none. */
struct date roster_day(const struct roster *roster, struct date today);

/* ---- taking attendance ---------------------------------------------------------------------- */

struct attendance_mark {
    int64_t inscription_id;
    enum attendance state; /* NONE takes the mark back */
};

enum attendance_refusal {
    ATTENDANCE_OK,
    ATTENDANCE_NO_DAY,   /* the workshop does not take place on that day */
    ATTENDANCE_STRANGER, /* somebody is not on the roster (any more) */
};

struct attendance_result {
    enum attendance_refusal refusal; /* with ERR_REFUSED: nothing was written */
    int changed;                     /* marks that are different now */
};

/* The marks of a day. */
struct attendance_request {
    int64_t actor_id, own; /* own: as for roster_read */
    int64_t workshop_id;
    struct date day;
    const struct attendance_mark *marks;
    size_t count;
};

/* All at once. */
enum err attendance_save(struct shop *shop, struct arena *arena,
                         const struct attendance_request *request, int64_t now,
                         struct attendance_result *result) MUST_CHECK;

#endif
