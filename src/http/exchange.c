/* Takes one request through: reading the head, refusing what cannot be served, the handler, the
 * response. Connections and listeners live in server.c. */
#include "http/exchange.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/secret.h"
#include "http/body.h"
#include "http/challenge.h"
#include "http/proxy.h"
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
    KEEP_BODY = 128 * 1024, /* a larger buffer is given back after the request */
    KEEP_SPACES = 4,        /* workspaces, when a rush is over */
    RETRY_AFTER = 5,        /* seconds */
};

/* Everything one request needs; reused by the next. */
struct workspace {
    struct workspace *next;
    struct arena *arena;
    struct buf wire; /* the head of the response */
    struct head head;
    struct body body;
    struct request request;
    struct response response;
};

/* Memory --------------------------------------------------------------------------------------- */

static struct workspace *workspace_take(struct workspace_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    struct workspace *space = pool->top;
    if (space)
        pool->top = space->next;
    pthread_mutex_unlock(&pool->lock);
    if (space)
        return space;
    space = memory_new(1, sizeof(*space));
    space->arena = arena_create();
    return space;
}

static void shrink(struct buf *buf) {
    if (buf->cap <= KEEP_BODY)
        return;
    buf_free(buf);
    *buf = (struct buf){0};
}

static void workspace_give(struct workspace_pool *pool, struct workspace *space) {
    arena_reset(space->arena);
    shrink(&space->wire);
    shrink(&space->body.data);
    shrink(&space->response.body);
    pthread_mutex_lock(&pool->lock);
    space->next = pool->top;
    pool->top = space;
    pthread_mutex_unlock(&pool->lock);
}

void exchanges_setup(struct exchanges *exchanges) {
    pthread_mutex_init(&exchanges->pool.lock, NULL);
    secret_random(&exchanges->id_seed, sizeof(exchanges->id_seed));
}

static void workspace_free(struct workspace *space) {
    arena_destroy(space->arena);
    buf_free(&space->wire);
    buf_free(&space->body.data);
    buf_free(&space->response.body);
    buf_free(&space->response.headers);
    free(space);
}

/* All but the first `kept` of the pool. */
static void pool_shrink(struct workspace_pool *pool, int kept) {
    pthread_mutex_lock(&pool->lock);
    struct workspace **end = &pool->top;
    for (int i = 0; i < kept && *end; i++)
        end = &(*end)->next;
    struct workspace *space = *end;
    *end = NULL;
    pthread_mutex_unlock(&pool->lock);
    while (space) {
        struct workspace *next = space->next;
        workspace_free(space);
        space = next;
    }
}

void exchanges_trim(struct exchanges *exchanges) {
    pool_shrink(&exchanges->pool, KEEP_SPACES);
}

void exchanges_free(struct exchanges *exchanges) {
    pool_shrink(&exchanges->pool, 0);
    pthread_mutex_destroy(&exchanges->pool.lock);
}

/* The request ---------------------------------------------------------------------------------- */

/* splitmix64's mixer is a bijection: no id comes twice, and one says nothing about the next to
 * people. */
static void make_id(struct exchanges *exchanges, char id[REQUEST_ID_SIZE]) {
    uint64_t x =
        exchanges->id_seed + atomic_fetch_add(&exchanges->id_count, 1) * 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    x ^= x >> 31;
    for (int i = REQUEST_ID_SIZE - 2; i >= 0; i--, x >>= 4)
        id[i] = "0123456789abcdef"[x & 15];
    id[REQUEST_ID_SIZE - 1] = '\0';
}

static void set_household(struct request *request, const struct address *client) {
    struct address household = address_household(client);
    memcpy(request->address_key, household.bytes, sizeof(request->address_key));
}

