/* One HTTP response as handlers fill it. Nothing reaches the client before the handler returns:
 * then the server sends head and body at once. So a handler that fails half-way starts over with
 * response_reset().
 *
 * The server itself adds Content-Length, Date, Connection, the security headers (see server.h) and,
 * where a handler said nothing about caching, `Cache-Control: no-store`. A HEAD request gets the
 * same head without the body. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct response {
    int status;               /* 200 at first */
    const char *content_type; /* "text/html; charset=utf-8" at first; NULL: no header */
    struct buf body;          /* what a handler renders */
    const void *static_body;  /* instead of body, when not NULL: bytes that outlive the response */
    size_t static_len;
    bool close; /* end the connection behind this response */

    /* The server's own. */
    struct buf headers;
    unsigned set; /* which of the headers with a default were set */
};

/* Forgets all that was set, as if the handler had not run. */
void response_reset(struct response *response);

/* Adds a header. The name is a literal of ours; control characters in the value (CR, LF, NUL) are
 * dropped, so a value can never begin another header. A name added twice stands twice, except the
 * security headers and Cache-Control, where the first one replaces the server's default. */
void response_header(struct response *response, const char *name, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Status (301, 303, 308) and Location; the body is emptied. `location` is a path of ours ("/…") or
 * an absolute URL. Bytes outside printable ASCII are percent-encoded. */
void response_redirect(struct response *response, int status, const char *location);

/* Set-Cookie with Path=/, Secure, HttpOnly and SameSite=Lax: what `__Host-` names need. max_age in
 * seconds: 0 deletes the cookie, negative makes it last as long as the browser runs. */
void response_cookie(struct response *response, const char *name, const char *value,
                     int64_t max_age);

/* The reason phrase of a status, "Error" for one we do not use. */
const char *response_reason(int status);

/* The server's own: what it knows of the exchange when it sends the response. */
struct response_wire {
    int64_t now;     /* UTC seconds */
    size_t length;   /* of the body */
    bool close;      /* `Connection: close` */
    bool keep_alive; /* said to HTTP/1.0 clients that asked for it */
    bool strict;     /* Strict-Transport-Security */
};
void response_write_head(const struct response *response, const struct response_wire *wire,
                         struct buf *head);

/* Whether a response of this status has a body at all (RFC 9110, 6.4.1). */
bool response_has_body(int status);

#endif
