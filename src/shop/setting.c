/* How settings are checked, written, read and kept in memory. */
#include "shop/setting.h"
#include "base/clock.h"
#include "base/email.h"
#include "base/log.h"
#include "base/money.h"
#include "base/utf8.h"
#include "shop/setting_sql.h"
#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- checks --------------------------------------------------------------------------------- */

static bool text_valid(const struct setting_info *info, const char *value, bool lines) {
    if (!utf8_valid(value, strlen(value)))
        return false;
    for (const char *p = value; *p; p++)
        if (iscntrl((unsigned char)*p) && !(lines && strchr("\r\n\t", *p)))
            return false;
    int64_t length = (int64_t)utf8_length(value);
    return length >= info->min && length <= info->max;
}

static bool int_parse(const char *text, int64_t *out) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9 || text[digits])
        return false;
    *out = strtol(text, NULL, 10);
    return true;
}

static bool int_valid(const struct setting_info *info, const char *value) {
    int64_t number;
    return int_parse(value, &number) && number >= info->min && number <= info->max;
}

static bool url_valid(const struct setting_info *info, const char *value) {
    size_t scheme = strncmp(value, "https://", 8) == 0 ? 8 : strncmp(value, "http://", 7) ? 0 : 7;
    if (scheme == 0 || !isalnum((unsigned char)value[scheme]) || strlen(value) > (size_t)info->max)
        return false;
    for (const char *p = value; *p; p++)
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || strchr("\"<>\\^`{|}", *p))
            return false;
    return true;
}

static bool color_valid(const char *value) {
    return value[0] == '#' && strspn(value + 1, "0123456789abcdefABCDEF") == 6 && !value[7];
}

static bool digits_valid(const struct setting_info *info, const char *value) {
    int64_t length = (int64_t)strlen(value);
    return strspn(value, "0123456789") == (size_t)length && length >= info->min &&
           length <= info->max;
}

static bool hash_valid(const char *value) {
    size_t length = strspn(value, "0123456789abcdef");
    return length == PICTURE_HASH_SIZE - 1 && !value[length];
}

bool setting_valid(const struct setting_info *info, const char *value) {
    enum lang lang;
    switch (info->type) {
    case SETTING_LINE:
        return text_valid(info, value, false);
    case SETTING_TEXT:
        return text_valid(info, value, true);
    case SETTING_FLAG:
        return strcmp(value, "0") == 0 || strcmp(value, "1") == 0;
    case SETTING_INT:
    case SETTING_PERCENT:
        return int_valid(info, value);
    case SETTING_EMAIL:
        return utf8_valid(value, strlen(value)) && email_valid(value);
    case SETTING_URL:
        return url_valid(info, value);
    case SETTING_COLOR:
        return color_valid(value);
    case SETTING_DIGITS:
        return digits_valid(info, value);
    case SETTING_PICTURE:
        return hash_valid(value);
    case SETTING_CURRENCY:
        return money_currency_known(value);
    case SETTING_ZONE:
        return zone_find(value) != NULL;
    case SETTING_LANGUAGE:
        return lang_parse(value, &lang);
    }
    return false;
}

/* ---- writing -------------------------------------------------------------------------------- */

static enum err picture_stored(struct tx *tx, const char *hash) {
    struct picture_ref ref;
    struct arena *arena = arena_create();
    enum err err = picture_find(tx_db(tx), arena, hash, &ref);
    if (!err && !ref.name)
        err = ERR_INVALID;
    arena_destroy(arena);
    return err;
}

enum err setting_set_tx(struct tx *tx, const char *key, const char *value) {
    const struct setting_info *info = setting_find(key);
    if (!info)
        return ERR_NOT_FOUND;
    if (!value || !*value)
        return tx_exec(tx, setting_sql[SETTING_DELETE], V(key));
    if (!setting_valid(info, value))
        return ERR_INVALID;
    if (info->type == SETTING_PICTURE) {
        enum err err = picture_stored(tx, value);
        if (err)
            return err;
    }
    return tx_exec(tx, setting_sql[SETTING_PUT], V(key), V(value));
}

enum err setting_publish_tx(struct tx *tx, const char *purpose, const char *body, int64_t now) {
    bool known = strcmp(purpose, "terms") == 0 || strcmp(purpose, "privacy") == 0;
    if (!known || !*body || !utf8_valid(body, strlen(body)))
        return ERR_INVALID;
    return tx_exec(tx, setting_sql[SETTING_PUBLISH], V(purpose), V(body), V(now));
}

/* ---- reading -------------------------------------------------------------------------------- */

/* Puts a valid value into its field. A picture's field gets only its hash here. */
static void assign(struct settings *s, const struct setting_info *info, const char *value) {
    char *field = (char *)s + info->offset;
    switch (info->type) {
    case SETTING_LINE:
    case SETTING_TEXT:
    case SETTING_EMAIL:
    case SETTING_URL:
    case SETTING_COLOR:
    case SETTING_DIGITS:
    case SETTING_CURRENCY:
        *(const char **)(void *)field = value;
        break;
    case SETTING_FLAG:
        *(bool *)field = *value == '1';
        break;
    case SETTING_INT:
    case SETTING_PERCENT:
        *(int *)(void *)field = (int)strtol(value, NULL, 10);
        break;
    case SETTING_PICTURE:
        ((struct picture_ref *)(void *)field)->name = value;
        break;
    case SETTING_ZONE:
        s->time_zone = value;
        s->zone = zone_find(value);
        break;
    case SETTING_LANGUAGE:
        (void)lang_parse(value, &s->language);
        break;
    }
}

