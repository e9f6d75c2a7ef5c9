/* Asking the running server over its ops listener, as a container's health check does: one request,
 * a few seconds at most, nothing of the data folder touched. */
#include "cli/live.h"
#include "net/tls.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATIENCE_MS = 5000, LINE = 512 };

/* Where a listener on all addresses is reached from here. */
static const char *host_of(const char *listener, size_t length, struct arena *arena) {
    if (length == 0 || strncmp(listener, "0.0.0.0", length) == 0)
        return "127.0.0.1";
    if (length == 4 && strncmp(listener, "[::]", length) == 0)
        return "::1";
    return listener[0] == '[' ? arena_strndup(arena, listener + 1, length - 2)
                              : arena_strndup(arena, listener, length);
}

/* The status, and the first line of the body; 0 when there was no answer. */
static int ask(struct tls *tls, char line[LINE]) {
    static const char REQUEST[] =
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    if (tls_write(tls, REQUEST, sizeof(REQUEST) - 1) != OK || tls_read_line(tls, line, LINE) != OK)
        return 0;
    int status = strncmp(line, "HTTP/1.1 ", 9) == 0 ? (int)strtol(line + 9, NULL, 10) : 0;
    while (tls_read_line(tls, line, LINE) == OK && *line)
        ;
    if (tls_read_line(tls, line, LINE) != OK)
        *line = '\0';
    return status;
}

enum err live_ask(const char *listener, struct arena *arena, char *error, size_t error_size) {
    const char *colon = strrchr(listener, ':');
    int port = colon ? (int)strtol(colon + 1, NULL, 10) : 0;
    if (port == 0) {
        snprintf(error, error_size, "--ops is '%s': without a port nobody can be asked.", listener);
        return ERR_INVALID;
    }
    const char *host = host_of(listener, (size_t)(colon - listener), arena);
    char line[LINE];
    struct tls *tls = tls_connect(host, port, deadline_in(PATIENCE_MS, 0, -1), line, sizeof(line));
    if (!tls) {
        snprintf(error, error_size, "no server answers at %s (--ops): %s", listener, line);
        return ERR_NOT_FOUND;
    }
    int status = ask(tls, line);
    tls_close(tls);
    if (status == 200)
        return OK;
    if (status == 0)
        snprintf(error, error_size, "what listens at %s (--ops) gives no answer.", listener);
    else
        snprintf(error, error_size, "the server is not ready: %s (%d).", line, status);
    return ERR_BUSY;
}
