/* What ACME needs of JSON Object Signing and Encryption: requests signed with ES256 (RFC 7515, RFC
 * 7518), the thumbprint of a key (RFC 7638). */
#ifndef NET_JOSE_H
#define NET_JOSE_H

#include "base/buf.h"
#include "base/err.h"

struct keypair;

enum { JOSE_THUMBPRINT_SIZE = 44 /* base64url of SHA-256, and its NUL */ };

void jose_thumbprint(const struct keypair *key, char text[JOSE_THUMBPRINT_SIZE]);

/* Appends a signed request in JSON (RFC 8555, 6.2). `account` is the account's URL; NULL: the
 * public key itself goes along, as for a new account. `payload` "" is a question (POST-as-GET). */
enum err jose_sign(const struct keypair *key, const char *url, const char *nonce,
                   const char *account, const char *payload, struct buf *out) MUST_CHECK;

#endif
