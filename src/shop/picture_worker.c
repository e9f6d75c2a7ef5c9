/* From a file to its sizes. */
#include "shop/picture_worker.h"
#include "base/raster.h"
#include "base/sandbox.h"
#include "shop/picture_import.h"
#include <unistd.h>

enum {
    MEMORY = 320 << 20, /* 50 megapixels at 4 bytes, the program, and what it makes of them */
    SECONDS = 10,       /* of processor time */
    BLOCK = 1 << 16,
};

/* By enum picture_use. */
static const struct {
    int max_width, max_height;
} BOXES[] = {[PICTURE_PHOTO] = {1280, 1600}, [PICTURE_DRAWING] = {640, 640}};

static const int WIDTHS[] = PICTURE_WIDTHS;

static bool read_input(struct buf *in) {
    ssize_t count = 1;
    while (count > 0 && in->len <= PICTURE_UPLOAD_MAX) {
        buf_reserve(in, BLOCK);
        count = read(STDIN_FILENO, in->data + in->len, BLOCK);
        if (count > 0)
            in->len += (size_t)count;
    }
    return count == 0;
}

static void put_size(const struct raster *raster, bool png, struct picture_answer *answer,
                     struct buf *bytes) {
    size_t before = bytes->len;
    if (png)
        raster_write_png(raster, bytes);
    else
        raster_write_jpeg(raster, bytes);
    uint32_t at = answer->count++;
    answer->sizes[at].png = png;
    answer->sizes[at].width = (uint32_t)raster->width;
    answer->sizes[at].height = (uint32_t)raster->height;
    answer->sizes[at].bytes = (uint32_t)(bytes->len - before);
}

/* Each size is made of the next larger one: the average of averages is the average. */
static void put_sizes(struct raster *raster, bool png, struct picture_answer *answer,
                      struct buf *bytes) {
    put_size(raster, png, answer, bytes);
    for (size_t i = ARRAY_COUNT(WIDTHS); i-- > 0;) {
        struct raster smaller;
        if (WIDTHS[i] >= raster->width)
            continue;
        if (!raster_shrink(raster, WIDTHS[i], &smaller))
            abort();
        raster_free(raster);
        *raster = smaller;
        put_size(raster, png, answer, bytes);
    }
}

static bool write_all(const void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        ssize_t count = write(STDOUT_FILENO, (const char *)bytes + done, size - done);
        if (count <= 0)
            return false;
        done += (size_t)count;
    }
    return true;
}

int picture_worker_run(const char *use_text) {
    size_t use = *use_text == '1' ? PICTURE_DRAWING : PICTURE_PHOTO;
    struct picture_answer answer = {0};
    struct buf in = {0}, bytes = {0};
    struct raster raster;
    if (!sandbox_enter(MEMORY, SECONDS) || !read_input(&in))
        return 1;
    enum raster_result result =
        raster_read(in.data, in.len, BOXES[use].max_width, BOXES[use].max_height, &raster);
    answer.result = result;
    if (result == RASTER_OK) {
        bool png = use == PICTURE_DRAWING && raster_sniff(in.data, in.len) != RASTER_JPEG;
        put_sizes(&raster, png, &answer, &bytes);
    }
    raster_free(&raster);
    bool written = write_all(&answer, sizeof(answer)) && write_all(bytes.data, bytes.len);
    buf_free(&in);
    buf_free(&bytes);
    return written ? 0 : 1;
}
