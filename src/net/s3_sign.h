/* AWS Signature Version 4 for S3: what goes into the headers of one request, from its parts. Pure
 * arithmetic over text. */
#ifndef NET_S3_SIGN_H
#define NET_S3_SIGN_H

#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

enum { S3_DATE_SIZE = 17, S3_HASH_SIZE = 65 };

struct s3_request {
    const char *method;
    const char *host; /* as in the Host header */
    const char *path; /* encoded already, "/" at least */
    const char
        *query; /* encoded already, parameters in the order of their names, "a=1&b="; or "" */
    const char *region, *access_key, *secret_key;
    char date[S3_DATE_SIZE];    /* "20130524T000000Z" */
    char payload[S3_HASH_SIZE]; /* SHA-256 of the body in hexadecimal */
};

void s3_date(int64_t now, char date[S3_DATE_SIZE]);
void s3_hex(const uint8_t hash[32], char text[S3_HASH_SIZE]);

/* Appends the value of the Authorization header over host, x-amz-content-sha256 and x-amz-date. */
void s3_sign(const struct s3_request *request, struct buf *out);

/* Appends text, percent-encoded as S3 wants it: all but unreserved characters, and '/' where
 * `slashes`. */
void s3_encode(struct buf *out, const char *text, bool slashes);

#endif
