/* Whole files under libsodium: their SHA-256, and sealed so that only who has the key can read
 * them. Nothing is held in memory but a piece.
 *
 * A sealed file: "TALLERSEAL1\0", a byte (0 key, 1 passphrase), 16 bytes of salt, then the header
 * and the messages of crypto_secretstream_xchacha20poly1305, each of 64 KB of the file and a tag;
 * the last one says that it is the last, so that a file cut short is noticed. */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum { SEAL_SUM_SIZE = 65, SEAL_PASSPHRASE_MIN = 12 };

/* The SHA-256 of a file (FIPS 180-4) in lower-case hexadecimal, as sha256sum(1) prints it. ERR_IO
 * and errno. */
enum err seal_sum(const char *path, char text[SEAL_SUM_SIZE]) MUST_CHECK;

/* A key is 64 hexadecimal digits (32 bytes, as of `openssl rand -hex 32`), or a passphrase of at
 * least SEAL_PASSPHRASE_MIN characters, made into a key by argon2id (RFC 9106; 64 MB, 3 passes). */
bool seal_key_valid(const char *key);

bool seal_is_sealed(const char *path); /* false also when it cannot be read */

/* Writes `to`, a file of mode 0600 that is made anew, from `from`; neither synced nor removed on
 * failure. ERR_FULL, ERR_IO and errno. Opening: ERR_REFUSED when the key does not fit, or the file
 * was changed or cut short. */
enum err seal_close(const char *from, const char *to, const char *key) MUST_CHECK;
enum err seal_open(const char *from, const char *to, const char *key) MUST_CHECK;

/* The same for a file that is not sealed. */
enum err seal_copy(const char *from, const char *to) MUST_CHECK;

#endif