/* What is known of any request, readable or not. */
static void begin_request(struct exchanges *exchanges, struct channel *channel,
                          struct workspace *space) {
    struct request *request = &space->request;
    *request = (struct request){
        .arena = space->arena,
        .now = clock_now(),
        .started_us = clock_monotonic_us(),
        .method = METHOD_OTHER,
        .method_name = "",
        .path = "",
        .query_string = "",
        .host = "",
        .listener = (enum listener)connguard_tag(channel->slot),
        .secure = channel->security == CHANNEL_TLS,
        .via_proxy = connguard_exempt(channel->slot),
    };
    make_id(exchanges, request->id);
    memcpy(request->address, channel->address, sizeof(request->address));
    set_household(request, connguard_address(channel->slot));
    response_reset(&space->response);
}

static enum method method_of(const char *name) {
    static const char *const names[] = {
        [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD", [METHOD_POST] = "POST"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0)
            return (enum method)i;
    return METHOD_OTHER;
}

/* Reads the head. Answers 0 or the status to refuse the request with. */
static int read_request(struct exchanges *exchanges, struct channel *channel,
                        struct workspace *space) {
    struct request *request = &space->request;
    const struct head *head = &space->head;
    int refused = head_parse(channel->buf, channel->head_len, &space->head);
    if (refused)
        return refused;
    request->head = head;
    request->method_name = head->method;
    request->method = method_of(head->method);
    request->path = head->path;
    request->query_string = head->query;
    request->host = head->host;
    body_start(&space->body, channel, head);
    request->body = &space->body;
    if (request->via_proxy) {
        struct address client =
            proxy_client(head, &exchanges->proxies, connguard_address(channel->slot));
        address_format(&client, request->address);
        set_household(request, &client);
        request->secure = request->secure || proxy_is_secure(head);
    }
    if (fields_parse_urlencoded(request->arena, head->query, strlen(head->query),
                                &request->query) != OK)
        return 400;
    return !head->chunked && head->content_length > exchanges->request_limit ? 413 : 0;
}

/* The response --------------------------------------------------------------------------------- */

static void refuse(struct exchanges *exchanges, struct workspace *space, int status) {
    struct response *response = &space->response;
    response->status = status;
    response->close = true;
    if (status == 503)
        response_header(response, "Retry-After", "%d", RETRY_AFTER);
    if (exchanges->refuse) {
        exchanges->refuse(&space->request, response, exchanges->ctx);
        return;
    }
    response->content_type = "text/plain; charset=utf-8";
    buf_printf(&response->body, "%s\n", response_reason(status));
}

/* The host of a URL that leads to our HTTPS listener: as configured, or the address the client
 * reached. */
static const char *https_host(const struct exchanges *exchanges, const struct channel *channel,
                              struct arena *arena) {
    struct sockaddr_storage local = {0};
    socklen_t len = sizeof(local);
    char text[ADDRESS_TEXT];
    if (exchanges->base_host)
        return exchanges->base_host;
    getsockname(channel->fd, (struct sockaddr *)&local, &len);
    struct address address = address_of(&local);
    address_format(&address, text);
    const char *open = strchr(text, ':') ? "[" : "", *close = *open ? "]" : "";
    const char *port =
        exchanges->https_port == 443 ? "" : arena_printf(arena, ":%d", exchanges->https_port);
    return arena_printf(arena, "%s%s%s%s", open, text, close, port);
}

/* The path as it stood in the request line, near enough: what a URL's path cannot hold is encoded
 * again. */
static const char *encode_path(struct arena *arena, const char *path) {
    static const char kept[] = "-._~/:@!$&'()*+,;=";
    char *out = arena_alloc(arena, strlen(path) * 3 + 1), *at = out;
    for (; *path; path++) {
        bool plain = (*path >= 'a' && *path <= 'z') || (*path >= 'A' && *path <= 'Z') ||
                     (*path >= '0' && *path <= '9') || strchr(kept, *path);
        if (plain)
            *at++ = *path;
        else
            at += snprintf(at, 4, "%%%02X", (unsigned char)*path);
    }
    return out;
}

/* The same address over TLS. 301 for what browsers repeat as it is, 308 to keep other methods. */
static void redirect_to_https(const struct exchanges *exchanges, const struct channel *channel,
                              struct workspace *space) {
    const struct request *request = &space->request;
    bool safe = request->method == METHOD_GET || request->method == METHOD_HEAD;
    const char *mark = request->query_string[0] ? "?" : "";
    response_redirect(&space->response, safe ? 301 : 308,
                      arena_printf(request->arena, "https://%s%s%s%s",
                                   https_host(exchanges, channel, request->arena),
                                   encode_path(request->arena, request->path), mark,
                                   request->query_string));
    response_header(&space->response, "Cache-Control", "max-age=3600");
}

static void answer(struct exchanges *exchanges, struct channel *channel, struct workspace *space) {
    const struct request *request = &space->request;
    bool ops = request->listener == LISTENER_OPS;
    bool has_https = exchanges->https_port != 0 || exchanges->base_host;
    bool challenge = exchanges->challenges && !ops &&
                     challenges_serve(exchanges->challenges, request, &space->response);
    if (challenge)
        return;
    if (request->secure || ops)
        exchanges->handle(&space->request, &space->response, exchanges->ctx);
    else if (has_https)
        redirect_to_https(exchanges, channel, space);
    else
        refuse(exchanges, space, 421); /* the site is never served in the clear */
}

/* Whether a request is to be answered in full. Counted first and asked second: whoever begins to
 * drain does it the other way round, so that it misses nobody. While the server drains, that is
 * what came on a connection made before. */
static bool admit(struct exchanges *exchanges, const struct channel *channel) {
    atomic_fetch_add(&exchanges->admitted, 1);
    int64_t since = atomic_load(&exchanges->draining_since_us);
    if (since == 0 || (!channel->answered && connguard_accepted_us(channel->slot) < since))
        return true;
    atomic_fetch_sub(&exchanges->admitted, 1);
    return false;
}

/* Puts the response on the wire. Answers whether the connection goes on. */
static bool respond(struct exchanges *exchanges, struct channel *channel, struct workspace *space) {
    const struct request *request = &space->request;
    struct response *response = &space->response;
    bool in_step = request->head && body_is_over(&space->body);
    bool wanted = request->head && request->head->keep_alive;
    bool close = response->close || !in_step || !wanted || exchanges->draining_since_us ||
                 connguard_crowded(channel->guard);
    channel->linger = !in_step;
    channel->answered = true;
    size_t length = response->static_body ? response->static_len : response->body.len;
    const void *bytes = response->static_body ? response->static_body : buf_text(&response->body);
    struct response_wire wire = {
        .now = request->now,
        .length = length,
        .close = close,
        .keep_alive = request->head && request->head->http_1_0,
        .strict = request->secure && exchanges->tls && !tls_context_self_signed(exchanges->tls),
    };
    response_write_head(response, &wire, &space->wire);
    bool with_body = request->method != METHOD_HEAD && response_has_body(response->status);
    return channel_send(channel, &space->wire, bytes, with_body ? length : 0) && !close;
}

bool exchange_run(struct exchanges *exchanges, struct channel *channel, int head) {
    struct workspace *space = workspace_take(&exchanges->pool);
    begin_request(exchanges, channel, space);
    log_about(space->request.id);
    bool admitted = admit(exchanges, channel);
    int refused = head == CHANNEL_HEAD ? read_request(exchanges, channel, space) : head;
    if (!refused && !admitted) {
        refuse(exchanges, space, 503);
    } else if (refused) {
        atomic_fetch_add(&exchanges->bad_heads, 1);
        refuse(exchanges, space, refused);
    } else {
        atomic_fetch_add(&exchanges->requests, 1);
        answer(exchanges, channel, space);
    }
    if (exchanges->observe)
        exchanges->observe(&space->request, &space->response,
                           clock_monotonic_us() - space->request.started_us, exchanges->ctx);
    bool goes_on = respond(exchanges, channel, space);
    log_about(NULL);
    if (admitted) /* and its response is sent */
        atomic_fetch_sub(&exchanges->admitted, 1);
    workspace_give(&exchanges->pool, space);
    return goes_on;
}
