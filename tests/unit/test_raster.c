/* Reading pictures: sizes, colours, orientations; and everything that must not be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "picture_fixture.h"
#include <string.h>

static const uint8_t *at(const struct raster *r, int x, int y) {
    return r->pixels + ((size_t)y * (size_t)r->width + (size_t)x) * 4;
}

/* JPEG is not exact. */
static void assert_color(const struct raster *r, int x, int y, int red, int green, int blue) {
    const uint8_t *p = at(r, x, y);
    assert_in_range(p[0] + 12, red, red + 24);
    assert_in_range(p[1] + 12, green, green + 24);
    assert_in_range(p[2] + 12, blue, blue + 24);
}

static enum raster_result read_file(const struct buf *file, int max_width, int max_height,
                                    struct raster *out) {
    return raster_read(file->data, file->len, max_width, max_height, out);
}

static void assert_refused(struct buf *file, enum raster_result expected) {
    struct raster r;
    assert_int_equal(read_file(file, 1280, 1280, &r), expected);
    assert_null(r.pixels);
    buf_free(file);
}

static void assert_quarters(struct buf *file, int max_width, int max_height, int width,
                            int height) {
    struct raster r;
    assert_int_equal(read_file(file, max_width, max_height, &r), RASTER_OK);
    assert_int_equal(r.width, width);
    assert_int_equal(r.height, height);
    assert_color(&r, width / 4, height / 4, 255, 0, 0);
    assert_color(&r, width * 3 / 4, height / 4, 0, 255, 0);
    assert_color(&r, width / 4, height * 3 / 4, 0, 0, 255);
    raster_free(&r);
    buf_free(file);
}

static void every_format_is_read_to_fit(void **state) {
    (void)state;
    struct buf files[] = {picture_jpeg(3000, 2000), picture_png(3000, 2000, 255),
                          picture_webp(3000, 2000, 255)};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        assert_quarters(&files[i], 1280, 1600, 1280, 853);
    struct buf tall[] = {picture_jpeg(200, 3000), picture_png(200, 3000, 255),
                         picture_webp(200, 3000, 255)};
    for (size_t i = 0; i < ARRAY_COUNT(tall); i++)
        assert_quarters(&tall[i], 1280, 1600, 107, 1600);
}

static void nothing_is_enlarged(void **state) {
    (void)state;
    struct buf files[] = {picture_jpeg(40, 30), picture_png(40, 30, 255),
                          picture_webp(40, 30, 255)};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        assert_quarters(&files[i], 1280, 1600, 40, 30);
}

static void a_line_stays_a_line(void **state) {
    (void)state;
    struct raster r;
    struct buf file = picture_png(30000, 1, 255);
    assert_int_equal(read_file(&file, 1280, 1600, &r), RASTER_OK);
    assert_int_equal(r.width, 1280);
    assert_int_equal(r.height, 1);
    raster_free(&r);
    buf_free(&file);
}

static void opacity_is_kept_and_weighs_colours(void **state) {
    (void)state;
    struct raster r, half;
    struct buf file = picture_png(4, 4, 0);
    assert_int_equal(read_file(&file, 4, 4, &r), RASTER_OK);
    assert_true(r.alpha);
    assert_int_equal(at(&r, 3, 3)[3], 0);
    assert_true(raster_shrink(&r, 1, &half));
    /* Three opaque quarters and one that counts for nothing. */
    assert_int_equal(at(&half, 0, 0)[3], 191);
    assert_int_equal(at(&half, 0, 0)[0], 85);
    assert_int_equal(at(&half, 0, 0)[1], 85);
    assert_int_equal(at(&half, 0, 0)[2], 85);
    raster_free(&half);
    struct buf jpeg = {0};
    raster_write_jpeg(&r, &jpeg);
    raster_free(&r);
    assert_int_equal(read_file(&jpeg, 4, 4, &r), RASTER_OK);
    assert_false(r.alpha);
    assert_in_range(at(&r, 3, 3)[0], 200, 255);
    raster_free(&r);
    buf_free(&jpeg);
    buf_free(&file);
    file = picture_webp(20, 20, 128);
    assert_int_equal(read_file(&file, 10, 10, &r), RASTER_OK);
    assert_true(r.alpha);
    assert_in_range(at(&r, 8, 8)[3], 126, 130);
    raster_free(&r);
    buf_free(&file);
}

