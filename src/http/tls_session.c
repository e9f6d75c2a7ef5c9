/* mbedTLS on a socket: handshake, reading, writing. What is common to all sessions is in
 * tls_context.c. */
#include "http/tls_session.h"
#include "base/buf.h"
#include "base/memory.h"
#include "http/challenge.h"
#include "http/tls_proof.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { AHEAD_SIZE = 4096, TLS_RECORD_HANDSHAKE = 22 };

struct tls_session {
    mbedtls_ssl_context ssl;
    struct tls_context *context;
    struct tls_config *config;
    struct tls_proof *proof; /* presented to an authority; else NULL */
    struct tls_place place;
    bool shaking; /* in the handshake, with a turn to compute */
    int fd;
    bool gather; /* hold outgoing records back: more will follow before the peer has to act */
    bool established, broken;
    struct buf flight; /* records held back */
    size_t ahead_at, ahead_len;
    unsigned char ahead[AHEAD_SIZE]; /* read from the socket, not yet asked for */
};

static ssize_t receive(int fd, void *bytes, size_t size) {
    ssize_t got;
    do {
        got = recv(fd, bytes, size, 0);
    } while (got < 0 && errno == EINTR);
    return got;
}

static bool send_all(int fd, const void *bytes, size_t count) {
    const char *at = bytes;
    while (count > 0) {
        ssize_t sent = send(fd, at, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        count -= (size_t)sent;
    }
    return true;
}

static bool flush(struct tls_session *session) {
    if (session->flight.len == 0)
        return true;
    bool sent = send_all(session->fd, session->flight.data, session->flight.len);
    buf_free(&session->flight);
    session->flight = (struct buf){0};
    return sent;
}

/* mbedTLS has a record to send. */
static int bio_send(void *ctx, const unsigned char *bytes, size_t count) {
    struct tls_session *session = ctx;
    bool sent = true;
    if (session->gather || session->flight.len > 0) {
        buf_append(&session->flight, bytes, count);
        if (!session->gather)
            sent = flush(session);
    } else {
        sent = send_all(session->fd, bytes, count);
    }
    return sent ? (int)count : MBEDTLS_ERR_SSL_CONN_EOF;
}

static int take_ahead(struct tls_session *session, unsigned char *bytes, size_t size) {
    size_t count = session->ahead_len - session->ahead_at;
    if (count > size)
        count = size;
    memcpy(bytes, session->ahead + session->ahead_at, count);
    session->ahead_at += count;
    return (int)count;
}

/* In a handshake nobody computes while the client is awaited. */
static ssize_t receive_between(struct tls_session *session, void *bytes, size_t size) {
    const struct tls_place *place = &session->place;
    if (!session->shaking)
        return receive(session->fd, bytes, size);
    session->shaking = false;
    ssize_t got = connguard_rest(place->guard, place->slot, false, place->deadline_us)
                      ? receive(session->fd, bytes, size)
                      : -1;
    if (got > 0)
        session->shaking = connguard_shake(place->guard, place->slot, true, place->deadline_us);
    return session->shaking ? got : -1;
}

/* mbedTLS asks for a record's five bytes, then for its rest: both come from one recv. What is held
 * back goes out first, as the peer may be waiting for it. */
static int bio_recv(void *ctx, unsigned char *bytes, size_t size) {
    struct tls_session *session = ctx;
    if (session->ahead_at < session->ahead_len)
        return take_ahead(session, bytes, size);
    if (!flush(session))
        return MBEDTLS_ERR_SSL_CONN_EOF;
    bool direct = size >= AHEAD_SIZE;
    ssize_t got =
        receive_between(session, direct ? bytes : session->ahead, direct ? size : AHEAD_SIZE);
    if (got <= 0)
        return MBEDTLS_ERR_SSL_CONN_EOF;
    if (direct)
        return (int)got;
    session->ahead_at = 0;
    session->ahead_len = (size_t)got;
    return take_ahead(session, bytes, size);
}

int tls_session_choose_certificate(mbedtls_ssl_context *ssl) {
    struct tls_session *session = mbedtls_ssl_get_user_data_p(ssl);
    const char *protocol = mbedtls_ssl_get_alpn_protocol(ssl);
    if (!protocol || strcmp(protocol, CHALLENGE_PROTOCOL) != 0)
        return 0;
    size_t length = 0;
    const unsigned char *name = mbedtls_ssl_get_hs_sni(ssl, &length);
    session->proof = tls_context_prove(session->context, name, length);
    if (!session->proof)
        return MBEDTLS_ERR_SSL_UNRECOGNIZED_NAME;
    return mbedtls_ssl_set_hs_own_cert(ssl, &session->proof->cert, &session->proof->key);
}

/* mbedTLS's part, with a turn to compute but while it waits for the client. */
static bool shake_hands(struct tls_session *session) {
    if (mbedtls_ssl_setup(&session->ssl, &session->config->ssl) != 0)
        return false;
    mbedtls_ssl_set_user_data_p(&session->ssl, session);
    mbedtls_ssl_set_bio(&session->ssl, session, bio_send, bio_recv, NULL);
    session->gather = true;
    session->established = mbedtls_ssl_handshake(&session->ssl) == 0;
    if (!session->established)
        flush(session); /* the alert that tells the client why */
    return session->established;
}

enum tls_outcome tls_session_open(struct tls_context *context, int fd,
                                  const struct tls_place *place, struct tls_session **opened) {
    struct tls_session *session = *opened = memory_new(1, sizeof(*session));
    session->fd = fd;
    session->place = *place;
    mbedtls_ssl_init(&session->ssl);
    /* The first bytes are awaited before the large buffers are taken: a silent client gets none. */
    ssize_t got = receive(fd, session->ahead, AHEAD_SIZE);
    if (got <= 0)
        return TLS_FAILED;
    session->ahead_len = (size_t)got;
    if (session->ahead[0] != TLS_RECORD_HANDSHAKE)
        return TLS_PLAIN;
    session->context = context;
    session->config = tls_context_hold(context);
    session->shaking = connguard_shake(place->guard, place->slot, false, place->deadline_us);
    bool ready = session->shaking && shake_hands(session);
    if (session->shaking)
        ready = connguard_rest(place->guard, place->slot, ready, place->deadline_us) && ready;
    session->shaking = false;
    if (ready && session->proof) {
        flush(session);
        return TLS_PROVED;
    }
    return ready ? TLS_READY : TLS_FAILED;
}

const char *tls_session_ahead(const struct tls_session *session, size_t *count) {
    *count = session->ahead_len;
    return (const char *)session->ahead;
}

ssize_t tls_session_read(struct tls_session *session, void *bytes, size_t size) {
    session->gather =
        true; /* TLS 1.3 writes its tickets here; they go out with the first response */
    int code;
    do {
        code = session->broken ? -1 : mbedtls_ssl_read(&session->ssl, bytes, size);
    } while (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE);
    if (code > 0)
        return code;
    session->broken = true;
    if (code == 0 || code == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || code == MBEDTLS_ERR_SSL_CONN_EOF)
        return 0;
    flush(session);
    return -1;
}

bool tls_session_write(struct tls_session *session, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    session->gather = false;
    while (count > 0) {
        int code = mbedtls_ssl_write(&session->ssl, at, count);
        if (code == MBEDTLS_ERR_SSL_WANT_READ || code == MBEDTLS_ERR_SSL_WANT_WRITE)
            continue;
        if (code <= 0)
            return false;
        at += code;
        count -= (size_t)code;
    }
    return true;
}

void tls_session_close(struct tls_session *session, bool politely) {
    if (!session)
        return;
    session->gather = false;
    if (politely && session->established)
        mbedtls_ssl_close_notify(&session->ssl);
    mbedtls_ssl_free(&session->ssl);
    tls_context_let_go(session->config);
    tls_proof_destroy(session->proof);
    buf_free(&session->flight);
    free(session);
}
