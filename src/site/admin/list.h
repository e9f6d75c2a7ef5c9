/* What a visitor of a list asks for, shared by the list, its file and its actions. */
#ifndef SITE_ADMIN_LIST_H
#define SITE_ADMIN_LIST_H

#include "site/admin/admin.h"

/* From the address's query, in the arena. Nonsense in a filter counts as not set. */
struct listing_query list_query(struct visit *visit, const struct noun *noun);

/* What a cell shows. */
struct admin_cell list_cell(struct visit *visit, const struct listing_column *column,
                            const struct listing_value *value);

/* Answers with a file of these rows only. */
void list_file(struct visit *visit, const struct noun *noun, const int64_t *ids, size_t count);

#endif
