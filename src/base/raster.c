/* What all formats share: sizes, averaging, turning, and what else may hide in a file. */
#include "base/raster.h"
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 4 };

void raster_free(struct raster *raster) {
    free(raster->pixels);
    *raster = (struct raster){0};
}

bool raster_bounded(uint64_t width, uint64_t height) {
    return width > 0 && height > 0 && width <= RASTER_SIDE_MAX && height <= RASTER_SIDE_MAX &&
           width * height <= RASTER_PIXELS_MAX;
}

static int at_least_one(int64_t n) {
    return n < 1 ? 1 : (int)n;
}

void raster_fit(struct raster_box box, int width, int height, int *to_width, int *to_height) {
    *to_width = width;
    *to_height = height;
    if (*to_width > box.max_width) {
        *to_width = box.max_width;
        *to_height = at_least_one(((int64_t)height * box.max_width + width / 2) / width);
    }
    if (*to_height > box.max_height) {
        *to_height = box.max_height;
        *to_width = at_least_one(((int64_t)width * box.max_height + height / 2) / height);
    }
}

/* ---- averaging ------------------------------------------------------------------------------ */

/* In units in which a pixel that comes is to->width wide and one that leaves from_width, no pixel
 * that comes touches more than two. Colours count by their opacity. The sums cannot overflow:
 * 255² × RASTER_SIDE_MAX < 2³². */
bool raster_funnel_start(struct raster_funnel *f, int from_width, int from_height, int to_width,
                         int to_height, struct raster *to) {
    size_t samples = (size_t)to_width * CHANNELS;
    *to = (struct raster){
        .width = to_width, .height = to_height, .pixels = malloc(samples * (size_t)to_height)};
    *f = (struct raster_funnel){.from_width = from_width,
                                .from_height = from_height,
                                .to = to,
                                .row = malloc(samples * sizeof(*f->row)),
                                .sum = calloc(samples, sizeof(*f->sum))};
    if (to->pixels && f->row && f->sum)
        return true;
    raster_funnel_end(f);
    raster_free(to);
    return false;
}

void raster_funnel_end(struct raster_funnel *f) {
    free(f->row);
    free(f->sum);
    f->row = NULL;
    f->sum = NULL;
}

static void add_pixel(uint32_t *row, const uint8_t *rgba, uint32_t weight) {
    uint32_t opacity = rgba[3] * weight;
    row[0] += rgba[0] * opacity;
    row[1] += rgba[1] * opacity;
    row[2] += rgba[2] * opacity;
    row[3] += opacity;
}

static void sum_across(struct raster_funnel *f, const uint8_t *rgba) {
    int each = f->to->width, room = f->from_width;
    uint32_t *row = f->row;
    memset(row, 0, (size_t)f->to->width * CHANNELS * sizeof(*row));
    for (int x = 0; x < f->from_width; x++, rgba += CHANNELS) {
        int here = each < room ? each : room;
        add_pixel(row, rgba, (uint32_t)here);
        room -= here;
        if (room > 0)
            continue;
        row += CHANNELS;
        room = f->from_width - (each - here);
        if (each > here)
            add_pixel(row, rgba, (uint32_t)(each - here));
    }
}

static void add_row(struct raster_funnel *f, int weight) {
    size_t samples = (size_t)f->to->width * CHANNELS;
    for (size_t i = 0; i < samples; i++)
        f->sum[i] += (uint64_t)f->row[i] * (uint64_t)weight;
    f->filled += weight;
}

static void put_row(struct raster_funnel *f) {
    struct raster *to = f->to;
    uint8_t *out = to->pixels + (size_t)f->next++ * (size_t)to->width * CHANNELS;
    uint64_t whole = (uint64_t)f->from_width * (uint64_t)f->from_height;
    for (int x = 0; x < to->width; x++, out += CHANNELS) {
        const uint64_t *sum = f->sum + (size_t)x * CHANNELS;
        uint64_t opacity = sum[3];
        for (int c = 0; c < 3; c++)
            out[c] = (uint8_t)(opacity ? (sum[c] + opacity / 2) / opacity : 0);
        out[3] = (uint8_t)((opacity + whole / 2) / whole);
        to->alpha |= out[3] != 255;
    }
    memset(f->sum, 0, (size_t)to->width * CHANNELS * sizeof(*f->sum));
    f->filled = 0;
}

