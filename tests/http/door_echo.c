/* A server with a handler that says what it was asked: what the tests of the door talk to, so that
 * they need no school behind it. Prints its ports as JSON, drains and stops on SIGTERM, reloads its
 * certificate on SIGHUP.
 *
 *   /echo           what the request was, as JSON lines
 *   /page           12 KB of text
 *   /bytes?n=N      N bytes
 *   /slow?ms=N      an answer after N milliseconds
 *   /form           the fields of a form of at most 64 KB
 *   /upload         the same up to 8 MB, of files their sizes
 *   /stats          the server's counters
 *   /unread         answers without looking at the body */
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "http/server.h"
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE = 12 * 1024, FORM = 64 * 1024, UPLOAD = 8 * 1024 * 1024, DRAIN_MS = 5000 };

struct echo {
    struct server *server;
    char page[PAGE + 1];
};

static void put_quoted(struct buf *body, const char *text, size_t length) {
    buf_putc(body, '"');
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < ' ' || c == '"' || c == '\\')
            buf_printf(body, "\\u%04x", c);
        else
            buf_putc(body, (char)c);
    }
    buf_putc(body, '"');
}

static void put_pair(struct buf *body, const char *key, const char *value) {
    buf_printf(body, "%s\"%s\":", body->len > 1 ? "," : "", key);
    put_quoted(body, value, strlen(value));
}

static void put_fields(struct buf *body, const char *key, const struct fields *fields) {
    buf_printf(body, "%s\"%s\":[", body->len > 1 ? "," : "", key);
    for (size_t i = 0; i < fields->count; i++) {
        const struct field *field = &fields->items[i];
        buf_puts(body, i ? ",[" : "[");
        put_quoted(body, field->name, strlen(field->name));
        buf_putc(body, ',');
        if (field->filename) {
            put_quoted(body, field->filename, strlen(field->filename));
            buf_printf(body, ",%zu", field->len);
        } else {
            put_quoted(body, field->value, field->len);
        }
        buf_putc(body, ']');
    }
    buf_putc(body, ']');
}

static void echo(struct request *request, struct response *response) {
    struct buf *body = &response->body;
    buf_putc(body, '{');
    put_pair(body, "method", request->method_name);
    put_pair(body, "path", request->path);
    put_pair(body, "query", request->query_string);
    put_pair(body, "host", request->host);
    put_pair(body, "address", request->address);
    put_pair(body, "id", request->id);
    const char *agent = request_header(request, "User-Agent"),
               *cookie = request_cookie(request, "c");
    put_pair(body, "agent", agent ? agent : "");
    put_pair(body, "cookie", cookie ? cookie : "");
    buf_printf(body, ",\"kind\":%d,\"listener\":%d,\"secure\":%d,\"proxy\":%d", request->method,
               request->listener, request->secure, request->via_proxy);
    put_fields(body, "fields", &request->query);
    buf_puts(body, "}\n");
}

static void form(struct request *request, struct response *response, size_t limit) {
    enum body_result result = request_read_form(request, limit);
    if (result != BODY_OK) {
        response->status = (int)result;
        buf_puts(&response->body, "refused\n");
        return;
    }
    buf_putc(&response->body, '{');
    put_fields(&response->body, "fields", &request->form);
    buf_puts(&response->body, "}\n");
}

static void stats(const struct echo *context, struct response *response) {
    struct server_stats now;
    server_stats(context->server, &now);
    buf_printf(
        &response->body,
        "{\"connections\":%d,\"at_work\":%d,\"accepted\":%lld,\"evicted\":%lld,\"expired\":%lld,"
        "\"handshakes\":%lld,\"resumed\":%lld,\"requests\":%lld,\"bad_heads\":%lld}\n",
        now.connections, now.at_work, (long long)now.accepted, (long long)now.evicted,
        (long long)now.expired, (long long)now.handshakes, (long long)now.resumed,
        (long long)now.requests, (long long)now.bad_heads);
}

static long number(const struct request *request, const char *name, long most) {
    const char *text = fields_get(&request->query, name);
    long value = text ? strtol(text, NULL, 10) : 0;
    return value < 0 || value > most ? 0 : value;
}

