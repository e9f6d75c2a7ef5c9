/* One TLS connection over a blocking socket. Deadlines are the guard's (connguard.h): a missed one
 * ends the socket, and what was waiting returns. Reads ahead, and sends a whole flight with one
 * call. One thread. */
#ifndef HTTP_TLS_SESSION_H
#define HTTP_TLS_SESSION_H

#include "http/connguard.h"
#include "http/tls_context.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls_session;

enum tls_outcome {
    TLS_READY,
    TLS_PLAIN,  /* the client speaks no TLS: what it sent so far is in tls_session_ahead() */
    TLS_PROVED, /* an authority has seen what it wanted to see: nothing follows */
    TLS_FAILED, /* no common ground, a broken peer, or it went away */
};

/* Whose turn it is to compute is the guard's to say. */
struct tls_place {
    struct connguard *guard;
    struct connguard_slot *slot;
    int64_t deadline_us; /* of the handshake, clock_monotonic_us */
};

/* Does the handshake. The session is to be closed whatever the outcome. */
enum tls_outcome tls_session_open(struct tls_context *context, int fd,
                                  const struct tls_place *place, struct tls_session **session);

/* mbedTLS's callback in the middle of a handshake (mbedtls_ssl_hs_cb_t), for tls_context.c: a
 * client that chose CHALLENGE_PROTOCOL gets a proof, or nothing. */
int tls_session_choose_certificate(mbedtls_ssl_context *ssl);

/* Bytes read from a TLS_PLAIN client. */
const char *tls_session_ahead(const struct tls_session *session, size_t *count);

/* Up to `size` bytes; 0 at the end of the stream, -1 when it is broken. Neither ends writing. */
ssize_t tls_session_read(struct tls_session *session, void *bytes, size_t size);

/* All of it, or false. */
bool tls_session_write(struct tls_session *session, const void *bytes, size_t count);

/* Says goodbye if `politely`, and frees. The socket stays the caller's. */
void tls_session_close(struct tls_session *session, bool politely);

#endif
