/* Connections that only shake hands, one after the other: full, or resumed with a ticket. */
#include "client.h"
#include <stdio.h>
#include <string.h>

static SSL_SESSION *ticket;

static int keep_ticket(SSL *ssl, SSL_SESSION *session) {
    (void)ssl;
    SSL_SESSION_free(ticket);
    ticket = session;
    return 1; /* ours now */
}

/* TLS 1.3 hands out tickets behind the handshake, our server with its first answer. */
static void fetch_ticket(SSL_CTX *context, const struct options *options) {
    char request[256], response[4096];
    SSL *ssl = link_connect(context, options->port, NULL);
    if (!ssl)
        fail("no handshake with port %d", options->port);
    int length =
        snprintf(request, sizeof(request),
                 "HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", options->host);
    SSL_write(ssl, request, length);
    while (SSL_read(ssl, response, sizeof(response)) > 0)
        ;
    SSL_shutdown(ssl);
    link_disconnect(ssl);
    if (!ticket)
        fail("port %d gives no tickets", options->port);
}

/* Says good-bye and waits until the server has closed: its share of the work is over then. */
static void finish(SSL *ssl) {
    char rest[4096];
    SSL_shutdown(ssl);
    while (SSL_read(ssl, rest, sizeof(rest)) > 0)
        ;
    link_disconnect(ssl);
}

int handshake_run(const struct options *options) {
    SSL_CTX *context = link_context(options->tls);
    struct samples samples = {0};
    int resumed = 0;
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context, keep_ticket);
    fetch_ticket(context, options);
    SSL_SESSION *kept = options->resume ? SSL_SESSION_dup(ticket) : NULL;
    double begin_cpu = cpu_us(options);
    for (int i = 0; i < options->count; i++) {
        double begin = now_us();
        /* OpenSSL uses a session of TLS 1.3 but once, hence a copy for each connection. */
        SSL_SESSION *used = kept ? SSL_SESSION_dup(kept) : NULL;
        SSL *ssl = link_connect(context, options->port, used);
        SSL_SESSION_free(used);
        if (!ssl)
            fail("handshake %d failed", i + 1);
        samples_add(&samples, now_us() - begin);
        resumed += SSL_session_reused(ssl);
        finish(ssl);
    }
    printf(
        "{\"done\": %d, \"resumed\": %d, \"cpu_us\": %.1f, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
        options->count, resumed, cpu_us(options) - begin_cpu, samples_quantile(&samples, 0.5),
        samples_quantile(&samples, 0.99));
    SSL_SESSION_free(kept);
    SSL_SESSION_free(ticket);
    SSL_CTX_free(context);
    return 0;
}
