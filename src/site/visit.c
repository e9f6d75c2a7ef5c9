/* What handlers ask of a visit. */
#include "site/visit.h"
#include "base/zone.h"
#include "shop/audit.h"
#include "site/page.h"
#include "site/site.h"
#include "views.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct db *visit_db(struct visit *visit) {
    if (!visit->db)
        visit->db = store_reader(visit->site->shop.store);
    return visit->db;
}

struct shop *visit_shop(struct visit *visit) {
    if (visit->db)
        store_release(visit->site->shop.store, visit->db);
    visit->db = NULL;
    return &visit->site->shop;
}

int64_t visit_id(const struct visit *visit, size_t param) {
    return strtoll(visit->hit.params[param], NULL, 10);
}

const char *visit_name(const struct visit *visit, size_t param) {
    return visit->hit.params[param];
}

const char *visit_query(const struct visit *visit, const char *name) {
    return fields_get(&visit->request->query, name);
}

int64_t visit_query_int(const struct visit *visit, const char *name, int64_t fallback) {
    const char *text = visit_query(visit, name);
    size_t length = text ? strlen(text) : 0;
    if (length < 1 || length > 9 || strspn(text, "0123456789") != length)
        return fallback;
    return strtoll(text, NULL, 10);
}

struct date visit_today(const struct visit *visit) {
    return zone_local(visit->settings->zone, visit->now).date;
}

struct out visit_page(struct visit *visit, int status, const struct page *page) {
    visit_shop(visit); /* all is read: others may have the connection while this page is made */
    visit->response->status = status;
    buf_reset(&visit->response->body);
    return out_start(&visit->response->body, visit->lang, page);
}

void visit_redirect(struct visit *visit, const char *format, ...) {
    char location[2048];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(location, sizeof(location), format, args);
    va_end(args);
    bool fits = length > 0 && (size_t)length < sizeof(location);
    response_redirect(visit->response, 303, fits ? location : "/");
}

void visit_csv(struct visit *visit, const char *name, bool dated) {
    char day[DATE_TEXT_SIZE] = "";
    if (dated)
        date_format(visit_today(visit), day);
    visit->response->content_type = "text/csv; charset=utf-8";
    response_header(visit->response, "Content-Disposition", "attachment; filename=\"%s%s%s.csv\"",
                    name, dated ? "-" : "", day);
}

void visit_flash(struct visit *visit, enum flash_kind kind, const char *text) {
    flash_set(visit->response, visit->arena, visit->site->shop.key, kind, text);
}

void visit_set_session(struct visit *visit, const struct session_cookie *cookie) {
    if (cookie)
        response_cookie(visit->response, SITE_SESSION_COOKIE, cookie->token,
                        cookie->max_age ? cookie->max_age : -1);
    else
        response_cookie(visit->response, SITE_SESSION_COOKIE, "", 0);
}

/* What an error page says: a heading, what happened, and whether going home helps. */
static const struct {
    int status;
    const char *title, *text;
} ERRORS[] = {
    {400, N_("That request could not be understood"),
     N_("Something in the address or the form was broken. Go back and try again.")},
    {403, N_("This form is out of date"),
     N_("You may have logged in or out in another window. Go back, reload the page and send the "
        "form again.")},
    {404, N_("There is nothing here"),
     N_("The page may have moved, or the workshop is over. See what starts soon.")},
    {405, N_("That is not possible here"), N_("This address answers other kinds of requests.")},
    {408, N_("That took too long"), N_("Your request did not arrive in time. Try again.")},
    {413, N_("That is too large"), N_("What you sent is larger than we can take.")},
    {414, N_("That address is too long"), N_("Shorten the search and try again.")},
    {415, N_("That kind of file or form is not accepted"), N_("Go back and use the form.")},
    {421, N_("Wrong address"), N_("This school is reached under another name.")},
    {429, N_("Too many attempts"), N_("Wait a few minutes and try again.")},
    {503, N_("One moment, please"),
     N_("We cannot do this right now. Nothing was changed and nothing was charged. Try again in a "
        "few seconds.")},
    {500, N_("Something failed"),
     N_("Before you pay again, look at My enrolments. Tell us the code below and we will find "
        "out what happened.")},
};

