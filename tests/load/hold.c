/* Slow clients: connections that have shaken hands and then send a request's head byte by byte, a
 * byte a second, and come back a second after they were closed. */
#include "client.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STACK = 128 * 1024 };

static const struct options *options;
static SSL_CTX *context;
static double until;
static atomic_long opened, held;

static void dribble(SSL *ssl) {
    static const char head[] =
        "GET /workshops/ HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for (size_t i = 0; i < sizeof(head) - 1 && now_us() < until; i++) {
        if (SSL_write(ssl, head + i, 1) != 1)
            return;
        sleep(1);
    }
}

static void *client(void *unused) {
    (void)unused;
    while (now_us() < until) {
        SSL *ssl = link_connect(context, options->port, NULL);
        if (ssl) {
            atomic_fetch_add(&opened, 1);
            atomic_fetch_add(&held, 1);
            dribble(ssl);
            atomic_fetch_sub(&held, 1);
            link_disconnect(ssl);
        }
        sleep(1);
    }
    return NULL;
}

int hold_run(const struct options *given) {
    pthread_t *threads = calloc((size_t)given->connections, sizeof(*threads));
    pthread_attr_t attributes;
    options = given;
    context = link_context(13);
    until = now_us() + given->seconds * 1e6;
    signal(SIGPIPE, SIG_IGN);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK);
    for (int i = 0; i < given->connections; i++)
        if (pthread_create(&threads[i], &attributes, client, NULL) != 0)
            fail("thread %d cannot be started", i + 1);
    long most = 0;
    while (now_us() < until) {
        usleep(10 * 1000);
        most = held > most ? held : most;
    }
    for (int i = 0; i < given->connections; i++)
        pthread_join(threads[i], NULL);
    printf("{\"opened\": %ld, \"held\": %ld}\n", opened, most);
    free(threads);
    return 0;
}
