/* The answer of an HTTP server (RFC 9110, RFC 9112), read strictly from bytes as they arrive: head,
 * then a body by its length, in chunks, or up to the end of the stream. Interim answers (1xx) are
 * passed over. What is not plainly HTTP/1.x is refused, not guessed at: two lengths, a length
 * beside chunks, folded lines, NUL. No input or output in here, and bounded memory. One thread. */
#ifndef NET_REPLY_H
#define NET_REPLY_H

#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLY_HEAD_MAX = 32 * 1024, REPLY_HEADERS_MAX = 100 };

enum reply_state {
    REPLY_MORE, /* not all is there */
    REPLY_DONE,
    REPLY_BAD, /* why is in reply->fault; for good */
};

struct reply {
    int status; /* 200 to 599, once the head is there */
    struct buf body;
    const char *fault; /* of REPLY_BAD: the end of "its answer …" */

    /* The parser's own. */
    enum reply_state state;
    int stage;
    bool headless_body; /* to HEAD */
    size_t body_limit;
    struct buf head;
    size_t scanned;
    struct reply_header {
        const char *name, *value;
    } headers[REPLY_HEADERS_MAX];
    size_t header_count;
    int64_t left; /* of the body, or of the chunk */
    size_t trailer_bytes;
    bool counted; /* the length of the body is known, or it is chunked */
};

/* `to_head`: the request was HEAD, so there is no body whatever the head says. */
void reply_start(struct reply *reply, bool to_head, size_t body_limit);

/* Takes what arrived. After REPLY_DONE nothing more is wanted: what is left over is ignored. */
enum reply_state reply_feed(struct reply *reply, const char *bytes, size_t count);

/* The stream has ended: REPLY_DONE or REPLY_BAD. */
enum reply_state reply_end(struct reply *reply);

/* The first header of that name (any case), trimmed; NULL when there is none. Lives as long as the
 * reply. Only after REPLY_DONE. */
const char *reply_header(const struct reply *reply, const char *name);

/* Retry-After in seconds from `now` (RFC 9110, 10.2.3: a number or a date); 0: none that can be
 * read. At most eight days. */
int64_t reply_retry_after(const struct reply *reply, int64_t now);

/* The server's own idea of the time (Date header), UTC seconds; 0: none that can be read. */
int64_t reply_date(const struct reply *reply);

/* Date header's format, "Sun, 06 Nov 1994 08:49:37 GMT" → UTC seconds; -1 for anything else. */
int64_t reply_parse_date(const char *text);

void reply_free(struct reply *reply);

#endif
