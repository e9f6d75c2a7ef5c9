/* Health and figures. */
#include "site/ops.h"
#include "base/secret.h"
#include "db/file.h"
#include "http/server.h"
#include "shop/session.h"
#include "site/metrics.h"
#include "site/site.h"
#include "site/traffic.h"
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

static void healthz(struct site *site, struct response *response) {
    const struct server *server = atomic_load(&site->server);
    bool alive = !server || server_moves(server); /* it may not be told of yet */
    plain(response, alive ? 200 : 503, alive ? "alive\n" : "every worker is stuck\n");
}

/* A transaction that writes nothing says whether there is a writer with a file to write to; what it
 * does not notice is that the next real one finds no room. */
static const char *why_not_ready(struct site *site) {
    enum { ROOM_BYTES = 256 * 1024 }; /* a few transactions */
    if (atomic_load(&site->draining))
        return "draining\n";
    int64_t room = file_space(site->backups);
    if (room >= 0 && room < ROOM_BYTES)
        return "the disk is full\n";
    return store_write(site->shop.store, nothing, NULL) == OK ? NULL
                                                              : "the database cannot be written\n";
}

static void readyz(struct site *site, struct response *response) {
    const char *why_not = why_not_ready(site);
    plain(response, why_not ? 503 : 200, why_not ? why_not : "ready\n");
    if (why_not)
        response_header(response, "Retry-After", "5");
}

static void metrics(struct site *site, struct request *request, struct response *response) {
    plain(response, 200, "");
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    metrics_write(site, request->arena, &response->body);
}

static bool token_fits(const struct site *site, const struct request *request) {
    const char *header = request_header(request, "Authorization");
    size_t length = strlen(site->metrics_token);
    return length && header && strncmp(header, "Bearer ", 7) == 0 && strlen(header + 7) == length &&
           secret_equal(header + 7, site->metrics_token, length);
}

/* As for /admin/: whoever owes the school a second factor is let in nowhere. */
static bool is_staff(struct site *site, const struct request *request) {
    const char *token = request_cookie(request, SITE_SESSION_COOKIE);
    if (!token)
        return false;
    struct session session;
    struct db *db = store_reader(site->shop.store);
    enum err err = session_find(db, request->arena, token, request->now, &session);
    bool ready =
        !err && (session.second_factor || !shop_settings(&site->shop, db)->staff_second_factor);
    store_release(site->shop.store, db);
    return ready && session.staff_role != STAFF_NONE;
}

bool ops_serve(struct site *site, struct request *request, struct response *response) {
    size_t path = BESIDE_HEALTHZ;
    while (path < BESIDE_COUNT && strcmp(request->path, ROUTES_BESIDE[path].pattern) != 0)
        path++;
    bool ops = request->listener == LISTENER_OPS;
    bool known = path < BESIDE_COUNT;
    if (known && path == BESIDE_METRICS && !ops)
        known = token_fits(site, request) || is_staff(site, request);
    if (!known) {
        if (ops)
            plain(response, 404, "not found\n");
        return ops;
    }
    request->route = &ROUTES_BESIDE[path];
    if (request->method != METHOD_GET && request->method != METHOD_HEAD) {
        plain(response, 405, "method not allowed\n");
        response_header(response, "Allow", "GET, HEAD");
        return true;
    }
    if (path == BESIDE_HEALTHZ)
        healthz(site, response);
    else if (path == BESIDE_READYZ)
        readyz(site, response);
    else
        metrics(site, request, response);
    return true;
}
