/* The addresses of a host name, by the system's resolver, within a deadline. */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/err.h"
#include "net/deadline.h"
#include <netdb.h>
#include <stddef.h>

/* TCP addresses of a name or a number, in the order in which they are to be tried; at least one.
 * The caller owns *list: freeaddrinfo(3). ERR_NOT_FOUND: the name has none. ERR_BUSY: nobody who
 * knows could be asked. Both with a sentence in `error`. */
enum err resolve_host(const char *host, int port, struct deadline *deadline, struct addrinfo **list,
                      char *error, size_t error_size) MUST_CHECK;

#endif
