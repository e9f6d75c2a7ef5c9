/* Look-up in the generated table of countries. */
#include "base/country.h"
#include <string.h>

const char *country_name(enum lang lang, const char *code) {
    size_t from = 0, to = country_table_count;
    while (code && from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(country_table[middle].code, code);
        if (order == 0)
            return country_table[middle].names[lang];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

size_t country_count(void) {
    return country_table_count;
}

const struct country *country_at(enum lang lang, size_t index) {
    return &country_table[country_orders[lang][index]];
}
