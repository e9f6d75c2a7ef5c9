/* The messages of all templates, collected and written as a gettext template (.pot). */
#ifndef TOOLS_VIEW_POT_H
#define TOOLS_VIEW_POT_H

#include "tools/gen.h"
#include "tools/view_parse.h"

struct view_pot {
    struct view_pot_entry *entries;
    size_t count;
};

/* Ends the program if the same text is used with another plural. */
void view_pot_add(struct view_pot *pot, const char *path, const struct view_message *message);
void view_pot_write(struct view_pot *pot, const char *path);

/* The key of a message in catalogues: context, '\4', text; or the text alone. Heap text. */
char *view_pot_key(const struct view_message *message);

/* The C name of the message with this key in the generated catalogue. Heap text. */
char *view_pot_symbol(const char *key);

#endif
