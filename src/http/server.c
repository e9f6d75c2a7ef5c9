/* Starts and stops the door: civetweb with our hooks inside (mod_mbedtls.inl), the guard of
 * connections, the TLS context and the ticking thread. A request's own way is in exchange.c. */
#include "http/server.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/ticker.h"
#include "http/challenge.h"
#include "http/exchange.h"
#include "http/hooks.h"
#include "net/probe.h"
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <civetweb.h>

enum {
    LISTENERS = 3,
    DEFAULT_WORKERS = 256,
    LINE = 64,          /* accepted beyond the workers, until the guard made room */
    WAITING = LINE + 1, /* and one in the hands of the accepting thread */
    BACKLOG = 4096, /* who waits in the kernel for a place in the line; the system may allow less */
    TICK_MS = 200,
    CROWDED_TICK_MS = 20, /* while somebody waits for a worker */
    RELOAD_MS = 30 * 1000,
    TRIM_MS = 5 * 1000,
    WAIT_STEP_MS = 10,
    LAST_WORDS_MS = 1000,
    STUCK_MS = 180 * 1000,
};

struct worker {
    struct server *server;
    struct channel *channel;
    int head; /* what channel_next_head answered last */
};

struct server {
    struct exchanges exchanges;
    struct channel_limits limits;
    struct connguard *guard;
    struct tls_context *tls;
    struct challenges *challenges;
    struct mg_context *civetweb;
    struct worker *workers;
    int worker_count;
    _Atomic int workers_started;
    char *base_host;

    /* In the order of civetweb's option, which is that of enum listener without those that are off.
     */
    struct {
        enum listener listener;
        const char *option, *value; /* only good while starting */
        int fd, port;
    } sockets[LISTENERS];
    int socket_count, sockets_open;

    struct ticker *ticker;
    int64_t reloaded_us, trimmed_us;            /* when a tick last did so, */
    int64_t trimmed_accepted, watched_requests; /* and how many there had been then */
    _Atomic bool cutting;                       /* new connections are closed at once */
    int64_t stuck_us;
    _Atomic int64_t moved_us; /* when a worker was last seen free, or a request to begin */
    _Atomic int64_t handshakes, handshake_failures;

    char complaint[256]; /* civetweb's first while starting, */
    int complaint_at;    /* and how many sockets were open then */
    _Atomic bool started;
};

/* What civetweb calls -------------------------------------------------------------------------- */

int hooks_listen(void *context, int fd, int backlog) {
    struct server *server = context;
    struct sockaddr_storage local = {0};
    socklen_t length = sizeof(local);
    getsockname(fd, (struct sockaddr *)&local, &length);
    int index = server->sockets_open++;
    server->sockets[index].fd = fd;
    server->sockets[index].port = address_port(&local);
    if (server->sockets[index].listener == LISTENER_HTTPS)
        server->exchanges.https_port = server->sockets[index].port;
    return listen(fd, backlog);
}

int hooks_accept(void *context, int listener) {
    struct server *server = context;
    int tag = LISTENER_HTTPS;
    for (int i = 0; i < server->socket_count; i++)
        if (server->sockets[i].fd == listener)
            tag = (int)server->sockets[i].listener;
    int64_t now = clock_monotonic_us();
    int fd = connguard_accept(server->guard, listener, tag, now, now + server->limits.handshake_us);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
        log_warn("accept_failed", "reason", "%s", strerror(errno));
        usleep(WAIT_STEP_MS * 1000); /* civetweb would come back at once, for ever */
    }
    if (connguard_crowded(server->guard))
        ticker_hurry(server->ticker); /* somebody waits for a worker */
    return fd;
}

struct channel *hooks_open(void *context, int fd) {
    struct worker *worker = context;
    struct server *server = worker->server;
    struct connguard_slot *slot = connguard_claim(server->guard, fd, clock_monotonic_us());
    worker->channel = NULL;
    if (!slot)
        return NULL;
    if (server->cutting) {
        connguard_release(server->guard, slot);
        return NULL;
    }
    struct tls_context *tls = connguard_tag(slot) == LISTENER_HTTPS ? server->tls : NULL;
    worker->channel = channel_open(server->guard, slot, tls, &server->limits, fd);
    if (tls)
        atomic_fetch_add(worker->channel ? &server->handshakes : &server->handshake_failures, 1);
    return worker->channel;
}

/* civetweb sees "GET /" for every request. One in HTTP/1.0 makes it close the connection behind it.
 */
