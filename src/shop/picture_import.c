/* From an upload to stored pictures. What the decoding process answers is believed no further than
 * it can be checked here: whoever takes it over by a file can only hand over another picture. */
#include "shop/picture_import.h"
#include "base/child.h"
#include "base/clock.h"
#include "base/i18n.h"
#include "base/raster.h"
#include "shop/audit.h"
#include "shop/picture_sql.h"
#include "shop/shop.h"
#include <pthread.h>
#include <string.h>

enum {
    AT_ONCE = 2,
    LINE_SECONDS = 20, /* in line for one of those */
    DECODE_SECONDS = 15,
    ANSWER_MAX = 12 << 20,
};

/* ---- what it is ----------------------------------------------------------------------------- */

static const struct {
    enum raster_type type;
    const char *extensions[5], *content_type;
} LABELS[] = {
    {RASTER_JPEG, {"jpg", "jpeg", "jpe", "jfif"}, "image/jpeg"},
    {RASTER_PNG, {"png"}, "image/png"},
    {RASTER_WEBP, {"webp"}, "image/webp"},
};

static bool has_extension(const char *filename, const char *const extensions[]) {
    const char *dot = filename ? strrchr(filename, '.') : NULL;
    for (size_t i = 0; dot && extensions[i]; i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0)
            return true;
    return false;
}

/* A name without an extension and a type that says nothing are no lie. */
static bool mislabelled(const struct picture_upload *upload, enum raster_type type) {
    const char *dot = upload->filename ? strrchr(upload->filename, '.') : NULL;
    const char *claim = upload->content_type;
    bool named = !dot || !dot[1], claimed = !claim || strncasecmp(claim, "image/", 6) != 0;
    for (size_t i = 0; i < ARRAY_COUNT(LABELS); i++) {
        if (LABELS[i].type != type)
            continue;
        named |= has_extension(upload->filename, LABELS[i].extensions);
        claimed |= claim && strcasecmp(claim, LABELS[i].content_type) == 0;
    }
    return !named || !claimed;
}

static enum picture_refusal look_at(const struct picture_upload *upload) {
    if (!upload->bytes || upload->size == 0)
        return PICTURE_MISSING;
    if (upload->size > PICTURE_UPLOAD_MAX)
        return PICTURE_TOO_HEAVY;
    enum raster_type type = raster_sniff(upload->bytes, upload->size);
    switch (type) {
    case RASTER_JPEG:
    case RASTER_PNG:
    case RASTER_WEBP:
        return mislabelled(upload, type) ? PICTURE_MISLABELLED : PICTURE_ACCEPTED;
    case RASTER_HEIC:
        return PICTURE_HEIC;
    case RASTER_SVG:
        return PICTURE_SVG;
    case RASTER_GIF:
    case RASTER_UNKNOWN:
        break;
    }
    return PICTURE_UNKNOWN;
}

const char *picture_refusal_text(enum picture_refusal refusal) {
    switch (refusal) {
    case PICTURE_ACCEPTED:
        break;
    case PICTURE_MISSING:
        return N_("Please choose a picture.");
    case PICTURE_TOO_HEAVY:
        return N_("This file is larger than 8 MB. Please choose a smaller one.");
    case PICTURE_UNKNOWN:
        return N_("This is not a picture we can take. Please choose a JPEG, PNG or WebP file.");
    case PICTURE_HEIC:
        return N_("This picture is in the HEIC format of phones. Please share it as JPEG and try"
                  " again.");
    case PICTURE_SVG:
        return N_("SVG drawings are not taken. Please export it as PNG and try again.");
    case PICTURE_MISLABELLED:
        return N_("This picture is of another kind than its name says. Please save it again as"
                  " JPEG, PNG or WebP.");
    case PICTURE_DAMAGED:
        return N_("This picture is damaged or incomplete. Please choose another one, or save it"
                  " again.");
    case PICTURE_TOO_LARGE:
        return N_("This picture has too many pixels. Please make it smaller: 50 megapixels at"
                  " most.");
    case PICTURE_TWO_FACED:
        return N_("This file holds something else besides the picture. Please save the picture"
                  " again and choose that one.");
    }
    return NULL;
}

