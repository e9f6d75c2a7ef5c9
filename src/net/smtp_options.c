/* The mail server as an option names it. */
#include "net/smtp.h"
#include "net/tls.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { PORT_SMTP = 587, PORT_SMTPS = 465, HOST_MAX = 253, CONNECT_MS = 60000, MAIL_MS = 300000 };

static int unhex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL for a stray '%' and for control characters. */
static const char *read_user(struct arena *arena, const char *text, size_t length) {
    char *decoded = arena_strndup(arena, text, length), *out = decoded;
    for (const char *p = decoded; *p; p++) {
        int c = (unsigned char)*p;
        if (*p == '%') {
            if (unhex(p[1]) < 0 || unhex(p[2]) < 0)
                return NULL;
            c = unhex(p[1]) << 4 | unhex(p[2]);
            p += 2;
        }
        if (c < ' ' || c == 0x7f)
            return NULL;
        *out++ = (char)c;
    }
    *out = '\0';
    return *decoded ? decoded : NULL;
}

/* The port from ":587"; 0 when it is none. */
static int read_port(const char *text, size_t length) {
    int port = 0;
    for (size_t i = 1; i < length; i++) {
        if (!isdigit((unsigned char)text[i]) || port > 65535)
            return 0;
        port = port * 10 + (text[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

/* Splits "host:port" and "[address]:port". False when it is neither. */
static bool read_host(struct smtp_options *options, struct arena *arena, const char *text,
                      size_t length) {
    bool bracket = length && *text == '[';
    const char *allowed = bracket ? ":." : ".-_";
    size_t start = bracket ? 1 : 0, end = start;
    while (end < length && (isalnum((unsigned char)text[end]) || strchr(allowed, text[end])))
        end++;
    size_t rest = bracket && end < length && text[end] == ']' ? end + 1 : end;
    if (end == start || end - start > HOST_MAX || bracket != (rest > end))
        return false;
    options->host = arena_strndup(arena, text + start, end - start);
    if (rest == length)
        return true;
    options->port = text[rest] == ':' ? read_port(text + rest, length - rest) : 0;
    return options->port > 0;
}

static const char *read_url(struct smtp_options *options, struct arena *arena, const char *url) {
    options->implicit_tls = strncmp(url, "smtps://", 8) == 0;
    if (!options->implicit_tls && strncmp(url, "smtp://", 7) != 0)
        return "it does not begin with smtp:// or smtps://";
    options->port = options->implicit_tls ? PORT_SMTPS : PORT_SMTP;
    const char *authority = strstr(url, "://") + 3;
    size_t length = strcspn(authority, "/");
    const char *at = memrchr(authority, '@', length);
    const char *host = at ? at + 1 : authority;
    if (at && memchr(authority, ':', (size_t)(at - authority)))
        return "the password comes from TALLER_SMTP_PASSWORD, never from the address";
    if (at && !(options->user = read_user(arena, authority, (size_t)(at - authority))))
        return "the user cannot be read";
    if (authority[length] && authority[length + 1])
        return "nothing may follow the host and the port";
    return read_host(options, arena, host, length - (size_t)(host - authority))
               ? NULL
               : "the host or the port cannot be read";
}

enum err smtp_options_parse(struct smtp_options *options, struct arena *arena, const char *url,
                            const char *password, const char *ca_file, char *error,
                            size_t error_size) {
    *options = (struct smtp_options){
        .password = password && *password ? arena_strdup(arena, password) : NULL,
        .ca_file = ca_file && *ca_file ? arena_strdup(arena, ca_file) : NULL,
        .connect_ms = CONNECT_MS,
        .mail_ms = MAIL_MS,
    };
    const char *fault = read_url(options, arena, url);
    if (fault) {
        snprintf(error, error_size,
                 "--smtp: %s; expected smtp://user@host:587 or smtps://user@host:465.", fault);
        return ERR_INVALID;
    }
    return options->ca_file ? tls_check_ca_file(options->ca_file, error, error_size) : OK;
}
