/* Reading catalogues that msgfmt compiled (.mo). */
#ifndef TOOLS_MO_H
#define TOOLS_MO_H

#include <stddef.h>

/* Texts point into the catalogue file, which stays in memory. */
struct mo_entry {
    const char *key;           /* msgctxt '\4' msgid */
    const char *many;          /* msgid_plural or NULL */
    const char *text, *plural; /* msgstr[0], msgstr[1] or NULL */
};

struct mo {
    struct mo_entry *entries; /* sorted by key; without the header */
    size_t count;
};

/* Ends the program when the file is not such a catalogue. */
struct mo mo_read(const char *path);

/* NULL if there is none. */
const struct mo_entry *mo_find(const struct mo *mo, const char *key);

/* For qsort. */
int mo_compare(const void *a, const void *b);

#endif
