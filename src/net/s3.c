/* Sending, listing, removing. */
#include "net/s3.h"
#include "base/buf.h"
#include "net/s3_call.h"
#include "net/s3_reply.h"
#include "net/s3_sign.h"
#include "net/url.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NAMES_MAX = 10000,
    UPLOAD_ID_SIZE = 1024,
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

/* ---- in parts --------------------------------------------------------------------------------
 */

struct upload {
    const struct s3_options *options;
    const char *name, *what;
    char id[UPLOAD_ID_SIZE];
    struct buf query, list; /* the list that completes it */
};

static enum err begin(struct upload *upload, char *error, size_t error_size) {
    const struct s3_call call = {.method = "POST",
                                 .key = upload->name,
                                 .query = "uploads=",
                                 .body = "",
                                 .what = upload->what};
    struct reply reply = {0};
    enum err err = s3_ask(upload->options, &call, &reply, error, error_size);
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
    const struct s3_call call = {.method = "PUT",
                                 .key = upload->name,
                                 .query = upload->query.data,
                                 .fd = fd,
                                 .offset = offset,
                                 .length = length,
                                 .what = upload->what};
    struct reply reply = {0};
    enum err err = s3_ask(upload->options, &call, &reply, error, error_size);
    if (err)
        return err;
    const char *etag = reply_header(&reply, "ETag");
    if (!etag || strlen(etag) >= S3_ETAG_SIZE || strpbrk(etag, "<>&")) {
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
    const struct s3_call call = {.method = "POST",
                                 .key = upload->name,
                                 .query = upload->query.data,
                                 .body = upload->list.data,
                                 .length = (int64_t)upload->list.len,
                                 .what = upload->what};
    struct reply reply = {0};
    enum err err = s3_ask(upload->options, &call, &reply, error, error_size);
    if (err)
        return err;
    if (strstr(buf_text(&reply.body), "<Error>"))
        err = s3_refuse(upload->options, &call, &reply, error, error_size);
    reply_free(&reply);
    return err;
}

/* What was sent would be paid for until somebody removes it. */
static void give_up(struct upload *upload) {
    char ignored[512];
    struct reply reply = {0};
    set_query(upload, 0);
    const struct s3_call call = {.method = "DELETE",
                                 .key = upload->name,
                                 .query = upload->query.data,
                                 .body = "",
                                 .what = upload->what};
    if (s3_ask(upload->options, &call, &reply, ignored, sizeof(ignored)) == OK)
        reply_free(&reply);
}

static enum err put_parts(const struct s3_options *options, const struct s3_call *whole,
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
    const struct s3_call call = {
        .method = "PUT", .key = name, .query = "", .fd = fd, .length = st.st_size, .what = what};
    int64_t part_size = options->part_size ? options->part_size : PART_SIZE;
    struct reply reply = {0};
    enum err err;
    if (st.st_size > part_size) {
        if (st.st_size / part_size >= PARTS_MAX)
            part_size = st.st_size / (PARTS_MAX - 1) + 1;
        err = put_parts(options, &call, part_size, error, error_size);
    } else {
        err = s3_ask(options, &call, &reply, error, error_size);
        if (!err)
            reply_free(&reply);
    }
    close(fd);
    return err;
}

/* ---- names -----------------------------------------------------------------------------------
 */

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
        const struct s3_call call = {
            .method = "GET", .query = query.data, .body = "", .what = "to list the bucket"};
        struct reply reply = {0};
        enum err err = s3_ask(options, &call, &reply, error, error_size);
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

bool s3_names_have(const struct s3_names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->names[i], name) == 0)
            return true;
    return false;
}

enum err s3_remove(const struct s3_options *options, const char *name, char *error,
                   size_t error_size) {
    char what[300];
    snprintf(what, sizeof(what), "to remove %s", name);
    const struct s3_call call = {
        .method = "DELETE", .key = name, .query = "", .body = "", .what = what};
    struct reply reply = {0};
    enum err err = s3_ask(options, &call, &reply, error, error_size);
    if (!err)
        reply_free(&reply);
    return err;
}
