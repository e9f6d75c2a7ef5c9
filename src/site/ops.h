/* What machines ask: is it alive, is it ready, how is it doing. On the ops listener nothing else is
 * answered; on the public one /metrics opens to the bearer token and to staff, and is otherwise
 * unknown. */
#ifndef SITE_OPS_H
#define SITE_OPS_H

#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>

struct site;

/* True when the request was one of these, or came by the ops listener. */
bool ops_serve(struct site *site, struct request *request, struct response *response);

#endif
