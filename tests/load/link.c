/* One keep-alive connection over TLS and what HTTP/1.1 says on it: as much as our own answers and
 * nginx's files need, which all have a Content-Length. */
#include "client.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

SSL_CTX *link_context(int tls) {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    int version = tls == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;
    if (!context || !SSL_CTX_set_min_proto_version(context, version) ||
        !SSL_CTX_set_max_proto_version(context, version) ||
        !SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") ||
        !SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES256-GCM-SHA384") ||
        !SSL_CTX_set1_groups_list(context, "X25519:P-256"))
        fail("OpenSSL cannot be set up");
    return context;
}

static int dial(int port) {
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

SSL *link_connect(SSL_CTX *context, int port, SSL_SESSION *session) {
    int fd = dial(port);
    SSL *ssl = fd < 0 ? NULL : SSL_new(context);
    if (ssl && SSL_set_fd(ssl, fd) && (!session || SSL_set_session(ssl, session)) &&
        SSL_connect(ssl) == 1)
        return ssl;
    SSL_free(ssl);
    if (fd >= 0)
        close(fd);
    return NULL;
}

void link_disconnect(SSL *ssl) {
    int fd = SSL_get_fd(ssl);
    SSL_free(ssl);
    close(fd);
}

bool link_open(struct link *link, SSL_CTX *context, int port) {
    link->ssl = link_connect(context, port, NULL);
    if (!link->ssl)
        return false;
    link->fd = SSL_get_fd(link->ssl);
    link->got = link->head_len = link->length = 0;
    return fcntl(link->fd, F_SETFL, O_NONBLOCK) == 0;
}

void link_close(struct link *link) {
    if (link->ssl)
        link_disconnect(link->ssl);
    link->ssl = NULL;
}

/* Requests are small and one at a time, so the socket always has room. */
bool link_send(struct link *link) {
    link->got = link->head_len = link->length = 0;
    return SSL_write(link->ssl, link->request, (int)link->request_len) == (int)link->request_len;
}

bool head_value(const char *head, const char *name, const char *stop, char *value, size_t size) {
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, length) != 0)
            continue;
        line += length;
        size_t count = strcspn(line, stop);
        if (count >= size)
            fail("a header is too long: %s", name);
        memcpy(value, line, count);
        value[count] = '\0';
        return true;
    }
    return false;
}

static void parse_head(struct link *link) {
    link->response[link->got] = '\0';
    char *end = strstr(link->response, "\r\n\r\n");
    if (!end)
        return;
    char length[24] = "0";
    end[2] = '\0'; /* the head is text of its own from here on */
    head_value(link->response, "content-length: ", "\r", length, sizeof(length));
    link->head_len = (size_t)(end + 4 - link->response);
    link->length = strtoul(length, NULL, 10);
    if (link->head_len + link->length >= RESPONSE_MAX)
        fail("a response of %zu bytes is more than this client reads", link->length);
}

static bool answered(struct link *link, struct response *response) {
    if (link->head_len == 0)
        parse_head(link);
    if (link->head_len == 0 || link->got < link->head_len + link->length)
        return false;
    link->response[link->got] = '\0';
    *response = (struct response){.status = atoi(link->response + sizeof("HTTP/1.1")),
                                  .head = link->response,
                                  .body = link->response + link->head_len,
                                  .length = link->length};
    return true;
}

enum link_state link_receive(struct link *link, struct response *response) {
    for (;;) {
        int got =
            SSL_read(link->ssl, link->response + link->got, (int)(RESPONSE_MAX - 1 - link->got));
        if (got <= 0)
            return SSL_get_error(link->ssl, got) == SSL_ERROR_WANT_READ ? LINK_WAITING
                                                                        : LINK_BROKEN;
        link->got += (size_t)got;
        if (answered(link, response))
            return LINK_ANSWERED;
    }
}
