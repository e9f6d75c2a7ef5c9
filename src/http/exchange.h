/* One request and its response: from a raw head to a handler and back on the wire. Also what is
 * common to all exchanges of a server: the handler, who is trusted, whether it drains, and memory
 * for requests. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "http/channel.h"
#include "http/server.h"
#include <pthread.h>

struct workspace;

/* Memory for requests: as many workspaces as there ever were requests at work at one time. The last
 * one used is the next one taken, while it is warm. */
struct workspace_pool {
    pthread_mutex_t lock;
    struct workspace *top;
};

struct exchanges {
    server_handler *handle;
    server_refuser *refuse;
    server_observer *observe;
    void *ctx;
    const char *base_host;
    int https_port; /* 0: there is no HTTPS listener */
    struct networks proxies;
    struct tls_context *tls;       /* NULL without */
    struct challenges *challenges; /* NULL without */
    int64_t request_limit;
    uint64_t id_seed;
    _Atomic uint64_t id_count;
    _Atomic int64_t draining_since_us; /* 0: it does not drain */
    _Atomic int admitted; /* requests at work outside the ops listener, those refused not counted
                           */
    _Atomic int64_t requests, bad_heads;
    struct workspace_pool pool;
};

/* Fills what is not configuration. */
void exchanges_setup(struct exchanges *exchanges);
void exchanges_free(struct exchanges *exchanges);

/* Gives back the memory of requests that a rush left behind. */
void exchanges_trim(struct exchanges *exchanges);

/* Handles what channel_next_head answered (a head, or a status to refuse with) and sends the
 * response. False when the connection is to be closed behind it. */
bool exchange_run(struct exchanges *exchanges, struct channel *channel, int head);

#endif
