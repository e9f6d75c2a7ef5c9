/* Sending mail: one SMTP conversation (RFC 5321) with STARTTLS (RFC 3207) or implicit TLS (RFC
 * 8314), AUTH PLAIN or LOGIN (RFC 4954), addresses beyond ASCII where the server takes them (RFC
 * 6531). The server's certificate is checked against its name. Without TLS nothing is said to any
 * but a loopback address.
 *
 * Whatever a server does, reaching it and each mail take a bounded time and bounded memory. */
#ifndef NET_SMTP_H
#define NET_SMTP_H

#include "base/arena.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

struct smtp_options {
    const char *host; /* a name or a number, IPv6 without brackets */
    int port;
    const char *user, *password; /* no AUTH unless both are there; NULL: none */
    bool implicit_tls;           /* smtps:// */
    const char *ca_file;         /* NULL: the built-in roots */
    int connect_ms;              /* from the look-up of the name to the end of AUTH: 60 s */
    int mail_ms; /* one mail: 5 minutes, most of them for a server that thinks at its end */
};

/* "smtp://user@host:587" or "smtps://user@host:465", both ports the defaults; %XX in the user is
 * undone. `password` and `ca_file` may be NULL or "". ERR_INVALID and a sentence that names the
 * option at fault, also for a ca_file that cannot be read. Texts are copied into the arena. */
enum err smtp_options_parse(struct smtp_options *options, struct arena *arena, const char *url,
                            const char *password, const char *ca_file, char *error,
                            size_t error_size) MUST_CHECK;

struct smtp;

/* A conversation up to the point where mail can be handed over. `stop_fd` (-1: none) becomes
 * readable when the program ends: reaching the server is given up at once, a mail under way gets a
 * few seconds. It and the options outlive the conversation. NULL and a sentence on failure. */
struct smtp *smtp_connect(const struct smtp_options *options, int stop_fd, char *error,
                          size_t error_size);

enum smtp_result {
    SMTP_SENT,
    SMTP_LATER,   /* not now (4xx), or not by us (authority): try this mail again */
    SMTP_REFUSED, /* 5xx: this mail will never be taken */
    SMTP_UNSURE,  /* the connection ended after the text was sent: it may have been taken */
    SMTP_TROUBLE, /* the conversation ended, or the server takes no mail of ours; nothing was sent
                   */
};

/* One mail: `message` is the whole of it with its headers; every line end becomes CR LF, and dots
 * are stuffed here. `error` gets a sentence in printable ASCII unless it was sent. */
enum smtp_result smtp_send(struct smtp *smtp, const char *from, const char *recipient,
                           const char *message, size_t length, char *error, size_t error_size);

/* Whether another mail can be sent. */
bool smtp_is_usable(const struct smtp *smtp);

void smtp_close(struct smtp *smtp); /* QUIT; NULL is fine */

#endif
