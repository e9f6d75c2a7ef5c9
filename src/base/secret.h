/* Everything cryptographic the shop itself does, by libsodium: randomness, one-time tokens, keyed
 * hashes, passwords. No primitive of our own. Safe from any thread after secret_setup(). */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SECRET_KEY_SIZE = 32,
    SECRET_HASH_SIZE = 32,   /* BLAKE2b-256 (RFC 7693) */
    SECRET_DIGEST_SIZE = 16, /* BLAKE2b-128 */
    SECRET_DIGEST_TEXT_SIZE = SECRET_DIGEST_SIZE * 2 + 1,
    SECRET_TOKEN_SIZE = 44,    /* 256 random bits as base64url without padding, and its NUL */
    SECRET_MAC_SIZE = 23,      /* a 128-bit keyed BLAKE2b tag as base64url, and its NUL */
    SECRET_PASSWORD_SIZE = 128 /* an encoded argon2id hash */
};

/* Once, by main, before threads. `password_slots`: how many password hashes may run at a time
 * (each takes 19 MiB and a core for some 20 ms), 1 or more. `password_line`: how many may be asked
 * for at a time; each keeps a thread of the caller's waiting. Asked again, it changes nothing. */
enum err secret_setup(int password_slots, int password_line) MUST_CHECK;

void secret_random(void *bytes, size_t count);
uint32_t secret_random_below(uint32_t limit); /* uniform */

/* A fresh token for a cookie or a link. What is stored is its hash, never itself. */
void secret_token(char token[SECRET_TOKEN_SIZE]);

/* BLAKE2b-256 of the bytes, keyed when `key` is not NULL. */
void secret_hash(const uint8_t key[SECRET_KEY_SIZE], const void *bytes, size_t count,
                 uint8_t hash[SECRET_HASH_SIZE]);

/* BLAKE2b-128 of the bytes: the name of a picture. Not for secrets. As lower-case hexadecimal: the
 * version of something people edit. */
void secret_digest(const void *bytes, size_t count, uint8_t digest[SECRET_DIGEST_SIZE]);
void secret_digest_text(const void *bytes, size_t count, char text[SECRET_DIGEST_TEXT_SIZE]);

/* SHA-256 (FIPS 180-4) and HMAC over it (RFC 2104): what protocols of others ask for. */
enum { SECRET_SHA256_SIZE = 32 };
void secret_sha256(const void *bytes, size_t count, uint8_t hash[SECRET_SHA256_SIZE]);
void secret_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t count,
                        uint8_t mac[SECRET_SHA256_SIZE]);

/* A short tag that proves we wrote the text: signed cookies, unsubscribe links. */
void secret_mac(const uint8_t key[SECRET_KEY_SIZE], const char *text, char mac[SECRET_MAC_SIZE]);

bool secret_equal(const void *a, const void *b, size_t count); /* in constant time */

/* argon2id (RFC 9106), 19 MiB, 2 passes. Waits in line for a slot; ERR_BUSY when the line is full,
 * or moves too slowly. */
enum err secret_password_hash(const char *password, char encoded[SECRET_PASSWORD_SIZE]) MUST_CHECK;

/* OK: the password fits. ERR_REFUSED: it does not. ERR_BUSY: as above. With `encoded` NULL the same
 * time is spent on a hash nobody has, and the answer is ERR_REFUSED: a stranger cannot tell by the
 * clock which accounts exist. */
enum err secret_password_verify(const char *password, const char *encoded) MUST_CHECK;

void secret_wipe(void *bytes, size_t count);

/* base64url without padding; `out` holds (count × 4 + 2) / 3 + 1 bytes. Decoding answers the number
 * of bytes, or -1 for text that is not base64url or does not fit. */
void secret_base64(const void *bytes, size_t count, char *out);
int secret_unbase64(const char *text, void *bytes, size_t capacity);

#endif
