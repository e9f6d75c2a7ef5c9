/* Picture files made by the libraries themselves, for tests that read them. */
#ifndef PICTURE_FIXTURE_H
#define PICTURE_FIXTURE_H

#include "base/buf.h"
#include "base/raster.h"

/* Four quarters: red, green / blue, white; `opacity` of the white one. */
struct raster picture_quarters(int width, int height, uint8_t opacity);

/* The caller frees the buffers. */
struct buf picture_jpeg(int width, int height);
struct buf picture_png(int width, int height, uint8_t opacity);
struct buf picture_png_interlaced(int width, int height); /* grey, 16 bits */
struct buf picture_webp(int width, int height, uint8_t opacity);

/* A JPEG in CMYK as Adobe writes it. */
struct buf picture_jpeg_ink(int width, int height);

/* Puts an EXIF segment behind the first marker of a JPEG. */
void picture_set_orientation(struct buf *jpeg, int orientation);

/* A PNG that says it is that large, and a JPEG. */
struct buf picture_png_bomb(uint32_t width, uint32_t height);
struct buf picture_jpeg_bomb(void); /* 65,500 × 65,500 */

#endif
