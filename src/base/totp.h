/* Codes of an authenticator app (TOTP, RFC 6238): HMAC-SHA-1 over the number of 30-second steps
 * since 1970, six digits (RFC 4226). SHA-1 is what every such app speaks; its weakness, collisions,
 * does not touch HMAC. The HMAC is mbedTLS's, since libsodium has none of SHA-1. Pure functions. */
#ifndef BASE_TOTP_H
#define BASE_TOTP_H

#include <stdint.h>

enum {
    TOTP_SECRET_SIZE = 20, /* bytes, as RFC 4226 recommends */
    TOTP_STEP_SECONDS = 30,
    TOTP_DIGITS = 6,
    TOTP_BASE32_SIZE = 33, /* the secret as apps take it by hand, and its NUL */
};

/* The code of one step: 0 to 999999. */
uint32_t totp_code(const uint8_t secret[TOTP_SECRET_SIZE], int64_t step);

/* The step whose code was typed: that of `now`, the one before or the one after, and newer than
 * `last_step`, so that each code works once. 0: none. Spaces in `typed` do not count. */
int64_t totp_find(const uint8_t secret[TOTP_SECRET_SIZE], const char *typed, int64_t now,
                  int64_t last_step);

/* RFC 4648 base32, without padding. */
void totp_base32(const uint8_t secret[TOTP_SECRET_SIZE], char out[TOTP_BASE32_SIZE]);

#endif
