/* Moves bytes between a socket, with TLS or without, and whoever reads heads and bodies. What the
 * bytes mean is for head.c and body.c. */
#include "http/channel.h"
#include "base/clock.h"
#include "base/memory.h"
#include "http/head.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    FIRST_BUFFER = 4096,
    BODY_ROOM = 2048,   /* kept free behind a head for what follows it */
    TLS_RECORD = 16384, /* the most one record holds */
    PIECE = 64 * 1024,  /* of a response, each with a deadline of its own */
    LINGER_US = 2 * 1000 * 1000,
    BYTES_A_SECOND = 16 * 1024, /* a response's deadline grows by a second for as many */
};

static void buffer_resize(struct channel *channel, size_t cap) {
    channel->buf = memory_resize(channel->buf, 1, cap);
    channel->cap = cap;
}

static struct channel *create(struct connguard *guard, struct connguard_slot *slot,
                              const struct channel_limits *limits, int fd) {
    struct channel *channel = memory_new(1, sizeof(*channel));
    channel->fd = fd;
    channel->guard = guard;
    channel->slot = slot;
    channel->limits = limits;
    address_format(connguard_address(slot), channel->address);
    return channel;
}

/* A browser that was given "http://" for the TLS port deserves an answer it can read. */
static void become_plain(struct channel *channel) {
    size_t count;
    const char *ahead = tls_session_ahead(channel->tls, &count);
    buffer_resize(channel, FIRST_BUFFER + count);
    memcpy(channel->buf, ahead, count);
    channel->len = count;
    tls_session_close(channel->tls, false);
    channel->tls = NULL;
    channel->security = CHANNEL_MISTAKEN;
}

struct channel *channel_open(struct connguard *guard, struct connguard_slot *slot,
                             struct tls_context *tls, const struct channel_limits *limits, int fd) {
    struct channel *channel = create(guard, slot, limits, fd);
    int off = 0;
    ioctl(fd, FIONBIO,
          &off); /* civetweb wants sockets that never block and waits with poll; we do not */
    int64_t now = clock_monotonic_us();
    bool stays = connguard_enter(slot, CONNGUARD_HEADLESS, now,
                                 now + (tls ? limits->handshake_us : limits->head_us));
    if (stays && tls) {
        channel->security = CHANNEL_TLS;
        const struct tls_place place = {guard, slot, now + limits->handshake_us};
        enum tls_outcome outcome = tls_session_open(tls, fd, &place, &channel->tls);
        if (outcome == TLS_PLAIN)
            become_plain(channel);
        stays = outcome == TLS_READY || outcome == TLS_PLAIN;
        now = clock_monotonic_us();
        if (stays)
            stays = connguard_enter(slot, CONNGUARD_HEADLESS, now, now + limits->head_us);
    }
    if (stays)
        return channel;
    channel_close(channel);
    return NULL;
}

/* The client may still be sending what we no longer want. Closing now would answer that with a
 * reset, and the reset would take our response from the client's hands. */
static void linger(struct channel *channel) {
    int64_t now = clock_monotonic_us();
    if (!connguard_enter(channel->slot, CONNGUARD_HEADLESS, now, now + LINGER_US))
        return;
    shutdown(channel->fd, SHUT_WR);
    char ignored[BODY_ROOM];
    while (recv(channel->fd, ignored, sizeof(ignored), 0) > 0)
        if (clock_monotonic_us() > now + LINGER_US)
            return;
}

void channel_close(struct channel *channel) {
    if (!channel)
        return;
    tls_session_close(channel->tls, !connguard_expired(channel->slot));
    if (channel->linger)
        linger(channel);
    connguard_release(channel->guard, channel->slot);
    free(channel->buf);
    free(channel);
}

/* At most `size` bytes; 0 when no more will come, for whatever reason. */
static size_t receive(struct channel *channel, void *bytes, size_t size) {
    ssize_t got;
    if (channel->tls)
        got = tls_session_read(channel->tls, bytes, size);
    else
        do {
            got = recv(channel->fd, bytes, size, 0);
        } while (got < 0 && errno == EINTR);
    return got > 0 ? (size_t)got : 0;
}

/* Heads ---------------------------------------------------------------------------------------- */

/* Forgets the request before, keeps what came behind it. */
static void forget_head(struct channel *channel) {
    channel->len -= channel->at;
    if (channel->len > 0)
        memmove(channel->buf, channel->buf + channel->at, channel->len);
    channel->at = 0;
    channel->head_len = 0;
    if (channel->len == 0 && channel->cap > FIRST_BUFFER) {
        free(channel->buf);
        channel->buf = NULL;
        channel->cap = 0;
    }
}

