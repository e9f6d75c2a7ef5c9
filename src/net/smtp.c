/* The client's side of the conversation. */
#include "net/smtp.h"
#include "base/buf.h"
#include "net/tls.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { REPLY_LINE = 1002, REPLY_LINES = 100, CAPABILITIES = 1024 };

struct smtp {
    struct tls *tls;
    char capabilities[CAPABILITIES]; /* EHLO keywords, each between newlines */
    char last[REPLY_LINE];           /* the last line of the last reply */
};

/* ---- where ------------------------------------------------------------------------------------
 */

static int unhex(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static char *percent_decode(struct arena *arena, const char *text, size_t length) {
    char *decoded = arena_strndup(arena, text, length), *out = decoded;
    for (const char *p = decoded; *p; p++) {
        if (*p == '%' && p[1] && unhex(p[1]) >= 0 && unhex(p[2]) >= 0) {
            *out++ = (char)(unhex(p[1]) << 4 | unhex(p[2]));
            p += 2;
        } else {
            *out++ = *p;
        }
    }
    *out = '\0';
    return decoded;
}

enum err smtp_options_parse(struct smtp_options *options, struct arena *arena, const char *url,
                            const char *password, const char *ca_file, char *error,
                            size_t error_size) {
    *options = (struct smtp_options){.password = arena_strdup(arena, password),
                                     .ca_file = ca_file && *ca_file ? ca_file : NULL};
    options->implicit_tls = strncmp(url, "smtps://", 8) == 0;
    if (!options->implicit_tls && strncmp(url, "smtp://", 7) != 0) {
        snprintf(error, error_size, "--smtp: expected smtp://user@host:587 or smtps://user@host.");
        return ERR_INVALID;
    }
    const char *authority = strstr(url, "://") + 3;
    size_t length = strcspn(authority, "/");
    const char *at = memrchr(authority, '@', length);
    if (at)
        options->user = percent_decode(arena, authority, (size_t)(at - authority));
    const char *host = at ? at + 1 : authority;
    size_t rest = length - (size_t)(host - authority);
    const char *colon = memrchr(host, ':', rest);
    size_t host_length = colon ? (size_t)(colon - host) : rest;
    options->port = options->implicit_tls ? 465 : 587;
    if (colon)
        options->port = (int)strtol(colon + 1, NULL, 10);
    bool password_in_url = options->user && strchr(options->user, ':');
    if (host_length == 0 || options->port < 1 || options->port > 65535 || password_in_url) {
        snprintf(error, error_size,
                 "--smtp: expected smtp://user@host:587; the password comes from "
                 "TALLER_SMTP_PASSWORD.");
        return ERR_INVALID;
    }
    options->host = arena_strndup(arena, host, host_length);
    return OK;
}

/* ---- saying and hearing -----------------------------------------------------------------------
 */

/* A reply's code, or -1 when the connection is no use any more. EHLO's lines are kept. */
static int hear(struct smtp *smtp, bool keep) {
    struct buf kept = {0};
    int code = -1;
    buf_putc(&kept, '\n');
    for (int i = 0; i < REPLY_LINES; i++) {
        char *line = smtp->last;
        if (tls_read_line(smtp->tls, line, sizeof(smtp->last)) != OK || strlen(line) < 3 ||
            strspn(line, "0123456789") < 3)
            break;
        if (keep && line[3]) {
            buf_puts(&kept, line + 4);
            buf_putc(&kept, '\n');
        }
        if (line[3] != '-') {
            code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
            break;
        }
    }
    if (keep)
        snprintf(smtp->capabilities, sizeof(smtp->capabilities), "%s", buf_text(&kept));
    buf_free(&kept);
    return code;
}

PRINTF_LIKE(2, 3) static int ask(struct smtp *smtp, const char *format, ...) {
    char line[2048];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(line, sizeof(line) - 2, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof(line) - 2 || strpbrk(line, "\r\n"))
        return -1;
    memcpy(line + length, "\r\n", 2);
    if (tls_write(smtp->tls, line, (size_t)length + 2) != OK)
        return -1;
    return hear(smtp, strncmp(line, "EHLO", 4) == 0);
}

static bool can(const struct smtp *smtp, const char *capability) {
    char wanted[32];
    snprintf(wanted, sizeof(wanted), "\n%s", capability);
    const char *found = strcasestr(smtp->capabilities, wanted);
    return found && strchr(" \n=", found[strlen(wanted)]);
}

static bool can_auth(const struct smtp *smtp, const char *mechanism) {
    const char *line = strcasestr(smtp->capabilities, "\nAUTH");
    if (!line)
        return false;
    size_t length = strcspn(line + 1, "\n");
    const char *found = strcasestr(line, mechanism);
    return found && found < line + 1 + length;
}

/* ---- the start of a conversation --------------------------------------------------------------
 */

/* Base64 with padding (RFC 4648), as AUTH wants it. */
static void put_base64(struct buf *out, const void *bytes, size_t count) {
    static const char DIGITS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = bytes;
    for (; count; count = count > 3 ? count - 3 : 0, p += 3) {
        uint32_t group = (uint32_t)p[0] << 16;
        if (count > 1)
            group |= (uint32_t)p[1] << 8;
        if (count > 2)
            group |= p[2];
        buf_putc(out, DIGITS[group >> 18]);
        buf_putc(out, DIGITS[group >> 12 & 63]);
        buf_putc(out, count > 1 ? DIGITS[group >> 6 & 63] : '=');
        buf_putc(out, count > 2 ? DIGITS[group & 63] : '=');
    }
}

static int auth_plain(struct smtp *smtp, const struct smtp_options *options) {
    struct buf clear = {0}, encoded = {0};
    buf_putc(&clear, '\0');
    buf_puts(&clear, options->user);
    buf_putc(&clear, '\0');
    buf_puts(&clear, options->password);
    put_base64(&encoded, clear.data, clear.len);
    int code = ask(smtp, "AUTH PLAIN %s", buf_text(&encoded));
    buf_free(&clear);
    buf_free(&encoded);
    return code;
}

static int auth_login(struct smtp *smtp, const struct smtp_options *options) {
    struct buf user = {0}, password = {0};
    put_base64(&user, options->user, strlen(options->user));
    put_base64(&password, options->password, strlen(options->password));
    int code = ask(smtp, "AUTH LOGIN");
    if (code == 334)
        code = ask(smtp, "%s", buf_text(&user));
    if (code == 334)
        code = ask(smtp, "%s", buf_text(&password));
    buf_free(&user);
    buf_free(&password);
    return code;
}

static const char *log_in(struct smtp *smtp, const struct smtp_options *options) {
    if (!options->user)
        return NULL;
    if (!tls_is_secure(smtp->tls) && !tls_is_loopback(smtp->tls))
        return "the mail server offers no TLS, so the password is not sent";
    int code = -1;
    if (can_auth(smtp, "PLAIN"))
        code = auth_plain(smtp, options);
    else if (can_auth(smtp, "LOGIN"))
        code = auth_login(smtp, options);
    else
        return "the mail server takes no password by PLAIN or LOGIN";
    return code == 235 ? NULL : "the mail server refused the user or the password";
}

static int greet(struct smtp *smtp) {
    char name[256] = "localhost";
    if (gethostname(name, sizeof(name) - 1) != 0 || !*name)
        snprintf(name, sizeof(name), "localhost");
    return ask(smtp, "EHLO %s", name);
}

/* Up to the first MAIL FROM; NULL, or why not. `error` may hold a longer story already. */
static const char *converse(struct smtp *smtp, const struct smtp_options *options, char *error,
                            size_t error_size) {
    if (options->implicit_tls &&
        tls_start(smtp->tls, options->host, options->ca_file, error, error_size) != OK)
        return error;
    if (hear(smtp, false) != 220 || greet(smtp) != 250)
        return "the mail server does not greet back";
    if (!options->implicit_tls && can(smtp, "STARTTLS")) {
        if (ask(smtp, "STARTTLS") != 220)
            return "the mail server refused STARTTLS";
        if (tls_start(smtp->tls, options->host, options->ca_file, error, error_size) != OK)
            return error;
        if (greet(smtp) != 250)
            return "the mail server does not greet back after STARTTLS";
    } else if (!options->implicit_tls && !tls_is_loopback(smtp->tls)) {
        return "the mail server offers no TLS";
    }
    return log_in(smtp, options);
}

struct smtp *smtp_connect(const struct smtp_options *options, char *error, size_t error_size) {
    struct smtp *smtp = calloc(1, sizeof(*smtp));
    if (!smtp) {
        snprintf(error, error_size, "out of memory");
        return NULL;
    }
    smtp->tls = tls_connect(options->host, options->port, error, error_size);
    const char *problem = smtp->tls ? converse(smtp, options, error, error_size) : error;
    if (!problem)
        return smtp;
    if (problem != error)
        snprintf(error, error_size, "%s", problem);
    tls_close(smtp->tls);
    free(smtp);
    return NULL;
}

/* ---- one mail ---------------------------------------------------------------------------------
 */

static enum smtp_result judge(const struct smtp *smtp, int code, char *error, size_t error_size) {
    if (code > 0)
        snprintf(error, error_size, "%s", smtp->last);
    else
        snprintf(error, error_size, "the mail server went away");
    return code >= 500 ? SMTP_REFUSED : SMTP_LATER;
}

/* A line that begins with a dot gets another one (RFC 5321, 4.5.2). */
static enum err send_text(struct smtp *smtp, const char *message, size_t length) {
    struct buf stuffed = {0};
    bool line_start = true;
    for (size_t i = 0; i < length; i++) {
        if (line_start && message[i] == '.')
            buf_putc(&stuffed, '.');
        buf_putc(&stuffed, message[i]);
        line_start = message[i] == '\n';
    }
    buf_puts(&stuffed, line_start ? ".\r\n" : "\r\n.\r\n");
    enum err err = tls_write(smtp->tls, stuffed.data, stuffed.len);
    buf_free(&stuffed);
    return err;
}

enum smtp_result smtp_send(struct smtp *smtp, const char *from, const char *recipient,
                           const char *message, size_t length, char *error, size_t error_size) {
    int code = ask(smtp, "MAIL FROM:<%s>", from);
    if (code == 250)
        code = ask(smtp, "RCPT TO:<%s>", recipient);
    if (code == 250 || code == 251)
        code = ask(smtp, "DATA");
    if (code != 354) {
        enum smtp_result result = judge(smtp, code, error, error_size);
        if (code > 0 && ask(smtp, "RSET") != 250)
            return SMTP_LATER;
        return result;
    }
    if (send_text(smtp, message, length) == OK)
        code = hear(smtp, false);
    else
        code = -1;
    if (code == 250)
        return SMTP_SENT;
    enum smtp_result result = judge(smtp, code, error, error_size);
    return code < 0 ? SMTP_UNSURE : result;
}

void smtp_close(struct smtp *smtp) {
    if (!smtp)
        return;
    int code = ask(smtp, "QUIT");
    (void)code; /* nothing depends on the farewell */
    tls_close(smtp->tls);
    free(smtp);
}
