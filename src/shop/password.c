/* The rules of shop/password.h. A password is taken apart into letters, digits and signs in a few
 * ways (as it stands, and with l33t undone); it is common when in one of them the letters are a
 * well-known word and the rest is what people put around one. */
#include "shop/password.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "shop/password_roots.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    UNIT_MAX = 5,       /* repeating so short a piece makes no password */
    FREE_DIGITS = 4,    /* that many digits around a word are no secret, whatever they are */
    FREE_SIGNS = 2,     /* around two words glued together */
    PERSONAL_MIN = 4,   /* shorter names count only as the whole word: Ana, not mañana */
    ROOT_MIN = 3,       /* fewer letters are no word to speak of */
    DISTINCT_MIN = 4,   /* different characters */
    WALK_MIN_LENGTH = 4 /* letters in a row of the keyboard */
};

/* Rows, columns and numeric pad; each is walked in both directions. */
static const char *const WALKS[] = {
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "azertyuiopqsdfghjklmwxcvbn",
    "01234567890123456789",
    "147258369",
    "159357",
    "159753",
    "741852963",
};

struct parts {
    char *letters, *digits;
    size_t rest; /* digits and signs that are no letters, in bytes */
};

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* What a digit or sign stands for in l33t, else the character itself. 1 is i or l. */
static char unleet(char c, char one) {
    static const char from[] = "0345789@$!|+", to[] = "oeastbgasilt";
    if (c == '1')
        return one;
    const char *at = strchr(from, c);
    return c && at ? to[at - from] : c;
}

enum reading { AS_IT_STANDS, LEET_INSIDE, LEET_EVERYWHERE };

static struct parts take_apart(struct arena *arena, const char *folded, enum reading reading,
                               char one) {
    size_t length = strlen(folded), first = 0, last = length;
    struct parts parts = {arena_alloc(arena, length + 1), arena_alloc(arena, length + 1), 0};
    while (first < length && !is_letter(folded[first]))
        first++;
    while (last > first && !is_letter(folded[last - 1]))
        last--;
    size_t letters = 0, digits = 0;
    for (size_t i = 0; i < length; i++) {
        bool inside = i >= first && i < last;
        bool end_mark = !inside && strchr("!|+", folded[i]); /* means itself */
        bool undo = reading == LEET_EVERYWHERE ? !end_mark : reading == LEET_INSIDE && inside;
        char c = undo ? unleet(folded[i], one) : folded[i];
        if (is_letter(c)) {
            parts.letters[letters++] = c;
            continue;
        }
        parts.rest++;
        if (is_digit(c))
            parts.digits[digits++] = c;
    }
    return parts;
}

/* The length of the shortest piece whose repetition is the text. */
static size_t unit_length(const char *text) {
    size_t length = strlen(text);
    for (size_t unit = 1; unit < length; unit++)
        if (length % unit == 0 && memcmp(text, text + unit, length - unit) == 0)
            return unit;
    return length;
}

static bool is_repetition(const char *text) {
    size_t unit = unit_length(text);
    return unit <= UNIT_MAX && unit < strlen(text);
}

static bool is_walk(struct arena *arena, const char *text) {
    size_t length = strlen(text);
    char *backwards = arena_alloc(arena, length + 1);
    for (size_t i = 0; i < length; i++)
        backwards[i] = text[length - 1 - i];
    for (size_t i = 0; length >= WALK_MIN_LENGTH && i < ARRAY_COUNT(WALKS); i++)
        if (strstr(WALKS[i], text) || strstr(WALKS[i], backwards))
            return true;
    return false;
}

static int number(const char *digits, int count) {
    int n = 0;
    for (int i = 0; i < count; i++)
        n = n * 10 + (digits[i] - '0');
    return n;
}

/* A birthday or another date: ddmmyy, ddmmyyyy, yyyymmdd. */
static bool is_date(const char *digits) {
    static const struct {
        size_t length;
        int day, month, year; /* where they begin; year -1: two digits, any */
    } SHAPES[] = {{6, 0, 2, -1}, {8, 0, 2, 4}, {8, 6, 4, 0}};
    size_t length = strlen(digits);
    for (size_t i = 0; i < ARRAY_COUNT(SHAPES); i++) {
        if (length != SHAPES[i].length)
            continue;
        int day = number(digits + SHAPES[i].day, 2), month = number(digits + SHAPES[i].month, 2);
        int year = SHAPES[i].year < 0 ? 2000 : number(digits + SHAPES[i].year, 4);
        if (day >= 1 && day <= 31 && month >= 1 && month <= 12 && year >= 1900 && year <= 2099)
            return true;
    }
    return false;
}

