/* The requests, each signed for itself. */
#include "net/s3.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/fetch.h"
#include "net/s3_reply.h"
#include "net/s3_sign.h"
#include "net/url.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    ASK_MS = 60 * 1000,
    BYTES_A_SECOND = 64 * 1024, /* the slowest line that is waited for */
    NAMES_MAX = 10000,
    REPLY_LIMIT = 2 * 1024 * 1024,
    UPLOAD_ID_SIZE = 1024,
    ETAG_SIZE = 128,
    PARTS_MAX = 10000,
};
static const int64_t PART_SIZE = 16 * 1024 * 1024;

/* ---- the place -------------------------------------------------------------------------------
 */

static bool bucket_in_host(const char *host) {
    for (const char *dot = strchr(host, '.'); dot; dot = strchr(dot + 1, '.'))
        if (strncmp(dot, ".s3.", 4) == 0 || strncmp(dot, ".s3-", 4) == 0)
            return true;
    return false;
}

bool s3_place_parse(struct s3_place *place, struct arena *arena, const char *url) {
    struct url parts;
    if (url_parse(&parts, url) != OK || strpbrk(parts.target, "?%"))
        return false;
    bool in_host = bucket_in_host(parts.host);
    const char *path = parts.target + 1;
    size_t bucket = in_host ? 0 : strcspn(path, "/");
    if (!in_host && bucket == 0)
        return false;
    const char *prefix = path + bucket + (path[bucket] == '/');
    size_t length = strlen(prefix);
    bool slash = length && prefix[length - 1] != '/';
    *place =
        (struct s3_place){.scheme = parts.secure ? "https" : "http",
                          .host = arena_strdup(arena, parts.authority),
                          .bucket = in_host ? "" : arena_printf(arena, "/%.*s", (int)bucket, path),
                          .prefix = arena_printf(arena, "%s%s", prefix, slash ? "/" : "")};
    return true;
}

/* ---- one request ------------------------------------------------------------------------------
 */

struct call {
    const char *method, *key; /* key NULL: the bucket itself */
    const char *query;        /* encoded, in order, or "" */
    const char *body;         /* in memory; or: */
    int fd;
    int64_t offset, length;
    const char *what; /* for sentences: "to send taller.db" */
};

