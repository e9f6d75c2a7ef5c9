/* Pages as visitors see them, kept until the data changes. A key holds everything a cacheable page
 * depends on: address, language, the database's version and the minute (holds end, sales open and
 * close by the clock alone). Safe from any thread. */
#ifndef SITE_PAGE_CACHE_H
#define SITE_PAGE_CACHE_H

#include "base/i18n.h"
#include "http/request.h"
#include "http/response.h"
#include <stdbool.h>
#include <stdint.h>

struct page_cache;
struct site;

struct page_key {
    const char *target; /* path and query string, in the request's arena */
    uint64_t hash;
    uint64_t version; /* store_version() before the page was made */
    int64_t minute;
    int lang; /* -1: the school's */
};

struct page_cache *page_cache_create(void);
void page_cache_destroy(struct page_cache *cache);

struct page_key page_cache_key(struct site *site, const struct request *request, bool lang_known,
                               enum lang lang);

/* Fills the response and the request's route, and answers true, when the page is there. */
bool page_cache_find(struct page_cache *cache, const struct page_key *key, struct request *request,
                     struct response *response);

/* Keeps the row's 200 response of moderate size that sets no cookie, and tells browsers to ask
 * again each time; forgets an older page for it. */
void page_cache_store(struct page_cache *cache, const struct page_key *key,
                      const struct route *route, struct response *response);

#endif
