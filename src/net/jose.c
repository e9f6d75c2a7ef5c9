/* Builds signed JSON. */
#include "net/jose.h"
#include "base/secret.h"
#include "net/keypair.h"
#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COORDINATE_TEXT = 44, JWK_SIZE = 160 };

/* Members in the order of their names and no white space: what a thumbprint is made of. */
static void write_jwk(const struct keypair *key, char jwk[JWK_SIZE]) {
    uint8_t x[KEYPAIR_COORDINATE], y[KEYPAIR_COORDINATE];
    char x_text[COORDINATE_TEXT], y_text[COORDINATE_TEXT];
    keypair_public(key, x, y);
    secret_base64(x, sizeof(x), x_text);
    secret_base64(y, sizeof(y), y_text);
    snprintf(jwk, JWK_SIZE, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x_text,
             y_text);
}

void jose_thumbprint(const struct keypair *key, char text[JOSE_THUMBPRINT_SIZE]) {
    char jwk[JWK_SIZE];
    uint8_t hash[SECRET_SHA256_SIZE];
    write_jwk(key, jwk);
    secret_sha256(jwk, strlen(jwk), hash);
    secret_base64(hash, sizeof(hash), text);
}

static void put_base64(struct buf *out, const void *bytes, size_t count) {
    size_t room = (count * 4 + 2) / 3 + 1;
    buf_reserve(out, room);
    secret_base64(bytes, count, out->data + out->len);
    out->len += strlen(out->data + out->len);
}

/* Appends the protected header, encoded. */
static enum err put_protected(const struct keypair *key, const char *url, const char *nonce,
                              const char *account, struct buf *out) {
    char jwk[JWK_SIZE];
    cJSON *header = cJSON_CreateObject();
    write_jwk(key, jwk);
    bool made = cJSON_AddStringToObject(header, "alg", "ES256") &&
                cJSON_AddStringToObject(header, "nonce", nonce) &&
                cJSON_AddStringToObject(header, "url", url) &&
                (account ? cJSON_AddStringToObject(header, "kid", account)
                         : cJSON_AddRawToObject(header, "jwk", jwk));
    char *text = made ? cJSON_PrintUnformatted(header) : NULL;
    if (text)
        put_base64(out, text, strlen(text));
    cJSON_free(text);
    cJSON_Delete(header);
    return text ? OK : ERR_INTERNAL;
}

enum err jose_sign(const struct keypair *key, const char *url, const char *nonce,
                   const char *account, const char *payload, struct buf *out) {
    struct buf input = {0}; /* what is signed: header.payload */
    uint8_t signature[KEYPAIR_SIGNATURE];
    enum err err = put_protected(key, url, nonce, account, &input);
    if (!err) {
        size_t header = input.len;
        buf_putc(&input, '.');
        put_base64(&input, payload, strlen(payload));
        err = keypair_sign(key, input.data, input.len, signature);
        if (!err) {
            buf_printf(out, "{\"protected\":\"%.*s\",\"payload\":\"%s\",\"signature\":\"",
                       (int)header, input.data, input.data + header + 1);
            put_base64(out, signature, sizeof(signature));
            buf_puts(out, "\"}");
        }
    }
    buf_free(&input);
    return err;
}