/* ---- decoding elsewhere --------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    int running;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .freed = PTHREAD_COND_INITIALIZER};

static bool gate_enter(void) {
    const struct timespec deadline = clock_deadline(LINE_SECONDS * INT64_C(1000000));
    int late = 0;
    pthread_mutex_lock(&gate.lock);
    while (gate.running >= AT_ONCE && !late)
        late = pthread_cond_clockwait(&gate.freed, &gate.lock, CLOCK_MONOTONIC, &deadline);
    bool entered = gate.running < AT_ONCE;
    gate.running += entered;
    pthread_mutex_unlock(&gate.lock);
    return entered;
}

static void gate_leave(void) {
    pthread_mutex_lock(&gate.lock);
    gate.running--;
    pthread_cond_signal(&gate.freed);
    pthread_mutex_unlock(&gate.lock);
}

static enum picture_refusal refusal_of(uint32_t result) {
    switch ((enum raster_result)result) {
    case RASTER_OK:
        return PICTURE_ACCEPTED;
    case RASTER_NOT_READ:
        return PICTURE_UNKNOWN;
    case RASTER_TOO_LARGE:
        return PICTURE_TOO_LARGE;
    case RASTER_TWO_FACED:
        return PICTURE_TWO_FACED;
    case RASTER_DAMAGED:
        break;
    }
    return PICTURE_DAMAGED;
}

/* One size of the answer; false for what no honest process would say. */
static bool take_size(const struct picture_answer *answer, size_t i, const char **at, size_t *left,
                      struct picture *out) {
    size_t size = answer->sizes[i].bytes;
    if (size == 0 || size > *left || size > PICTURE_MAX_BYTES ||
        answer->sizes[i].width - 1 >= PICTURE_MAX_PIXELS ||
        answer->sizes[i].height - 1 >= PICTURE_MAX_PIXELS)
        return false;
    enum raster_type type = raster_sniff(*at, size);
    if (type != (answer->sizes[i].png ? RASTER_PNG : RASTER_JPEG))
        return false;
    *out = (struct picture){.content_type = type == RASTER_PNG ? "image/png" : "image/jpeg",
                            .width = (int)answer->sizes[i].width,
                            .height = (int)answer->sizes[i].height,
                            .bytes = *at,
                            .size = size};
    *at += size;
    *left -= size;
    return true;
}

static enum picture_refusal take_answer(const char *bytes, size_t size, struct picture_set *out) {
    struct picture_answer answer;
    if (size < sizeof(answer))
        return PICTURE_DAMAGED;
    memcpy(&answer, bytes, sizeof(answer));
    bytes += sizeof(answer);
    size -= sizeof(answer);
    enum picture_refusal refusal = refusal_of(answer.result);
    if (refusal != PICTURE_ACCEPTED)
        return refusal;
    if (answer.count < 1 || answer.count > PICTURE_SIZES_MAX)
        return PICTURE_DAMAGED;
    for (out->count = 0; out->count < answer.count; out->count++)
        if (!take_size(&answer, out->count, &bytes, &size, &out->sizes[out->count]))
            return PICTURE_DAMAGED;
    return PICTURE_ACCEPTED;
}

enum err picture_prepare(struct arena *arena, const struct picture_upload *upload,
                         enum picture_use use, struct picture_set *out,
                         enum picture_refusal *refusal) {
    const void *answer;
    size_t size;
    *refusal = look_at(upload);
    if (*refusal != PICTURE_ACCEPTED)
        return ERR_REFUSED;
    if (!gate_enter())
        return ERR_BUSY;
    enum err err = child_run(&(struct child){.command = PICTURE_WORKER,
                                             .argument = use == PICTURE_DRAWING ? "1" : "0",
                                             .input = upload->bytes,
                                             .input_size = upload->size,
                                             .output_max = ANSWER_MAX,
                                             .seconds = DECODE_SECONDS},
                             arena, &answer, &size);
    gate_leave();
    /* It ran out of memory or time, or something in the file ended it. */
    if (err == ERR_REFUSED)
        *refusal = PICTURE_TOO_LARGE;
    if (!err)
        *refusal = take_answer(answer, size, out);
    return err ? err : *refusal == PICTURE_ACCEPTED ? OK : ERR_REFUSED;
}

/* ---- storing -------------------------------------------------------------------------------- */

struct placing {
    const struct picture_place *place;
    const struct picture_set *set;
    int64_t actor_id;
    bool changed;
};

