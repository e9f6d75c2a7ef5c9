/* One HTTP request as handlers see it. The server fills it after a strict check of the raw head
 * (http/head.h); handlers only read it. It and all it points to live until the response is sent. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "http/fields.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

/* Which door it came through. HTTP reaches handlers only from a trusted proxy; OPS is plain HTTP
 * for machines. */
enum listener { LISTENER_HTTPS, LISTENER_HTTP, LISTENER_OPS };

enum {
    REQUEST_ID_SIZE = 17,      /* 16 hex digits and NUL */
    REQUEST_ADDRESS_SIZE = 46, /* the longest IPv6 text and NUL */
    REQUEST_ADDRESS_KEY = 16,
};

/* Each but BODY_OK names the status to answer with: enum value = HTTP status. */
enum body_result {
    BODY_OK = 0,
    BODY_MALFORMED = 400, /* cannot be parsed, bad chunk, invalid UTF-8, NUL, too many fields */
    BODY_TIMEOUT = 408,   /* did not come within the deadline, or the client went away */
    BODY_TOO_LARGE = 413,
    BODY_WRONG_TYPE = 415, /* neither urlencoded nor multipart, or a Content-Encoding */
};

struct head;
struct body;
struct route;

struct request {
    struct arena *arena; /* for everything a handler needs until the response is sent */
    char id[REQUEST_ID_SIZE];
    int64_t now;        /* UTC seconds, read once, so that one request sees one time */
    int64_t started_us; /* clock_monotonic_us() when the head was complete */

    enum method method;
    const char *method_name; /* as sent; a token (RFC 9110) */
    const char *path; /* decoded; valid UTF-8, no NUL or control character, begins with '/', has no
                         "." or ".." segment, no "//" and no encoded '/' */
    const char *query_string; /* as sent, without '?'; "" if there is none */
    struct fields query; /* parsed; a malformed query never gets here: it is refused with 400 */
    struct fields form;  /* empty before request_read_form() */

    const char *host;                   /* Host as sent, lower case, port included */
    char address[REQUEST_ADDRESS_SIZE]; /* the client's, through a trusted proxy; for logs */
    uint8_t
        address_key[REQUEST_ADDRESS_KEY]; /* IPv4 /32 (mapped) or IPv6 /64: one key a household */
    enum listener listener;
    bool secure;    /* TLS here, or at a trusted proxy */
    bool via_proxy; /* from a trusted proxy: exempt from limits by connection address */

    /* The row of the route table that answered, for figures and the log; set by the layer above,
     * NULL where none did. Lives for ever. */
    const struct route *route;

    void *site; /* the layer above keeps what it learns about the visitor here; NULL at first */

    /* The server's own. */
    const struct head *head; /* NULL when it could not be read */
    struct body *body;
    bool form_read;
    enum body_result form_result;
};

/* A header's first value without white space around it, or NULL. Case of the name does not matter.
 */
const char *request_header(const struct request *request, const char *name);

/* A cookie's value, or NULL. */
const char *request_cookie(const struct request *request, const char *name);

/* The path, and behind it the query as it was sent, if there is one. In the request's arena. */
const char *request_address(const struct request *request);

/* Reads the body, if not done before, into request->form: urlencoded or multipart, at most
 * max_bytes on the wire. A request without a body gives an empty form. After anything but BODY_OK
 * the form is empty and the server closes the connection behind the response. Calling again repeats
 * the first answer. */
enum body_result request_read_form(struct request *request, size_t max_bytes) MUST_CHECK;

/* For values checked by site/ against what a browser says of itself: true when Sec-Fetch-Site or,
 * where that is missing, Origin shows that another site made the browser send this request. */
bool request_is_cross_site(const struct request *request);

#endif
