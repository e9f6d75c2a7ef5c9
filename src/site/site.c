/* From a request to its handler: embedded files, the page cache, the router, the guard, the form.
 * What a page shows is decided in pages/ and admin/. */
#include "site/site.h"
#include "base/log.h"
#include "http/asset.h"
#include "http/form.h"
#include "shop/permission.h"
#include "site/gauges.h"
#include "site/ops.h"
#include "site/page_cache.h"
#include "site/routes.h"
#include "site/traffic.h"
#include "site/visit.h"
#include <string.h>

void site_open(struct site *site) {
    site->cache = page_cache_create();
    site->gauges = gauges_create();
    site->traffic = traffic_create();
}

void site_close(struct site *site) {
    page_cache_destroy(site->cache);
    gauges_destroy(site->gauges);
    traffic_destroy(site->traffic);
}

/* The language follows the account, then the cookie, then the browser, then the school. False when
 * only the school's setting is left. */
static bool choose_language(const struct request *request, enum lang *lang) {
    return lang_parse(request_cookie(request, SITE_LANGUAGE_COOKIE), lang) ||
           lang_accept(request_header(request, "Accept-Language"), lang);
}

static void visit_begin(struct visit *visit, struct site *site, struct request *request,
                        struct response *response) {
    *visit = (struct visit){.site = site,
                            .request = request,
                            .response = response,
                            .arena = request->arena,
                            .now = request->now};
    visit->settings = shop_settings(&site->shop, visit_db(visit));
    visit->lang = visit->settings->language;
    choose_language(request, &visit->lang);
    visit->flash = flash_take(request, response, site->shop.key);
    request->site = visit;
}

static void visit_end(struct visit *visit) {
    visit_shop(visit); /* gives the reader back */
}

/* ---- what the guard asks ----------------------------------------------------------------------
 */

/* A browser that has given the password and owes the code: a visitor but for one page. */
static enum err identify_waiting(struct visit *visit, const char *token, enum guard_person *person,
                                 const char **csrf_token) {
    enum err err =
        session_find_waiting(visit_db(visit), visit->arena, token, visit->now, &visit->session);
    if (err)
        return err == ERR_NOT_FOUND ? OK : err;
    visit->awaits_code = true;
    *person = GUARD_HALF;
    *csrf_token = visit->session.csrf_token;
    if (visit->session.language_chosen)
        visit->lang = visit->session.language;
    return OK;
}

static enum guard_person person_of(const struct visit *visit) {
    if (visit->session.staff_role == STAFF_NONE)
        return GUARD_FAMILY;
    bool ready = visit->session.second_factor || !visit->settings->staff_second_factor;
    return ready ? GUARD_STAFF : GUARD_STAFF_UNREADY;
}

static enum err identify(void *ctx, const struct request *request, enum guard_person *person,
                         const char **csrf_token) {
    struct visit *visit = ctx;
    const char *token = request_cookie(request, SITE_SESSION_COOKIE);
    if (!token)
        return OK;
    enum err err = session_find(visit_db(visit), visit->arena, token, visit->now, &visit->session);
    if (err == ERR_NOT_FOUND)
        return identify_waiting(visit, token, person, csrf_token);
    if (err)
        return err;
    visit->signed_in = true;
    *person = person_of(visit);
    *csrf_token = visit->session.csrf_token;
    if (visit->session.language_chosen)
        visit->lang = visit->session.language;
    if (visit->session.renew) {
        response_cookie(visit->response, SITE_SESSION_COOKIE, token,
                        visit->session.max_age ? visit->session.max_age : -1);
        session_touch(visit_shop(visit), token, visit->now);
    }
    return OK;
}

static bool may(void *ctx, int right) {
    const struct visit *visit = ctx;
    return permission_granted(visit->session.staff_role, (enum permission)right);
}

static bool fresh(void *ctx) {
    return visit_fresh(ctx);
}

/* A body may take its sender as long as they like, and there are few readers of the database. */
static void let_go(void *ctx) {
    visit_shop(ctx);
}

/* ---- verdicts ---------------------------------------------------------------------------------
 */

/* Where somebody goes on to after logging in, or whatever else comes first: the page itself, or for
 * a form the row's `back`. */
static const char *login_next(const struct visit *visit) {
    const struct request *request = visit->request;
    const struct route *route = visit->hit.route;
    if (request->method != METHOD_POST)
        return request_address(request);
    const char *key = fields_get(&request->form, "key");
    const char *back = route->back  ? route_fill(visit->arena, route->back, visit->hit.params)
                       : route->get ? request->path
                                    : "/";
    return key && route->back ? arena_printf(visit->arena, "%s?key=%s", back, key) : back;
}

/* To a page that comes before the one asked for, and leads back to it. */
static void send_ahead(struct visit *visit, const char *path) {
    visit_redirect(visit, "%s", visit_with_next(visit, path, login_next(visit)));
}

