/* What civetweb.c includes in place of its own TLS layer.
 *
 * civetweb sees every listener as one with TLS, and its "TLS session" is our struct channel: so all
 * bytes of all connections, encrypted or not, pass through our hands, and civetweb.c stays as it
 * is. It keeps what it is here for: sockets that listen, a queue of accepted ones, a thread for
 * each connection, a loop over the requests of each. For each request it reads a head of two lines
 * that hooks_read makes up; the real one is read, checked and answered in channel.c and exchange.c.
 *
 * The header of mbedTLS is not needed here, so civetweb cannot disagree with it about the
 * configuration. */
#include "http/hooks.h"

typedef struct channel SSL;
typedef struct {
    char unused;
} SSL_CTX;

/* The two system calls that decide who gets in. `ctx` and `phys_ctx` are the names of civetweb's
 * context where it calls them; the address of the client is kept by the guard. */
#define listen(fd, backlog) hooks_listen(mg_get_user_data(phys_ctx), fd, backlog)
#define accept(fd, address, length) hooks_accept(mg_get_user_data(ctx), fd)

/* civetweb polls before a read unless bytes are known to be there. Our reads block, with a deadline
 * kept by the guard: one system call less for each request. */
#define mbedtls_ssl_get_bytes_avail(session) INT_MAX

/* Of an option nobody sets, changing the user: static programs look users up badly. */
#define getpwnam(name) NULL

/* "Try again": never answered. */
#define MBEDTLS_ERR_SSL_WANT_READ (-1)
#define MBEDTLS_ERR_SSL_WANT_WRITE (-1)
#define MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS (-1)

static int mbed_sslctx_init(SSL_CTX *ctx, const char *crt) {
    (void)ctx;
    (void)crt;
    return 0;
}

static void mbed_sslctx_uninit(SSL_CTX *ctx) {
    (void)ctx;
}

static int mbed_ssl_accept(SSL **session, SSL_CTX *ssl_ctx, int *fd, struct mg_context *ctx) {
    (void)ssl_ctx;
    (void)ctx;
    *session = hooks_open(mg_get_thread_pointer(NULL), *fd);
    return *session ? 0 : -1;
}

static void mbed_ssl_close(SSL *session) {
    hooks_close(session);
}

static int mbed_ssl_read(SSL *session, unsigned char *bytes, int size) {
    return hooks_read(session, (char *)bytes, size);
}

/* Only for answers of civetweb's own, of which there are none: no head it sees can displease it. */
static int mbed_ssl_write(SSL *session, const unsigned char *bytes, int size) {
    (void)session;
    (void)bytes;
    (void)size;
    return -2;
}
