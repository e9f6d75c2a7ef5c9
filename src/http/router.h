/* From a path to a row of the route table. The table itself is the site's (site/routes.c); this
 * file knows how a row is found and what kinds of answers there are when none fits. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "base/arena.h"
#include "http/request.h"
#include <stdbool.h>
#include <stddef.h>

struct form_spec;
struct visit; /* one request on its way through the site; defined there */

/* Who may enter. The site says which of these a visitor is; see http/guard.h. */
enum access {
    ACCESS_ANYONE,
    ACCESS_CODE,      /* who knows the password and still owes the code of the second factor */
    ACCESS_SIGNED_IN, /* others are sent to log in */
    ACCESS_STAFF,     /* families do not learn that the page exists */
};

/* How a changing request proves that it comes from our own page. */
enum csrf_kind {
    CSRF_SESSION, /* the session's token in the field csrf_token */
    CSRF_COOKIE,  /* the signed double-submit cookie, or the session's: for pages before login */
    CSRF_ORIGIN,  /* Sec-Fetch-Site or Origin alone */
};

enum { ROUTE_PARAMS = 2 };

typedef void route_handler(struct visit *visit);

struct route {
    /* Literal segments and {id} (1 to 18 digits, no leading 0) or {name} (lower-case letters,
     * digits, dashes, underscores and capitals, at most 100). Ends in '/' unless it names a file.
     * Also the label in metrics and logs. */
    const char *pattern;
    route_handler *get, *post; /* NULL: 405 with Allow */
    const struct form_spec *form;
    enum access access;
    int right; /* with ACCESS_STAFF: what one must be allowed to do; the site's own numbers */
    enum csrf_kind csrf;
    const char *back; /* where a visitor's POST goes on after login; {…} are filled; NULL: itself */
    size_t body_max; /* bytes; 0: 64 KB */
    bool
        fresh; /* a sensitive thing: the person shows again that it is them, if that was long ago */
    bool cached; /* the same for every visitor: may be kept until the data changes */
};

enum route_match {
    ROUTE_FOUND,
    ROUTE_SLASH,    /* the same path with a slash at the end is a row: 301 */
    ROUTE_NOT_FOUND /* 404 */
};

struct route_hit {
    const struct route *route;
    const char *params[ROUTE_PARAMS]; /* in the pattern's order, in the arena */
};

enum route_match route_find(const struct route *table, size_t count, const char *path,
                            struct arena *arena, struct route_hit *hit);

/* `pattern` with its {…} replaced by `params` in order. */
const char *route_fill(struct arena *arena, const char *pattern,
                       const char *const params[ROUTE_PARAMS]);

/* "GET, HEAD, POST" as far as the row answers them. */
const char *route_allow(const struct route *route);

#endif