static void handle(struct request *request, struct response *response, void *ctx) {
    struct echo *context = ctx;
    const char *path = request->path;
    response->content_type = "application/json";
    if (strcmp(path, "/page") == 0) {
        response->static_body = context->page;
        response->static_len = PAGE;
    } else if (strcmp(path, "/bytes") == 0) {
        for (long left = number(request, "n", 64 * 1024 * 1024); left > 0; left -= PAGE)
            buf_append(&response->body, context->page, left < PAGE ? (size_t)left : PAGE);
    } else if (strcmp(path, "/slow") == 0) {
        usleep((useconds_t)number(request, "ms", 10 * 1000) * 1000);
        buf_puts(&response->body, "slow\n");
    } else if (strcmp(path, "/form") == 0) {
        form(request, response, FORM);
    } else if (strcmp(path, "/upload") == 0) {
        form(request, response, UPLOAD);
    } else if (strcmp(path, "/stats") == 0) {
        stats(context, response);
    } else if (strcmp(path, "/inject") == 0) {
        const char *value = fields_get(&request->query, "v");
        response_header(response, "X-Value", "%s", value ? value : "");
        response_cookie(response, "c", value ? value : "", 60);
    } else if (strcmp(path, "/go") == 0) {
        response_redirect(response, 303, fields_get(&request->query, "to"));
    } else if (strcmp(path, "/unread") == 0) {
        buf_puts(&response->body, "unread\n");
    } else {
        echo(request, response);
    }
}

/* door_echo TLS_DIR [OPTION=VALUE…]: the fields of struct server_options that tests vary. */
static void read_options(int argc, char **argv, struct server_options *options) {
    for (int i = 2; i < argc; i++) {
        const char *equals = strchr(argv[i], '=');
        const char *value = equals ? equals + 1 : "";
        size_t length = equals ? (size_t)(equals - argv[i]) : strlen(argv[i]);
        const struct {
            const char *name;
            const char **text;
            int *integer;
        } known[] = {
            {"https", &options->https, NULL},
            {"http", &options->http, NULL},
            {"ops", &options->ops, NULL},
            {"cert", &options->cert_file, NULL},
            {"key", &options->key_file, NULL},
            {"proxy", &options->behind_proxy, NULL},
            {"host", &options->base_host, NULL},
            {"workers", NULL, &options->workers},
            {"handshake", NULL, &options->handshake_ms},
            {"head", NULL, &options->head_ms},
            {"idle", NULL, &options->idle_ms},
            {"body", NULL, &options->body_ms},
            {"send", NULL, &options->send_ms},
            {"stuck", NULL, &options->stuck_ms},
        };
        for (size_t k = 0; k < ARRAY_COUNT(known); k++) {
            if (strlen(known[k].name) != length || strncmp(known[k].name, argv[i], length) != 0)
                continue;
            if (known[k].text)
                *known[k].text = value;
            else
                *known[k].integer = (int)strtol(value, NULL, 10);
        }
    }
}

/* Until SIGTERM. SIGUSR1 asks whether it moves. */
static void serve(struct server *server, const sigset_t *signals) {
    for (;;) {
        int got = 0;
        sigwait(signals, &got);
        if (got == SIGHUP) {
            server_reload_certificate(server);
            continue;
        }
        if (got == SIGUSR1) {
            puts(server_moves(server) ? "moves" : "stuck");
            fflush(stdout);
            continue;
        }
        server_drain(server);
        if (server_wait_idle(server, DRAIN_MS))
            server_close(server);
        return;
    }
}

int main(int argc, char **argv) {
    static struct echo context;
    struct server_options options = {.https = "127.0.0.1:0",
                                     .http = "127.0.0.1:0",
                                     .ops = "127.0.0.1:0",
                                     .tls_dir = argc > 1 ? argv[1] : ".",
                                     .handle = handle,
                                     .ctx = &context};
    char error[512], fingerprint[96];
    sigset_t signals;
    mallopt(M_ARENA_MAX, 2);
    log_setup(LOG_INFO, LOG_TEXT);
    memset(context.page, 'x', PAGE);
    read_options(argc, argv, &options);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (secret_setup(1, 8) != OK)
        return 1;
    context.server = server_start(&options, error, sizeof(error));
    if (!context.server) {
        fprintf(stderr, "%s\n", error);
        return 1;
    }
    server_fingerprint(context.server, fingerprint, sizeof(fingerprint));
    printf("{\"https\":%d,\"http\":%d,\"ops\":%d,\"fingerprint\":\"%s\",\"pid\":%d}\n",
           server_port(context.server, LISTENER_HTTPS), server_port(context.server, LISTENER_HTTP),
           server_port(context.server, LISTENER_OPS), fingerprint, (int)getpid());
    fflush(stdout);
    serve(context.server, &signals);
    server_stop(context.server);
    return 0;
}
