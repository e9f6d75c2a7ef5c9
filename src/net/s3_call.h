/* One request to S3-compatible storage: what the files of net/s3.h are made of. */
#ifndef NET_S3_CALL_H
#define NET_S3_CALL_H

#include "base/err.h"
#include "net/reply.h"
#include "net/s3.h"
#include <stddef.h>
#include <stdint.h>

enum { S3_ETAG_SIZE = 128 };

struct s3_call {
    const char *method, *key; /* key NULL: the bucket itself */
    const char *query;        /* encoded, in order, or "" */
    const char *body;         /* in memory; or: */
    int fd;
    int64_t offset, length;
    int64_t from, size; /* bytes asked for; size 0: all of a short answer */
    const char *etag;   /* of what is asked for; NULL or "": whatever is there */
    const char *what;   /* for sentences: "to take taller.db" */
};

/* OK for a status of 2xx, and the reply the caller's. ERR_NOT_FOUND, ERR_REFUSED when the server
 * says no, ERR_IO when there was no answer. */
enum err s3_ask(const struct s3_options *options, const struct s3_call *call, struct reply *reply,
                char *error, size_t error_size) MUST_CHECK;

/* What its answer says as a sentence. ERR_NOT_FOUND for a status of 404, else ERR_REFUSED. */
enum err s3_refuse(const struct s3_options *options, const struct s3_call *call,
                   const struct reply *reply, char *error, size_t error_size) MUST_CHECK;

#endif
