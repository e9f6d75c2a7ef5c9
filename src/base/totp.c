/* RFC 6238 on top of RFC 4226. */
#include "base/totp.h"
#include <ctype.h>
#include <mbedtls/md.h>
#include <stdlib.h>

enum { MODULUS = 1000000, SHA1_SIZE = 20 };

uint32_t totp_code(const uint8_t secret[TOTP_SECRET_SIZE], int64_t step) {
    uint8_t counter[8], mac[SHA1_SIZE];
    for (int i = 0; i < 8; i++)
        counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
    if (mbedtls_md_hmac(mbedtls_md_info_from_type(MBEDTLS_MD_SHA1), secret, TOTP_SECRET_SIZE,
                        counter, sizeof(counter), mac) != 0)
        abort(); /* SHA-1 is compiled in and takes no memory that could be missing */
    const uint8_t *at = mac + (mac[SHA1_SIZE - 1] & 15);
    uint32_t bits = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
                    (uint32_t)at[3];
    return bits % MODULUS;
}

/* -1: no six digits. */
static int32_t parse(const char *typed) {
    int32_t code = 0;
    int digits = 0;
    for (; *typed; typed++) {
        if (*typed == ' ')
            continue;
        if (!isdigit((unsigned char)*typed) || ++digits > TOTP_DIGITS)
            return -1;
        code = code * 10 + (*typed - '0');
    }
    return digits == TOTP_DIGITS ? code : -1;
}

int64_t totp_find(const uint8_t secret[TOTP_SECRET_SIZE], const char *typed, int64_t now,
                  int64_t last_step) {
    int32_t code = parse(typed);
    int64_t found = 0;
    for (int64_t step = now / TOTP_STEP_SECONDS - 1; step <= now / TOTP_STEP_SECONDS + 1; step++)
        if (code >= 0 && step > last_step && totp_code(secret, step) == (uint32_t)code)
            found = step;
    return found;
}

void totp_base32(const uint8_t secret[TOTP_SECRET_SIZE], char out[TOTP_BASE32_SIZE]) {
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    uint32_t bits = 0;
    int have = 0;
    char *at = out;
    for (int i = 0; i < TOTP_SECRET_SIZE; i++) {
        bits = bits << 8 | secret[i];
        for (have += 8; have >= 5; have -= 5)
            *at++ = ALPHABET[bits >> (have - 5) & 31];
    }
    *at = '\0';
}
