/* One connection as a stream of plain bytes, with TLS or without: waits for request heads, reads
 * bodies, sends responses. Blocking; who may wait how long is told to the guard, which ends the
 * socket under a wait that takes too long. A channel belongs to one worker thread. */
#ifndef HTTP_CHANNEL_H
#define HTTP_CHANNEL_H

#include "base/buf.h"
#include "http/connguard.h"
#include "http/tls_session.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Microseconds; see struct server_options. */
struct channel_limits {
    int64_t handshake_us, head_us, idle_us, body_us, send_us;
};

enum channel_security {
    CHANNEL_OPEN, /* a plain listener */
    CHANNEL_TLS,
    CHANNEL_MISTAKEN, /* plain HTTP sent to the TLS listener */
};

struct channel {
    int fd;
    enum channel_security security;
    bool linger; /* read on for a moment after the last response, as the client still sends */
    char address[ADDRESS_TEXT]; /* of the peer */
    size_t head_len;            /* the head now at work: the first bytes of buf */
    char *buf;
    struct connguard *guard;
    struct connguard_slot *slot;
    const struct channel_limits *limits;
    struct tls_session *tls; /* NULL: plain */
    size_t cap, at, len;     /* buf[at .. len) is read and not yet used */
    bool used;               /* a head was read */
    bool answered;           /* a response was sent */
};

/* Takes over a claimed connection; with `tls` not NULL does the handshake. NULL when that failed or
 * the guard wants it closed: the slot is given back then, the socket stays the caller's. */
struct channel *channel_open(struct connguard *guard, struct connguard_slot *slot,
                             struct tls_context *tls, const struct channel_limits *limits, int fd);

/* Closes all but the socket, which is the caller's. */
void channel_close(struct channel *channel);

enum channel_wait {
    CHANNEL_END = 0,  /* nothing more will come */
    CHANNEL_HEAD = 1, /* buf holds a whole head of head_len bytes; the guard knows of work */
                      /* 400 and above: what came is to be refused with this status */
};
int channel_next_head(struct channel *channel);

/* Bytes that are here and unused. */
size_t channel_pending(const struct channel *channel, const char **bytes);
void channel_take(struct channel *channel, size_t count); /* uses up pending bytes */

/* Waits for more until the deadline: at least one pending byte, or false. None may be pending. */
bool channel_fill(struct channel *channel, int64_t deadline_us);

/* Reads past the buffer, for bodies whose length is known; same rules. 0: nothing came. */
size_t channel_read(struct channel *channel, void *bytes, size_t size, int64_t deadline_us);

/* Ends a wait for the client: the request is at work again. */
bool channel_resume(struct channel *channel);

/* Sends head and body as one. The head may be appended to on the way. */
bool channel_send(struct channel *channel, struct buf *head, const void *body, size_t count);

#endif
