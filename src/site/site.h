/* The site: the route table, the guard and the shop behind one handler for the server. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "base/err.h"
#include "http/guard.h"
#include "http/ratelimit.h"
#include "http/request.h"
#include "http/response.h"
#include "http/server.h"
#include "shop/shop.h"
#include <stdatomic.h>
#include <stdbool.h>

struct page_cache;

struct site {
    struct shop shop;
    struct guard_rules guard;
    struct ratelimit *limits;
    struct page_cache *cache;
    const char *metrics_token; /* "" : none */
    atomic_bool draining;
    atomic_bool *self_signed;
};

/* The server's two callbacks; ctx is the site. */
void site_handle(struct request *request, struct response *response, void *ctx);
void site_refuse(struct request *request, struct response *response, void *ctx);

#endif
