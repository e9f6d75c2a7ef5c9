/* Countries of ISO 3166-1 with their names in English and Spanish (iso-codes, embedded at build by
 * src/tools/countryc). Immutable, any thread. */
#ifndef BASE_COUNTRY_H
#define BASE_COUNTRY_H

#include "base/i18n.h"
#include <stddef.h>
#include <stdint.h>

struct country {
    char code[3]; /* ISO 3166-1 alpha-2: "PE" */
    const char *names[LANG_COUNT];
};

/* The name of the country with this code, upper case; NULL if there is none. */
const char *country_name(enum lang lang, const char *code);

/* All countries in the alphabetical order of a language, for lists; index below country_count(). */
size_t country_count(void);
const struct country *country_at(enum lang lang, size_t index);

/* The generated tables: sorted by code, and the order of each language. */
extern const struct country country_table[];
extern const size_t country_table_count;
extern const uint16_t *const country_orders[LANG_COUNT];

#endif
