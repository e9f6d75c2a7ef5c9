/* See fake_smtp.h. */
#include "fake_smtp.h"
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_SECONDS = 10 };

struct fake_smtp {
    const struct fake_line *script;
    size_t count;
    int listener, fd, port;
    pthread_t thread;
    struct buf heard;
    char problem[300];
};

static void set_patience(int fd) {
    const struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

static void hang_up(struct fake_smtp *fake) {
    if (fake->fd >= 0)
        close(fake->fd);
    fake->fd = -1;
}

/* One line into `line`, without its line end, and into what was heard. */
static bool hear_line(struct fake_smtp *fake, char *line, size_t size) {
    size_t length = 0;
    char c = 0;
    while (length + 1 < size && recv(fake->fd, &c, 1, 0) == 1 && c != '\n')
        line[length++] = c;
    if (length && line[length - 1] == '\r')
        line[--length] = '\0';
    line[length] = '\0';
    buf_puts(&fake->heard, line);
    buf_putc(&fake->heard, '\n');
    return c == '\n';
}

static bool hear(struct fake_smtp *fake, const char *expected) {
    char line[4096] = "";
    if (strcmp(expected, FAKE_CONNECT) == 0) {
        hang_up(fake);
        fake->fd = accept(fake->listener, NULL, NULL);
        if (fake->fd >= 0)
            set_patience(fake->fd);
        return fake->fd >= 0;
    }
    bool text = strcmp(expected, FAKE_TEXT) == 0;
    do
        if (!hear_line(fake, line, sizeof(line)))
            return false;
    while (text && strcmp(line, ".") != 0);
    return text || strncmp(line, expected, strlen(expected)) == 0;
}

static void say(struct fake_smtp *fake, const char *words) {
    char ignored[256];
    if (strncmp(words, FAKE_PAUSE, strlen(FAKE_PAUSE)) == 0) {
        usleep(500000);
        words += strlen(FAKE_PAUSE);
    }
    if (strcmp(words, FAKE_HANG_UP) == 0) {
        hang_up(fake);
    } else if (strcmp(words, FAKE_SILENCE) == 0) {
        while (recv(fake->fd, ignored, sizeof(ignored), 0) > 0)
            ;
    } else if (strcmp(words, FAKE_DRIP) == 0) {
        for (int i = 0; i < 200 && send(fake->fd, "2", 1, MSG_NOSIGNAL) == 1; i++)
            usleep(50000);
    } else {
        send(fake->fd, words, strlen(words), MSG_NOSIGNAL);
    }
}

static void *follow(void *arg) {
    struct fake_smtp *fake = arg;
    for (size_t i = 0; i < fake->count; i++) {
        if (!hear(fake, fake->script[i].hear)) {
            snprintf(fake->problem, sizeof(fake->problem), "step %zu: no \"%.80s\" after: %.120s",
                     i, fake->script[i].hear,
                     buf_text(&fake->heard) + (fake->heard.len > 120 ? fake->heard.len - 120 : 0));
            break;
        }
        say(fake, fake->script[i].say);
    }
    hang_up(fake);
    return NULL;
}

struct fake_smtp *fake_smtp_start(const struct fake_line *script, size_t count) {
    struct fake_smtp *fake = calloc(1, sizeof(*fake));
    if (!fake)
        abort();
    *fake = (struct fake_smtp){.script = script, .count = count, .fd = -1};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t size = sizeof(address);
    fake->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    set_patience(fake->listener);
    if (bind(fake->listener, (struct sockaddr *)&address, size) != 0 ||
        listen(fake->listener, 8) != 0 ||
        getsockname(fake->listener, (struct sockaddr *)&address, &size) != 0 ||
        pthread_create(&fake->thread, NULL, follow, fake) != 0)
        abort();
    fake->port = ntohs(address.sin_port);
    return fake;
}

int fake_smtp_port(const struct fake_smtp *fake) {
    return fake->port;
}

const char *fake_smtp_stop(struct fake_smtp *fake, struct buf *heard) {
    static char problem[sizeof(fake->problem)];
    pthread_join(fake->thread, NULL);
    close(fake->listener);
    snprintf(problem, sizeof(problem), "%s", fake->problem);
    if (heard)
        buf_append(heard, fake->heard.data, fake->heard.len);
    buf_free(&fake->heard);
    free(fake);
    return *problem ? problem : NULL;
}