void raster_funnel_row(struct raster_funnel *f, const uint8_t *rgba) {
    int left = f->to->height;
    sum_across(f, rgba);
    while (left > 0 && f->next < f->to->height) {
        int room = f->from_height - f->filled, here = left < room ? left : room;
        add_row(f, here);
        left -= here;
        if (f->filled == f->from_height)
            put_row(f);
    }
}

bool raster_shrink(const struct raster *raster, int width, struct raster *out) {
    struct raster_funnel funnel;
    int w, h;
    raster_fit((struct raster_box){width, raster->height}, raster->width, raster->height, &w, &h);
    if (!raster_funnel_start(&funnel, raster->width, raster->height, w, h, out))
        return false;
    for (int y = 0; y < raster->height; y++)
        raster_funnel_row(&funnel, raster->pixels + (size_t)y * (size_t)raster->width * CHANNELS);
    raster_funnel_end(&funnel);
    return true;
}

/* ---- orientation ---------------------------------------------------------------------------- */

static unsigned number(const uint8_t *p, int bytes, bool little) {
    unsigned n = 0;
    for (int i = 0; i < bytes; i++)
        n = n << 8 | p[little ? bytes - 1 - i : i];
    return n;
}

int raster_exif_orientation(const uint8_t *tiff, size_t size) {
    enum { ENTRY = 12, TAG = 0x0112, SHORT = 3 };
    if (size < 8 || (memcmp(tiff, "II*\0", 4) != 0 && memcmp(tiff, "MM\0*", 4) != 0))
        return 1;
    bool little = *tiff == 'I';
    size_t at = number(tiff + 4, 4, little);
    if (at > size - 2)
        return 1;
    unsigned entries = number(tiff + at, 2, little);
    at += 2;
    for (unsigned i = 0; i < entries && size - at >= ENTRY; i++, at += ENTRY) {
        if (number(tiff + at, 2, little) != TAG)
            continue;
        unsigned value = number(tiff + at + 8, 2, little);
        return number(tiff + at + 2, 2, little) == SHORT && value >= 1 && value <= 8 ? (int)value
                                                                                     : 1;
    }
    return 1;
}

bool raster_turned(int orientation) {
    return orientation >= 5;
}

/* Where the pixel seen at (x, y) lies in the picture as stored. */
static size_t stored_at(const struct raster *stored, int orientation, int x, int y) {
    int right = stored->width - 1, bottom = stored->height - 1, sx = x, sy = y;
    if (raster_turned(orientation)) {
        sx = y;
        sy = x;
    }
    if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        sx = right - sx;
    if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        sy = bottom - sy;
    return (size_t)sy * (size_t)stored->width + (size_t)sx;
}

bool raster_orient(struct raster *raster, int orientation) {
    if (orientation == 1)
        return true;
    struct raster seen = *raster;
    if (raster_turned(orientation)) {
        seen.width = raster->height;
        seen.height = raster->width;
    }
    seen.pixels = malloc((size_t)seen.width * (size_t)seen.height * CHANNELS);
    if (!seen.pixels)
        return false;
    uint8_t *to = seen.pixels;
    for (int y = 0; y < seen.height; y++)
        for (int x = 0; x < seen.width; x++, to += CHANNELS)
            memcpy(to, raster->pixels + stored_at(raster, orientation, x, y) * CHANNELS, CHANNELS);
    raster_free(raster);
    *raster = seen;
    return true;
}

/* ---- which format --------------------------------------------------------------------------- */

static bool starts(const uint8_t *bytes, size_t size, size_t at, const char *with) {
    size_t len = strlen(with);
    return size >= at + len && memcmp(bytes + at, with, len) == 0;
}

