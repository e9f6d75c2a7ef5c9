/* One connection of the besieger: a socket that never blocks, TLS on it where the kind wants that,
 * and as much of HTTP/1.1 as is needed to see where a response ends. */
#include "siege.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool wire_open(struct wire *wire, const struct siege *siege, int window) {
    struct sockaddr_in from = siege_address(siege, wire->number);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)siege->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct linger at_once = {.l_onoff = 1};
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    *wire = (struct wire){.fd = fd, .number = wire->number, .closed_us = now_us()};
    if (fd < 0)
        return false;
    if (window)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &window, sizeof(window));
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0 &&
        (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 || errno == EINPROGRESS)) {
        wire->state = WIRE_CONNECTING;
        return true;
    }
    close(fd);
    wire->fd = -1;
    return false;
}

static bool is_connected(const struct wire *wire) {
    struct sockaddr_in peer;
    socklen_t size = sizeof(peer);
    return getpeername(wire->fd, (struct sockaddr *)&peer, &size) == 0;
}

static bool has_failed(const struct wire *wire) {
    int error = 0;
    socklen_t size = sizeof(error);
    return getsockopt(wire->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
}

enum wire_event wire_connect(struct wire *wire, SSL_CTX *context) {
    if (wire->state == WIRE_CONNECTING) {
        if (has_failed(wire))
            return WIRE_BROKE;
        if (!is_connected(wire))
            return WIRE_WAITS;
        wire->state = context ? WIRE_SHAKING : WIRE_OPEN;
        if (!context)
            return WIRE_OPENED;
        wire->ssl = SSL_new(context);
        if (!wire->ssl || !SSL_set_fd(wire->ssl, wire->fd))
            fail("out of memory");
    }
    int code = SSL_connect(wire->ssl);
    if (code == 1) {
        wire->state = WIRE_OPEN;
        return WIRE_OPENED;
    }
    int reason = SSL_get_error(wire->ssl, code);
    return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE ? WIRE_WAITS
                                                                           : WIRE_BROKE;
}

bool wire_send(struct wire *wire, const void *bytes, size_t count) {
    if (wire->ssl) {
        int code = SSL_write(wire->ssl, bytes, (int)count);
        return code > 0 || SSL_get_error(wire->ssl, code) == SSL_ERROR_WANT_WRITE;
    }
    return send(wire->fd, bytes, count, MSG_NOSIGNAL) >= 0 || errno == EAGAIN;
}

/* Takes bytes of the head until its end; answers how many. */
static size_t take_head(struct wire *wire, const char *bytes, size_t count) {
    size_t room = sizeof(wire->head) - 1 - wire->head_len;
    size_t part = count < room ? count : room;
    memcpy(wire->head + wire->head_len, bytes, part);
    wire->head[wire->head_len + part] = '\0';
    char *end = strstr(wire->head, "\r\n\r\n");
    if (!end) {
        if (part < count)
            fail("the head of a response is too long");
        wire->head_len += part;
        return part;
    }
    size_t used = (size_t)(end + 4 - wire->head) - wire->head_len;
    char length[24] = "0";
    end[2] = '\0';
    head_value(wire->head, "content-length: ", "\r", length, sizeof(length));
    wire->left = strtoul(length, NULL, 10);
    wire->in_body = true;
    return used;
}

/* Whether the last of these bytes ends a response. */
static bool take(struct wire *wire, const char *bytes, size_t count) {
    while (count > 0) {
        size_t used;
        if (wire->in_body) {
            used = count < wire->left ? count : wire->left;
            wire->left -= used;
        } else {
            used = take_head(wire, bytes, count);
        }
        bytes += used;
        count -= used;
        if (wire->in_body && wire->left == 0) {
            wire->in_body = false;
            wire->head_len = 0;
            if (count == 0)
                return true;
        }
    }
    return false;
}

enum wire_event wire_receive(struct wire *wire) {
    static char bytes[16 * 1024];
    bool answered = false;
    for (;;) {
        int got = wire->ssl ? SSL_read(wire->ssl, bytes, sizeof(bytes))
                            : (int)recv(wire->fd, bytes, sizeof(bytes), 0);
        if (got > 0) {
            answered = wire->ssl && take(wire, bytes, (size_t)got);
            continue;
        }
        bool waits = wire->ssl ? SSL_get_error(wire->ssl, got) == SSL_ERROR_WANT_READ
                               : got < 0 && errno == EAGAIN;
        if (!waits)
            return answered ? WIRE_ANSWERED : WIRE_BROKE;
        return answered ? WIRE_ANSWERED : WIRE_WAITS;
    }
}

int wire_status(const struct wire *wire) {
    return atoi(wire->head + sizeof("HTTP/1.1"));
}

void wire_close(struct wire *wire) {
    SSL_free(wire->ssl);
    wire->ssl = NULL;
    if (wire->fd >= 0)
        close(wire->fd);
    wire->fd = -1;
    wire->state = WIRE_CLOSED;
    wire->closed_us = now_us();
}