int hooks_read(struct channel *channel, char *bytes, int size) {
    static const char more[] = "GET / HTTP/1.1\r\n\r\n", last[] = "GET / HTTP/1.0\r\n\r\n";
    struct worker *worker = mg_get_thread_pointer(NULL);
    worker->head = channel_next_head(channel);
    const char *shown = worker->head == CHANNEL_END ? last : more;
    size_t length = sizeof(more) - 1;
    if ((size_t)size < length)
        return -2;
    memcpy(bytes, shown, length);
    return (int)length;
}

void hooks_close(struct channel *channel) {
    channel_close(channel);
}

static int on_request(struct mg_connection *connection) {
    struct worker *worker = mg_get_thread_pointer(connection);
    if (worker->head != CHANNEL_END &&
        !exchange_run(&worker->server->exchanges, worker->channel, worker->head))
        mg_disable_connection_keep_alive(connection);
    return 200; /* handled */
}

static void *on_thread(const struct mg_context *context, int type) {
    struct server *server = mg_get_user_data(context);
    if (type != 1) /* not a worker */
        return server;
    return &server->workers[atomic_fetch_add(&server->workers_started, 1)];
}

static int on_message(const struct mg_connection *connection, const char *message) {
    struct server *server = mg_get_user_data(mg_get_context(connection));
    if (server->started) {
        log_warn("civetweb", "message", "%s", message);
    } else if (!server->complaint[0]) {
        snprintf(server->complaint, sizeof(server->complaint), "%s", message);
        server->complaint_at = server->sockets_open;
    }
    return 1;
}

/* The ticking thread --------------------------------------------------------------------------- */

static bool is_due(int64_t *last_us, int64_t now_us, int64_t every_ms) {
    if (now_us - *last_us < every_ms * 1000)
        return false;
    *last_us = now_us;
    return true;
}

/* After a rush the allocator keeps what hundreds of TLS connections held: 10 MB and more. */
static void return_memory(struct server *server) {
    struct connguard_stats now;
    connguard_stats(server->guard, &now);
    if (now.open > server->worker_count / 8 || now.accepted == server->trimmed_accepted)
        return;
    server->trimmed_accepted = now.accepted;
    exchanges_trim(&server->exchanges);
    malloc_trim(0);
}

/* A request is counted when it begins: while every worker has one, only after another ended. */
static void watch_workers(struct server *server) {
    struct connguard_stats now;
    int64_t requests = server->exchanges.requests;
    connguard_stats(server->guard, &now);
    if (now.at_work - now.held_up < server->worker_count || requests != server->watched_requests)
        atomic_store(&server->moved_us, clock_monotonic_us());
    server->watched_requests = requests;
}

static int tick(void *argument) {
    struct server *server = argument;
    int64_t now = clock_monotonic_us();
    connguard_tick(server->guard, now);
    watch_workers(server);
    if (server->tls && is_due(&server->reloaded_us, now, RELOAD_MS))
        tls_context_reload(server->tls);
    if (is_due(&server->trimmed_us, now, TRIM_MS))
        return_memory(server);
    return connguard_crowded(server->guard) ? CROWDED_TICK_MS : TICK_MS;
}

/* Starting ------------------------------------------------------------------------------------- */

static int64_t microseconds(int milliseconds, int otherwise) {
    return (int64_t)(milliseconds > 0 ? milliseconds : otherwise) * 1000;
}

/* "ADDR:PORT" of each listener that is on, as civetweb wants them: with an "s", as to civetweb all
 * have TLS. */
static enum err list_listeners(struct server *server, const struct server_options *options,
                               char *list, size_t size, char *error, size_t error_size) {
    const struct {
        const char *name, *value;
        enum listener listener;
    } wanted[LISTENERS] = {
        {"--https", options->https, LISTENER_HTTPS},
        {"--http", options->http, LISTENER_HTTP},
        {"--ops", options->ops, LISTENER_OPS},
    };
    size_t length = 0;
    list[0] = '\0';
    for (size_t i = 0; i < ARRAY_COUNT(wanted); i++) {
        struct address address;
        int port;
        if (!wanted[i].value || !*wanted[i].value)
            continue;
        if (!address_split_listener(wanted[i].value, &address, &port)) {
            snprintf(error, error_size, "%s %s: expected ADDRESS:PORT with a numeric address",
                     wanted[i].name, wanted[i].value);
            return ERR_INVALID;
        }
        server->sockets[server->socket_count].listener = wanted[i].listener;
        server->sockets[server->socket_count].option = wanted[i].name;
        server->sockets[server->socket_count++].value = wanted[i].value;
        int written =
            snprintf(list + length, size - length, "%s%ss", length ? "," : "", wanted[i].value);
        length += (size_t)written;
        if (written < 0 || length >= size)
            return ERR_INVALID;
    }
    if (server->socket_count > 0)
        return OK;
    snprintf(error, error_size, "no listener: --https, --http and --ops are all off");
    return ERR_INVALID;
}

