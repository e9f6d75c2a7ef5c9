/* THE table: every address of the site, who may enter, which form it takes, who answers. */
#ifndef SITE_ROUTES_H
#define SITE_ROUTES_H

#include "http/router.h"

extern const struct route ROUTES[];
extern const size_t ROUTE_COUNT;

#endif
