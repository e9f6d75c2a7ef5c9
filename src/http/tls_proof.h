/* The certificate that proves a name to an authority which speaks "acme-tls/1" (RFC 8737, 3):
 * self-signed, for that one name, with the digest in a critical extension. Made for one handshake.
 */
#ifndef HTTP_TLS_PROOF_H
#define HTTP_TLS_PROOF_H

#include "http/challenge.h"
#include <stddef.h>

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

struct tls_proof {
    mbedtls_x509_crt cert;
    mbedtls_pk_context key;
};

/* NULL when it cannot be made. */
struct tls_proof *tls_proof_create(const char *name, size_t length,
                                   const uint8_t digest[CHALLENGE_DIGEST_SIZE]);
void tls_proof_destroy(struct tls_proof *proof); /* NULL is fine */

#endif
