/* Telling the service manager how the server is doing: systemd's notification protocol
 * (sd_notify(3)), datagrams to the socket named in NOTIFY_SOCKET, spoken by ourselves as libsystemd
 * cannot be linked statically. Where no manager listens, every call does nothing. */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    struct sockaddr_un to;
    socklen_t to_length;  /* 0: nobody listens */
    int64_t watchdog_us;  /* how long the manager waits for a sign of life; 0: it does not */
    bool told_of_failure; /* the log knows already that nobody takes what is sent */
};

/* Reads NOTIFY_SOCKET (a path, or "@name" for an abstract one), WATCHDOG_USEC and WATCHDOG_PID, and
 * takes them from the environment, so that no child speaks for the server. */
void notify_begin(struct notify *notify);

/* Sends one state: lines of NAME=VALUE such as "READY=1\nSTATUS=Serving". Never waits. */
void notify_send(struct notify *notify, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
