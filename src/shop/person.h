/* What a person may say about themselves or a child: names, schools, birth dates. Used inside shop/
 * by accounts and students, which have the words for each fault. */
#ifndef SHOP_PERSON_H
#define SHOP_PERSON_H

#include "base/arena.h"
#include "base/date.h"
#include "db/db.h"
#include <stdbool.h>
#include <stddef.h>

enum person_fault {
    PERSON_FINE,
    PERSON_MISSING,
    PERSON_TOO_LONG,
    PERSON_ADDRESS, /* of the web or of mail, where a name is asked for */
    PERSON_DATE_INVALID,
    PERSON_DATE_IMPLAUSIBLE, /* after `today`, or before 1900 */
    PERSON_FAULTS,
};

/* One line of at most `max` characters, squeezed into *out; NULL there when nothing was given. */
enum person_fault person_text(struct arena *arena, const char *typed, size_t max, bool required,
                              const char **out);

/* The same for a name, which must be there. Names stand in mails that we send to an address before
 * anybody has proven it, and mail programs make links of what looks like one: "://", "www.", or a
 * point between letters, with at least two on each side. Nobody shall send theirs through us. */
enum person_fault person_name(struct arena *arena, const char *typed, size_t max, const char **out);

/* A birth date in ISO text; unset when nothing was given. */
enum person_fault person_birth(const char *typed, struct date today, bool required,
                               struct date *out);

/* A column of a row that holds a date or NULL. */
struct date person_read_date(struct rows *rows, int column, struct arena *arena);

#endif
