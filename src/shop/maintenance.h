/* What time alone brings about: holds end, transfers run out, lost charges are asked about, old
 * sessions and links go. The clockwork calls it; nothing depends on it being punctual, because
 * readers compare moments themselves. */
#ifndef SHOP_MAINTENANCE_H
#define SHOP_MAINTENANCE_H

#include "base/err.h"
#include <stdint.h>

struct shop;

struct maintenance_done {
    int holds;     /* seats given back */
    int transfers; /* pending orders whose deadline passed */
    int charges;   /* charges without an answer that were settled */
};

/* One round, in short transactions. Call it every few seconds, from one thread. */
enum err maintenance_run(struct shop *shop, int64_t now, struct maintenance_done *done) MUST_CHECK;

#endif
