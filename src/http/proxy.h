/* What a trusted proxy says about the client behind it. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "http/address.h"
#include "http/head.h"
#include <stdbool.h>

/* The client of a request that came from `peer`, a trusted proxy: the last address in
 * X-Forwarded-For that is not a trusted proxy itself. What stands before it anyone could have
 * written. */
struct address proxy_client(const struct head *head, const struct networks *trusted,
                            const struct address *peer);

/* Whether the client spoke TLS to the proxy. One that says nothing about it (X-Forwarded-Proto) is
 * taken to do what proxies are put there for. */
bool proxy_is_secure(const struct head *head);

#endif
