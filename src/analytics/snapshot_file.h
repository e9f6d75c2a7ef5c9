/* What making, reading and refreshing a snapshot share; not for others. */
#ifndef ANALYTICS_SNAPSHOT_FILE_H
#define ANALYTICS_SNAPSHOT_FILE_H

#include "analytics/snapshot.h"
#include "base/secret.h"
#include <stdatomic.h>

struct delta;
struct workers;

struct snapshot {
    atomic_int references;
    struct snapshot_header header;
    struct snapshot_source sources[SNAPSHOT_SOURCES];
    struct snapshot_column dimensions[SNAPSHOT_SECTIONS]; /* by section; of facts: unused */
    const uint8_t *map;                                   /* of a base */
    size_t size;
    struct snapshot *base; /* of a refreshed one: pinned */
    struct delta *delta;   /* of a refreshed one: delta.h */
};

extern const char SNAPSHOT_MAGIC[8];

/* The digest of everything behind the header: of the digests of its stretches, so that workers can
 * share them. `workers` NULL: without. */
void snapshot_digest(const void *bytes, size_t size, struct workers *workers,
                     uint8_t digest[SECRET_DIGEST_SIZE]);

/* `content`: that digest. */
void snapshot_checksum(const struct snapshot_header *header,
                       const uint8_t content[SECRET_DIGEST_SIZE],
                       uint8_t checksum[SECRET_DIGEST_SIZE]);

#endif
