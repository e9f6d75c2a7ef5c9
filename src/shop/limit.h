/* How often is too often, for the rules of the shop: which limits there are, what a school has set
 * them to, and over which window. The counting itself is base/ratelimit.h; it lives in memory and
 * starts empty with the process. */
#ifndef SHOP_LIMIT_H
#define SHOP_LIMIT_H

#include <stddef.h>
#include <stdint.h>

struct limits;
struct settings;
struct shop;

enum limit {
    LIMIT_SIGNUPS_PER_ADDRESS,       /* key: a request's address_key */
    LIMIT_FAILED_LOGINS_PER_ADDRESS, /* the same */
    LIMIT_FAILED_LOGINS_PER_ACCOUNT, /* key: the e-mail key, whether or not it has an account */
    LIMIT_FAILED_LOGINS_PER_BROWSER, /* key: the cookie of shop/known_browser.h */
    LIMIT_RESETS_PER_ADDRESS,        /* the same as for sign-ups */
    LIMIT_LINKS_PER_ACCOUNT,         /* mails with a link to one e-mail key: 3 in 10 minutes */
    LIMIT_CODES_PER_ACCOUNT,         /* wrong codes of a second factor; key: the account's id */
    LIMITS,
};

enum { LIMIT_ADDRESS_SIZE = 16 }; /* bytes of a request's address_key */

/* Seconds to wait until one more is allowed; 0: go ahead. A NULL key is never limited. */
int64_t limit_wait(struct shop *shop, const struct settings *settings, enum limit limit,
                   const void *key, size_t key_size, int64_t now);

/* The same, and where there is nothing to wait for the event counts: in one step, so that of many
 * that come at once no more than are allowed go ahead. */
int64_t limit_take(struct shop *shop, const struct settings *settings, enum limit limit,
                   const void *key, size_t key_size, int64_t now);

/* Takes back what was taken last: it was none of the events that count. */
void limit_give_back(struct shop *shop, enum limit limit, const void *key, size_t key_size);

/* Counts one event. A NULL key counts nothing. */
void limit_count(struct shop *shop, enum limit limit, const void *key, size_t key_size,
                 int64_t now);

/* Starts that key anew. */
void limit_forget(struct shop *shop, enum limit limit, const void *key, size_t key_size);

/* shop_open and shop_close. */
struct limits *limit_create(void);
void limit_destroy(struct limits *limits);

#endif
