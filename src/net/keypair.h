/* A private key on the curve P-256 and what is done with it: ES256 signatures (RFC 7518, 3.4),
 * certificate requests (RFC 2986), PEM. Made by PSA's random numbers. Safe from any thread, one at
 * a time each. */
#ifndef NET_KEYPAIR_H
#define NET_KEYPAIR_H

#include "base/buf.h"
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

enum { KEYPAIR_PEM_SIZE = 512, KEYPAIR_COORDINATE = 32, KEYPAIR_SIGNATURE = 64 };

struct keypair;

struct keypair *keypair_create(void);           /* NULL: no randomness, no memory */
struct keypair *keypair_parse(const char *pem); /* NULL: not a private key on P-256 */
void keypair_destroy(struct keypair *keypair);  /* wipes it; NULL is fine */

/* "-----BEGIN EC PRIVATE KEY-----…"; the caller wipes it. */
enum err keypair_write(const struct keypair *keypair, char pem[KEYPAIR_PEM_SIZE]) MUST_CHECK;

/* The point of the public key. */
void keypair_public(const struct keypair *keypair, uint8_t x[KEYPAIR_COORDINATE],
                    uint8_t y[KEYPAIR_COORDINATE]);

/* ECDSA over SHA-256 of the bytes, as R and S one behind the other. */
enum err keypair_sign(const struct keypair *keypair, const void *bytes, size_t count,
                      uint8_t signature[KEYPAIR_SIGNATURE]) MUST_CHECK;

/* Appends a request (DER) for a certificate for these DNS names. No subject: names are in the
 * extension, where everybody looks (RFC 8555, 7.4). */
enum err keypair_request(const struct keypair *keypair, const char *const *names, size_t count,
                         struct buf *der) MUST_CHECK;

#endif
