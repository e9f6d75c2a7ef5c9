/* The page of figures for Prometheus (text format 0.0.4): what each part of the program has
 * counted, what gauges.h knows of the school, what the system says of the process and the disk.
 * Nothing here asks the database: a scrape costs the same in every school. */
#ifndef SITE_METRICS_H
#define SITE_METRICS_H

#include "base/arena.h"
#include "base/buf.h"

struct site;

void metrics_write(struct site *site, struct arena *arena, struct buf *out);

#endif
