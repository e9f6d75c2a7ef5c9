/* Sends a request, feeds the parser of replies. */
#include "net/fetch.h"
#include "net/tls.h"
#include "net/url.h"
#include "version.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 16 * 1024, REPLY_LIMIT = 1024 * 1024 };

static void write_head(const struct fetch_request *request, const struct url *url,
                       struct buf *head) {
    buf_printf(head, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: taller/" TALLER_VERSION "\r\n",
               request->method, url->target, url->authority);
    buf_puts(head, "Accept-Encoding: identity\r\nConnection: close\r\n");
    bool with_body = strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
    if (with_body || request->body_length)
        buf_printf(head, "Content-Length: %lld\r\n", (long long)request->body_length);
    for (size_t i = 0; i < request->header_count; i++)
        buf_printf(head, "%s: %s\r\n", request->headers[i].name, request->headers[i].value);
    buf_puts(head, "\r\n");
}

static enum err send_file(const struct fetch_request *request, struct tls *tls) {
    char piece[PIECE];
    for (int64_t sent = 0; sent < request->body_length;) {
        int64_t left = request->body_length - sent;
        size_t wanted = left < PIECE ? (size_t)left : PIECE;
        ssize_t got = pread(request->body_fd, piece, wanted, request->body_offset + sent);
        if (got <= 0 || tls_write(tls, piece, (size_t)got) != OK)
            return ERR_IO;
        sent += got;
    }
    return OK;
}

static enum err send_request(const struct fetch_request *request, const struct url *url,
                             struct tls *tls) {
    struct buf head = {0};
    write_head(request, url, &head);
    if (request->body && request->body_length < PIECE)
        buf_append(&head, request->body, (size_t)request->body_length);
    enum err err = tls_write(tls, head.data, head.len);
    buf_free(&head);
    if (err || request->body_length == 0)
        return err;
    if (!request->body)
        return send_file(request, tls);
    return request->body_length < PIECE
               ? OK
               : tls_write(tls, request->body, (size_t)request->body_length);
}

static enum reply_state receive_reply(struct tls *tls, struct reply *reply) {
    char piece[PIECE];
    enum reply_state state = REPLY_MORE;
    while (state == REPLY_MORE) {
        size_t count;
        if (tls_read(tls, piece, sizeof(piece), &count) != OK)
            return REPLY_MORE;
        state = count ? reply_feed(reply, piece, count) : reply_end(reply);
    }
    return state;
}

/* A server that refuses a large body early answers and hangs up: its answer counts, if there is
 * one, before the failure to send. */
static enum err exchange(const struct fetch_request *request, const struct url *url,
                         struct tls *tls, struct reply *reply, char *error, size_t error_size) {
    enum err sent = send_request(request, url, tls);
    reply_start(reply, strcmp(request->method, "HEAD") == 0,
                request->reply_limit ? request->reply_limit : REPLY_LIMIT);
    enum reply_state state = receive_reply(tls, reply);
    if (state == REPLY_DONE)
        return OK;
    if (state == REPLY_BAD)
        snprintf(error, error_size, "%s: its answer %s", url->host, reply->fault);
    else if (tls_is_late(tls))
        snprintf(error, error_size, "%s does not answer in time", url->host);
    else
        snprintf(error, error_size, "%s broke off the connection%s", url->host,
                 sent ? " while it was sent to" : "");
    reply_free(reply);
    return ERR_IO;
}

static enum err secure(const struct fetch_request *request, const struct url *url, struct tls *tls,
                       char *error, size_t error_size) {
    if (url->secure) {
        const char *ca_file = request->ca_file && *request->ca_file ? request->ca_file : NULL;
        return tls_start(tls, url->host, ca_file, error, error_size);
    }
    if (tls_is_loopback(tls))
        return OK;
    snprintf(error, error_size, "%s is elsewhere: without https nothing is said to it", url->host);
    return ERR_INVALID;
}

enum err fetch(const struct fetch_request *request, struct deadline deadline, struct reply *reply,
               char *error, size_t error_size) {
    struct url url;
    if (url_parse(&url, request->url) != OK) {
        snprintf(error, error_size, "%.100s is not an address like https://host/path",
                 request->url);
        return ERR_INVALID;
    }
    struct tls *tls = tls_connect(url.host, url.port, deadline, error, error_size);
    if (!tls)
        return ERR_IO;
    enum err err = secure(request, &url, tls, error, error_size);
    if (!err)
        err = exchange(request, &url, tls, reply, error, error_size);
    tls_close(tls);
    return err;
}
