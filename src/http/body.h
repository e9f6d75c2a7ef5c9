/* Request bodies from the wire: Content-Length or chunked (RFC 9112, 6 and 7), with a limit and a
 * deadline. What is in them is for fields.h. */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "base/buf.h"
#include "http/channel.h"
#include "http/head.h"
#include "http/request.h"

/* Reads a chunked body's bytes one after the other; feed it until it is done. */
struct body_chunks {
    enum {
        CHUNK_SIZE,
        CHUNK_EXTENSION,
        CHUNK_SIZE_LF,
        CHUNK_DATA,
        CHUNK_DATA_CR,
        CHUNK_DATA_LF,
        CHUNK_TRAILER, /* at the start of a line behind the last chunk */
        CHUNK_TRAILER_LINE,
        CHUNK_TRAILER_LF,
        CHUNK_END_LF,
        CHUNK_DONE,
        CHUNK_BAD,
    } state;
    int digits;      /* of the size now read */
    uint64_t left;   /* data bytes of this chunk still to come */
    size_t overhead; /* bytes of extensions and trailers, which are ignored up to a limit */
};

/* Eats `count` bytes, appends the data among them to `data` until it holds more than `limit`.
 * Answers how many bytes were eaten; less than `count` only when the state is CHUNK_DONE or
 * CHUNK_BAD. */
size_t body_chunks_feed(struct body_chunks *chunks, const char *bytes, size_t count,
                        struct buf *data, size_t limit);

struct body {
    struct channel *channel;
    const struct head *head;
    struct buf data; /* what was read; heap, kept between requests */
    struct body_chunks chunks;
    uint64_t left;       /* of a Content-Length, still on the wire */
    int64_t deadline_us; /* 0 before the first read */
    bool asked;          /* 100 Continue was sent */
    bool read;           /* body_read was called */
    enum body_result result;
};

/* For a new request; keeps the memory of `data`. */
void body_start(struct body *body, struct channel *channel, const struct head *head);

/* Reads all of it into `data`. Anything but BODY_OK leaves the connection out of step. */
enum body_result body_read(struct body *body, size_t limit) MUST_CHECK;

/* Whether the wire stands at the next request. What has arrived already is skipped first. */
bool body_is_over(struct body *body);

#endif
