/* Asking a listener of this machine for one page in plain HTTP, to learn whether it answers. */
#ifndef NET_PROBE_H
#define NET_PROBE_H

#include <sys/socket.h>

/* The status a GET of `path` is answered with; 0 when no answer comes within the time (which then
 * ends a slow one too). The wildcard address reaches this machine. */
int probe_status(const struct sockaddr *to, socklen_t to_length, const char *path, int timeout_ms);

#endif
