/* The fixed order of checks. */
#include "http/guard.h"
#include "http/csrf.h"
#include <string.h>

enum { BODY_DEFAULT = 64 * 1024 };

static size_t without_port_443(const char *host) {
    size_t length = strlen(host);
    return length > 4 && strcmp(host + length - 4, ":443") == 0 ? length - 4 : length;
}

bool guard_host_fits(const char *ours, const char *host) {
    if (!ours)
        return true;
    size_t length = without_port_443(ours);
    return length == without_port_443(host) && memcmp(ours, host, length) == 0;
}

static bool method_answered(const struct route *route, enum method method) {
    switch (method) {
    case METHOD_GET:
    case METHOD_HEAD:
        return route->get != NULL;
    case METHOD_POST:
        return route->post != NULL;
    case METHOD_OTHER:
        return false;
    }
    return false;
}

static bool csrf_valid(const struct guard_rules *rules, const struct request *request,
                       const struct route *route, const char *session_token) {
    switch (route->csrf) {
    case CSRF_SESSION:
        return csrf_session_valid(request, session_token);
    case CSRF_COOKIE:
        return csrf_cookie_valid(request, rules->key) || csrf_session_valid(request, session_token);
    case CSRF_ORIGIN:
        return !request_is_cross_site(request);
    }
    return false;
}

static enum guard_verdict check_access(enum access access, enum guard_person person) {
    switch (access) {
    case ACCESS_ANYONE:
        return GUARD_PASS;
    case ACCESS_CODE:
        return person == GUARD_VISITOR ? GUARD_LOGIN : GUARD_PASS;
    case ACCESS_SIGNED_IN:
        return person <= GUARD_HALF ? GUARD_LOGIN : GUARD_PASS;
    case ACCESS_STAFF:
        if (person <= GUARD_HALF)
            return GUARD_LOGIN;
        if (person == GUARD_STAFF_UNREADY)
            return GUARD_UNREADY;
        return person == GUARD_STAFF ? GUARD_PASS : GUARD_HIDDEN;
    }
    return GUARD_HIDDEN;
}

/* Whoever must not know of a page does not learn of it by a wrong method either. */
static struct guard_result refuse_method(const struct guard_rules *rules,
                                         const struct request *request, const struct route *route) {
    enum guard_person person = GUARD_VISITOR;
    const char *session_token = NULL;
    if (route->access == ACCESS_STAFF &&
        (rules->identify(rules->ctx, request, &person, &session_token) != OK ||
         person < GUARD_STAFF))
        return (struct guard_result){.verdict = GUARD_HIDDEN};
    return (struct guard_result){.verdict = GUARD_METHOD};
}

/* Who it is, and whether they may. */
static enum guard_verdict enter(const struct guard_rules *rules, const struct request *request,
                                const struct route *route, const char **session_token) {
    enum guard_person person = GUARD_VISITOR;
    if (rules->identify(rules->ctx, request, &person, session_token) != OK)
        return GUARD_BUSY;
    enum guard_verdict access = check_access(route->access, person);
    if (access == GUARD_PASS && route->access == ACCESS_STAFF &&
        !rules->may(rules->ctx, route->right))
        return GUARD_RIGHT;
    return access;
}

struct guard_result guard_check(const struct guard_rules *rules, struct request *request,
                                const struct route *route) {
    if (!method_answered(route, request->method))
        return refuse_method(rules, request, route);
    bool changing = request->method == METHOD_POST;
    size_t body_max = route->body_max ? route->body_max : BODY_DEFAULT;
    /* A file is not even read from somebody who may not send one. */
    bool ask_first = changing && body_max > BODY_DEFAULT;
    enum guard_verdict access = GUARD_PASS;
    const char *session_token = NULL;
    if (ask_first)
        access = enter(rules, request, route, &session_token);
    if (access != GUARD_PASS)
        return (struct guard_result){.verdict = access};
    if (changing) {
        rules->let_go(rules->ctx);
        enum body_result body = request_read_form(request, body_max);
        if (body != BODY_OK)
            return (struct guard_result){.verdict = GUARD_BAD_BODY, .status = (int)body};
    }
    if (!ask_first)
        access = enter(rules, request, route, &session_token);
    if (access == GUARD_PASS && changing && !csrf_valid(rules, request, route, session_token))
        access = GUARD_FORGED;
    if (access == GUARD_PASS && route->fresh && !rules->fresh(rules->ctx))
        access = GUARD_STALE;
    return (struct guard_result){.verdict = access};
}
