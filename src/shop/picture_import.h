/* Pictures that staff upload: looked at, made small, re-encoded in several sizes without metadata,
 * stored, and put in their place. Nothing of an uploaded file is ever served as it came. */
#ifndef SHOP_PICTURE_IMPORT_H
#define SHOP_PICTURE_IMPORT_H

#include "base/arena.h"
#include "base/err.h"
#include "shop/picture.h"
#include "shop/picture_worker.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shop;

enum { PICTURE_UPLOAD_MAX = 8 << 20 }; /* bytes */

struct picture_upload {
    const void *bytes;
    size_t size;
    const char *filename;     /* as the browser says; NULL or "": not said */
    const char *content_type; /* the same */
};

enum picture_refusal {
    PICTURE_ACCEPTED,
    PICTURE_MISSING,     /* no file, or an empty one */
    PICTURE_TOO_HEAVY,   /* more bytes than above */
    PICTURE_UNKNOWN,     /* no picture, or of a kind not taken */
    PICTURE_HEIC,        /* as telephones make them: there is a way out to tell of */
    PICTURE_SVG,         /* can hold script */
    PICTURE_MISLABELLED, /* a picture of another kind than its name says */
    PICTURE_DAMAGED,     /* ends early, or makes no sense */
    PICTURE_TOO_LARGE,   /* more than 50 megapixels, or takes too much to read */
    PICTURE_TWO_FACED,   /* holds something else as well */
};

/* What is stored of an upload: largest first. */
struct picture_set {
    struct picture sizes[PICTURE_SIZES_MAX];
    size_t count;
};

/* Decodes in a process of its own, at most two at a time: ERR_REFUSED with a refusal, ERR_BUSY when
 * the line is too long. Not inside a transaction and not with a connection on loan: it takes up to
 * seconds. The set lives in the arena. */
enum err picture_prepare(struct arena *arena, const struct picture_upload *upload,
                         enum picture_use use, struct picture_set *out,
                         enum picture_refusal *refusal) MUST_CHECK;

/* N_("…") of a refusal. */
const char *picture_refusal_text(enum picture_refusal refusal);

/* Where a picture goes: into the row `id` of "workshop" or "topic", or into a setting ("logo",
 * "wallet_qr"), whose entity is "setting". */
struct picture_place {
    const char *entity;
    int64_t id;
    const char *setting;
};

/* Stores the set (NULL: takes the picture away), forgets what stood there unless it stands
 * somewhere else too, and leaves the trail. Doing it again changes nothing. ERR_NOT_FOUND: there is
 * no such row. */
enum err picture_place_set(struct shop *shop, int64_t actor_id, const struct picture_place *place,
                           const struct picture_set *set, bool *changed) MUST_CHECK;

/* What is there now; an empty reference where there is none. */
enum err picture_place_get(struct db *db, struct arena *arena, const struct picture_place *place,
                           struct picture_ref *out) MUST_CHECK;

#endif
