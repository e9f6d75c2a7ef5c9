/* One request, and the first line of its answer. */
#include "net/probe.h"
#include "net/deadline.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char VERSION[] = "HTTP/1.1 ";

enum { STATUS_END = sizeof(VERSION) - 1 + 3 }; /* "HTTP/1.1 200" */

static bool connect_within(int fd, const struct sockaddr *to, socklen_t to_length,
                           struct deadline *deadline) {
    int failed = 0;
    socklen_t size = sizeof(failed);
    if (connect(fd, to, to_length) == 0)
        return true;
    return errno == EINPROGRESS && deadline_wait(deadline, fd, POLLOUT) &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed == 0;
}

static int read_status(int fd, struct deadline *deadline) {
    char line[STATUS_END + 1] = "";
    size_t length = 0;
    while (length < STATUS_END) {
        ssize_t got = deadline_wait(deadline, fd, POLLIN)
                          ? recv(fd, line + length, STATUS_END - length, 0)
                          : 0;
        if (got <= 0)
            return 0;
        length += (size_t)got;
    }
    bool http = memcmp(line, VERSION, sizeof(VERSION) - 1) == 0;
    return http ? (int)strtol(line + sizeof(VERSION) - 1, NULL, 10) : 0;
}

int probe_status(const struct sockaddr *to, socklen_t to_length, const char *path, int timeout_ms) {
    char request[256];
    int length = snprintf(request, sizeof(request),
                          "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    int fd = length > 0 && (size_t)length < sizeof(request)
                 ? socket(to->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
                 : -1;
    if (fd < 0)
        return 0;
    struct deadline deadline = deadline_in(timeout_ms, 0, -1);
    int status = 0;
    if (connect_within(fd, to, to_length, &deadline) &&
        send(fd, request, (size_t)length, MSG_NOSIGNAL) == length)
        status = read_status(fd, &deadline);
    close(fd);
    return status;
}
