/* What the system says of this process, under the names all Prometheus clients use. */
#ifndef SITE_PROCESS_H
#define SITE_PROCESS_H

#include "base/buf.h"

/* Rows whose source cannot be read (no /proc) are left out. */
void process_write(struct buf *out);

#endif
