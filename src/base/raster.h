/* Pictures as pixels: reading JPEG, PNG and WebP already scaled down, turning, shrinking further,
 * writing. Bytes from outside are read only in a process of their own that may come to grief
 * (base/sandbox.h); one thread at a time.
 *
 * Samples are taken as sRGB; colour profiles and every other metadata stay behind. */
#ifndef BASE_RASTER_H
#define BASE_RASTER_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RASTER_SIDE_MAX = 65535,      /* pixels of a side that is read */
    RASTER_PIXELS_MAX = 50000000, /* of a whole picture that is read */
    RASTER_JPEG_QUALITY = 80,
};

enum raster_type {
    RASTER_UNKNOWN,
    RASTER_JPEG,
    RASTER_PNG,
    RASTER_WEBP,
    /* Known, to say it well, but not read. */
    RASTER_HEIC,
    RASTER_GIF,
    RASTER_SVG,
};

enum raster_result {
    RASTER_OK,
    RASTER_NOT_READ,  /* another type, or a moving picture */
    RASTER_DAMAGED,   /* ends early, or is not as its format demands */
    RASTER_TOO_LARGE, /* more pixels than above, or more memory than there is */
    RASTER_TWO_FACED, /* is another kind of file as well */
};

struct raster {
    int width, height;
    bool alpha;      /* some pixel is not opaque */
    uint8_t *pixels; /* R, G, B, A of 8 bits, row by row; malloc */
};

/* What the first bytes say it is. Whatever the file is called. */
enum raster_type raster_sniff(const void *bytes, size_t size);

/* Reads a picture to fit into max_width × max_height as it is meant to be seen (EXIF orientation
 * applied), never enlarged. How much memory that takes depends on the box, except for progressive
 * JPEG, interlaced PNG and lossless WebP. *out is owned by the caller after RASTER_OK. */
enum raster_result raster_read(const void *bytes, size_t size, int max_width, int max_height,
                               struct raster *out) MUST_CHECK;

/* The same picture smaller, `width` ≤ its own. */
bool raster_shrink(const struct raster *raster, int width, struct raster *out) MUST_CHECK;

void raster_write_jpeg(const struct raster *raster, struct buf *out); /* on white */
void raster_write_png(const struct raster *raster, struct buf *out);

void raster_free(struct raster *raster);

/* ---- for the readers of the formats --------------------------------------------------------- */

/* Where a picture of that size ends up in the box. */
struct raster_box {
    int max_width, max_height;
};
bool raster_bounded(uint64_t width, uint64_t height); /* within the limits above, not empty */
void raster_fit(struct raster_box box, int width, int height, int *to_width, int *to_height);

/* Rows go in from the top, each once; the smaller picture is their average by area. */
struct raster_funnel {
    int from_width, from_height;
    struct raster *to;
    uint32_t *row;
    uint64_t *sum;
    int filled, next; /* of the row now summed up; its number */
};
bool raster_funnel_start(struct raster_funnel *funnel, int from_width, int from_height,
                         int to_width, int to_height, struct raster *to) MUST_CHECK;
void raster_funnel_row(struct raster_funnel *funnel, const uint8_t *rgba);
void raster_funnel_end(struct raster_funnel *funnel);

/* EXIF's orientation, 1 to 8 (EXIF 2.3, 4.6.4), out of a TIFF structure; 1 where it says nothing.
 */
int raster_exif_orientation(const uint8_t *tiff, size_t size);
/* Whether width and height change places. */
bool raster_turned(int orientation);
bool raster_orient(struct raster *raster, int orientation) MUST_CHECK;

/* `end`: where the picture ends for its own format. */
enum raster_result raster_jpeg_read(const uint8_t *bytes, size_t size, struct raster_box box,
                                    struct raster *out, size_t *end);
enum raster_result raster_png_read(const uint8_t *bytes, size_t size, struct raster_box box,
                                   struct raster *out, size_t *end);
enum raster_result raster_webp_read(const uint8_t *bytes, size_t size, struct raster_box box,
                                    struct raster *out, size_t *end);

#endif
