/* Sending mail: one SMTP conversation (RFC 5321) with STARTTLS (RFC 3207) or implicit TLS (RFC
 * 8314), AUTH PLAIN or LOGIN (RFC 4954), the server's certificate checked against its name. A
 * password is never sent without TLS, except to a loopback address. */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct smtp_options {
    const char *host, *user, *password; /* user NULL: no AUTH */
    int port;
    bool implicit_tls;   /* smtps:// */
    const char *ca_file; /* NULL: the built-in roots */
};

/* "smtp://user@host:587" or "smtps://…"; %XX in the user is undone. ERR_INVALID with one sentence.
 * Texts are copied into the arena. */
enum err smtp_options_parse(struct smtp_options *options, struct arena *arena, const char *url,
                            const char *password, const char *ca_file, char *error,
                            size_t error_size) MUST_CHECK;

struct smtp;

/* A conversation up to the point where mail can be handed over. NULL and a sentence on
 * failure. */
struct smtp *smtp_connect(const struct smtp_options *options, char *error, size_t error_size);

enum smtp_result {
    SMTP_SENT,
    SMTP_LATER,   /* 4xx, or the connection broke before the end: try again */
    SMTP_REFUSED, /* 5xx: this mail will never be taken */
    SMTP_UNSURE,  /* the connection broke after the text was sent: it may have been taken */
};

/* One mail: `message` is the whole of it with its headers, lines ended by CR LF (dot-stuffing is
 * done here). */
enum smtp_result smtp_send(struct smtp *smtp, const char *from, const char *recipient,
                           const char *message, size_t length, char *error, size_t error_size);

void smtp_close(struct smtp *smtp); /* QUIT; NULL is fine */

#endif
