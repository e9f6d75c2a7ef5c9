/* A picture that somebody uploads: what is read fits into the box, and can be made smaller. */
#include "base/raster.h"
#include "fuzz.h"

enum { WIDTH = 300, HEIGHT = 200, SMALLER = 40 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    uint8_t *bytes = malloc(size ? size : 1);
    memcpy(bytes, data, size);
    struct raster raster, smaller;
    if (raster_read(bytes, size, WIDTH, HEIGHT, &raster) == RASTER_OK) {
        PROMISE(raster.width >= 1 && raster.width <= WIDTH);
        PROMISE(raster.height >= 1 && raster.height <= HEIGHT);
        if (raster.width > SMALLER && raster_shrink(&raster, SMALLER, &smaller)) {
            struct buf out = {0};
            raster_write_jpeg(&smaller, &out);
            raster_write_png(&smaller, &out);
            buf_free(&out);
            raster_free(&smaller);
        }
        raster_free(&raster);
    }
    free(bytes);
    return 0;
}
