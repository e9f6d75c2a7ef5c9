/* Going back to before an upgrade: which copy that is, and what came since and would be lost. The
 * going back itself is a restore (restore.h) of the copy as it is. */
#ifndef SHOP_ROLLBACK_H
#define SHOP_ROLLBACK_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "shop/shop.h"
#include <stddef.h>
#include <stdint.h>

struct rollback_order {
    int64_t id, created_at, paid_at; /* paid_at 0: not paid */
    int64_t total_cents;
    const char *code, *status, *currency, *family;
};

struct rollback {
    const char *copy;              /* path of what the newest upgrade copied */
    int64_t made_at;               /* when */
    int64_t schema;                /* its user_version */
    struct rollback_order *orders; /* made or changed by money since */
    size_t count;
    int64_t accounts, students; /* new since */
    struct buf file;            /* the orders as CSV, a seat a row; to be freed */
};

/* ERR_NOT_FOUND: no upgrade has made a copy. ERR_REFUSED: the database is not newer than the copy.
 * `error` gets a sentence. */
enum err rollback_read(struct shop *shop, const char *backups, struct arena *arena,
                       struct rollback *out, char *error, size_t error_size) MUST_CHECK;

#endif
