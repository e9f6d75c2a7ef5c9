/* The site: the route table, the guard and the shop behind one handler for the server. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "http/guard.h"
#include "http/request.h"
#include "http/response.h"
#include "shop/shop.h"
#include <stdatomic.h>
#include <stdbool.h>

#define SITE_SESSION_COOKIE "__Host-session"
#define SITE_BROWSER_COOKIE "__Host-browser"
#define SITE_LANGUAGE_COOKIE "__Host-language"

struct analytics;
struct backup_clock;
struct backup_rota;
struct certificate;
struct gauges;
struct offsite;
struct page_cache;
struct smtp_options;
struct server;
struct traffic;

struct site {
    struct shop shop;
    const char *host;     /* the only Host answered, lower case; NULL: any */
    const char **aliases; /* other names of ours, that lead to `host`; NULL: none */
    size_t alias_count;
    const char *metrics_token; /* "": none */
    const char *data;          /* the data folder */
    const char *backups;       /* the folder of copies of the database */
    struct backup_clock *backup_clock;
    const struct backup_rota *backup_rota;
    struct offsite *offsite;         /* copies of backups elsewhere; NULL: there are none, */
    const char *offsite_place;       /* and where they are */
    const struct smtp_options *smtp; /* how mail leaves; NULL: it waits in the outbox */
    struct page_cache *cache;
    struct analytics *analytics;
    struct gauges *gauges;
    struct traffic *traffic;
    _Atomic(struct server *) server; /* for figures; set once it runs, when requests come already */
    _Atomic(struct certificate *) certificate; /* NULL: none is obtained by itself */
    atomic_bool draining;                      /* /readyz says 503 */
};

/* Fills in what the site itself owns; the shop is opened already. */
void site_open(struct site *site);
void site_close(struct site *site);

/* The server's callbacks; ctx is the site. */
void site_handle(struct request *request, struct response *response, void *ctx);
void site_refuse(struct request *request, struct response *response, void *ctx);
void site_observe(const struct request *request, const struct response *response, int64_t us,
                  void *ctx);

#endif
