/* Pictures: stored once by their content, served for ever under a name that never changes its
 * bytes: /media/HASH.EXT. Drawing, scaling and re-encoding are not done here. */
#ifndef SHOP_PICTURE_H
#define SHOP_PICTURE_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"
#include <stddef.h>

enum {
    PICTURE_HASH_SIZE = 33,      /* BLAKE2b-128 as lower-case hex, and its NUL */
    PICTURE_MAX_BYTES = 4 << 20, /* of one stored picture */
    PICTURE_MAX_PIXELS = 8192,   /* of a side */
};

/* Widths in which an uploaded picture is kept besides its own, as far as they are smaller:
 * /media/HASH-640.EXT. */
#define PICTURE_WIDTHS \
    { 320, 640, 960 }

/* How a page shows one; name NULL where there is none. */
struct picture_ref {
    const char *name;  /* "HASH.EXT": behind /media/ */
    int width, height; /* pixels */
};

struct picture {
    const char *content_type; /* image/jpeg, image/png, image/webp, image/svg+xml */
    int width, height;        /* pixels */
    const void *bytes;
    size_t size;
};

/* Stores the picture unless its bytes are there already; `hash` receives its name either way.
 * ERR_INVALID for another content type or a size outside the bounds above. */
enum err picture_put_tx(struct tx *tx, const struct picture *picture,
                        char hash[PICTURE_HASH_SIZE]) MUST_CHECK;

/* The picture of a hash, bytes copied into the arena; ERR_NOT_FOUND for an unknown or malformed
 * one. */
enum err picture_get(struct db *db, struct arena *arena, const char *hash,
                     struct picture *out) MUST_CHECK;

/* The same in one of PICTURE_WIDTHS; the picture itself where it is not kept in that one. */
enum err picture_get_size(struct db *db, struct arena *arena, const char *hash, int width,
                          struct picture *out) MUST_CHECK;

/* Only what a page needs. A NULL or unknown hash gives OK and an empty reference. */
enum err picture_find(struct db *db, struct arena *arena, const char *hash,
                      struct picture_ref *out) MUST_CHECK;

/* The same from a statement of another noun that joins picture: its columns hash, content_type,
 * width, height stand at `column` and behind; all NULL gives an empty reference. */
struct picture_ref picture_ref_read(struct rows *rows, int column, struct arena *arena);

/* "jpg", "png", "webp", "svg"; NULL for a content type that is never stored. */
const char *picture_extension(const char *content_type);

#endif
