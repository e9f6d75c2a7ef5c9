/* A person's own data, for themselves: one JSON object of everything the school keeps about an
 * account, without hashes, tokens and other people's names. */
#ifndef SHOP_EXPORT_H
#define SHOP_EXPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "db/db.h"
#include <stdint.h>

/* Appends {"exported_at", "account", "consents", "students", "orders", "inscriptions", "payments",
 * …} to `out`, indented. Moments are ISO 8601 in UTC, money is integer cents, what was never said
 * is null. ERR_NOT_FOUND without such an account. */
enum err export_account(struct db *db, int64_t account_id, int64_t now, struct buf *out) MUST_CHECK;

#endif
