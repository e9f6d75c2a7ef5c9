/* Health and figures. */
#include "site/ops.h"
#include "base/secret.h"
#include "http/server.h"
#include "shop/session.h"
#include "site/site.h"
#include "version.h"
#include <string.h>

static void plain(struct response *response, int status, const char *text) {
    response->status = status;
    response->content_type = "text/plain; charset=utf-8";
    buf_reset(&response->body);
    buf_puts(&response->body, text);
}

static enum err nothing(struct tx *tx, void *arg) {
    (void)tx;
    (void)arg;
    return OK;
}

static void readyz(struct site *site, struct response *response) {
    if (atomic_load(&site->draining)) {
        plain(response, 503, "draining\n");
        response_header(response, "Retry-After", "5");
    } else if (store_write(site->shop.store, nothing, NULL) != OK) {
        plain(response, 503, "the database cannot be written\n");
        response_header(response, "Retry-After", "5");
    } else {
        plain(response, 200, "ready\n");
    }
}

static void put_metric(struct buf *out, const char *name, const char *type, const char *help,
                       long long value) {
    buf_printf(out, "# HELP taller_%s %s\n# TYPE taller_%s %s\ntaller_%s %lld\n", name, help, name,
               type, name, value);
}

static void put_server(struct buf *out, struct server *server) {
    struct server_stats stats;
    server_stats(server, &stats);
    put_metric(out, "connections", "gauge", "Connections open now.", stats.connections);
    put_metric(out, "requests_in_flight", "gauge", "Requests in a handler.", stats.at_work);
    put_metric(out, "requests_total", "counter", "Requests handled.", stats.requests);
    put_metric(out, "connections_evicted_total", "counter", "Connections closed by the guard.",
               stats.evicted);
    put_metric(out, "tls_handshakes_total", "counter", "TLS handshakes completed.",
               stats.handshakes);
    put_metric(out, "tls_handshake_failures_total", "counter", "TLS handshakes that failed.",
               stats.handshake_failures);
    put_metric(out, "tls_resumptions_total", "counter", "TLS sessions resumed.", stats.resumed);
}

static void put_store(struct buf *out, struct store *store) {
    struct store_stats stats;
    store_stats(store, &stats);
    put_metric(out, "commits_total", "counter", "Transactions made durable.",
               (long long)stats.commits);
    put_metric(out, "writes_total", "counter", "Pieces of work in them.", (long long)stats.writes);
    put_metric(out, "queries_total", "counter", "Questions asked by readers of the database.",
               (long long)stats.queries);
    put_metric(out, "wal_pages", "gauge", "Pages in the write-ahead log.",
               (long long)stats.wal_pages);
}

static void metrics(struct site *site, struct response *response) {
    plain(response, 200, "");
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    struct buf *out = &response->body;
    buf_printf(out,
               "# HELP taller_build_info The running build.\n# TYPE taller_build_info gauge\n"
               "taller_build_info{version=\"%s\",commit=\"%s\"} 1\n",
               TALLER_VERSION, TALLER_COMMIT);
    struct server *server = atomic_load(&site->server);
    if (server)
        put_server(out, server);
    put_store(out, site->shop.store);
}

static bool token_fits(const struct site *site, const struct request *request) {
    const char *header = request_header(request, "Authorization");
    size_t length = strlen(site->metrics_token);
    return length && header && strncmp(header, "Bearer ", 7) == 0 && strlen(header + 7) == length &&
           secret_equal(header + 7, site->metrics_token, length);
}

static bool is_staff(struct site *site, const struct request *request) {
    const char *token = request_cookie(request, SITE_SESSION_COOKIE);
    if (!token)
        return false;
    struct session session;
    struct db *db = store_reader(site->shop.store);
    enum err err = session_find(db, request->arena, token, request->now, &session);
    store_release(site->shop.store, db);
    return err == OK && session.staff_role != STAFF_NONE;
}

bool ops_serve(struct site *site, struct request *request, struct response *response) {
    static const char *const PATHS[] = {"/healthz", "/readyz", "/metrics"};
    size_t path = 0;
    while (path < ARRAY_COUNT(PATHS) && strcmp(request->path, PATHS[path]) != 0)
        path++;
    bool ops = request->listener == LISTENER_OPS;
    bool known = path < ARRAY_COUNT(PATHS);
    if (known && path == 2 && !ops)
        known = token_fits(site, request) || is_staff(site, request);
    if (!known) {
        if (ops)
            plain(response, 404, "not found\n");
        return ops;
    }
    if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
        plain(response, 405, "method not allowed\n");
        response_header(response, "Allow", "GET, HEAD");
        return true;
    }
    if (path == 0)
        plain(response, 200, "alive\n");
    else if (path == 1)
        readyz(site, response);
    else
        metrics(site, response);
    return true;
}
