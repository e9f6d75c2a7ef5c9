/* A visit: one request on its way through the site, with who makes it, in which language, and what
 * handlers need to answer it. Made by site.c, lives until the response is sent, belongs to one
 * thread.
 *
 * Reading and writing: visit_db() borrows a read connection the first time it is asked for;
 * visit_shop() gives it back and is what writing operations take, so that nobody holds a reader
 * while waiting for the disk. */
#ifndef SITE_VISIT_H
#define SITE_VISIT_H

#include "base/arena.h"
#include "base/i18n.h"
#include "base/out.h"
#include "db/db.h"
#include "http/flash.h"
#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "shop/permission.h"
#include "shop/session.h"
#include "shop/shop.h"
#include <stdbool.h>

struct site;

struct visit {
    struct site *site;
    struct request *request;
    struct response *response;
    struct arena *arena;
    const struct settings *settings;
    struct route_hit hit;
    int64_t now; /* UTC seconds; the request's */
    enum lang lang;
    bool signed_in;
    bool awaits_code;       /* not signed in: the code of the second factor is still to come */
    struct session session; /* when signed_in; with awaits_code what session_find_waiting gives */
    struct form form;       /* of a POST whose route declares one */

    /* The visit's own: use the functions. */
    struct db *db;
    struct flash flash;
};

struct db *visit_db(struct visit *visit);
struct shop *visit_shop(struct visit *visit);

/* The route's {id} and {name} by their place in the pattern. The router has checked their form. */
int64_t visit_id(const struct visit *visit, size_t param);
const char *visit_name(const struct visit *visit, size_t param);

/* A query parameter, or NULL; visit_query_int: `fallback` when missing or no whole number. */
const char *visit_query(const struct visit *visit, const char *name);
int64_t visit_query_int(const struct visit *visit, const char *name, int64_t fallback);

/* Today in the school's zone. */
struct date visit_today(const struct visit *visit);

/* ---- answers: the last thing a handler does ------------------------------------------------- */

/* Where a page is rendered: sets the status and hands out the response's buffer.
 *
 *     struct out o = visit_page(v, 200, &page);
 *     view_workshop_list(&o, &view);                                                    */
struct page;
struct out visit_page(struct visit *visit, int status, const struct page *page);

/* 303 to a path of ours, printf-style. */
void visit_redirect(struct visit *visit, const char *format, ...) PRINTF_LIKE(2, 3);

/* The response's body is CSV, to be saved as NAME.csv, or NAME-DAY.csv where `dated`. */
void visit_csv(struct visit *visit, const char *name, bool dated);

/* The message the next page shows once, translated already; set it before the redirect. */
void visit_flash(struct visit *visit, enum flash_kind kind, const char *text);

/* Logs the browser in, or out (NULL). */
void visit_set_session(struct visit *visit, const struct session_cookie *cookie);

/* 429 with Retry-After. */
void visit_too_many(struct visit *visit, int64_t retry_after);

/* An error page in the site's look: 400, 403, 404, 405, 413, 415, 421, 429, 500, 503. */
void visit_error(struct visit *visit, int status);

/* 403 for staff without a right, with a line in the trail. */
void visit_forbidden(struct visit *visit, enum permission permission);

/* Whether who is signed in has shown within a quarter of an hour that it is them, and the way to
 * show it, which leads back to this address. Whole rows say .fresh instead (http/router.h). */
bool visit_fresh(const struct visit *visit);
void visit_ask_again(struct visit *visit);

/* What an operation's failure means for a visitor: ERR_NOT_FOUND 404, ERR_BUSY and ERR_FULL 503
 * with Retry-After, the rest 500. For use when nothing more exact can be said. */
void visit_fail(struct visit *visit, enum err err);

/* A path of ours to go on to after `next` came from outside: `next` itself when it is a path on
 * this site, else `fallback`. Never another host (//evil, /\evil, control characters). */
const char *visit_safe_next(const char *next, const char *fallback);

/* "PATH?next=NEXT", percent-encoded, in the arena. */
const char *visit_with_next(const struct visit *visit, const char *path, const char *next);

/* A message with its values, in the visit's language and arena. */
#define visit_say(visit, english, ...)                                         \
    visit_say_args((visit), (english), (const struct i18n_arg[]){__VA_ARGS__}, \
                   sizeof((const struct i18n_arg[]){__VA_ARGS__}) / sizeof(struct i18n_arg))
const char *visit_say_args(const struct visit *visit, const char *english,
                           const struct i18n_arg *args, size_t count);

/* How long ago that moment was: "3 hours ago", "just now". */
const char *visit_age(const struct visit *visit, int64_t at);

#endif
