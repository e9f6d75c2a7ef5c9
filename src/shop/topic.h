/* Topics: the shelves of the catalogue. */
#ifndef SHOP_TOPIC_H
#define SHOP_TOPIC_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include "shop/picture.h"
#include "shop/setting.h"
#include <stddef.h>
#include <stdint.h>

struct shop;

struct topic {
    int64_t id;
    const char *name;
    const char *description; /* NULL: none */
    int color;               /* 1 to 8, of the palette: class topic-N */
    struct picture_ref picture;
    int64_t workshops; /* that the catalogue lists; 0 until topic_count() */
};

struct topics {
    struct topic *items; /* by id */
    size_t count;
};

/* All topics, also those without a workshop. */
enum err topic_list(struct db *db, struct arena *arena, struct topics *out) MUST_CHECK;

/* Fills in how many workshops of each fresh topic the catalogue lists now: for pages that say so,
 * as this one reads an index over the whole catalogue. */
enum err topic_count(struct db *db, const struct settings *settings, int64_t now,
                     struct topics *topics) MUST_CHECK;

/* Deletes a topic that no workshop has, with a line in the trail. ERR_REFUSED: `*workshops` of them
 * have it. ERR_NOT_FOUND: there is none (any more). */
enum err topic_delete(struct shop *shop, struct arena *arena, int64_t actor_id, int64_t id,
                      int64_t *workshops) MUST_CHECK;

#endif