static void rare_kinds_are_read_too(void **state) {
    (void)state;
    struct raster r;
    struct buf file = picture_png_interlaced(100, 60);
    assert_int_equal(read_file(&file, 50, 50, &r), RASTER_OK);
    assert_int_equal(r.height, 30);
    assert_color(&r, 10, 10, 128, 128, 128);
    assert_color(&r, 40, 10, 0, 0, 0);
    raster_free(&r);
    buf_free(&file);
    file = picture_jpeg_ink(32, 32);
    assert_int_equal(read_file(&file, 32, 32, &r), RASTER_OK);
    assert_color(&r, 16, 16, 255, 0, 0);
    raster_free(&r);
    buf_free(&file);
}

/* EXIF 2.3, table 6: where the stored first row and column are when the picture is seen rightly. */
static void every_orientation_is_applied(void **state) {
    (void)state;
    /* The quarter seen at top left and top right: 0 red, 1 green, 2 blue, 3 white. */
    static const int SEEN[9][2] = {{0},    {0, 1}, {1, 0}, {3, 2}, {2, 3},
                                   {0, 2}, {2, 0}, {3, 1}, {1, 3}};
    static const int COLORS[4][3] = {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}};
    for (int orientation = 1; orientation <= 8; orientation++) {
        struct raster r;
        struct buf file = picture_jpeg(320, 160);
        picture_set_orientation(&file, orientation);
        assert_int_equal(read_file(&file, 80, 1000, &r), RASTER_OK);
        assert_int_equal(r.width, 80);
        assert_int_equal(r.height, orientation < 5 ? 40 : 160);
        const int *left = COLORS[SEEN[orientation][0]], *right = COLORS[SEEN[orientation][1]];
        assert_color(&r, 10, 10, left[0], left[1], left[2]);
        assert_color(&r, 70, 10, right[0], right[1], right[2]);
        raster_free(&r);
        buf_free(&file);
    }
}

static void a_senseless_orientation_counts_as_none(void **state) {
    (void)state;
    static const int VALUES[] = {0, 9, 255};
    for (size_t i = 0; i < ARRAY_COUNT(VALUES); i++) {
        struct buf file = picture_jpeg(32, 16);
        picture_set_orientation(&file, VALUES[i]);
        assert_quarters(&file, 100, 100, 32, 16);
    }
    /* A directory behind the end, and one with more entries than there are bytes. */
    assert_int_equal(raster_exif_orientation((const uint8_t *)"II*\0\xff\xff\xff\xff", 8), 1);
    assert_int_equal(raster_exif_orientation((const uint8_t *)"MM\0*\0\0\0\x08\xff\xff", 10), 1);
    assert_int_equal(raster_exif_orientation((const uint8_t *)"II*", 3), 1);
}

static void nothing_of_the_file_is_kept(void **state) {
    (void)state;
    struct raster r;
    struct buf file = picture_jpeg(64, 64), out = {0};
    picture_set_orientation(&file, 6);
    assert_int_equal(read_file(&file, 64, 64, &r), RASTER_OK);
    raster_write_jpeg(&r, &out);
    assert_non_null(memmem(file.data, file.len, "Exif", 4));
    assert_null(memmem(out.data, out.len, "Exif", 4));
    raster_free(&r);
    buf_free(&file);
    buf_free(&out);
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void cut_off_files_are_damaged(void **state) {
    (void)state;
    struct buf files[] = {picture_jpeg(400, 300), picture_png(400, 300, 100),
                          picture_webp(400, 300, 100), picture_jpeg_ink(400, 300),
                          picture_png_interlaced(400, 300)};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        struct raster r;
        assert_int_equal(read_file(&files[i], 100, 100, &r), RASTER_OK);
        raster_free(&r);
        for (size_t part = 1; part <= 16; part++) {
            struct buf cut = {0};
            size_t len = part == 16 ? files[i].len - 1 : files[i].len * part / 16;
            buf_append(&cut, files[i].data, len);
            assert_refused(&cut, len < 12 ? RASTER_NOT_READ : RASTER_DAMAGED);
        }
        buf_free(&files[i]);
    }
}

static void changed_bytes_never_crash(void **state) {
    (void)state;
    struct buf files[] = {picture_jpeg(60, 40), picture_png(60, 40, 100),
                          picture_webp(60, 40, 100)};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++) {
        for (size_t byte = 0; byte < files[i].len; byte++) {
            struct raster r;
            files[i].data[byte] ^= (char)(1 << (byte & 7));
            if (read_file(&files[i], 100, 100, &r) == RASTER_OK)
                raster_free(&r);
            files[i].data[byte] ^= (char)(1 << (byte & 7));
        }
        buf_free(&files[i]);
    }
}

static void bombs_are_seen_by_their_head(void **state) {
    (void)state;
    struct buf files[] = {picture_png_bomb(60000, 60000), picture_png_bomb(0x7fffffff, 1),
                          picture_png_bomb(7072, 7072), picture_jpeg_bomb()};
    enum raster_result expected[] = {RASTER_TOO_LARGE, RASTER_DAMAGED, RASTER_TOO_LARGE,
                                     RASTER_TOO_LARGE};
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        assert_refused(&files[i], expected[i]);
}

