/* The trail in words: what its fields are called and how their values read; and the page of one
 * entry. */
#ifndef SITE_ADMIN_TRAIL_H
#define SITE_ADMIN_TRAIL_H

#include "base/out.h"
#include <stdint.h>

struct visit;
struct zone;

/* In templates: {{ x->name | trail_field(e->entity) }} prints "Price" for price_cents of a
 * workshop; {{ x->after | trail_value(e->entity, x->name, currency, zone) }} prints money, moments,
 * dates, flags and chosen words as people read them. What is not known prints as it is stored. */
void filter_trail_field(struct out *o, const char *name, const char *entity);
void filter_trail_value(struct out *o, const char *value, const char *entity, const char *name,
                        const char *currency, const struct zone *zone);
/* "Workshop", as the list of the trail calls it. */
void filter_trail_entity(struct out *o, const char *entity);

/* A page for one entry; the `show` of the noun. */
void trail_show(struct visit *visit, int64_t id);

#endif
