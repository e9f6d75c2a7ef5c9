/* Sockets and mbedTLS as a client. */
#include "net/tls.h"
#include "base/roots.h"
#include <arpa/inet.h>
#include <errno.h>
#include <mbedtls/error.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <netdb.h>
#include <poll.h>
#include <psa/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct tls {
    int fd;
    bool secure, loopback;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_x509_crt roots;
    char buffer[4096]; /* received, not read yet */
    size_t start, end;
};

/* ---- the socket -------------------------------------------------------------------------------
 */

static bool wait_for(int fd, short events) {
    struct pollfd poll_fd = {.fd = fd, .events = events};
    int ready;
    do
        ready = poll(&poll_fd, 1, TLS_TIMEOUT_MS);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static bool address_is_loopback(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >>
                24) == 127;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int connect_one(const struct addrinfo *address) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    int failed = connect(fd, address->ai_addr, address->ai_addrlen);
    if (failed && errno == EINPROGRESS && wait_for(fd, POLLOUT)) {
        socklen_t size = sizeof(failed);
        if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0)
            failed = -1;
    }
    if (failed) {
        close(fd);
        return -1;
    }
    return fd;
}

struct tls *tls_connect(const char *host, int port, char *error, size_t error_size) {
    char service[8];
    snprintf(service, sizeof(service), "%d", port);
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int failed = getaddrinfo(host, service, &hints, &list);
    if (failed) {
        snprintf(error, error_size, "%s is not found: %s", host, gai_strerror(failed));
        return NULL;
    }
    int fd = -1;
    bool loopback = false;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = connect_one(a);
        loopback = address_is_loopback(a->ai_addr);
    }
    freeaddrinfo(list);
    struct tls *tls = fd < 0 ? NULL : calloc(1, sizeof(*tls));
    if (!tls) {
        snprintf(error, error_size, "%s does not answer on port %d", host, port);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    tls->fd = fd;
    tls->loopback = loopback;
    return tls;
}

static int socket_send(void *arg, const unsigned char *bytes, size_t count) {
    struct tls *tls = arg;
    for (;;) {
        ssize_t sent = send(tls->fd, bytes, count, MSG_NOSIGNAL);
        if (sent >= 0)
            return (int)sent;
        if (errno != EINTR && (errno != EAGAIN || !wait_for(tls->fd, POLLOUT)))
            return MBEDTLS_ERR_SSL_INTERNAL_ERROR;
    }
}

static int socket_receive(void *arg, unsigned char *bytes, size_t count) {
    struct tls *tls = arg;
    for (;;) {
        ssize_t received = recv(tls->fd, bytes, count, 0);
        if (received >= 0)
            return (int)received;
        if (errno != EINTR && (errno != EAGAIN || !wait_for(tls->fd, POLLIN)))
            return MBEDTLS_ERR_SSL_TIMEOUT;
    }
}

/* ---- TLS --------------------------------------------------------------------------------------
 */

static enum err load_roots(struct tls *tls, const char *ca_file, char *error, size_t error_size) {
    mbedtls_x509_crt_init(&tls->roots);
    if (ca_file) {
        if (mbedtls_x509_crt_parse_file(&tls->roots, ca_file) == 0)
            return OK;
        snprintf(error, error_size, "no certificates can be read from %s", ca_file);
        return ERR_INVALID;
    }
    for (size_t i = 0; i < roots_count; i++) {
        int failed = mbedtls_x509_crt_parse_der_nocopy(&tls->roots, roots[i].der, roots[i].len);
        (void)failed; /* a root in a form we do not know is one less to trust */
    }
    return OK;
}

static enum err configure(struct tls *tls, const char *host) {
    mbedtls_ssl_init(&tls->ssl);
    mbedtls_ssl_config_init(&tls->config);
    if (psa_crypto_init() != PSA_SUCCESS ||
        mbedtls_ssl_config_defaults(&tls->config, MBEDTLS_SSL_IS_CLIENT,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT))
        return ERR_INTERNAL;
    mbedtls_ssl_conf_authmode(&tls->config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&tls->config, &tls->roots, NULL);
    mbedtls_ssl_conf_rng(&tls->config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_min_tls_version(&tls->config, MBEDTLS_SSL_VERSION_TLS1_2);
    if (mbedtls_ssl_setup(&tls->ssl, &tls->config) || mbedtls_ssl_set_hostname(&tls->ssl, host))
        return ERR_INTERNAL;
    mbedtls_ssl_set_bio(&tls->ssl, tls, socket_send, socket_receive, NULL);
    return OK;
}

enum err tls_start(struct tls *tls, const char *host, const char *ca_file, char *error,
                   size_t error_size) {
    tls->start = tls->end = 0;
    enum err err = load_roots(tls, ca_file, error, error_size);
    if (err) {
        mbedtls_x509_crt_free(&tls->roots);
        return err;
    }
    err = configure(tls, host);
    tls->secure = true; /* from here on tls_close has TLS to take down */
    if (err) {
        snprintf(error, error_size, "TLS could not be set up");
        return err;
    }
    int failed;
    do
        failed = mbedtls_ssl_handshake(&tls->ssl);
    while (failed == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
    if (!failed)
        return OK;
    char why[160];
    uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);
    if (failed == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
        mbedtls_x509_crt_verify_info(why, sizeof(why), "", flags);
    else
        mbedtls_strerror(failed, why, sizeof(why));
    why[strcspn(why, "\n")] = '\0';
    snprintf(error, error_size, "TLS with %s failed: %s", host, why);
    return ERR_IO;
}

bool tls_is_secure(const struct tls *tls) {
    return tls->secure;
}

bool tls_is_loopback(const struct tls *tls) {
    return tls->loopback;
}

/* ---- reading and writing ----------------------------------------------------------------------
 */

enum err tls_write(struct tls *tls, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    while (count > 0) {
        int written =
            tls->secure ? mbedtls_ssl_write(&tls->ssl, at, count) : socket_send(tls, at, count);
        if (written <= 0)
            return ERR_IO;
        at += written;
        count -= (size_t)written;
    }
    return OK;
}

static enum err fill(struct tls *tls) {
    unsigned char *to = (unsigned char *)tls->buffer;
    int received;
    do
        received = tls->secure ? mbedtls_ssl_read(&tls->ssl, to, sizeof(tls->buffer))
                               : socket_receive(tls, to, sizeof(tls->buffer));
    while (tls->secure && received == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET);
    if (received <= 0)
        return ERR_IO;
    tls->start = 0;
    tls->end = (size_t)received;
    return OK;
}

enum err tls_read_line(struct tls *tls, char *line, size_t size) {
    size_t length = 0;
    for (;;) {
        if (tls->start == tls->end && fill(tls) != OK)
            return ERR_IO;
        char c = tls->buffer[tls->start++];
        if (c == '\n')
            break;
        if (length + 1 == size)
            return ERR_INVALID;
        line[length++] = c;
    }
    if (length && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    return OK;
}

void tls_close(struct tls *tls) {
    if (!tls)
        return;
    if (tls->secure) {
        mbedtls_ssl_close_notify(&tls->ssl);
        mbedtls_ssl_free(&tls->ssl);
        mbedtls_ssl_config_free(&tls->config);
        mbedtls_x509_crt_free(&tls->roots);
    }
    close(tls->fd);
    free(tls);
}
