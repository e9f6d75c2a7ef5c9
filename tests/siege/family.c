/* A family that looks at a page at its own pace, in two ways at once: over a connection that is
 * kept, and over a new one each time. A page is measured from when it was due, so nobody waits
 * kindly for a slow server. A kept connection that the server has closed meanwhile is opened anew,
 * as every browser does; whatever else goes wrong is a page refused. */
#include "siege.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 20 };

struct reader {
    const struct siege *siege;
    SSL_CTX *context;
    bool keeps;
    SSL *ssl; /* NULL: none is open */
    bool used;
    struct samples samples;
    long refused, reopened;
    char complaint[128]; /* the first one */
};

static void hang_up(struct reader *reader) {
    if (!reader->ssl)
        return;
    int fd = SSL_get_fd(reader->ssl);
    SSL_shutdown(reader->ssl);
    SSL_free(reader->ssl);
    close(fd);
    reader->ssl = NULL;
}

static int dial(const struct siege *siege) {
    struct sockaddr_in from = siege_address(siege, 0);
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)siege->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (bind(fd, (struct sockaddr *)&from, sizeof(from)) == 0 &&
        connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool call(struct reader *reader) {
    int fd = dial(reader->siege);
    if (fd < 0)
        return false;
    reader->ssl = SSL_new(reader->context);
    reader->used = false;
    if (reader->ssl && SSL_set_fd(reader->ssl, fd) && SSL_connect(reader->ssl) == 1)
        return true;
    SSL_free(reader->ssl);
    reader->ssl = NULL;
    close(fd);
    return false;
}

/* The whole response: its status, or 0 when it did not come; *some tells whether a part did. */
static int read_response(SSL *ssl, bool *some, bool *last) {
    char head[4096];
    int got = 0, count = 0;
    char *end = NULL;
    while (!end && got < (int)sizeof(head) - 1 &&
           (count = SSL_read(ssl, head + got, (int)sizeof(head) - 1 - got)) > 0) {
        got += count;
        head[got] = '\0';
        end = strstr(head, "\r\n\r\n");
    }
    *some = got > 0;
    if (!end)
        return 0;
    char length[24] = "0", bytes[16 * 1024];
    end[2] = '\0';
    head_value(head, "content-length: ", "\r", length, sizeof(length));
    *last = strcasestr(head, "\r\nconnection: close") != NULL;
    long left = atol(length) - (got - (int)(end + 4 - head));
    while (left > 0 && (count = SSL_read(ssl, bytes, sizeof(bytes))) > 0)
        left -= count;
    return left == 0 ? atoi(head + sizeof("HTTP/1.1")) : 0;
}

/* One try on the open connection. */
static int ask(struct reader *reader, bool *some) {
    char request[8192];
    bool last = false;
    static _Atomic long number;
    size_t length = siege_request(reader->siege, request, sizeof(request), ++number);
    *some = false;
    int status = SSL_write(reader->ssl, request, (int)length) == (int)length
                     ? read_response(reader->ssl, some, &last)
                     : 0;
    reader->used = true;
    if (status == 0 || last || !reader->keeps)
        hang_up(reader);
    return status;
}

static void complain(struct reader *reader, const char *what, int status) {
    if (reader->refused++ == 0)
        snprintf(reader->complaint, sizeof(reader->complaint), "%s: status %d, %s", what, status,
                 strerror(errno));
}

static void look_at_page(struct reader *reader, double due) {
    bool kept = reader->ssl != NULL, some = false;
    if (!kept && !call(reader)) {
        complain(reader, "no connection", 0);
        return;
    }
    int status = ask(reader, &some);
    if (kept && status == 0 && !some) {
        reader->reopened++;
        status = call(reader) ? ask(reader, &some) : 0;
    }
    if (status != 200)
        complain(reader, kept ? "kept connection" : "new connection", status);
    else
        samples_add(&reader->samples, now_us() - due);
}

static void wait_until(double us) {
    double left = us - now_us();
    if (left > 0)
        usleep((useconds_t)left);
}

static void *read_on(void *argument) {
    struct reader *reader = argument;
    double begin = now_us(), until = begin + reader->siege->seconds * 1e6;
    double step = 1e6 / reader->siege->rate;
    for (double due = begin + (reader->keeps ? step / 2 : 0); due < until; due += step) {
        wait_until(due);
        look_at_page(reader, due);
    }
    hang_up(reader);
    return NULL;
}

static void print(struct reader *reader, const char *name) {
    printf("\"%s\": {\"done\": %zu, \"refused\": %ld, \"reopened\": %ld, \"complaint\": \"%s\", "
           "\"p50_us\": %.0f, \"p99_us\": %.0f, \"max_us\": %.0f}",
           name, reader->samples.count, reader->refused, reader->reopened, reader->complaint,
           samples_quantile(&reader->samples, 0.5), samples_quantile(&reader->samples, 0.99),
           samples_quantile(&reader->samples, 1));
    free(reader->samples.us);
}

int family_run(const struct siege *siege) {
    SSL_CTX *context = link_context(13);
    struct reader kept = {.siege = siege, .context = context, .keeps = true};
    struct reader fresh = {.siege = siege, .context = context};
    pthread_t thread;
    if (pthread_create(&thread, NULL, read_on, &kept) != 0)
        fail("no thread");
    read_on(&fresh);
    pthread_join(thread, NULL);
    printf("{");
    print(&kept, "kept");
    printf(", ");
    print(&fresh, "fresh");
    printf("}\n");
    SSL_CTX_free(context);
    return 0;
}
