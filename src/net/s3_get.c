/* A file fetched piece by piece: memory and time-outs stay those of a piece. */
#include "net/s3_call.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t PIECE_SIZE = 8 * 1024 * 1024;

struct download {
    const struct s3_options *options;
    struct s3_call call; /* of the next piece */
    int64_t total;       /* bytes; -1 until an answer says so */
    char etag[S3_ETAG_SIZE];
    int fd;
};

/* "bytes 0-99/1234" (RFC 9110, 14.4). */
static bool read_range(const char *text, int64_t *from, int64_t *to, int64_t *total) {
    static const char unit[] = "bytes ";
    char *end;
    if (!text || strncmp(text, unit, sizeof(unit) - 1) != 0)
        return false;
    *from = strtoll(text + sizeof(unit) - 1, &end, 10);
    if (*end != '-')
        return false;
    *to = strtoll(end + 1, &end, 10);
    if (*end != '/')
        return false;
    *total = strtoll(end + 1, &end, 10);
    return !*end;
}

/* Whether what came is the piece that was asked for; notes how much there is in all. */
static bool is_asked_for(struct download *download, const struct reply *reply) {
    int64_t from, to, total, length = (int64_t)reply->body.len;
    if (reply->status != 206) {
        download->total = length; /* it does not know ranges: all of it came */
        return download->call.from == 0;
    }
    if (!read_range(reply_header(reply, "Content-Range"), &from, &to, &total) || length == 0 ||
        from != download->call.from || to - from + 1 != length || to >= total ||
        (download->total >= 0 && download->total != total))
        return false;
    download->total = total;
    return true;
}

static bool write_piece(int fd, const struct buf *bytes) {
    for (size_t done = 0; done < bytes->len;) {
        ssize_t put = write(fd, bytes->data + done, bytes->len - done);
        if (put < 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

static enum err get_piece(struct download *download, char *error, size_t error_size) {
    struct reply reply = {0};
    enum err err = s3_ask(download->options, &download->call, &reply, error, error_size);
    if (err)
        return err;
    const char *etag = reply_header(&reply, "ETag");
    if (etag && strlen(etag) < S3_ETAG_SIZE)
        memcpy(download->etag, etag, strlen(etag) + 1);
    if (!is_asked_for(download, &reply)) {
        snprintf(error, error_size, "%s sends another part of the file than was asked for",
                 download->options->place.host);
        err = ERR_REFUSED;
    } else if (!write_piece(download->fd, &reply.body)) {
        snprintf(error, error_size, "what %s sends cannot be written: %s",
                 download->options->place.host, strerror(errno));
        err = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
    }
    download->call.from += (int64_t)reply.body.len;
    reply_free(&reply);
    return err;
}

enum err s3_get(const struct s3_options *options, const char *name, const char *file, char *error,
                size_t error_size) {
    char what[300];
    snprintf(what, sizeof(what), "to give %s", name);
    unlink(file);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        snprintf(error, error_size, "%s cannot be written: %s", file, strerror(errno));
        return ERR_IO;
    }
    struct download download = {.options = options, .total = -1, .fd = fd};
    download.call = (struct s3_call){.method = "GET",
                                     .key = name,
                                     .query = "",
                                     .body = "",
                                     .size = options->piece_size ? options->piece_size : PIECE_SIZE,
                                     .etag = download.etag,
                                     .what = what};
    enum err err = OK;
    while (!err && (download.total < 0 || download.call.from < download.total))
        err = get_piece(&download, error, error_size);
    if (close(fd) != 0 && !err) {
        snprintf(error, error_size, "%s cannot be written: %s", file, strerror(errno));
        err = ERR_IO;
    }
    return err;
}
