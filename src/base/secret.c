/* libsodium behind the house's names; the only file that includes it. */
#include "base/secret.h"
#include "base/chores.h"
#include "base/log.h"
#include <sodium.h>
#include <stdio.h>
#include <string.h>

enum {
    PASSES = 2,
    MEMORY = 19 * 1024 * 1024,
    PATIENCE = 30, /* seconds: two hundred hashes on a core are 5, on one that others use more */
};

_Static_assert(SECRET_PASSWORD_SIZE == crypto_pwhash_STRBYTES, "encoded hashes must fit");

static struct {
    struct chores *hashing;
    char nobody[SECRET_PASSWORD_SIZE]; /* looks like a hash, costs as much to verify */
} passwords;

/* Salt and hash are random bytes in the encoding of argon2's own strings: a real hash would cost
 * the start some 20 ms. */
static void make_nobody(void) {
    enum { BASE64 = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    uint8_t bytes[crypto_pwhash_SALTBYTES + 32];
    char salt[crypto_pwhash_SALTBYTES * 2], hash[32 * 2];
    secret_random(bytes, sizeof(bytes));
    sodium_bin2base64(salt, sizeof(salt), bytes, crypto_pwhash_SALTBYTES, BASE64);
    sodium_bin2base64(hash, sizeof(hash), bytes + crypto_pwhash_SALTBYTES, 32, BASE64);
    snprintf(passwords.nobody, sizeof(passwords.nobody), "%sv=19$m=%d,t=%d,p=1$%s$%s",
             crypto_pwhash_STRPREFIX, MEMORY / 1024, PASSES, salt, hash);
}

enum err secret_setup(int password_slots, int password_line) {
    if (sodium_init() < 0) {
        log_error("no_entropy", NULL, NULL);
        return ERR_INTERNAL;
    }
    if (passwords.hashing)
        return OK;
    passwords.hashing = chores_create(password_slots, password_line);
    make_nobody();
    return OK;
}

void secret_random(void *bytes, size_t count) {
    randombytes_buf(bytes, count);
}

uint32_t secret_random_below(uint32_t limit) {
    return randombytes_uniform(limit);
}

void secret_base64(const void *bytes, size_t count, char *out) {
    sodium_bin2base64(out, (count * 4 + 2) / 3 + 1, bytes, count,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

int secret_unbase64(const char *text, void *bytes, size_t capacity) {
    size_t length;
    if (sodium_base642bin(bytes, capacity, text, strlen(text), NULL, &length, NULL,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
        return -1;
    return (int)length;
}

void secret_token(char token[SECRET_TOKEN_SIZE]) {
    uint8_t bytes[32];
    secret_random(bytes, sizeof(bytes));
    secret_base64(bytes, sizeof(bytes), token);
}

void secret_hash(const uint8_t key[SECRET_KEY_SIZE], const void *bytes, size_t count,
                 uint8_t hash[SECRET_HASH_SIZE]) {
    crypto_generichash(hash, SECRET_HASH_SIZE, bytes, count, key, key ? SECRET_KEY_SIZE : 0);
}

void secret_digest(const void *bytes, size_t count, uint8_t digest[SECRET_DIGEST_SIZE]) {
    crypto_generichash(digest, SECRET_DIGEST_SIZE, bytes, count, NULL, 0);
}

void secret_digest_text(const void *bytes, size_t count, char text[SECRET_DIGEST_TEXT_SIZE]) {
    uint8_t digest[SECRET_DIGEST_SIZE];
    secret_digest(bytes, count, digest);
    sodium_bin2hex(text, SECRET_DIGEST_TEXT_SIZE, digest, sizeof(digest));
}

_Static_assert(SECRET_SHA256_SIZE == crypto_hash_sha256_BYTES, "a hash must fit");

void secret_sha256(const void *bytes, size_t count, uint8_t hash[SECRET_SHA256_SIZE]) {
    crypto_hash_sha256(hash, bytes, count);
}

void secret_hmac_sha256(const void *key, size_t key_size, const void *bytes, size_t count,
                        uint8_t mac[SECRET_SHA256_SIZE]) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key, key_size);
    crypto_auth_hmacsha256_update(&state, bytes, count);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
}

void secret_mac(const uint8_t key[SECRET_KEY_SIZE], const char *text, char mac[SECRET_MAC_SIZE]) {
    uint8_t tag[16];
    crypto_generichash(tag, sizeof(tag), (const unsigned char *)text, strlen(text), key,
                       SECRET_KEY_SIZE);
    secret_base64(tag, sizeof(tag), mac);
}

bool secret_equal(const void *a, const void *b, size_t count) {
    return sodium_memcmp(a, b, count) == 0;
}

void secret_wipe(void *bytes, size_t count) {
    sodium_memzero(bytes, count);
}

struct password_work {
    const char *password;
    const char *encoded; /* to verify */
    char *hash;          /* to make: SECRET_PASSWORD_SIZE bytes */
    int failed;
};

static void make_hash(void *arg) {
    struct password_work *work = arg;
    work->failed = crypto_pwhash_str_alg(work->hash, work->password, strlen(work->password), PASSES,
                                         MEMORY, crypto_pwhash_ALG_ARGON2ID13);
}

static void verify(void *arg) {
    struct password_work *work = arg;
    work->failed = crypto_pwhash_str_verify(work->encoded, work->password, strlen(work->password));
}

enum err secret_password_hash(const char *password, char encoded[SECRET_PASSWORD_SIZE]) {
    struct password_work work = {.password = password, .hash = encoded};
    enum err err = chores_do(passwords.hashing, make_hash, &work, PATIENCE);
    if (err)
        return err;
    if (work.failed)
        log_error("password_hash_failed", NULL, NULL);
    return work.failed ? ERR_INTERNAL : OK;
}

enum err secret_password_verify(const char *password, const char *encoded) {
    struct password_work work = {.password = password,
                                 .encoded = encoded ? encoded : passwords.nobody};
    enum err err = chores_do(passwords.hashing, verify, &work, PATIENCE);
    if (err)
        return err;
    return work.failed || !encoded ? ERR_REFUSED : OK;
}
