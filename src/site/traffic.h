/* What was asked for and how it was answered: requests by route, method and status, and how long an
 * answer took by route. Labels are bounded: a route is a row of the table or one of a few beside
 * it, a status one of those the site answers with, whatever is sent. Any thread, no lock. */
#ifndef SITE_TRAFFIC_H
#define SITE_TRAFFIC_H

#include "base/buf.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"

struct traffic;

/* What is answered without the route table, for request->route. Everything else that has no row
 * (unknown paths, redirects to HTTPS, heads that cannot be read) counts as route "none". */
enum { BESIDE_STATIC, BESIDE_HEALTHZ, BESIDE_READYZ, BESIDE_METRICS, BESIDE_COUNT };
extern const struct route ROUTES_BESIDE[BESIDE_COUNT];

struct traffic *traffic_create(void);
void traffic_destroy(struct traffic *traffic); /* NULL is fine */

/* Counts one answer, made `us` microseconds after the request's head was complete. */
void traffic_count(struct traffic *traffic, const struct request *request,
                   const struct response *response, int64_t us);

/* "none" for NULL. */
const char *traffic_route_name(const struct route *route);

/* The rows of /metrics; what never happened has none. */
void traffic_write(const struct traffic *traffic, struct buf *out);

#endif