/* Waits for more of a head. False when none comes. */
static bool await_head(struct channel *channel, enum connguard_state *state) {
    enum connguard_state now_in =
        channel->len == 0 && channel->used ? CONNGUARD_IDLE : CONNGUARD_HEADLESS;
    if (now_in != *state) {
        int64_t now = clock_monotonic_us();
        int64_t limit =
            now_in == CONNGUARD_IDLE ? channel->limits->idle_us : channel->limits->head_us;
        if (!connguard_enter(channel->slot, now_in, now, now + limit))
            return false;
        *state = now_in;
    }
    if (channel->len == channel->cap)
        buffer_resize(channel, channel->cap ? channel->cap * 2 : FIRST_BUFFER);
    size_t got = receive(channel, channel->buf + channel->len, channel->cap - channel->len);
    channel->len += got;
    return got > 0;
}

static int take_head(struct channel *channel, size_t length) {
    channel->head_len = channel->at = length;
    channel->used = true;
    if (channel->cap - length < BODY_ROOM) /* now, as later nothing may move */
        buffer_resize(channel, length + BODY_ROOM);
    return connguard_enter(channel->slot, CONNGUARD_WORK, clock_monotonic_us(), 0) ? CHANNEL_HEAD
                                                                                   : CHANNEL_END;
}

int channel_next_head(struct channel *channel) {
    /* A new connection is head-less already, with a deadline of its own. */
    enum connguard_state state = channel->used ? CONNGUARD_WORK : CONNGUARD_HEADLESS;
    size_t scanned = 0;
    forget_head(channel);
    for (;;) {
        long end = head_find_end(channel->buf, channel->len, &scanned);
        if (end > 0)
            return take_head(channel, (size_t)end);
        if (end < 0)
            return (int)-end;
        if (!await_head(channel, &state))
            return channel->len > 0 && connguard_expired(channel->slot) ? 408 : CHANNEL_END;
    }
}

/* Bodies --------------------------------------------------------------------------------------- */

size_t channel_pending(const struct channel *channel, const char **bytes) {
    *bytes = channel->buf + channel->at;
    return channel->len - channel->at;
}

void channel_take(struct channel *channel, size_t count) {
    channel->at += count;
}

bool channel_fill(struct channel *channel, int64_t deadline_us) {
    channel->at = channel->len = channel->head_len;
    size_t got = channel_read(channel, channel->buf + channel->len, channel->cap - channel->len,
                              deadline_us);
    channel->len += got;
    return got > 0;
}

size_t channel_read(struct channel *channel, void *bytes, size_t size, int64_t deadline_us) {
    /* A body's wait begins where its time does, and moves on as the body comes. */
    if (!connguard_enter(channel->slot, CONNGUARD_READING, deadline_us - channel->limits->body_us,
                         deadline_us))
        return 0;
    return receive(channel, bytes, size);
}

bool channel_resume(struct channel *channel) {
    return connguard_enter(channel->slot, CONNGUARD_WORK, clock_monotonic_us(), 0);
}

/* Responses ------------------------------------------------------------------------------------ */

/* Gives the client time for so many bytes. False when the connection is to be closed. */
static bool begin_writing(struct channel *channel, size_t count) {
    int64_t now = clock_monotonic_us();
    int64_t limit = channel->limits->send_us + (int64_t)(count / BYTES_A_SECOND) * 1000 * 1000;
    return connguard_enter(channel->slot, CONNGUARD_WRITING, now, now + limit);
}

static bool send_plain(struct channel *channel, const struct buf *head, const void *body,
                       size_t count) {
    struct iovec parts[2] = {{.iov_base = head->data, .iov_len = head->len},
                             {.iov_base = (void *)(uintptr_t)body, .iov_len = count}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    size_t left = head->len + count;
    while (left > 0) {
        ssize_t sent = sendmsg(channel->fd, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        left -= (size_t)sent;
        size_t first = (size_t)sent < parts[0].iov_len ? (size_t)sent : parts[0].iov_len;
        parts[0].iov_base = (char *)parts[0].iov_base + first;
        parts[0].iov_len -= first;
        parts[1].iov_base = (char *)parts[1].iov_base + ((size_t)sent - first);
        parts[1].iov_len -= (size_t)sent - first;
    }
    return true;
}

/* Head and body share the first record. A page of up to 16 KB is one record and one system call. */
static bool send_tls(struct channel *channel, struct buf *head, const void *body, size_t count) {
    size_t joined = head->len < TLS_RECORD ? TLS_RECORD - head->len : 0;
    if (joined > count)
        joined = count;
    buf_append(head, body, joined);
    return tls_session_write(channel->tls, head->data, head->len) &&
           (joined == count ||
            tls_session_write(channel->tls, (const char *)body + joined, count - joined));
}

bool channel_send(struct channel *channel, struct buf *head, const void *body, size_t count) {
    size_t at = count < PIECE ? count : PIECE;
    bool sent = begin_writing(channel, at) && (channel->tls ? send_tls(channel, head, body, at)
                                                            : send_plain(channel, head, body, at));
    buf_reset(head);
    while (sent && at < count) {
        const char *piece = (const char *)body + at;
        size_t size = count - at < PIECE ? count - at : PIECE;
        sent = begin_writing(channel, size) &&
               (channel->tls ? tls_session_write(channel->tls, piece, size)
                             : send_plain(channel, head, piece, size));
        at += size;
    }
    return sent;
}
