/* Signing a request and sending it. */
#include "net/s3_call.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/fetch.h"
#include "net/s3_reply.h"
#include "net/s3_sign.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ASK_MS = 60 * 1000,
    BYTES_A_SECOND = 64 * 1024, /* the slowest line that is waited for */
    REPLY_LIMIT = 2 * 1024 * 1024,
    HEADERS = 5,
};

static enum err hash_body(const struct s3_call *call, char text[S3_HASH_SIZE]) {
    uint8_t hash[SECRET_SHA256_SIZE];
    size_t size = (size_t)call->length;
    char *bytes = call->body || size == 0 ? NULL : malloc(size);
    if (!call->body && size && !bytes)
        return ERR_IO;
    for (size_t done = 0; bytes && done < size;) {
        ssize_t got = pread(call->fd, bytes + done, size - done, call->offset + (int64_t)done);
        if (got <= 0) {
            free(bytes);
            return ERR_IO;
        }
        done += (size_t)got;
    }
    secret_sha256(call->body ? call->body : bytes ? bytes : "", size, hash);
    free(bytes);
    s3_hex(hash, text);
    return OK;
}

enum err s3_refuse(const struct s3_options *options, const struct s3_call *call,
                   const struct reply *reply, char *error, size_t error_size) {
    char says[340] = "";
    s3_error(buf_text(&reply->body), says, sizeof(says));
    snprintf(error, error_size, "%s refuses %s (status %d)%s%s", options->place.host, call->what,
             reply->status, *says ? ": " : "", says);
    return reply->status == 404 ? ERR_NOT_FOUND : ERR_REFUSED;
}

/* The signed ones, and what part of which object is asked for. Answers how many there are. */
static size_t set_headers(struct fetch_header headers[HEADERS], char range[64],
                          const struct s3_call *call, const struct s3_request *request,
                          const char *authorization) {
    size_t count = 0;
    headers[count++] = (struct fetch_header){"Authorization", authorization};
    headers[count++] = (struct fetch_header){"x-amz-content-sha256", request->payload};
    headers[count++] = (struct fetch_header){"x-amz-date", request->date};
    if (call->size) {
        snprintf(range, 64, "bytes=%" PRId64 "-%" PRId64, call->from, call->from + call->size - 1);
        headers[count++] = (struct fetch_header){"Range", range};
    }
    if (call->etag && *call->etag)
        headers[count++] = (struct fetch_header){"If-Match", call->etag};
    return count;
}

enum err s3_ask(const struct s3_options *options, const struct s3_call *call, struct reply *reply,
                char *error, size_t error_size) {
    const struct s3_place *place = &options->place;
    struct buf path = {0}, url = {0}, authorization = {0};
    struct s3_request request = {.method = call->method,
                                 .host = place->host,
                                 .query = call->query,
                                 .region = options->region,
                                 .access_key = options->access_key,
                                 .secret_key = options->secret_key};
    if (hash_body(call, request.payload) != OK) {
        snprintf(error, error_size, "%s: the file cannot be read", call->what);
        return ERR_IO;
    }
    s3_date(clock_now(), request.date);
    buf_puts(&path, place->bucket);
    if (call->key) {
        buf_putc(&path, '/');
        s3_encode(&path, place->prefix, true);
        s3_encode(&path, call->key, true);
    } else if (!path.len) {
        buf_putc(&path, '/');
    }
    request.path = path.data;
    s3_sign(&request, &authorization);
    buf_printf(&url, "%s://%s%s%s%s", place->scheme, place->host, path.data,
               *call->query ? "?" : "", call->query);
    struct fetch_header headers[HEADERS];
    char range[64];
    size_t header_count = set_headers(headers, range, call, &request, authorization.data);
    const struct fetch_request send = {.method = call->method,
                                       .url = url.data,
                                       .headers = headers,
                                       .header_count = header_count,
                                       .body = call->body,
                                       .body_fd = call->fd,
                                       .body_offset = call->offset,
                                       .body_length = call->length,
                                       .ca_file = options->ca_file,
                                       .reply_limit = REPLY_LIMIT + (size_t)call->size};
    int ms = ASK_MS + (int)((call->length + call->size) / BYTES_A_SECOND * 1000);
    enum err err = fetch(&send, deadline_in(ms, 0, options->stop_fd), reply, error, error_size);
    buf_free(&path);
    buf_free(&url);
    buf_free(&authorization);
    if (err)
        return ERR_IO;
    if (reply->status >= 200 && reply->status <= 299)
        return OK;
    err = s3_refuse(options, call, reply, error, error_size);
    reply_free(reply);
    return err;
}
