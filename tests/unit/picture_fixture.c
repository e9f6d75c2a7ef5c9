/* Making pictures, good and bad. */
#include "picture_fixture.h"
#include <jpeglib.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <webp/encode.h>
#include <zlib.h>

struct raster picture_quarters(int width, int height, uint8_t opacity) {
    static const uint8_t COLORS[4][4] = {
        {255, 0, 0, 255}, {0, 255, 0, 255}, {0, 0, 255, 255}, {255, 255, 255, 255}};
    struct raster r = {width, height, opacity != 255, malloc((size_t)width * (size_t)height * 4)};
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int quarter = (y >= height / 2) * 2 + (x >= width / 2);
            uint8_t *to = r.pixels + ((size_t)y * (size_t)width + (size_t)x) * 4;
            memcpy(to, COLORS[quarter], 4);
            if (quarter == 3)
                to[3] = opacity;
        }
    return r;
}

struct buf picture_jpeg(int width, int height) {
    struct raster r = picture_quarters(width, height, 255);
    struct buf out = {0};
    raster_write_jpeg(&r, &out);
    raster_free(&r);
    return out;
}

struct buf picture_png(int width, int height, uint8_t opacity) {
    struct raster r = picture_quarters(width, height, opacity);
    struct buf out = {0};
    raster_write_png(&r, &out);
    raster_free(&r);
    return out;
}

static void on_write(png_structp png, png_bytep from, size_t count) {
    buf_append(png_get_io_ptr(png), from, count);
}

struct buf picture_png_interlaced(int width, int height) {
    struct buf out = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_bytep row = calloc((size_t)width, 2);
    memset(row, 0x80, (size_t)width);
    png_set_write_fn(png, &out, on_write, NULL);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 16, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_ADAM7, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < height; y++)
            png_write_row(png, row);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    free(row);
    return out;
}

struct buf picture_webp(int width, int height, uint8_t opacity) {
    struct raster r = picture_quarters(width, height, opacity);
    struct buf out = {0};
    uint8_t *bytes;
    size_t size = WebPEncodeLosslessRGBA(r.pixels, width, height, width * 4, &bytes);
    buf_append(&out, bytes, size);
    WebPFree(bytes);
    raster_free(&r);
    return out;
}

struct buf picture_jpeg_ink(int width, int height) {
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    struct buf out = {0};
    JSAMPROW row = malloc((size_t)width * 4);
    for (int x = 0; x < width; x++) /* upside down: no cyan, all magenta and yellow, no black */
        memcpy(row + x * 4, (const uint8_t[]){255, 0, 0, 255}, 4);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = 4;
    jpeg.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg.write_Adobe_marker = TRUE;
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < height; y++)
        jpeg_write_scanlines(&jpeg, &row, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_append(&out, bytes, size);
    free(bytes);
    free(row);
    return out;
}

void picture_set_orientation(struct buf *jpeg, int orientation) {
    const uint8_t segment[] = {
        0xff, 0xe1,
        0,    34,
        'E',  'x',
        'i',  'f',
        0,    0, /* APP1 */
        'M',  'M',
        0,    42,
        0,    0,
        0,    8, /* TIFF, directory at 8 */
        0,    1,
        1,    18,
        0,    3,
        0,    0,
        0,    1, /* one entry: orientation, SHORT */
        0,    (uint8_t)orientation,
        0,    0,
        0,    0,
        0,    0, /* its value; no next directory */
    };
    struct buf out = {0};
    buf_append(&out, jpeg->data, 2);
    buf_append(&out, segment, sizeof(segment));
    buf_append(&out, jpeg->data + 2, jpeg->len - 2);
    buf_free(jpeg);
    *jpeg = out;
}

static void put32(char *to, uint32_t n) {
    for (int i = 0; i < 4; i++)
        to[i] = (char)(n >> (24 - 8 * i));
}

struct buf picture_png_bomb(uint32_t width, uint32_t height) {
    struct buf png = picture_png(16, 16, 255);
    put32(png.data + 16, width);
    put32(png.data + 20, height);
    uint32_t sum = (uint32_t)crc32(0, (const uint8_t *)png.data + 12, 17);
    put32(png.data + 29, sum);
    return png;
}

struct buf picture_jpeg_bomb(void) {
    struct buf jpeg = picture_jpeg(64, 64);
    char *frame = memmem(jpeg.data, jpeg.len, "\xff\xc2", 2); /* progressive SOF */
    memcpy(frame + 5, "\xff\xdc\xff\xdc", 4);
    return jpeg;
}