static enum err hash_body(const struct call *call, char text[S3_HASH_SIZE]) {
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

static enum err refuse(const struct s3_options *options, const struct call *call,
                       const struct reply *reply, char *error, size_t error_size) {
    char says[340];
    s3_error(buf_text(&reply->body), says, sizeof(says));
    snprintf(error, error_size, "%s refuses %s (status %d)%s%s", options->place.host, call->what,
             reply->status, *says ? ": " : "", says);
    return ERR_REFUSED;
}

/* OK for a status of 2xx, and the reply the caller's. */
static enum err ask(const struct s3_options *options, const struct call *call, struct reply *reply,
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
    const struct fetch_header headers[] = {{"Authorization", authorization.data},
                                           {"x-amz-content-sha256", request.payload},
                                           {"x-amz-date", request.date}};
    const struct fetch_request send = {.method = call->method,
                                       .url = url.data,
                                       .headers = headers,
                                       .header_count = ARRAY_COUNT(headers),
                                       .body = call->body,
                                       .body_fd = call->fd,
                                       .body_offset = call->offset,
                                       .body_length = call->length,
                                       .ca_file = options->ca_file,
                                       .reply_limit = REPLY_LIMIT};
    int ms = ASK_MS + (int)(call->length / BYTES_A_SECOND * 1000);
    enum err err = fetch(&send, deadline_in(ms, 0, options->stop_fd), reply, error, error_size);
    buf_free(&path);
    buf_free(&url);
    buf_free(&authorization);
    if (err)
        return ERR_IO;
    if (reply->status >= 200 && reply->status <= 299)
        return OK;
    err = refuse(options, call, reply, error, error_size);
    reply_free(reply);
    return err;
}

/* ---- in parts --------------------------------------------------------------------------------
 */

struct upload {
    const struct s3_options *options;
    const char *name, *what;
    char id[UPLOAD_ID_SIZE];
    struct buf query, list; /* the list that completes it */
};

static enum err begin(struct upload *upload, char *error, size_t error_size) {
    const struct call call = {.method = "POST",
                              .key = upload->name,
                              .query = "uploads=",
                              .body = "",
                              .what = upload->what};
    struct reply reply = {0};
    enum err err = ask(upload->options, &call, &reply, error, error_size);
    if (err)
        return err;
    const char *at = buf_text(&reply.body);
    if (!s3_text(&at, "UploadId", upload->id, sizeof(upload->id))) {
        snprintf(error, error_size, "%s gives no upload a number", upload->options->place.host);
        err = ERR_REFUSED;
    }
    reply_free(&reply);
    return err;
}

static void set_query(struct upload *upload, int part) {
    buf_reset(&upload->query);
    if (part)
        buf_printf(&upload->query, "partNumber=%d&", part);
    buf_puts(&upload->query, "uploadId=");
    s3_encode(&upload->query, upload->id, false);
}

static enum err send_part(struct upload *upload, int fd, int part, int64_t offset, int64_t length,
                          char *error, size_t error_size) {
    set_query(upload, part);
    const struct call call = {.method = "PUT",
                              .key = upload->name,
                              .query = upload->query.data,
                              .fd = fd,
                              .offset = offset,
                              .length = length,
                              .what = upload->what};
    struct reply reply = {0};
    enum err err = ask(upload->options, &call, &reply, error, error_size);
    if (err)
        return err;
    const char *etag = reply_header(&reply, "ETag");
    if (!etag || strlen(etag) >= ETAG_SIZE || strpbrk(etag, "<>&")) {
        snprintf(error, error_size, "%s does not confirm a part", upload->options->place.host);
        err = ERR_REFUSED;
    } else {
        buf_printf(&upload->list, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", part,
                   etag);
    }
    reply_free(&reply);
    return err;
}

/* S3 may answer 200 and an error in it: what took long failed after the head was sent. */
static enum err complete(struct upload *upload, char *error, size_t error_size) {
    set_query(upload, 0);
    buf_puts(&upload->list, "</CompleteMultipartUpload>");
    const struct call call = {.method = "POST",
                              .key = upload->name,
                              .query = upload->query.data,
                              .body = upload->list.data,
                              .length = (int64_t)upload->list.len,
                              .what = upload->what};
    struct reply reply = {0};
    enum err err = ask(upload->options, &call, &reply, error, error_size);
    if (err)
        return err;
    if (strstr(buf_text(&reply.body), "<Error>"))
        err = refuse(upload->options, &call, &reply, error, error_size);
    reply_free(&reply);
    return err;
}

/* What was sent would be paid for until somebody removes it. */
static void give_up(struct upload *upload) {
    char ignored[512];
    struct reply reply = {0};
    set_query(upload, 0);
    const struct call call = {.method = "DELETE",
                              .key = upload->name,
                              .query = upload->query.data,
                              .body = "",
                              .what = upload->what};
    if (ask(upload->options, &call, &reply, ignored, sizeof(ignored)) == OK)
        reply_free(&reply);
}

static enum err put_parts(const struct s3_options *options, const struct call *whole,
                          int64_t part_size, char *error, size_t error_size) {
    struct upload upload = {.options = options, .name = whole->key, .what = whole->what};
    enum err err = begin(&upload, error, error_size);
    if (err)
        return err;
    buf_puts(&upload.list, "<CompleteMultipartUpload>");
    int part = 1;
    for (int64_t at = 0; !err && at < whole->length; at += part_size, part++) {
        int64_t left = whole->length - at;
        err = send_part(&upload, whole->fd, part, at, left < part_size ? left : part_size, error,
                        error_size);
    }
    if (!err)
        err = complete(&upload, error, error_size);
    if (err)
        give_up(&upload);
    buf_free(&upload.query);
    buf_free(&upload.list);
    return err;
}

/* ---- files -----------------------------------------------------------------------------------
 */

enum err s3_put(const struct s3_options *options, const char *file, const char *name, char *error,
                size_t error_size) {
    char what[300];
    struct stat st;
    snprintf(what, sizeof(what), "to take %s", name);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        snprintf(error, error_size, "%s cannot be read: %s", file, strerror(errno));
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    const struct call call = {
        .method = "PUT", .key = name, .query = "", .fd = fd, .length = st.st_size, .what = what};
    int64_t part_size = options->part_size ? options->part_size : PART_SIZE;
    struct reply reply = {0};
    enum err err;
    if (st.st_size > part_size) {
        if (st.st_size / part_size >= PARTS_MAX)
            part_size = st.st_size / (PARTS_MAX - 1) + 1;
        err = put_parts(options, &call, part_size, error, error_size);
    } else {
        err = ask(options, &call, &reply, error, error_size);
        if (!err)
            reply_free(&reply);
    }
    close(fd);
    return err;
}

static void take_names(const struct s3_options *options, const char *xml, struct arena *arena,
                       struct s3_names *names) {
    char key[1100];
    size_t prefix = strlen(options->place.prefix);
    for (const char *at = xml; s3_text(&at, "Key", key, sizeof(key));) {
        if (strncmp(key, options->place.prefix, prefix) != 0 || !key[prefix] ||
            names->count == NAMES_MAX)
            continue;
        names->names = arena_grow(arena, names->names, names->count, sizeof(*names->names));
        names->names[names->count++] = arena_strdup(arena, key + prefix);
    }
}

enum err s3_list(const struct s3_options *options, struct arena *arena, struct s3_names *names,
                 char *error, size_t error_size) {
    char more[8] = "true", token[1100] = "";
    *names = (struct s3_names){0};
    while (strcmp(more, "true") == 0 && names->count < NAMES_MAX) {
        struct buf query = {0};
        if (*token) {
            buf_puts(&query, "continuation-token=");
            s3_encode(&query, token, false);
            buf_putc(&query, '&');
        }
        buf_puts(&query, "list-type=2&prefix=");
        s3_encode(&query, options->place.prefix, false);
        const struct call call = {
            .method = "GET", .query = query.data, .body = "", .what = "to list the bucket"};
        struct reply reply = {0};
        enum err err = ask(options, &call, &reply, error, error_size);
        buf_free(&query);
        if (err)
            return err;
        const char *xml = buf_text(&reply.body), *at = xml, *behind = xml;
        take_names(options, xml, arena, names);
        if (!s3_text(&at, "IsTruncated", more, sizeof(more)) ||
            !s3_text(&behind, "NextContinuationToken", token, sizeof(token)))
            *more = '\0';
        reply_free(&reply);
    }
    return OK;
}

enum err s3_remove(const struct s3_options *options, const char *name, char *error,
                   size_t error_size) {
    char what[300];
    snprintf(what, sizeof(what), "to remove %s", name);
    const struct call call = {
        .method = "DELETE", .key = name, .query = "", .body = "", .what = what};
    struct reply reply = {0};
    enum err err = ask(options, &call, &reply, error, error_size);
    if (!err)
        reply_free(&reply);
    return err;
}
