/* WebP, by libwebp: scaled while it is read. The container around it (RIFF) is walked here. */
#include "base/raster.h"
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>

enum { RIFF_HEAD = 12, CHUNK_HEAD = 8 };

static size_t little(const uint8_t *p) {
    return (size_t)p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* Where the container ends; 0 when it ends behind the file or a chunk behind the container. */
static size_t container_end(const uint8_t *bytes, size_t size) {
    if (size < RIFF_HEAD)
        return 0;
    size_t end = little(bytes + 4) + CHUNK_HEAD;
    return end >= RIFF_HEAD && end <= size ? end : 0;
}

/* False for a chunk that does not fit into the container. */
static bool read_orientation(const uint8_t *bytes, size_t end, int *orientation) {
    *orientation = 1;
    for (size_t at = RIFF_HEAD; at < end;) {
        if (end - at < CHUNK_HEAD)
            return false;
        size_t size = little(bytes + at + 4), padded = size + (size & 1);
        if (padded > end - at - CHUNK_HEAD)
            return false;
        const uint8_t *tiff = bytes + at + CHUNK_HEAD;
        if (memcmp(bytes + at, "EXIF", 4) == 0) {
            bool named = size > 6 && memcmp(tiff, "Exif\0\0", 6) == 0; /* some writers do */
            *orientation = raster_exif_orientation(tiff + (named ? 6 : 0), size - (named ? 6 : 0));
        }
        at += CHUNK_HEAD + padded;
    }
    return true;
}

static enum raster_result decode(const uint8_t *bytes, size_t end, int width, int height,
                                 struct raster *out) {
    WebPDecoderConfig config;
    size_t row = (size_t)width * 4, size = row * (size_t)height;
    *out = (struct raster){.width = width, .height = height, .pixels = malloc(size)};
    if (!out->pixels || !WebPInitDecoderConfig(&config))
        return RASTER_TOO_LARGE;
    config.options.use_scaling = 1;
    config.options.scaled_width = width;
    config.options.scaled_height = height;
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = (WebPRGBABuffer){out->pixels, (int)row, size};
    VP8StatusCode status = WebPDecode(bytes, end, &config);
    WebPFreeDecBuffer(&config.output);
    for (size_t i = 3; status == VP8_STATUS_OK && !out->alpha && i < size; i += 4)
        out->alpha = out->pixels[i] != 255;
    return status == VP8_STATUS_OK              ? RASTER_OK
           : status == VP8_STATUS_OUT_OF_MEMORY ? RASTER_TOO_LARGE
                                                : RASTER_DAMAGED;
}

enum raster_result raster_webp_read(const uint8_t *bytes, size_t size, struct raster_box box,
                                    struct raster *out, size_t *end) {
    WebPBitstreamFeatures features;
    int orientation, width, height;
    *end = container_end(bytes, size);
    if (!*end || !read_orientation(bytes, *end, &orientation) ||
        WebPGetFeatures(bytes, *end, &features) != VP8_STATUS_OK)
        return RASTER_DAMAGED;
    if (features.has_animation)
        return RASTER_NOT_READ;
    if (!raster_bounded((uint64_t)features.width, (uint64_t)features.height))
        return RASTER_TOO_LARGE;
    if (raster_turned(orientation))
        box = (struct raster_box){box.max_height, box.max_width};
    raster_fit(box, features.width, features.height, &width, &height);
    enum raster_result result = decode(bytes, *end, width, height, out);
    if (result == RASTER_OK && !raster_orient(out, orientation))
        result = RASTER_TOO_LARGE;
    if (result != RASTER_OK)
        raster_free(out);
    return result;
}