/* The brands of ISO base media files that hold HEVC or AV1 still pictures. */
static bool is_heic(const uint8_t *bytes, size_t size) {
    static const char *const BRANDS[] = {"heic", "heix", "hevc", "heim", "heis",
                                         "mif1", "msf1", "avif", "avis"};
    if (!starts(bytes, size, 4, "ftyp"))
        return false;
    for (size_t i = 0; i < ARRAY_COUNT(BRANDS); i++)
        if (starts(bytes, size, 8, BRANDS[i]))
            return true;
    return false;
}

enum raster_type raster_sniff(const void *start, size_t size) {
    const uint8_t *bytes = start;
    if (starts(bytes, size, 0, "\xff\xd8\xff"))
        return RASTER_JPEG;
    if (starts(bytes, size, 0, "\x89PNG\r\n\x1a\n"))
        return RASTER_PNG;
    if (starts(bytes, size, 0, "RIFF") && starts(bytes, size, 8, "WEBP"))
        return RASTER_WEBP;
    if (is_heic(bytes, size))
        return RASTER_HEIC;
    if (starts(bytes, size, 0, "GIF8"))
        return RASTER_GIF;
    if (memmem(bytes, size < 1024 ? size : 1024, "<svg", 4))
        return RASTER_SVG;
    return RASTER_UNKNOWN;
}

/* ---- what else it is ------------------------------------------------------------------------ */

static bool holds_word(const uint8_t *bytes, size_t size, const char *lower) {
    size_t len = strlen(lower);
    for (size_t i = 0; i + len <= size; i++) {
        const uint8_t *at = memchr(bytes + i, lower[0], size - len + 1 - i);
        if (!at)
            return false;
        i = (size_t)(at - bytes);
        if (strncasecmp((const char *)at, lower, len) == 0)
            return true;
    }
    return false;
}

/* A page, a script, a document or an archive that another program would find in the same bytes. */
static bool is_something_else(const uint8_t *bytes, size_t size) {
    static const char *const WORDS[] = {"<script", "<html", "<?php", "<!doctype"};
    enum { PDF_HEAD = 1024, ZIP_TAIL = 65557 };
    for (size_t i = 0; i < ARRAY_COUNT(WORDS); i++)
        if (holds_word(bytes, size, WORDS[i]))
            return true;
    size_t tail = size < ZIP_TAIL ? size : ZIP_TAIL;
    return memmem(bytes, size < PDF_HEAD ? size : PDF_HEAD, "%PDF-", 5) ||
           memmem(bytes + size - tail, tail, "PK\5\6", 4);
}

/* What cameras put behind a JPEG: padding, further pictures (CIPA DC-007), a short film, Samsung's
 * notes. Anything else behind a picture is not the picture's. */
static bool is_camera_trailer(const uint8_t *bytes, size_t size) {
    size_t zeros = 0;
    while (zeros < size && bytes[zeros] == 0)
        zeros++;
    return zeros == size || starts(bytes, size, 0, "\xff\xd8\xff") ||
           starts(bytes, size, 4, "ftyp") || (size >= 4 && starts(bytes, size, size - 4, "SEFT"));
}

enum raster_result raster_read(const void *start, size_t size, int max_width, int max_height,
                               struct raster *out) {
    const uint8_t *bytes = start;
    struct raster_box box = {max_width, max_height};
    enum raster_type type = raster_sniff(bytes, size);
    enum raster_result result = RASTER_NOT_READ;
    size_t end = size;
    *out = (struct raster){0};
    if (type == RASTER_JPEG)
        result = raster_jpeg_read(bytes, size, box, out, &end);
    else if (type == RASTER_PNG)
        result = raster_png_read(bytes, size, box, out, &end);
    else if (type == RASTER_WEBP)
        result = raster_webp_read(bytes, size, box, out, &end);
    if (result == RASTER_OK &&
        (is_something_else(bytes, size) ||
         (end < size && !(type == RASTER_JPEG && is_camera_trailer(bytes + end, size - end))))) {
        raster_free(out);
        result = RASTER_TWO_FACED;
    }
    return result;
}
