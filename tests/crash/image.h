/* The disk as a power cut leaves it: what was synced is there, and of everything else nothing, all
 * or any part, in sectors of 512 bytes, each old, new or (where it was being written) rubbish. This
 * is the model of SQLite's own crash tests (https://www.sqlite.org/testing.html, section 3.3, and
 * atomiccommit.html, section 2), taken further: a name is only there once its folder was synced. */
#ifndef CRASH_IMAGE_H
#define CRASH_IMAGE_H

#include "trace.h"
#include <stdint.h>

struct image;

/* What becomes of what was not synced. */
enum image_fate { IMAGE_NONE, IMAGE_ALL, IMAGE_SOME };

/* A disk that holds the folder `base`, all of it synced. */
struct image *image_create(const char *base);
void image_destroy(struct image *image);

/* The next thing that happened. `payload` lasts as long as the image. */
void image_apply(struct image *image, const struct trace_record *record, const void *payload);

/* Writes what a power cut at this moment leaves into a folder, which is made. Equal seeds leave
 * equal disks. */
void image_write(const struct image *image, const char *folder, enum image_fate fate,
                 uint64_t seed);

/* How many changes wait for a sync. */
uint64_t image_unsynced(const struct image *image);

#endif
