/* Names and birth dates, checked in one place. */
#include "shop/person.h"
#include "base/utf8.h"

enum { FIRST_YEAR = 1900 };

enum person_fault person_text(struct arena *arena, const char *typed, size_t max, bool required,
                              const char **out) {
    const char *text = utf8_squeeze(arena, typed ? typed : "");
    *out = *text ? text : NULL;
    if (!*out)
        return required ? PERSON_MISSING : PERSON_FINE;
    return utf8_length(text) > max ? PERSON_TOO_LONG : PERSON_FINE;
}

enum person_fault person_birth(const char *typed, struct date today, bool required,
                               struct date *out) {
    *out = (struct date){0};
    if (!typed || !*typed)
        return required ? PERSON_MISSING : PERSON_FINE;
    if (!date_parse(typed, out))
        return PERSON_DATE_INVALID;
    bool plausible = out->year >= FIRST_YEAR && date_compare(*out, today) <= 0;
    return plausible ? PERSON_FINE : PERSON_DATE_IMPLAUSIBLE;
}

struct date person_read_date(struct rows *rows, int column, struct arena *arena) {
    struct date date;
    const char *text = rows_text(rows, column, arena);
    return text && date_parse(text, &date) ? date : (struct date){0};
}