/* civetweb's "cannot bind to 0.0.0.0:443s: 13 (Permission denied)" with our option's name, or what
 * it says. */
static void explain_failure(const struct server *server, const char *text, char *error,
                            size_t error_size) {
    const char *reason = strrchr(server->complaint, '(');
    if (reason && server->complaint_at < server->socket_count)
        snprintf(error, error_size, "cannot listen on %s %s: %.*s",
                 server->sockets[server->complaint_at].option,
                 server->sockets[server->complaint_at].value, (int)strcspn(reason + 1, ")"),
                 reason + 1);
    else
        snprintf(error, error_size, "cannot start the server: %s",
                 server->complaint[0] ? server->complaint : text);
}

static enum err start_civetweb(struct server *server, const char *listeners, char *error,
                               size_t error_size) {
    char threads[16], queue[16], backlog[16];
    snprintf(threads, sizeof(threads), "%d", server->worker_count);
    snprintf(queue, sizeof(queue), "%d", LINE);
    snprintf(backlog, sizeof(backlog), "%d", BACKLOG);
    /* clang-format off */
    const char *settings[] = {
        "listening_ports", listeners, "num_threads", threads, "connection_queue", queue,
        "listen_backlog", backlog, "enable_keep_alive", "yes", "max_request_size", "1024",
        "decode_url", "no", "enable_auth_domain_check", "no", NULL};
    /* clang-format on */
    const struct mg_callbacks callbacks = {
        .begin_request = on_request, .init_thread = on_thread, .log_message = on_message};
    struct mg_init_data init = {
        .callbacks = &callbacks, .user_data = server, .configuration_options = settings};
    char text[128] = "";
    struct mg_error_data why = {.text = text, .text_buffer_size = sizeof(text)};
    mg_init_library(MG_FEATURES_DEFAULT);
    server->civetweb = mg_start2(&init, &why);
    server->started = true;
    if (server->civetweb)
        return OK;
    mg_exit_library();
    explain_failure(server, text, error, error_size);
    return ERR_IO;
}

static enum err configure(struct server *server, const struct server_options *options, char *error,
                          size_t error_size) {
    server->limits = (struct channel_limits){
        .handshake_us = microseconds(options->handshake_ms, 10 * 1000),
        .head_us = microseconds(options->head_ms, 10 * 1000),
        .idle_us = microseconds(options->idle_ms, 30 * 1000),
        .body_us = microseconds(options->body_ms, 30 * 1000),
        .send_us = microseconds(options->send_ms, 30 * 1000),
    };
    server->stuck_us = microseconds(options->stuck_ms, STUCK_MS);
    server->exchanges.handle = options->handle;
    server->exchanges.refuse = options->refuse;
    server->exchanges.observe = options->observe;
    server->exchanges.ctx = options->ctx;
    server->exchanges.request_limit =
        options->request_limit > 0 ? options->request_limit : 16 * 1024 * 1024;
    if (!networks_parse(options->behind_proxy, &server->exchanges.proxies)) {
        snprintf(error, error_size, "--behind-proxy %s: expected networks like 10.0.0.0/8",
                 options->behind_proxy);
        return ERR_INVALID;
    }
    if (options->base_host && !(server->base_host = strdup(options->base_host)))
        return ERR_INTERNAL;
    server->exchanges.base_host = server->base_host;
    if (options->domain_file && !(server->challenges = challenges_create()))
        return ERR_INTERNAL;
    server->exchanges.challenges = server->challenges;
    if (options->https && *options->https) {
        const struct tls_sources sources = {.cert_file = options->cert_file,
                                            .key_file = options->key_file,
                                            .kept_file = options->domain_file,
                                            .dir = options->tls_dir,
                                            .challenges = server->challenges};
        server->tls = tls_context_create(&sources, error, error_size);
        server->exchanges.tls = server->tls;
        return server->tls ? OK : ERR_INVALID;
    }
    return OK;
}

static enum err start(struct server *server, const struct server_options *options, char *error,
                      size_t error_size) {
    char listeners[256];
    enum err result =
        list_listeners(server, options, listeners, sizeof(listeners), error, error_size);
    if (result == OK)
        result = configure(server, options, error, error_size);
    if (result != OK)
        return result;
    server->guard = connguard_create(server->worker_count, WAITING, &server->exchanges.proxies);
    server->reloaded_us = server->trimmed_us = clock_monotonic_us();
    server->ticker = ticker_start(tick, server);
    if (!server->ticker) {
        snprintf(error, error_size, "cannot start a thread");
        return ERR_INTERNAL;
    }
    return start_civetweb(server, listeners, error, error_size);
}

