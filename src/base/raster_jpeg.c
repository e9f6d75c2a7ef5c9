/* JPEG, by libjpeg-turbo: scaled by the transform itself while it is read. */
#include "base/raster.h"
#include <jpeglib.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Only the codes of its messages: the macros behind them use what base/banned.h forbids. */
#define JERROR_H
#define JMAKE_ENUM_LIST
#define JMESSAGE(code, text) code,
#include <jerror.h>

enum { SCANS_MAX = 100, EXIF_MARKER = JPEG_APP0 + 1, EXIF_MAX = 65533 };

struct reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    jmp_buf fault;
    enum raster_result result; /* when it ended at a fault */
    struct raster_funnel funnel;
    struct raster *out;
    uint8_t *row, *samples;
    int orientation;
};

static struct reader *reader_of(j_common_ptr jpeg) {
    return jpeg->client_data;
}

static void stop(struct reader *r, enum raster_result result) __attribute__((noreturn));
static void stop(struct reader *r, enum raster_result result) {
    r->result = result;
    longjmp(r->fault, 1);
}

static void on_error(j_common_ptr jpeg) {
    bool memory = jpeg->err->msg_code == JERR_OUT_OF_MEMORY;
    stop(reader_of(jpeg), memory ? RASTER_TOO_LARGE : RASTER_DAMAGED);
}

/* The library reads on where data is missing; a picture that is half grey is not what was meant.
 * Oddities that change no pixel pass. */
static void on_message(j_common_ptr jpeg, int level) {
    int code = jpeg->err->msg_code;
    if (level < 0 &&
        (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE))
        stop(reader_of(jpeg), RASTER_DAMAGED);
}

/* Each scan of a progressive picture goes over all of it. */
static void on_progress(j_common_ptr jpeg) {
    if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
        stop(reader_of(jpeg), RASTER_DAMAGED);
}

static int find_orientation(const struct jpeg_decompress_struct *jpeg) {
    for (jpeg_saved_marker_ptr m = jpeg->marker_list; m; m = m->next)
        if (m->marker == EXIF_MARKER && m->data_length > 6 && memcmp(m->data, "Exif\0\0", 6) == 0)
            return raster_exif_orientation(m->data + 6, m->data_length - 6);
    return 1;
}

/* The smallest eighth at which nothing has to be enlarged afterwards. */
static void choose_scale(struct jpeg_decompress_struct *jpeg, int to_width, int to_height) {
    jpeg->scale_denom = 8;
    for (jpeg->scale_num = 1; jpeg->scale_num < 8; jpeg->scale_num++) {
        jpeg_calc_output_dimensions(jpeg);
        if ((int)jpeg->output_width >= to_width && (int)jpeg->output_height >= to_height)
            return;
    }
}

static void start(struct reader *r, struct raster_box box) {
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    int width, height;
    jpeg_save_markers(jpeg, EXIF_MARKER, EXIF_MAX);
    jpeg_read_header(jpeg, TRUE);
    if (!raster_bounded(jpeg->image_width, jpeg->image_height))
        stop(r, RASTER_TOO_LARGE);
    r->orientation = find_orientation(jpeg);
    if (raster_turned(r->orientation))
        box = (struct raster_box){box.max_height, box.max_width};
    raster_fit(box, (int)jpeg->image_width, (int)jpeg->image_height, &width, &height);
    choose_scale(jpeg, width, height);
    jpeg->out_color_space = jpeg->num_components == 4 ? JCS_CMYK : JCS_EXT_RGBA;
    jpeg_start_decompress(jpeg);
    r->row = malloc(jpeg->output_width * 4UL);
    r->samples = malloc(jpeg->output_width * 4UL);
    if (!r->row || !r->samples ||
        !raster_funnel_start(&r->funnel, (int)jpeg->output_width, (int)jpeg->output_height, width,
                             height, r->out))
        stop(r, RASTER_TOO_LARGE);
}

/* Without a profile, as browsers do it. Adobe writes ink upside down. */
static void from_ink(const uint8_t *ink, bool adobe, uint8_t *rgba, unsigned count) {
    for (unsigned x = 0; x < count; x++, ink += 4, rgba += 4) {
        unsigned black = adobe ? ink[3] : 255U - ink[3];
        for (int c = 0; c < 3; c++)
            rgba[c] = (uint8_t)((adobe ? ink[c] : 255U - ink[c]) * black / 255);
        rgba[3] = 255;
    }
}

static void read_rows(struct reader *r) {
    struct jpeg_decompress_struct *jpeg = &r->jpeg;
    bool ink = jpeg->out_color_space == JCS_CMYK;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = ink ? r->samples : r->row;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (ink)
            from_ink(r->samples, jpeg->saw_Adobe_marker, r->row, jpeg->output_width);
        raster_funnel_row(&r->funnel, r->row);
    }
    jpeg_finish_decompress(jpeg);
}

enum raster_result raster_jpeg_read(const uint8_t *bytes, size_t size, struct raster_box box,
                                    struct raster *out, size_t *end) {
    struct reader r = {.out = out};
    struct jpeg_progress_mgr progress = {.progress_monitor = on_progress};
    r.jpeg.err = jpeg_std_error(&r.errors);
    r.errors.error_exit = on_error;
    r.errors.emit_message = on_message;
    r.jpeg.client_data = &r;
    if (setjmp(r.fault) == 0) {
        jpeg_create_decompress(&r.jpeg);
        r.jpeg.progress = &progress;
        jpeg_mem_src(&r.jpeg, bytes, size);
        start(&r, box);
        read_rows(&r);
        *end = size - r.jpeg.src->bytes_in_buffer;
        if (!raster_orient(out, r.orientation))
            r.result = RASTER_TOO_LARGE;
    }
    raster_funnel_end(&r.funnel);
    free(r.row);
    free(r.samples);
    jpeg_destroy_decompress(&r.jpeg);
    if (r.result != RASTER_OK)
        raster_free(out);
    return r.result;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void on_white(const uint8_t *rgba, uint8_t *rgb, int count) {
    for (int x = 0; x < count; x++, rgba += 4, rgb += 3)
        for (int c = 0; c < 3; c++)
            rgb[c] = (uint8_t)((rgba[c] * rgba[3] + 255 * (255 - rgba[3]) + 127) / 255);
}

/* Nothing of it comes from outside: what fails here is want of memory, and ends the process as it
 * does in base/buf.h. */
void raster_write_jpeg(const struct raster *raster, struct buf *out) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    JSAMPROW row = malloc((size_t)raster->width * 3);
    if (!row)
        abort();
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = (JDIMENSION)raster->width;
    jpeg.image_height = (JDIMENSION)raster->height;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, RASTER_JPEG_QUALITY, TRUE);
    jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < raster->height; y++) {
        on_white(raster->pixels + (size_t)y * (size_t)raster->width * 4, row, raster->width);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_append(out, bytes, size);
    free(bytes);
    free(row);
}
