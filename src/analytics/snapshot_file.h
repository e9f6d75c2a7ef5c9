/* What writing and reading a snapshot file share; not for others. */
#ifndef ANALYTICS_SNAPSHOT_FILE_H
#define ANALYTICS_SNAPSHOT_FILE_H

#include "analytics/snapshot.h"

extern const char SNAPSHOT_MAGIC[8];

/* `rest` is everything behind the header. */
void snapshot_checksum(const struct snapshot_header *header, const void *rest, size_t size,
                       uint8_t checksum[16]);

#endif
