/* One datagram a state. */
#include "cli/notify.h"
#include "base/log.h"
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATE_BYTES = 512 };

/* "@name" is an abstract address: a zero byte in its place, and its length counts. */
static void read_address(struct notify *notify, const char *name) {
    size_t length = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || length < 2 || length >= sizeof(notify->to.sun_path)) {
        log_warn("notify_socket_unusable", "NOTIFY_SOCKET", "%s", name);
        return;
    }
    notify->to.sun_family = AF_UNIX;
    memcpy(notify->to.sun_path, name, length);
    if (name[0] == '@')
        notify->to.sun_path[0] = '\0';
    notify->to_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* The interval is meant for one process; a number that is none counts as no watchdog. */
static int64_t read_watchdog(void) {
    const char *interval = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    if (!interval || (pid && strtoll(pid, NULL, 10) != getpid()))
        return 0;
    char *end;
    errno = 0;
    long long value = strtoll(interval, &end, 10);
    return errno == 0 && *end == '\0' && value > 0 ? value : 0;
}

void notify_begin(struct notify *notify) {
    *notify = (struct notify){0};
    const char *name = getenv("NOTIFY_SOCKET");
    if (name && *name)
        read_address(notify, name);
    if (notify->to_length)
        notify->watchdog_us = read_watchdog();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void notify_send(struct notify *notify, const char *format, ...) {
    if (!notify->to_length)
        return;
    char state[STATE_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(state, sizeof(state), format, args);
    va_end(args);
    if (length < 0)
        return;
    if ((size_t)length >= sizeof(state))
        length = (int)sizeof(state) - 1;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool sent = fd >= 0 &&
                sendto(fd, state, (size_t)length, MSG_NOSIGNAL | MSG_DONTWAIT,
                       (const struct sockaddr *)&notify->to, notify->to_length) == (ssize_t)length;
    if (!sent && !notify->told_of_failure)
        log_warn("notify_failed", "reason", "%s", strerror(errno));
    notify->told_of_failure = !sent;
    if (fd >= 0)
        close(fd);
}