static void a_large_flat_picture_takes_little(void **state) {
    (void)state;
    struct buf file = picture_png(7000, 7000, 255);
    assert_true(file.len < 1 << 20);
    assert_quarters(&file, 1280, 1600, 1280, 1280);
}

static struct buf followed_by(struct buf file, const char *bytes, size_t size) {
    buf_append(&file, bytes, size);
    return file;
}
#define FOLLOWED(file, text) followed_by((file), (text), sizeof(text) - 1)

static void files_with_two_faces_are_refused(void **state) {
    (void)state;
    struct buf files[] = {
        FOLLOWED(picture_jpeg(16, 16), "<script>alert(1)</script>"),
        FOLLOWED(picture_jpeg(16, 16), "PK\3\4anything PK\5\6 and its end"),
        FOLLOWED(picture_jpeg(16, 16), "anything"),
        FOLLOWED(picture_jpeg(16, 16), "\0\0\0\0<?PHP echo 1;"),
        FOLLOWED(picture_png(16, 16, 255), "\0"),
        FOLLOWED(picture_png(16, 16, 255), "<HTML>"),
        FOLLOWED(picture_webp(16, 16, 255), "PK\5\6"),
    };
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        assert_refused(&files[i], RASTER_TWO_FACED);
    struct buf inside = picture_jpeg(16, 16), pdf = {0}; /* in a comment behind the first marker */
    buf_append(&pdf, inside.data, 2);
    buf_append(&pdf, "\xff\xfe\0\x0a%PDF-1.4", 12);
    buf_append(&pdf, inside.data + 2, inside.len - 2);
    assert_refused(&pdf, RASTER_TWO_FACED);
    buf_free(&inside);
}

static void what_cameras_put_behind_is_let_be(void **state) {
    (void)state;
    struct buf files[] = {
        FOLLOWED(picture_jpeg(16, 16), "\0\0\0\0"),
        FOLLOWED(picture_jpeg(16, 16), "\xff\xd8\xff\xe1 a second picture"),
        FOLLOWED(picture_jpeg(16, 16), "\0\0\0\x18"
                                       "ftypmp42 a short film"),
        FOLLOWED(picture_jpeg(16, 16), "notes SEFH more SEFT"),
    };
    for (size_t i = 0; i < ARRAY_COUNT(files); i++)
        assert_quarters(&files[i], 100, 100, 16, 16);
}

static void other_files_are_known_by_their_content(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        enum raster_type type;
    } CASES[] = {
        {"\xff\xd8\xff\xe0", RASTER_JPEG},
        {"\x89PNG\r\n\x1a\n", RASTER_PNG},
        {"RIFF1234WEBPVP8 ", RASTER_WEBP},
        {"RIFF1234WAVE", RASTER_UNKNOWN},
        {"1234ftypheic", RASTER_HEIC},
        {"1234ftypmif1", RASTER_HEIC},
        {"1234ftypmp42", RASTER_UNKNOWN},
        {"GIF89a", RASTER_GIF},
        {"<?xml version='1'?><svg", RASTER_SVG},
        {"%PDF-1.7", RASTER_UNKNOWN},
        {"", RASTER_UNKNOWN},
        {"\xff\xd8", RASTER_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct raster r;
        size_t size = strlen(CASES[i].bytes);
        assert_int_equal(raster_sniff(CASES[i].bytes, size), CASES[i].type);
        assert_int_not_equal(raster_read(CASES[i].bytes, size, 10, 10, &r), RASTER_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_read_to_fit),
        cmocka_unit_test(nothing_is_enlarged),
        cmocka_unit_test(a_line_stays_a_line),
        cmocka_unit_test(opacity_is_kept_and_weighs_colours),
        cmocka_unit_test(rare_kinds_are_read_too),
        cmocka_unit_test(every_orientation_is_applied),
        cmocka_unit_test(a_senseless_orientation_counts_as_none),
        cmocka_unit_test(nothing_of_the_file_is_kept),
        cmocka_unit_test(cut_off_files_are_damaged),
        cmocka_unit_test(changed_bytes_never_crash),
        cmocka_unit_test(bombs_are_seen_by_their_head),
        cmocka_unit_test(a_large_flat_picture_takes_little),
        cmocka_unit_test(files_with_two_faces_are_refused),
        cmocka_unit_test(what_cameras_put_behind_is_let_be),
        cmocka_unit_test(other_files_are_known_by_their_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
