/* One request to somebody else's HTTP server and its answer (HTTP/1.1, RFC 9112), over TLS whose
 * certificate is checked against the host's name. Without TLS only this machine is spoken to. Each
 * request has a connection of its own; no redirect is followed, no proxy asked, no cookie kept. All
 * of it, from the look-up of the name to the last byte, ends by one deadline, and the answer takes
 * bounded memory. Safe from any thread. */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "base/err.h"
#include "net/deadline.h"
#include "net/reply.h"
#include <stddef.h>
#include <stdint.h>

struct fetch_header {
    const char *name, *value;
};

struct fetch_request {
    const char *method; /* "GET", "HEAD", "POST", "PUT", "DELETE" */
    const char *url;    /* "https://…", or "http://…" that leads to this machine */
    const struct fetch_header *headers; /* besides Host, User-Agent, Connection, Content-Length */
    size_t header_count;

    /* The body: bytes in memory, or `body_length` bytes of a file from `body_offset` on. */
    const void *body;
    int body_fd; /* used where body is NULL */
    int64_t body_offset, body_length;

    const char *ca_file; /* NULL or "": the built-in roots */
    size_t reply_limit;  /* bytes of the answer's body; 0: 1 MiB */
};

/* OK with whatever status the server gave, and the reply filled: reply_free() it. Else nothing is
 * held, and `error` has a sentence that names the host: ERR_INVALID for a URL that is none, or one
 * without TLS to elsewhere, ERR_IO when there was no answer that can be used. */
enum err fetch(const struct fetch_request *request, struct deadline deadline, struct reply *reply,
               char *error, size_t error_size) MUST_CHECK;

#endif
