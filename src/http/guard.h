/* What every request passes before a handler sees it, in one fixed order that no route can forget:
 * host, then of a found route method, size, session, access, right, CSRF, freshness. Who a visitor
 * is, is asked through a small interface that the site fills; nothing here knows accounts. */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "http/request.h"
#include "http/router.h"

enum guard_verdict {
    GUARD_PASS,
    GUARD_BAD_BODY, /* guard_result.status says which 4xx */
    GUARD_METHOD,   /* 405 with Allow */
    GUARD_LOGIN,    /* 303 to log in, or to type the code: not signed in on a protected row */
    GUARD_STALE,    /* 303 to show again that it is them: a sensitive row, and the proof is old */
    GUARD_UNREADY,  /* 303 to set up the second factor that the school asks of its staff */
    GUARD_HIDDEN,   /* 404: what a family must not know of */
    GUARD_RIGHT,    /* 403: staff without the right */
    GUARD_FORGED,   /* 403: no good CSRF token */
    GUARD_BUSY,     /* 503: who this is could not be found out */
};

struct guard_result {
    enum guard_verdict verdict;
    int status; /* of GUARD_BAD_BODY */
};

enum guard_person {
    GUARD_VISITOR,
    GUARD_HALF, /* the password was right, the code is still to come; a visitor everywhere else */
    GUARD_FAMILY,
    GUARD_STAFF,
    GUARD_STAFF_UNREADY, /* staff who owe the school a second factor: nothing in /admin/ before */
};

struct guard_rules {
    const uint8_t *key; /* of signed cookies */
    /* Finds out who it is; ERR_* when the database did not answer. */
    enum err (*identify)(void *ctx, const struct request *request, enum guard_person *person,
                         const char **csrf_token);
    /* Whether the member of staff just identified has the row's right. */
    bool (*may)(void *ctx, int right);
    /* Whether the person just identified has shown lately that it is them. */
    bool (*fresh)(void *ctx);
    /* The client will be waited for: nothing that others need may be held from here on. */
    void (*let_go)(void *ctx);
    void *ctx;
};

/* Whether a request's Host is ours; both in lower case, a port of 443 may stand or not. `ours`
 * NULL: any. Asked first, before a route, a kept page or a redirect: a foreign Host is 421 for all.
 */
bool guard_host_fits(const char *ours, const char *host);

/* Reads the body of a POST into request->form. */
struct guard_result guard_check(const struct guard_rules *rules, struct request *request,
                                const struct route *route);

#endif
