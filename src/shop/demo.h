/* A believable school in Lima to try everything with: `taller demo`. Also the quick, large and dull
 * data that load tests need. Its words and figures are in demo_data.c. */
#ifndef SHOP_DEMO_H
#define SHOP_DEMO_H

#include "base/err.h"
#include "shop/shop.h"
#include <stddef.h>
#include <stdint.h>

/* The bytes of a static picture, e.g. "pictures/demo/scratch.svg"; NULL if there is none. */
typedef const void *demo_asset_fn(const char *name, size_t *size);

struct demo_account {
    const char *what; /* "owner", "desk", "instructor", "parent" */
    char email[64];
    char password[24]; /* fresh from the random generator at every fill */
};

enum { DEMO_ACCOUNTS = 4 };

struct demo_accounts {
    struct demo_account items[DEMO_ACCOUNTS];
};

/* Fills an empty database: ERR_REFUSED when it holds an account or a workshop. Everything but the
 * passwords is the same at every fill, relative to `now`. One transaction, about a second. */
enum err demo_fill(struct shop *shop, demo_asset_fn *asset, int64_t now,
                   struct demo_accounts *out) MUST_CHECK;

/* Makes a demonstration large, for load tests: adds `workshops` that start after all others, and
 * `inscriptions` with families, paid orders and receipts spread over the last two years, in past
 * workshops of their own. The same every time. Some 30 µs an inscription, in many transactions;
 * may be called again. ERR_REFUSED in a database that is not a demonstration. */
enum err demo_grow(struct shop *shop, int64_t now, int64_t workshops,
                   int64_t inscriptions) MUST_CHECK;

#endif
