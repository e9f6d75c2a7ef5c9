/* What somebody agreed to or took back: a row for each change, never altered, so that it can be
 * shown which version of a text was accepted at which moment. */
#ifndef SHOP_CONSENT_H
#define SHOP_CONSENT_H

#include "base/err.h"
#include "db/db.h"
#include <stdbool.h>
#include <stdint.h>

struct settings;
struct shop;

enum consent_purpose { CONSENT_TERMS, CONSENT_PRIVACY, CONSENT_MARKETING, CONSENT_PHOTO, CONSENTS };

/* The newest word on one purpose; all 0 where nothing was ever said. */
struct consent {
    bool granted;
    int version; /* of the legal text that was accepted; 0 where there is none */
    int64_t at;  /* when it was said */
};

struct consents {
    struct consent of[CONSENTS];
};

enum err consent_read(struct db *db, int64_t account_id, struct consents *out) MUST_CHECK;

/* Adds a row unless it would repeat the newest one; saying no where nothing was said is no news. */
enum err consent_write_tx(struct tx *tx, int64_t account_id, enum consent_purpose purpose,
                          int version, bool granted, int64_t now) MUST_CHECK;

/* Whether the school has terms whose version in force this account has not accepted yet: the
 * checkout asks then. */
enum err consent_terms_due(struct db *db, int64_t account_id, const struct settings *settings,
                           bool *due) MUST_CHECK;

/* Accepts the terms and the privacy text in force, as far as the school has set them. */
enum err consent_accept_terms(struct shop *shop, int64_t account_id,
                              const struct settings *settings, int64_t now) MUST_CHECK;

#endif
