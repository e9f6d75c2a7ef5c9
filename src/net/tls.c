/* Sockets and mbedTLS as a client. */
#include "net/tls.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/roots.h"
#include "net/resolve.h"
#include <arpa/inet.h>
#include <errno.h>
#include <mbedtls/error.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <netinet/in.h>
#include <poll.h>
#include <psa/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* For one of a host's addresses, so that a dead one leaves time for the next. */
enum { CONNECT_MS = 15000 };

struct tls {
    int fd;
    bool secure, loopback;
    struct deadline deadline;
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_x509_crt roots;
    char buffer[4096]; /* received, not read yet */
    size_t start, end;
};

/* ---- the socket -------------------------------------------------------------------------------
 */

static bool address_is_loopback(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >>
                24) == 127;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)address;
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static int connect_one(const struct addrinfo *address, const struct deadline *deadline) {
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    struct deadline one = deadline_within(deadline, CONNECT_MS);
    int failed = connect(fd, address->ai_addr, address->ai_addrlen);
    if (failed && errno == EINPROGRESS && deadline_wait(&one, fd, POLLOUT)) {
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

struct tls *tls_connect(const char *host, int port, struct deadline deadline, char *error,
                        size_t error_size) {
    struct addrinfo *list;
    if (resolve_host(host, port, &deadline, &list, error, error_size) != OK)
        return NULL;
    int fd = -1;
    bool loopback = false;
    for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next) {
        fd = connect_one(a, &deadline);
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
    tls->deadline = deadline;
    return tls;
}

void tls_set_deadline(struct tls *tls, struct deadline deadline) {
    tls->deadline = deadline;
}

bool tls_is_late(const struct tls *tls) {
    return deadline_is_over(&tls->deadline);
}

bool tls_is_loopback(const struct tls *tls) {
    return tls->loopback;
}

void tls_own_address(const struct tls *tls, char *address, size_t size) {
    struct sockaddr_storage own;
    socklen_t length = sizeof(own);
    if (getsockname(tls->fd, (struct sockaddr *)&own, &length) != 0 ||
        getnameinfo((const struct sockaddr *)&own, length, address, (socklen_t)size, NULL, 0,
                    NI_NUMERICHOST) != 0)
        *address = '\0';
}

/* The socket waits only after it has been asked, but it is asked only while there is time: a peer
 * whose bytes never run out does not outlast the deadline either. */
static int socket_send(void *arg, const unsigned char *bytes, size_t count) {
    struct tls *tls = arg;
    while (!tls_is_late(tls)) {
        ssize_t sent = send(tls->fd, bytes, count, MSG_NOSIGNAL);
        if (sent >= 0)
            return (int)sent;
        if (errno != EINTR && (errno != EAGAIN || !deadline_wait(&tls->deadline, tls->fd, POLLOUT)))
            break;
    }
    return MBEDTLS_ERR_SSL_TIMEOUT;
}

static int socket_receive(void *arg, unsigned char *bytes, size_t count) {
    struct tls *tls = arg;
    while (!tls_is_late(tls)) {
        ssize_t received = recv(tls->fd, bytes, count, 0);
        if (received >= 0)
            return (int)received;
        if (errno != EINTR && (errno != EAGAIN || !deadline_wait(&tls->deadline, tls->fd, POLLIN)))
            break;
    }
    return MBEDTLS_ERR_SSL_TIMEOUT;
}

/* ---- TLS --------------------------------------------------------------------------------------
 */

/* A file may hold a certificate in a form we do not know beside others that are fine. */
static enum err load_file(mbedtls_x509_crt *list, const char *ca_file, char *error,
                          size_t error_size) {
    if (mbedtls_x509_crt_parse_file(list, ca_file) >= 0)
        return OK;
    snprintf(error, error_size, "--ca-file: no certificates can be read from %s", ca_file);
    return ERR_INVALID;
}

enum err tls_check_ca_file(const char *ca_file, char *error, size_t error_size) {
    mbedtls_x509_crt list;
    mbedtls_x509_crt_init(&list);
    enum err err = psa_crypto_init() == PSA_SUCCESS ? OK : ERR_INTERNAL;
    if (!err)
        err = load_file(&list, ca_file, error, error_size);
    mbedtls_x509_crt_free(&list);
    return err;
}

static enum err load_roots(mbedtls_x509_crt *list, const char *ca_file, char *error,
                           size_t error_size) {
    if (ca_file)
        return load_file(list, ca_file, error, error_size);
    for (size_t i = 0; i < roots_count; i++) {
        int failed = mbedtls_x509_crt_parse_der_nocopy(list, roots[i].der, roots[i].len);
        (void)failed; /* a root in a form we do not know is one less to trust */
    }
    return OK;
}

static enum err configure(struct tls *tls, const char *host) {
    if (mbedtls_ssl_config_defaults(&tls->config, MBEDTLS_SSL_IS_CLIENT,
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

/* Not finished: neither a failure nor data. */
static bool is_in_between(int result) {
    return result == MBEDTLS_ERR_SSL_WANT_READ || result == MBEDTLS_ERR_SSL_WANT_WRITE ||
           result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
}

/* Which of the two is wrong, the certificate or the clock, only people can tell. */
static void explain_time(char *why, size_t size, const char *what) {
    char day[DATE_TEXT_SIZE];
    date_format(date_from_days(clock_now() / 86400), day);
    snprintf(why, size, "%s (if today is not %s, this machine's clock is wrong)", what, day);
}

/* Why the handshake failed, in words for who set it up. */
static void explain(const struct tls *tls, int failed, char *why, size_t size) {
    uint32_t flags = mbedtls_ssl_get_verify_result(&tls->ssl);
    if (failed == MBEDTLS_ERR_SSL_INVALID_RECORD)
        snprintf(why, size, "the answer is not TLS");
    else if (failed != MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
        mbedtls_strerror(failed, why, size);
    else if (flags & MBEDTLS_X509_BADCERT_EXPIRED)
        explain_time(why, size, "its certificate has expired");
    else if (flags & MBEDTLS_X509_BADCERT_FUTURE)
        explain_time(why, size, "its certificate is not valid yet");
    else if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
        snprintf(why, size, "its certificate is for another name");
    else if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
        snprintf(why, size, "its certificate is not signed by a trusted authority (--ca-file)");
    else
        mbedtls_x509_crt_verify_info(why, size, "", flags);
    why[strcspn(why, "\n")] = '\0';
}

static enum err shake_hands(struct tls *tls, const char *host, char *error, size_t error_size) {
    int failed;
    do
        failed = mbedtls_ssl_handshake(&tls->ssl);
    while (is_in_between(failed));
    if (!failed)
        return OK;
    char why[160];
    explain(tls, failed, why, sizeof(why));
    snprintf(error, error_size, "TLS with %s failed: %s", host, why);
    return ERR_IO;
}

enum err tls_start(struct tls *tls, const char *host, const char *ca_file, char *error,
                   size_t error_size) {
    if (tls->start != tls->end) {
        snprintf(error, error_size, "%s spoke out of turn before TLS: somebody may be in between",
                 host);
        return ERR_REFUSED;
    }
    mbedtls_ssl_init(&tls->ssl);
    mbedtls_ssl_config_init(&tls->config);
    mbedtls_x509_crt_init(&tls->roots);
    tls->secure = true; /* from here on tls_close has TLS to take down */
    if (psa_crypto_init() != PSA_SUCCESS || configure(tls, host) != OK) {
        snprintf(error, error_size, "TLS could not be set up");
        return ERR_INTERNAL;
    }
    enum err err = load_roots(&tls->roots, ca_file, error, error_size);
    return err ? err : shake_hands(tls, host, error, error_size);
}

bool tls_is_secure(const struct tls *tls) {
    return tls->secure;
}

/* ---- reading and writing ----------------------------------------------------------------------
 */

enum err tls_write(struct tls *tls, const void *bytes, size_t count) {
    const unsigned char *at = bytes;
    while (count > 0) {
        int written =
            tls->secure ? mbedtls_ssl_write(&tls->ssl, at, count) : socket_send(tls, at, count);
        if (is_in_between(written))
            continue;
        if (written <= 0)
            return ERR_IO;
        at += written;
        count -= (size_t)written;
    }
    return OK;
}

/* Above 0: so many bytes; 0: the peer says that there is no more; below 0: it broke. TLS that ends
 * without its close_notify is cut off, by whomever. */
static int receive(struct tls *tls, void *bytes, size_t size) {
    int received;
    do
        received = tls->secure ? mbedtls_ssl_read(&tls->ssl, bytes, size)
                               : socket_receive(tls, bytes, size);
    while (is_in_between(received));
    if (tls->secure && received == 0)
        return MBEDTLS_ERR_SSL_CONN_EOF;
    return received == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY ? 0 : received;
}

static enum err fill(struct tls *tls) {
    int received = receive(tls, tls->buffer, sizeof(tls->buffer));
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
        if (length + 1 == size || c == '\0')
            return ERR_INVALID;
        line[length++] = c;
    }
    if (length && line[length - 1] == '\r')
        length--;
    line[length] = '\0';
    return OK;
}

enum err tls_read(struct tls *tls, void *bytes, size_t size, size_t *count) {
    *count = tls->end - tls->start;
    if (*count) {
        *count = *count < size ? *count : size;
        memcpy(bytes, tls->buffer + tls->start, *count);
        tls->start += *count;
        return OK;
    }
    int received = receive(tls, bytes, size);
    if (received < 0)
        return ERR_IO;
    *count = (size_t)received;
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
