/* Names and birth dates, checked in one place. */
#include "shop/person.h"
#include "base/utf8.h"
#include <ctype.h>
#include <string.h>

enum { FIRST_YEAR = 1900 };

enum person_fault person_text(struct arena *arena, const char *typed, size_t max, bool required,
                              const char **out) {
    const char *text = utf8_squeeze(arena, typed ? typed : "");
    *out = *text ? text : NULL;
    if (!*out)
        return required ? PERSON_MISSING : PERSON_FINE;
    return utf8_length(text) > max ? PERSON_TOO_LONG : PERSON_FINE;
}

/* Letters and digits, and whatever is no ASCII. */
static bool is_word(char c) {
    return isalnum((unsigned char)c) || (c & 0x80);
}

static bool holds_address(const char *name) {
    if (strstr(name, "://") || strcasestr(name, "www."))
        return true;
    for (const char *dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.'))
        if (dot - name >= 2 && is_word(dot[-1]) && is_word(dot[-2]) && is_word(dot[1]) &&
            is_word(dot[2]))
            return true;
    return false;
}

enum person_fault person_name(struct arena *arena, const char *typed, size_t max,
                              const char **out) {
    enum person_fault fault = person_text(arena, typed, max, true, out);
    return !fault && holds_address(*out) ? PERSON_ADDRESS : fault;
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