/* The largest is the picture; the others are its sizes. */
static enum err put_set_tx(struct tx *tx, const struct picture_set *set,
                           char hash[PICTURE_HASH_SIZE]) {
    char smaller[PICTURE_HASH_SIZE];
    enum err err = picture_put_tx(tx, &set->sizes[0], hash);
    for (size_t i = 1; !err && i < set->count; i++) {
        err = picture_put_tx(tx, &set->sizes[i], smaller);
        if (!err)
            err = tx_exec(tx, picture_sql[PICTURE_PUT_SIZE], V(hash), V(set->sizes[i].width),
                          V(smaller));
    }
    return err;
}

/* The hash that stands there; NULL: none. */
static enum err read_hash(struct db *db, struct arena *arena, const struct picture_place *place,
                          const char **out) {
    bool setting = strcmp(place->entity, "setting") == 0;
    bool topic = strcmp(place->entity, "topic") == 0;
    struct rows *rows =
        setting ? db_query(db, picture_sql[PICTURE_OF_SETTING], V(place->setting))
                : db_query(db, picture_sql[topic ? PICTURE_OF_TOPIC : PICTURE_OF_WORKSHOP],
                           V(place->id));
    bool found = rows_next(rows);
    *out = found ? rows_text(rows, 0, arena) : NULL;
    enum err err = rows_end(rows);
    return err || found || setting ? err : ERR_NOT_FOUND;
}

static enum err write_hash_tx(struct tx *tx, const struct picture_place *place, const char *hash) {
    if (strcmp(place->entity, "setting") == 0)
        return setting_set_tx(tx, place->setting, hash);
    bool topic = strcmp(place->entity, "topic") == 0;
    return tx_exec(tx, picture_sql[topic ? PICTURE_SET_TOPIC : PICTURE_SET_WORKSHOP], V(hash),
                   V(place->id));
}

/* What nothing shows any more goes: somebody wanted the picture of a child taken away. */
static enum err forget_tx(struct tx *tx, struct arena *arena, const char *hash) {
    const char *sizes[PICTURE_SIZES_MAX];
    size_t count = 0;
    struct rows *rows = db_query(tx_db(tx), picture_sql[PICTURE_SIZES], V(hash));
    while (count < PICTURE_SIZES_MAX && rows_next(rows))
        sizes[count++] = rows_text(rows, 0, arena);
    enum err err = rows_end(rows);
    if (!err)
        err = tx_exec(tx, picture_sql[PICTURE_FORGET], V(hash));
    for (size_t i = 0; !err && i < count; i++)
        err = tx_exec(tx, picture_sql[PICTURE_FORGET], V(sizes[i]));
    return err;
}

static enum err place_in(struct tx *tx, struct arena *arena, struct placing *p) {
    char hash[PICTURE_HASH_SIZE];
    const char *before, *after = p->set ? hash : NULL;
    enum err err = read_hash(tx_db(tx), arena, p->place, &before);
    if (!err && p->set)
        err = put_set_tx(tx, p->set, hash);
    p->changed = !err && (before && after ? strcmp(before, after) != 0 : before != after);
    if (!p->changed)
        return err;
    err = write_hash_tx(tx, p->place, after);
    if (!err && before)
        err = forget_tx(tx, arena, before);
    if (err)
        return err;
    struct audit_field field = {p->place->setting ? p->place->setting : "picture_hash", before,
                                after, false};
    return audit_change_tx(tx, p->actor_id, "edit", p->place->entity, p->place->id, &field, 1);
}

static enum err place_tx(struct tx *tx, void *arg) {
    struct arena *arena = arena_create();
    enum err err = place_in(tx, arena, arg);
    arena_destroy(arena);
    return err;
}

enum err picture_place_set(struct shop *shop, int64_t actor_id, const struct picture_place *place,
                           const struct picture_set *set, bool *changed) {
    struct placing placing = {.place = place, .set = set, .actor_id = actor_id};
    enum err err = store_write(shop->store, place_tx, &placing);
    *changed = placing.changed;
    return err;
}

enum err picture_place_get(struct db *db, struct arena *arena, const struct picture_place *place,
                           struct picture_ref *out) {
    const char *hash = NULL;
    *out = (struct picture_ref){0};
    enum err err = read_hash(db, arena, place, &hash);
    return err ? err : picture_find(db, arena, hash, out);
}