static void answer_verdict(struct visit *visit, struct guard_result result) {
    switch (result.verdict) {
    case GUARD_PASS:
        if (visit->request->method == METHOD_POST && visit->hit.route->form)
            visit->form = form_parse(visit->hit.route->form, &visit->request->form, visit->arena,
                                     visit->lang);
        (visit->request->method == METHOD_POST ? visit->hit.route->post
                                               : visit->hit.route->get)(visit);
        return;
    case GUARD_BAD_BODY:
        visit_error(visit, result.status);
        return;
    case GUARD_METHOD:
        response_header(visit->response, "Allow", "%s", route_allow(visit->hit.route));
        visit_error(visit, 405);
        return;
    case GUARD_LOGIN:
        send_ahead(visit, visit->awaits_code ? "/accounts/login/code/" : "/accounts/login/");
        return;
    case GUARD_STALE:
        send_ahead(visit, "/accounts/again/");
        return;
    case GUARD_UNREADY:
        send_ahead(visit, "/accounts/second-factor/");
        return;
    case GUARD_HIDDEN:
        visit_error(visit, 404);
        return;
    case GUARD_RIGHT:
        visit_forbidden(visit, (enum permission)visit->hit.route->right);
        return;
    case GUARD_FORGED:
        visit_error(visit, 403);
        return;
    case GUARD_BUSY:
        visit_error(visit, 503);
        return;
    }
}

static void visit_run(struct visit *visit) {
    struct request *request = visit->request;
    const struct guard_rules rules = {.key = visit->site->shop.key,
                                      .identify = identify,
                                      .may = may,
                                      .fresh = fresh,
                                      .let_go = let_go,
                                      .ctx = visit};
    switch (route_find(ROUTES, ROUTE_COUNT, request->path, visit->arena, &visit->hit)) {
    case ROUTE_FOUND:
        answer_verdict(visit, guard_check(&rules, request, visit->hit.route));
        return;
    case ROUTE_SLASH:
        response_redirect(visit->response, 301,
                          arena_printf(visit->arena, "%s/%s%s", request->path,
                                       *request->query_string ? "?" : "", request->query_string));
        return;
    case ROUTE_NOT_FOUND: {
        enum guard_person person;
        const char *csrf_token;
        enum err err = identify(visit, request, &person, &csrf_token);
        visit_error(visit, err ? 503 : 404);
        return;
    }
    }
}

/* ---- the callbacks ----------------------------------------------------------------------------
 */

/* A page that any visitor may see as it is: no session, no message waiting, a plain GET. */
static bool cacheable(const struct request *request) {
    return (request->method == METHOD_GET || request->method == METHOD_HEAD) &&
           !request_cookie(request, SITE_SESSION_COOKIE) && !request_cookie(request, FLASH_COOKIE);
}

/* Another name of ours: one address for bookmarks, cookies and search engines. */
static bool send_home(const struct site *site, const struct request *request,
                      struct response *response) {
    size_t at = 0;
    while (at < site->alias_count && !guard_host_fits(site->aliases[at], request->host))
        at++;
    if (at == site->alias_count)
        return false;
    bool safe = request->method == METHOD_GET || request->method == METHOD_HEAD;
    response_redirect(
        response, safe ? 301 : 308,
        arena_printf(request->arena, "%s%s", site->shop.base_url, request_address(request)));
    return true;
}

static void answer(struct request *request, struct response *response, struct site *site) {
    if (ops_serve(site, request, response))
        return;
    bool ours = guard_host_fits(site->host, request->host);
    if (!ours && send_home(site, request, response))
        return;
    if (ours && asset_serve(request, response)) {
        request->route = &ROUTES_BESIDE[BESIDE_STATIC];
        return;
    }
    struct page_key key = {0};
    bool may_cache = ours && cacheable(request);
    if (may_cache) {
        enum lang lang = LANG_EN;
        bool known = choose_language(request, &lang);
        key = page_cache_key(site, request, known, lang);
        if (page_cache_find(site->cache, &key, request, response))
            return;
    }
    struct visit visit;
    visit_begin(&visit, site, request, response);
    if (ours)
        visit_run(&visit);
    else
        visit_error(&visit, 421);
    visit_end(&visit);
    request->route = visit.hit.route;
    if (may_cache && visit.hit.route && visit.hit.route->cached)
        page_cache_store(site->cache, &key, visit.hit.route, response);
}

/* Neither address nor client: an address may hold the key of a link. */
void site_observe(const struct request *request, const struct response *response, int64_t us,
                  void *ctx) {
    struct site *site = ctx;
    traffic_count(site->traffic, request, response, us);
    LOG_FIELDS(response->status >= 500 ? LOG_WARN : LOG_DEBUG, "request",
               LOG_STR("route", traffic_route_name(request->route)),
               LOG_STR("method", request->method_name), LOG_INT("status", response->status),
               LOG_INT("bytes", response->static_body ? response->static_len : response->body.len),
               LOG_INT("us", us));
}

void site_handle(struct request *request, struct response *response, void *ctx) {
    answer(request, response, ctx);
}

void site_refuse(struct request *request, struct response *response, void *ctx) {
    struct visit visit;
    visit_begin(&visit, ctx, request, response);
    visit_error(&visit, response->status);
    visit_end(&visit);
}
