/* The stack of open elements of a template: what nests, what need not be closed. */
#ifndef TOOLS_VIEW_ELEMENT_H
#define TOOLS_VIEW_ELEMENT_H

#include "tools/view_html.h"

/* The start tag or end tag of h->name is complete. */
void element_open(struct html *h);
void element_close(struct html *h);

/* Whether white space behind the tag of h->name is never seen: it begins or ends a block. */
bool element_is_block(const struct html *h);

bool element_in_svg(const struct html *h);
bool element_in_preformatted(const struct html *h); /* white space counts */

/* Both branches leave the same elements open, or the program ends. */
void element_join(const struct html *a, const struct html *b);
/* Nothing is open at the end, or the program ends. */
void element_finish(const struct html *h);

#endif
