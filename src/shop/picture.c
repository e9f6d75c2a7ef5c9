/* Keeping and finding pictures by their content. */
#include "shop/picture.h"
#include "base/secret.h"
#include "shop/picture_sql.h"
#include <stdbool.h>
#include <string.h>

static const struct {
    const char *content_type, *extension;
} TYPES[] = {
    {"image/jpeg", "jpg"},
    {"image/png", "png"},
    {"image/webp", "webp"},
    {"image/svg+xml", "svg"},
};

const char *picture_extension(const char *content_type) {
    for (size_t i = 0; i < ARRAY_COUNT(TYPES); i++)
        if (strcmp(TYPES[i].content_type, content_type) == 0)
            return TYPES[i].extension;
    return NULL;
}

static bool storable(const struct picture *picture) {
    return picture_extension(picture->content_type) && picture->size > 0 &&
           picture->size <= PICTURE_MAX_BYTES && picture->width > 0 &&
           picture->width <= PICTURE_MAX_PIXELS && picture->height > 0 &&
           picture->height <= PICTURE_MAX_PIXELS;
}

static void name_by_content(const struct picture *picture, char hash[PICTURE_HASH_SIZE]) {
    static const char HEX[] = "0123456789abcdef";
    uint8_t digest[SECRET_DIGEST_SIZE];
    secret_digest(picture->bytes, picture->size, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        hash[2 * i] = HEX[digest[i] >> 4];
        hash[2 * i + 1] = HEX[digest[i] & 15];
    }
    hash[2 * sizeof(digest)] = '\0';
}

enum err picture_put_tx(struct tx *tx, const struct picture *picture,
                        char hash[PICTURE_HASH_SIZE]) {
    if (!storable(picture))
        return ERR_INVALID;
    name_by_content(picture, hash);
    return tx_exec(tx, picture_sql[PICTURE_PUT], V(hash), V(picture->content_type),
                   V(picture->width), V(picture->height), V_BLOB(picture->bytes, picture->size));
}

static enum err read_picture(struct rows *rows, struct arena *arena, struct picture *out) {
    bool found = false;
    *out = (struct picture){0};
    if (rows_next(rows)) {
        out->content_type = rows_text(rows, 0, arena);
        out->width = (int)rows_int(rows, 1);
        out->height = (int)rows_int(rows, 2);
        out->bytes = rows_blob(rows, 3, arena, &out->size);
        found = true;
    }
    enum err err = rows_end(rows);
    return err ? err : found ? OK : ERR_NOT_FOUND;
}

enum err picture_get(struct db *db, struct arena *arena, const char *hash, struct picture *out) {
    return read_picture(db_query(db, picture_sql[PICTURE_BY_HASH], V(hash)), arena, out);
}

enum err picture_get_size(struct db *db, struct arena *arena, const char *hash, int width,
                          struct picture *out) {
    struct rows *rows = db_query(db, picture_sql[PICTURE_BY_SIZE], V(hash), V(width));
    enum err err = read_picture(rows, arena, out);
    return err == ERR_NOT_FOUND ? picture_get(db, arena, hash, out) : err;
}

struct picture_ref picture_ref_read(struct rows *rows, int column, struct arena *arena) {
    if (rows_null(rows, column + 1))
        return (struct picture_ref){0};
    const char *extension = picture_extension(rows_text(rows, column + 1, arena));
    return (struct picture_ref){
        .name = arena_printf(arena, "%s.%s", rows_text(rows, column, arena), extension),
        .width = (int)rows_int(rows, column + 2),
        .height = (int)rows_int(rows, column + 3),
    };
}

enum err picture_find(struct db *db, struct arena *arena, const char *hash,
                      struct picture_ref *out) {
    *out = (struct picture_ref){0};
    if (!hash)
        return OK;
    struct rows *rows = db_query(db, picture_sql[PICTURE_REF_BY_HASH], V(hash));
    if (rows_next(rows))
        *out = picture_ref_read(rows, 0, arena);
    return rows_end(rows);
}
