/* A canonical request, a string to sign, a chain of HMACs. */
#include "net/s3_sign.h"
#include "base/secret.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SIGNED_HEADERS "host;x-amz-content-sha256;x-amz-date"

enum { DAY_LENGTH = 8 };

void s3_date(int64_t now, char date[S3_DATE_SIZE]) {
    time_t seconds = (time_t)now;
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(date, S3_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

void s3_hex(const uint8_t hash[32], char text[S3_HASH_SIZE]) {
    for (size_t i = 0; i < 32; i++)
        snprintf(text + i * 2, 3, "%02x", hash[i]);
}

void s3_encode(struct buf *out, const char *text, bool slashes) {
    for (; *text; text++) {
        bool plain = isascii((unsigned char)*text) &&
                     (isalnum((unsigned char)*text) || strchr("-._~", *text));
        if (plain || (slashes && *text == '/'))
            buf_putc(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

static void hash_canonical(const struct s3_request *request, char text[S3_HASH_SIZE]) {
    struct buf canonical = {0};
    uint8_t hash[SECRET_SHA256_SIZE];
    buf_printf(&canonical,
               "%s\n%s\n%s\nhost:%s\nx-amz-content-sha256:%s\nx-amz-date:%s\n\n" SIGNED_HEADERS
               "\n%s",
               request->method, request->path, request->query, request->host, request->payload,
               request->date, request->payload);
    secret_sha256(canonical.data, canonical.len, hash);
    s3_hex(hash, text);
    buf_free(&canonical);
}

static void chain(uint8_t key[SECRET_SHA256_SIZE], const char *text, size_t length) {
    uint8_t next[SECRET_SHA256_SIZE];
    secret_hmac_sha256(key, SECRET_SHA256_SIZE, text, length, next);
    memcpy(key, next, sizeof(next));
}

void s3_sign(const struct s3_request *request, struct buf *out) {
    char hash[S3_HASH_SIZE];
    uint8_t key[SECRET_SHA256_SIZE];
    struct buf secret = {0}, scope = {0}, string = {0};
    hash_canonical(request, hash);
    buf_printf(&scope, "%.*s/%s/s3/aws4_request", DAY_LENGTH, request->date, request->region);
    buf_printf(&string, "AWS4-HMAC-SHA256\n%s\n%s\n%s", request->date, scope.data, hash);
    buf_printf(&secret, "AWS4%s", request->secret_key);
    secret_hmac_sha256(secret.data, secret.len, request->date, DAY_LENGTH, key);
    chain(key, request->region, strlen(request->region));
    chain(key, "s3", 2);
    chain(key, "aws4_request", 12);
    chain(key, string.data, string.len);
    s3_hex(key, hash);
    buf_printf(out,
               "AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=" SIGNED_HEADERS ",Signature=%s",
               request->access_key, scope.data, hash);
    secret_wipe(secret.data, secret.cap);
    secret_wipe(key, sizeof(key));
    buf_free(&secret);
    buf_free(&scope);
    buf_free(&string);
}
