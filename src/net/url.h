/* Addresses of what we fetch: "https://host[:port][/path][?query]" (RFC 3986), as strictly as they
 * are written by people who configure and by machines that answer. */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

enum { URL_MAX = 2048, URL_HOST_MAX = 254 };

struct url {
    bool secure;             /* https */
    int port;                /* as written, else 443 or 80 */
    char host[URL_HOST_MAX]; /* a name or a number, IPv6 without brackets, lower case */
    char target[URL_MAX];    /* path and query, "/" at least */
    char authority[URL_HOST_MAX +
                   16]; /* for the Host header: with the port unless it is the usual */
};

/* ERR_INVALID for anything else: other schemes, a user, a fragment, white space, letters beyond
 * ASCII, a URL of URL_MAX bytes or more. */
enum err url_parse(struct url *url, const char *text) MUST_CHECK;

#endif
