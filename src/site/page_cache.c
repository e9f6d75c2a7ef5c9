/* A direct-mapped table of rendered pages: a page lives in the slot of its hash and gives way to
 * the next one that hashes there. Bounded by SLOTS × PAGE_MAX. */
#include "site/page_cache.h"
#include "base/buf.h"
#include "site/site.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 128, PAGE_MAX = 64 * 1024, TARGET_MAX = 200 };

struct slot {
    pthread_rwlock_t lock;
    char target[TARGET_MAX + 1];
    uint64_t version;
    int64_t minute;
    int lang;
    const struct route *route;
    struct buf body; /* empty: free */
};

struct page_cache {
    struct slot slots[SLOTS];
};

struct page_cache *page_cache_create(void) {
    struct page_cache *cache = calloc(1, sizeof(*cache));
    if (!cache)
        abort();
    for (size_t i = 0; i < SLOTS; i++)
        pthread_rwlock_init(&cache->slots[i].lock, NULL);
    return cache;
}

void page_cache_destroy(struct page_cache *cache) {
    if (!cache)
        return;
    for (size_t i = 0; i < SLOTS; i++) {
        pthread_rwlock_destroy(&cache->slots[i].lock);
        buf_free(&cache->slots[i].body);
    }
    free(cache);
}

/* FNV-1a, 64 bits (draft-eastlake-fnv): spreads slots, protects nothing. */
static uint64_t hash_text(uint64_t hash, const char *text) {
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

struct page_key page_cache_key(struct site *site, const struct request *request, bool lang_known,
                               enum lang lang) {
    const char *query = request->query_string;
    struct page_key key = {
        .target =
            *query ? arena_printf(request->arena, "%s?%s", request->path, query) : request->path,
        .version = store_version(site->shop.store),
        .minute = request->now / 60,
        .lang = lang_known ? (int)lang : -1,
    };
    key.hash = hash_text(UINT64_C(14695981039346656037) + (uint64_t)(key.lang + 1), key.target);
    return key;
}

static struct slot *slot_of(struct page_cache *cache, const struct page_key *key) {
    return &cache->slots[(key->hash ^ key->hash >> 32) % SLOTS];
}

static bool slot_fits(const struct slot *slot, const struct page_key *key) {
    return slot->body.len && slot->version == key->version && slot->minute == key->minute &&
           slot->lang == key->lang && strcmp(slot->target, key->target) == 0;
}

static void set_headers(struct response *response) {
    response_header(response, "Cache-Control", "private, no-cache");
    response_header(response, "Vary", "Cookie, Accept-Language");
}

bool page_cache_find(struct page_cache *cache, const struct page_key *key, struct request *request,
                     struct response *response) {
    struct slot *slot = slot_of(cache, key);
    pthread_rwlock_rdlock(&slot->lock);
    bool found = slot_fits(slot, key);
    if (found) {
        request->route = slot->route;
        buf_append(&response->body, slot->body.data, slot->body.len);
    }
    pthread_rwlock_unlock(&slot->lock);
    if (found)
        set_headers(response);
    return found;
}

void page_cache_store(struct page_cache *cache, const struct page_key *key,
                      const struct route *route, struct response *response) {
    if (response->status != 200)
        return;
    set_headers(response);
    if (response->body.len == 0 || response->body.len > PAGE_MAX ||
        strlen(key->target) > TARGET_MAX)
        return;
    struct slot *slot = slot_of(cache, key);
    pthread_rwlock_wrlock(&slot->lock);
    memcpy(slot->target, key->target, strlen(key->target) + 1);
    slot->version = key->version;
    slot->minute = key->minute;
    slot->lang = key->lang;
    slot->route = route;
    buf_reset(&slot->body);
    buf_append(&slot->body, response->body.data, response->body.len);
    pthread_rwlock_unlock(&slot->lock);
}