static void show_error(struct visit *visit, int status, const char *title, const char *text) {
    struct page page = page_start(visit, tr(visit->lang, title));
    struct error_page view = {.page = &page,
                              .status = status,
                              .title = page.title,
                              .text = tr(visit->lang, text),
                              .request_id = visit->request->id};
    struct out out = visit_page(visit, status, &page);
    view_error_page(&out, &view);
}

void visit_error(struct visit *visit, int status) {
    size_t i = 0;
    while (i < ARRAY_COUNT(ERRORS) - 1 && ERRORS[i].status != status)
        i++;
    if (status == 503)
        response_header(visit->response, "Retry-After", "5");
    show_error(visit, status, ERRORS[i].title, ERRORS[i].text);
}

void visit_forbidden(struct visit *visit, enum permission permission) {
    const char *detail = arena_printf(visit->arena, "{\"right\": \"%s\", \"path\": \"%s\"}",
                                      permission_name(permission),
                                      visit->hit.route ? visit->hit.route->pattern : "");
    audit_note(visit_shop(visit), visit->session.account_id, "refused", "route", 0, detail);
    show_error(visit, 403, N_("Your role does not include this"),
               N_("Somebody with more rights at your school can do it, or give you the right."));
}

/* How long a proof that it is them lasts for what is sensitive. */
enum { FRESH_SECONDS = 15 * 60 };

bool visit_fresh(const struct visit *visit) {
    return visit->now - visit->session.confirmed_at < FRESH_SECONDS;
}

void visit_ask_again(struct visit *visit) {
    const struct request *request = visit->request;
    const char *back = request->method == METHOD_POST ? request->path : request_address(request);
    visit_redirect(visit, "%s", visit_with_next(visit, "/accounts/again/", back));
}

void visit_fail(struct visit *visit, enum err err) {
    switch (err) {
    case ERR_NOT_FOUND:
        visit_error(visit, 404);
        return;
    case ERR_INVALID:
        visit_error(visit, 400);
        return;
    case ERR_BUSY:
    case ERR_FULL:
    case ERR_IO:
        visit_error(visit, 503);
        return;
    case OK:
    case ERR_CONFLICT:
    case ERR_REFUSED:
    case ERR_INTERNAL:
        break;
    }
    visit_error(visit, 500);
}

void visit_too_many(struct visit *visit, int64_t retry_after) {
    response_header(visit->response, "Retry-After", "%lld",
                    (long long)(retry_after > 0 ? retry_after : 1));
    visit_error(visit, 429);
}

const char *visit_safe_next(const char *next, const char *fallback) {
    if (!next || next[0] != '/' || next[1] == '/' || next[1] == '\\' || strlen(next) > 1000)
        return fallback;
    for (const unsigned char *p = (const unsigned char *)next; *p; p++)
        if (*p <= ' ' || *p == 0x7f || *p == '\\')
            return fallback;
    return next;
}

const char *visit_with_next(const struct visit *visit, const char *path, const char *next) {
    struct buf text = {0};
    struct out out = out_start(&text, visit->lang, NULL);
    out.context = OUT_QUERY;
    out_text(&out, next);
    const char *address = arena_printf(visit->arena, "%s?next=%s", path, buf_text(&text));
    buf_free(&text);
    return address;
}

const char *visit_say_args(const struct visit *visit, const char *english,
                           const struct i18n_arg *args, size_t count) {
    struct buf text = {0};
    i18n_format_args(&text, tr(visit->lang, english), args, count);
    const char *said = arena_strdup(visit->arena, buf_text(&text));
    buf_free(&text);
    return said;
}

const char *visit_age(const struct visit *visit, int64_t at) {
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    const struct {
        int64_t unit;
        const char *one, *many;
    } UNITS[] = {{DAY, N_("{n} day ago"), N_("{n} days ago")},
                 {HOUR, N_("{n} hour ago"), N_("{n} hours ago")},
                 {MINUTE, N_("{n} minute ago"), N_("{n} minutes ago")}};
    for (size_t i = 0; i < ARRAY_COUNT(UNITS); i++) {
        int64_t n = (visit->now - at) / UNITS[i].unit;
        if (n > 0)
            return visit_say(visit, n == 1 ? UNITS[i].one : UNITS[i].many, I18N_INT("n", n));
    }
    return tr(visit->lang, "just now");
}