struct server *server_start(const struct server_options *options, char *error, size_t error_size) {
    struct server *server = calloc(1, sizeof(*server));
    int workers = options->workers > 0 ? options->workers : DEFAULT_WORKERS;
    if (server)
        server->workers = calloc((size_t)workers, sizeof(*server->workers));
    if (!server || !server->workers) {
        free(server);
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    server->worker_count = workers;
    server->moved_us = clock_monotonic_us();
    for (int i = 0; i < workers; i++)
        server->workers[i].server = server;
    exchanges_setup(&server->exchanges);
    if (start(server, options, error, error_size) == OK)
        return server;
    server_stop(server);
    return NULL;
}

int server_port(const struct server *server, enum listener listener) {
    for (int i = 0; i < server->socket_count; i++)
        if (server->sockets[i].listener == listener)
            return server->sockets[i].port;
    return 0;
}

void server_fingerprint(struct server *server, char *text, size_t size) {
    char fingerprint[TLS_FINGERPRINT_SIZE] = "";
    if (server->tls)
        tls_context_fingerprint(server->tls, fingerprint);
    snprintf(text, size, "%s", fingerprint);
}

bool server_self_signed(struct server *server) {
    return server->tls && tls_context_self_signed(server->tls);
}

void server_reload_certificate(struct server *server) {
    if (server->tls)
        tls_context_reload(server->tls);
}

bool server_moves(const struct server *server) {
    return clock_monotonic_us() - atomic_load(&server->moved_us) < server->stuck_us;
}

bool server_answers(struct server *server, int timeout_ms) {
    struct sockaddr_storage own = {0};
    socklen_t length = sizeof(own);
    int last = server->socket_count - 1; /* one without TLS, where there is one */
    return getsockname(server->sockets[last].fd, (struct sockaddr *)&own, &length) == 0 &&
           probe_status((struct sockaddr *)&own, length, "/healthz", timeout_ms) != 0;
}

struct challenges *server_challenges(struct server *server) {
    return server->challenges;
}

/* Draining and stopping ------------------------------------------------------------------------ */

void server_drain(struct server *server) {
    server->exchanges.draining_since_us = clock_monotonic_us();
    connguard_drain(server->guard);
}

bool server_wait_idle(struct server *server, int64_t deadline_ms) {
    int64_t until = clock_monotonic_us() + deadline_ms * 1000;
    while (server->exchanges.admitted > 0) {
        if (clock_monotonic_us() >= until)
            return false;
        usleep(WAIT_STEP_MS * 1000);
    }
    return true;
}

/* In the place of a listening socket comes what is never ready, as civetweb's accepting thread goes
 * on looking at that number. */
static void close_listener(int fd, int64_t until) {
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    while (poll(&waiting, 1, 0) > 0 && clock_monotonic_us() < until)
        usleep(1000); /* who waits to be accepted would be cut off */
    int nothing = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (nothing < 0)
        return;
    dup2(nothing, fd);
    close(nothing);
}

void server_close(struct server *server) {
    int64_t until = clock_monotonic_us() + LAST_WORDS_MS * 1000;
    for (int i = 0; i < server->sockets_open; i++)
        close_listener(server->sockets[i].fd, until);
    while (connguard_open(server->guard) > 0 && clock_monotonic_us() < until)
        usleep(WAIT_STEP_MS * 1000);
}

void server_stop(struct server *server) {
    if (!server)
        return;
    server->cutting = true;
    if (server->civetweb) {
        connguard_end_all(server->guard);
        for (int i = 0; i < server->sockets_open; i++) /* wakes the accepting thread */
            if (shutdown(server->sockets[i].fd, SHUT_RDWR) != 0)
                eventfd_write(server->sockets[i].fd, 1);
        mg_stop(server->civetweb);
        mg_exit_library();
    }
    ticker_stop(server->ticker);
    connguard_destroy(server->guard);
    tls_context_destroy(server->tls);
    challenges_destroy(server->challenges);
    exchanges_free(&server->exchanges);
    free(server->base_host);
    free(server->workers);
    free(server);
}

void server_stats(struct server *server, struct server_stats *stats) {
    struct connguard_stats guard;
    connguard_stats(server->guard, &guard);
    *stats = (struct server_stats){
        .connections = guard.open,
        .at_work = guard.at_work,
        .workers = server->worker_count,
        .accepted = guard.accepted,
        .evicted = guard.evicted,
        .expired = guard.expired,
        .handshakes = server->handshakes,
        .handshake_failures = server->handshake_failures,
        .resumed = server->tls ? tls_context_resumed(server->tls) : 0,
        .bad_heads = server->exchanges.bad_heads,
        .requests = server->exchanges.requests,
        .certificate_end = server->tls ? tls_context_not_after(server->tls) : 0,
    };
}
