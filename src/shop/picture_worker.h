/* The other side of picture_import.c: `taller picture-decode USE`, a process of its own that reads
 * one uploaded file on standard input and writes what became of it on standard output. Whatever the
 * file does to the decoders happens here, behind base/sandbox.h. */
#ifndef SHOP_PICTURE_WORKER_H
#define SHOP_PICTURE_WORKER_H

#include <stdint.h>

#define PICTURE_WORKER "picture-decode" /* the command; not for people, so not in the help */

enum { PICTURE_SIZES_MAX = 4 };

enum picture_use {
    PICTURE_PHOTO,   /* fills a part of a page: JPEG, on white, up to 1280 pixels wide */
    PICTURE_DRAWING, /* logos and codes: PNG where it came with sharp edges, up to 640 */
};

/* What comes first; behind it the bytes of each size, largest first. */
struct picture_answer {
    uint32_t result; /* enum raster_result; not OK: no sizes */
    uint32_t count;
    struct {
        uint32_t png; /* else JPEG */
        uint32_t width, height, bytes;
    } sizes[PICTURE_SIZES_MAX];
};

/* The whole process: `use` is a picture_use in digits. Answers the exit status. */
int picture_worker_run(const char *use);

#endif
