/* Refreshing a snapshot by what changed. */
#include "analytics/snapshot_file.h"
#include "base/zone.h"

void delta_destroy(struct delta *delta) {
    (void)delta;
}

enum err snapshot_refresh(struct db *db, const struct snapshot_moment *moment,
                          struct snapshot *current, struct snapshot **out) {
    (void)db;
    (void)moment;
    (void)current;
    *out = NULL;
    return ERR_CONFLICT;
}
