/* PNG, by libpng: row by row, unless it is interlaced. */
#include "base/raster.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_MAX = 1 << 20, CHUNKS_MAX = 200 };

struct reader {
    png_structp png;
    png_infop info;
    jmp_buf fault;
    enum raster_result result;
    const uint8_t *bytes;
    size_t size, at;
    struct raster_funnel funnel;
    struct raster *out;
    uint8_t *rows; /* one, or all of an interlaced picture */
    int orientation;
};

static void stop(struct reader *r, enum raster_result result) __attribute__((noreturn));
static void stop(struct reader *r, enum raster_result result) {
    r->result = result;
    longjmp(r->fault, 1);
}

static void on_error(png_structp png, png_const_charp text) {
    bool memory = strstr(text, "memory") != NULL;
    stop(png_get_error_ptr(png), memory ? RASTER_TOO_LARGE : RASTER_DAMAGED);
}

static void on_warning(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void on_read(png_structp png, png_bytep to, size_t count) {
    struct reader *r = png_get_io_ptr(png);
    if (count > r->size - r->at)
        stop(r, RASTER_DAMAGED);
    memcpy(to, r->bytes + r->at, count);
    r->at += count;
}

static int find_orientation(const struct reader *r) {
    png_uint_32 size;
    png_bytep tiff;
    return png_get_eXIf_1(r->png, r->info, &size, &tiff) ? raster_exif_orientation(tiff, size) : 1;
}

static void start(struct reader *r, struct raster_box box) {
    png_read_info(r->png, r->info);
    uint64_t width = png_get_image_width(r->png, r->info);
    uint64_t height = png_get_image_height(r->png, r->info);
    if (!raster_bounded(width, height))
        stop(r, RASTER_TOO_LARGE);
    r->orientation = find_orientation(r);
    if (raster_turned(r->orientation))
        box = (struct raster_box){box.max_height, box.max_width};
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
    png_set_add_alpha(r->png, 255, PNG_FILLER_AFTER);
    int to_width, to_height;
    raster_fit(box, (int)width, (int)height, &to_width, &to_height);
    if (!raster_funnel_start(&r->funnel, (int)width, (int)height, to_width, to_height, r->out))
        stop(r, RASTER_TOO_LARGE);
}

static void read_rows(struct reader *r) {
    int passes = png_set_interlace_handling(r->png);
    size_t height = png_get_image_height(r->png, r->info);
    png_read_update_info(r->png, r->info);
    size_t row = png_get_rowbytes(r->png, r->info);
    size_t step = passes > 1 ? row : 0; /* from a row to the next one */
    r->rows = malloc(row + step * (height - 1));
    if (!r->rows)
        stop(r, RASTER_TOO_LARGE);
    for (int pass = 1; pass < passes; pass++)
        for (size_t y = 0; y < height; y++)
            png_read_row(r->png, r->rows + y * step, NULL);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): raster_png_read frees them */
    for (size_t y = 0; y < height; y++) {
        png_read_row(r->png, r->rows + y * step, NULL);
        raster_funnel_row(&r->funnel, r->rows + y * step);
    }
    png_read_end(r->png, NULL);
}

enum raster_result raster_png_read(const uint8_t *bytes, size_t size, struct raster_box box,
                                   struct raster *out, size_t *end) {
    struct reader r = {.bytes = bytes, .size = size, .out = out};
    if (setjmp(r.fault) == 0) {
        r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
        r.info = r.png ? png_create_info_struct(r.png) : NULL;
        if (!r.info)
            stop(&r, RASTER_TOO_LARGE);
        png_set_read_fn(r.png, &r, on_read);
        png_set_user_limits(r.png, RASTER_SIDE_MAX, RASTER_SIDE_MAX);
        png_set_chunk_malloc_max(r.png, CHUNK_MAX);
        png_set_chunk_cache_max(r.png, CHUNKS_MAX);
        start(&r, box);
        read_rows(&r);
        *end = r.at;
        if (!raster_orient(out, r.orientation))
            r.result = RASTER_TOO_LARGE;
    }
    raster_funnel_end(&r.funnel);
    free(r.rows);
    png_destroy_read_struct(&r.png, &r.info, NULL);
    if (r.result != RASTER_OK)
        raster_free(out);
    return r.result;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void on_write(png_structp png, png_bytep from, size_t count) {
    buf_append(png_get_io_ptr(png), from, count);
}

/* Only want of memory can fail here, and libpng's own handler ends the process then. */
void raster_write_png(const struct raster *raster, struct buf *out) {
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info)
        abort();
    png_set_write_fn(png, out, on_write, NULL);
    png_set_IHDR(png, info, (png_uint_32)raster->width, (png_uint_32)raster->height, 8,
                 raster->alpha ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    if (!raster->alpha)
        png_set_filler(png, 0, PNG_FILLER_AFTER);
    for (int y = 0; y < raster->height; y++)
        png_write_row(png, raster->pixels + (size_t)y * (size_t)raster->width * 4);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
}