static bool digits_predictable(struct arena *arena, const char *digits) {
    return strlen(digits) <= FREE_DIGITS || is_walk(arena, digits) || is_date(digits);
}

static int compare_root(const void *key, const void *element) {
    return strcmp(key, *(const char *const *)element);
}

static bool is_root(const char *word) {
    return bsearch(word, password_roots, password_root_count, sizeof(*password_roots),
                   compare_root) != NULL;
}

static bool is_two_words(struct arena *arena, const char *letters) {
    for (size_t cut = 3; cut + 3 <= strlen(letters) && cut < 32; cut++)
        if (is_root(arena_strndup(arena, letters, cut)) && is_root(letters + cut))
            return true;
    return false;
}

static bool parts_common(struct arena *arena, const struct parts *parts) {
    const char *letters = parts->letters;
    if (parts->rest <= FREE_SIGNS && is_two_words(arena, letters))
        return true;
    /* Again and again is no better than once. */
    const char *word = arena_strndup(arena, letters, unit_length(letters));
    const char *digits = arena_strndup(arena, parts->digits, unit_length(parts->digits));
    bool known = strlen(word) < ROOT_MIN || is_repetition(letters) || is_walk(arena, word) ||
                 is_root(word) || is_root(letters);
    return known && digits_predictable(arena, digits);
}

static size_t distinct_bytes(const char *text) {
    bool seen[256] = {false};
    size_t count = 0;
    for (; *text; text++) {
        count += !seen[(unsigned char)*text];
        seen[(unsigned char)*text] = true;
    }
    return count;
}

/* ---- the person's own ------------------------------------------------------------------------ */

static bool made_of(struct arena *arena, const char *folded, const char *name) {
    const char *letters = take_apart(arena, folded, LEET_EVERYWHERE, 'i').letters;
    if (strlen(name) >= PERSONAL_MIN)
        return strstr(folded, name) || strstr(letters, name);
    letters = take_apart(arena, folded, AS_IT_STANDS, 'i').letters;
    return *name && strcmp(arena_strndup(arena, letters, unit_length(letters)), name) == 0;
}

static bool made_of_names(struct arena *arena, const char *folded, const char *names) {
    char *words = utf8_fold(arena, names ? names : ""), *rest = NULL;
    for (char *word = strtok_r(words, " -'.", &rest); word; word = strtok_r(NULL, " -'.", &rest))
        if (made_of(arena, folded, word))
            return true;
    return false;
}

static bool is_personal(struct arena *arena, const char *folded,
                        const struct password_owner *owner) {
    const char *email = owner->email ? owner->email : "";
    const char *local = arena_strndup(arena, email, strcspn(email, "@"));
    return made_of(arena, folded, utf8_fold(arena, local)) ||
           made_of_names(arena, folded, owner->first_name) ||
           made_of_names(arena, folded, owner->last_name);
}

static bool is_common(struct arena *arena, const char *folded) {
    static const struct {
        enum reading reading;
        char one;
    } READINGS[] = {{AS_IT_STANDS, 'i'},
                    {LEET_INSIDE, 'i'},
                    {LEET_INSIDE, 'l'},
                    {LEET_EVERYWHERE, 'i'},
                    {LEET_EVERYWHERE, 'l'}};
    if (distinct_bytes(folded) < DISTINCT_MIN || is_repetition(folded) || is_walk(arena, folded))
        return true;
    for (size_t i = 0; i < ARRAY_COUNT(READINGS); i++) {
        struct parts parts = take_apart(arena, folded, READINGS[i].reading, READINGS[i].one);
        if (parts_common(arena, &parts))
            return true;
    }
    return false;
}

enum password_fault password_check(const char *password, const struct password_owner *owner) {
    if (utf8_length(password) < PASSWORD_MIN)
        return PASSWORD_SHORT;
    if (strlen(password) > PASSWORD_MAX)
        return PASSWORD_LONG;
    struct arena *arena = arena_create();
    const char *folded = utf8_fold(arena, password);
    enum password_fault fault = is_personal(arena, folded, owner) ? PASSWORD_PERSONAL
                                : is_common(arena, folded)        ? PASSWORD_COMMON
                                                                  : PASSWORD_GOOD;
    arena_destroy(arena);
    return fault;
}
