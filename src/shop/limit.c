/* The table of the shop's limits. */
#include "shop/limit.h"
#include "base/memory.h"
#include "base/ratelimit.h"
#include "shop/setting.h"
#include "shop/shop.h"
#include <stdlib.h>

enum { MINUTE = 60, KEYS = 8192 };

struct limits {
    struct ratelimit *of[LIMITS];
};

/* How many events in how many seconds; the number stands in the settings where `setting` says. Of
 * an address, for a whole school that opens its enrolment from one: hundreds of families in an
 * hour. */
static const struct rule {
    int window;
    int max;
    size_t setting; /* offset of an int in struct settings; 0: `max` counts */
} RULES[LIMITS] = {
    [LIMIT_SIGNUPS_PER_ADDRESS] = {10 * MINUTE, 0, offsetof(struct settings, signups_per_address)},
    [LIMIT_FAILED_LOGINS_PER_ADDRESS] = {10 * MINUTE, 0,
                                         offsetof(struct settings, failed_logins_per_address)},
    [LIMIT_FAILED_LOGINS_PER_ACCOUNT] = {10 * MINUTE, 0,
                                         offsetof(struct settings, failed_logins_per_account)},
    [LIMIT_FAILED_LOGINS_PER_BROWSER] = {10 * MINUTE, 0,
                                         offsetof(struct settings, failed_logins_per_account)},
    [LIMIT_RESETS_PER_ADDRESS] = {10 * MINUTE, 300, 0},
    [LIMIT_LINKS_PER_ACCOUNT] = {10 * MINUTE, 3, 0},
    [LIMIT_CODES_PER_ACCOUNT] = {10 * MINUTE, 0,
                                 offsetof(struct settings, failed_logins_per_account)},
};

struct limits *limit_create(void) {
    struct limits *limits = memory_new(1, sizeof(*limits));
    for (int i = 0; i < LIMITS; i++)
        limits->of[i] = ratelimit_create(RULES[i].window, KEYS);
    return limits;
}

void limit_destroy(struct limits *limits) {
    if (!limits)
        return;
    for (int i = 0; i < LIMITS; i++)
        ratelimit_destroy(limits->of[i]);
    free(limits);
}

static int rule_max(const struct rule *rule, const struct settings *settings) {
    return rule->setting ? *(const int *)((const char *)settings + rule->setting) : rule->max;
}

int64_t limit_wait(struct shop *shop, const struct settings *settings, enum limit limit,
                   const void *key, size_t key_size, int64_t now) {
    if (!key)
        return 0;
    int max = rule_max(&RULES[limit], settings);
    return ratelimit_wait(shop->limits->of[limit], key, key_size, now, max);
}

int64_t limit_take(struct shop *shop, const struct settings *settings, enum limit limit,
                   const void *key, size_t key_size, int64_t now) {
    if (!key)
        return 0;
    int max = rule_max(&RULES[limit], settings);
    return ratelimit_take(shop->limits->of[limit], key, key_size, now, max);
}

void limit_give_back(struct shop *shop, enum limit limit, const void *key, size_t key_size) {
    if (key)
        ratelimit_give_back(shop->limits->of[limit], key, key_size);
}

void limit_count(struct shop *shop, enum limit limit, const void *key, size_t key_size,
                 int64_t now) {
    if (key)
        ratelimit_count(shop->limits->of[limit], key, key_size, now);
}

void limit_forget(struct shop *shop, enum limit limit, const void *key, size_t key_size) {
    ratelimit_forget(shop->limits->of[limit], key, key_size);
}