static void assign_defaults(struct settings *s) {
    *s = (struct settings){0};
    size_t count;
    const struct setting_info *table = setting_table(&count);
    for (size_t i = 0; i < count; i++)
        if (table[i].fallback)
            assign(s, &table[i], table[i].fallback);
}

static enum err assign_stored(struct settings *s, const char *key, const char *value) {
    const struct setting_info *info = setting_find(key);
    if (strcmp(key, "demo") == 0)
        s->demo = strcmp(value, "1") == 0;
    if (!info)
        return OK;
    if (setting_valid(info, value)) {
        assign(s, info, value);
        return OK;
    }
    log_error("bad_setting", "key", "%s", key);
    return info->type == SETTING_ZONE ? ERR_INVALID : OK;
}

static enum err load_values(struct db *db, struct arena *arena, struct settings *s) {
    enum err err = OK;
    struct rows *rows = db_query(db, setting_sql[SETTING_ALL]);
    while (!err && rows_next(rows))
        err = assign_stored(s, rows_text(rows, 0, arena), rows_text(rows, 1, arena));
    enum err end = rows_end(rows);
    return err ? err : end;
}

static enum err load_legal(struct db *db, struct arena *arena, struct settings *s) {
    struct rows *rows = db_query(db, setting_sql[SETTING_LEGAL_TEXTS]);
    while (rows_next(rows)) {
        bool terms = strcmp(rows_text(rows, 0, arena), "terms") == 0;
        *(terms ? &s->terms : &s->privacy) = (struct legal_text){
            .version = (int)rows_int(rows, 1),
            .body = rows_text(rows, 2, arena),
        };
    }
    return rows_end(rows);
}

enum err setting_load(struct db *db, struct arena *arena, struct settings *out) {
    assign_defaults(out);
    enum err err = load_values(db, arena, out);
    if (!err)
        err = load_legal(db, arena, out);
    if (!err)
        err = picture_find(db, arena, out->logo.name, &out->logo);
    if (!err)
        err = picture_find(db, arena, out->wallet_qr.name, &out->wallet_qr);
    return err;
}

/* ---- the cache ------------------------------------------------------------------------------ */

struct snapshot {
    struct settings settings;
    int64_t revision;
    struct arena *arena;
    struct snapshot *older;
};

/* A look at the database is valid for one state of the data and for one second: the connection that
 * looked may have been borrowed before the change that store_version() told about. */
struct setting_cache {
    _Atomic(struct snapshot *) current;
    _Atomic uint64_t looked_version;
    _Atomic int64_t looked_at;
    pthread_mutex_t lock; /* of those who look */
};

static struct snapshot *snapshot_create(struct snapshot *older) {
    struct arena *arena = arena_create();
    struct snapshot *snapshot = arena_alloc(arena, sizeof(*snapshot));
    snapshot->arena = arena;
    snapshot->older = older;
    return snapshot;
}

struct setting_cache *setting_cache_create(void) {
    struct snapshot *first = snapshot_create(NULL);
    struct setting_cache *cache = arena_alloc(first->arena, sizeof(*cache));
    assign_defaults(&first->settings);
    first->revision = -1;
    atomic_init(&cache->current, first);
    atomic_init(&cache->looked_version, 0);
    atomic_init(&cache->looked_at, -1);
    pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

void setting_cache_destroy(struct setting_cache *cache) {
    if (!cache)
        return;
    struct snapshot *snapshot = atomic_load(&cache->current);
    pthread_mutex_destroy(&cache->lock);
    while (snapshot) {
        struct snapshot *older = snapshot->older;
        arena_destroy(snapshot->arena); /* the oldest one's holds the cache itself */
        snapshot = older;
    }
}

/* With the lock held: reads again if the revision is another one. A failure was logged where it
 * was met; the next look tries again. */
static void look(struct setting_cache *cache, struct db *db) {
    struct snapshot *current = atomic_load(&cache->current);
    int64_t revision;
    if (db_int(db, setting_sql[SETTING_REVISION], &revision) || revision == current->revision)
        return;
    struct snapshot *fresh = snapshot_create(current);
    fresh->revision = revision;
    if (setting_load(db, fresh->arena, &fresh->settings) == OK)
        atomic_store(&cache->current, fresh);
    else
        arena_destroy(fresh->arena);
}

const struct settings *setting_cached(struct setting_cache *cache, struct store *store,
                                      struct db *db) {
    uint64_t version = store_version(store);
    int64_t now = clock_now();
    if (atomic_load(&cache->looked_version) != version || atomic_load(&cache->looked_at) != now) {
        pthread_mutex_lock(&cache->lock);
        look(cache, db);
        atomic_store(&cache->looked_version, version);
        atomic_store(&cache->looked_at, now);
        pthread_mutex_unlock(&cache->lock);
    }
    return &atomic_load(&cache->current)->settings;
}
