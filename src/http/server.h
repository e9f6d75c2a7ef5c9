/* The one door: listeners, TLS, connections, the way from bytes to a handler and back. Knows
 * requests and no school. civetweb below it gives listening, accepting and a thread a connection;
 * what a request is, how TLS is spoken and who may stay connected are decided here (channel.h,
 * head.h, connguard.h, tls_*.h).
 *
 * server_start() first, from one thread; the other functions from any thread until server_stop().
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/err.h"
#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct challenges;
struct server;

/* Fills the response. Runs on a worker thread with a small stack (256 KB): big things go to the
 * arena. */
typedef void server_handler(struct request *request, struct response *response, void *ctx);

/* Makes the page for a request the server itself refuses: response->status is set (400, 408, 413,
 * 414, 421, 431, 500, 501, 503, 505 …), `Retry-After` and `Connection: close` are added by the
 * server. Of a head that could not be read the request holds only id, arena, address, listener and
 * times: method is METHOD_OTHER, path "", host "". */
typedef void server_refuser(struct request *request, struct response *response, void *ctx);

/* Told of every answer, the server's own refusals and redirects included, before it is sent:
 * `us` microseconds after the request's head was complete. For figures and the log. */
typedef void server_observer(const struct request *request, const struct response *response,
                             int64_t us, void *ctx);

struct server_options {
    /* "ADDR:PORT", "[ADDR6]:PORT"; NULL or "" is off; port 0 takes a free one (server_port). */
    const char *https, *http, *ops;

    const char *cert_file, *key_file; /* PEM; both or neither */
    const char *domain_file; /* PEM, chain and key in one: what an authority issues. It may come
                                later and goes before the self-signed one; challenges are answered
                                then (server_challenges). NULL: none */
    const char *tls_dir;     /* where the self-signed certificate is made and kept (0700) */

    const char *behind_proxy; /* CIDRs separated by comma or space; NULL: none */
    const char
        *base_host; /* "host" or "host:port" for redirects to HTTPS; NULL: the address the client
                       connected to, and the HTTPS listener's port. Never the Host header */

    int workers; /* connections served at a time; 0: 256 */

    /* Milliseconds; 0 takes the default. */
    int handshake_ms;  /* TLS handshake: 10,000 */
    int head_ms;       /* from a request's first byte, or the connection's start, to its whole head:
                          10,000 */
    int idle_ms;       /* keep-alive without a request: 30,000 */
    int body_ms;       /* a whole request body: 30,000, and a second more for each 16 KB read */
    int send_ms;       /* each 64 KB of a response: 30,000, and a second more for each 16 KB */
    int stuck_ms;      /* server_moves: 180,000 */
    int request_limit; /* bytes of body above which a request is refused before it is read: 16 MiB
                        */

    server_handler *handle;
    server_refuser *refuse;   /* NULL: one line of plain text */
    server_observer *observe; /* NULL: nobody looks */
    void *ctx;
};

/* Starts listening. NULL and one clear sentence in `error` that names the option or file at fault.
 */
struct server *server_start(const struct server_options *options, char *error, size_t error_size);

/* The port a listener really has; 0 when it is off. */
int server_port(const struct server *server, enum listener listener);

/* SHA-256 of the certificate in use as "AB:CD:…" (95 characters). */
void server_fingerprint(struct server *server, char *text, size_t size);
bool server_self_signed(struct server *server);

/* Looks at the certificate files now instead of within 30 s. A bad file is logged and changes
 * nothing. */
void server_reload_certificate(struct server *server);

/* Where to say what an authority will ask for; NULL without a domain_file. */
struct challenges *server_challenges(struct server *server);

/* False once every worker has been at one and the same request for stuck_ms, and none of them waits
 * for its client: they will not come back. */
bool server_moves(const struct server *server);

/* Asks itself as a client would: false when no answer comes within the time. Any answer will do. */
bool server_answers(struct server *server, int timeout_ms);

/* Ends a server without cutting anybody short: server_drain(), server_wait_idle(), server_close(),
 * server_stop().
 *
 * From server_drain() on no more requests are taken: they get 503 with Retry-After. What is at work
 * goes on, and so does what comes on a connection that was made before and has not been answered
 * yet. Idle connections are closed and every response says `Connection: close`. */
void server_drain(struct server *server);

/* Waits until nothing that was taken is at work; false when the time is over first. */
bool server_wait_idle(struct server *server, int64_t deadline_ms);

/* Accepts no more connections, and gives those that have just come up to a second to be told. */
void server_close(struct server *server);

/* Cuts what is left, joins all threads, frees all. NULL is fine. */
void server_stop(struct server *server);

struct server_stats {
    int connections; /* open now */
    int at_work;     /* with a request in a handler */
    int workers;
    int64_t accepted, evicted, expired; /* connections; ended to make room; past a deadline */
    int64_t handshakes, handshake_failures, resumed;
    int64_t requests, bad_heads;
    int64_t certificate_end; /* UTC seconds; 0: there is no HTTPS listener */
};

/* For /metrics. */
void server_stats(struct server *server, struct server_stats *stats);

#endif
