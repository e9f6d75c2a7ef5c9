/* The calling codes of the countries that families of a Spanish-speaking school have numbers in. */
#include "base/phone.h"
#include <ctype.h>
#include <stddef.h>
#include <string.h>

enum { DIGITS_MIN = 6, DIGITS_MAX = 15 };

static const struct {
    char country[3];
    const char *code;
} CODES[] = {
    {"AR", "54"},  {"BO", "591"}, {"BR", "55"},  {"CA", "1"},   {"CL", "56"},  {"CO", "57"},
    {"CR", "506"}, {"CU", "53"},  {"DE", "49"},  {"DO", "1"},   {"EC", "593"}, {"ES", "34"},
    {"FR", "33"},  {"GB", "44"},  {"GT", "502"}, {"HN", "504"}, {"IT", "39"},  {"MX", "52"},
    {"NI", "505"}, {"PA", "507"}, {"PE", "51"},  {"PR", "1"},   {"PT", "351"}, {"PY", "595"},
    {"SV", "503"}, {"US", "1"},   {"UY", "598"}, {"VE", "58"},
};

static const char *digits_of(struct arena *arena, const char *phone) {
    char *digits = arena_alloc(arena, strlen(phone) + 1), *out = digits;
    for (const char *p = phone; *p; p++)
        if (isdigit((unsigned char)*p))
            *out++ = *p;
    size_t count = (size_t)(out - digits);
    return count >= DIGITS_MIN && count <= DIGITS_MAX ? digits : NULL;
}

static const char *code_of(const char *country) {
    for (size_t i = 0; country && i < sizeof(CODES) / sizeof(*CODES); i++)
        if (strcmp(CODES[i].country, country) == 0)
            return CODES[i].code;
    return NULL;
}

const char *phone_international(struct arena *arena, const char *phone, const char *country) {
    const char *digits = phone ? digits_of(arena, phone) : NULL, *code = code_of(country);
    if (!digits)
        return NULL;
    if (phone[strspn(phone, " (")] == '+')
        return digits;
    if (strncmp(digits, "00", 2) == 0)
        return digits + 2;
    if (!code)
        return NULL;
    if (strcmp(country, "IT") != 0) /* where a leading 0 belongs to the number */
        digits += strspn(digits, "0");
    return arena_printf(arena, "%s%s", code, digits);
}

const char *phone_dial(struct arena *arena, const char *phone, const char *country) {
    const char *international = phone_international(arena, phone, country);
    if (international)
        return arena_printf(arena, "+%s", international);
    return phone ? digits_of(arena, phone) : NULL;
}
