/* What all TLS sessions of the server share: protocol versions, suites, ALPN, tickets, the
 * certificate in use and its replacement while connections go on. TLS 1.2 with AEAD and forward
 * secrecy, TLS 1.3; no renegotiation, no compression, no client certificates. Safe from any thread.
 */
#ifndef HTTP_TLS_CONTEXT_H
#define HTTP_TLS_CONTEXT_H

#include "base/err.h"
#include "http/tls_identity.h"
#include <stdbool.h>
#include <stddef.h>

#include <mbedtls/ssl.h>

struct challenges;
struct tls_context;
struct tls_proof;

/* One certificate with everything around it. Held by each session that began with it; the last one
 * frees it. */
struct tls_config {
    mbedtls_ssl_config ssl;
    struct tls_identity identity;
    _Atomic int holders;
};

/* Where the certificate comes from; all paths are copied. */
struct tls_sources {
    const char *cert_file, *key_file; /* PEM, given by people; both, or NULL: one of the next two */
    const char
        *kept_file;  /* chain and key in one, as soon as it is there and can be used; or NULL */
    const char *dir; /* of the self-signed one */
    struct challenges *challenges; /* of an authority, answered in handshakes; NULL: none are */
};

/* NULL and a sentence in `error` on failure. */
struct tls_context *tls_context_create(const struct tls_sources *sources, char *error,
                                       size_t error_size);
void tls_context_destroy(struct tls_context *context); /* after the last session */

/* Reads the files again if they changed since the last look; a self-signed certificate of ours that
 * does not last is made anew first. What cannot be used, or made, is logged once and changes
 * nothing. */
void tls_context_reload(struct tls_context *context);

/* What a handshake by CHALLENGE_PROTOCOL presents: a proof for that name (borrowed), which the
 * caller frees; NULL: nobody was told to expect it. */
struct tls_proof *tls_context_prove(struct tls_context *context, const unsigned char *name,
                                    size_t length);

struct tls_config *tls_context_hold(struct tls_context *context);
void tls_context_let_go(struct tls_config *config);

/* How many handshakes were short ones, because of a ticket. */
int64_t tls_context_resumed(const struct tls_context *context);

/* When the certificate in use is no longer valid: UTC seconds. */
int64_t tls_context_not_after(struct tls_context *context);

bool tls_context_self_signed(const struct tls_context *context);
void tls_context_fingerprint(struct tls_context *context, char text[TLS_FINGERPRINT_SIZE]);

#endif
