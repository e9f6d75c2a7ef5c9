/* Consents: reading the newest word, adding a row when it changes. */
#include "shop/consent.h"
#include "shop/consent_sql.h"
#include "shop/shop.h"

static const char *const PURPOSES[CONSENTS] = {
    [CONSENT_TERMS] = "terms",
    [CONSENT_PRIVACY] = "privacy",
    [CONSENT_MARKETING] = "marketing",
    [CONSENT_PHOTO] = "photo",
};

static enum err read_one(struct db *db, int64_t account_id, enum consent_purpose purpose,
                         struct consent *out) {
    *out = (struct consent){0};
    struct rows *rows =
        db_query(db, consent_sql[CONSENT_LATEST], V(account_id), V(PURPOSES[purpose]));
    if (rows_next(rows))
        *out = (struct consent){
            .granted = rows_bool(rows, 0),
            .version = (int)rows_int(rows, 1),
            .at = rows_int(rows, 2),
        };
    return rows_end(rows);
}

enum err consent_read(struct db *db, int64_t account_id, struct consents *out) {
    for (int i = 0; i < CONSENTS; i++) {
        enum err err = read_one(db, account_id, (enum consent_purpose)i, &out->of[i]);
        if (err)
            return err;
    }
    return OK;
}

enum err consent_write_tx(struct tx *tx, int64_t account_id, enum consent_purpose purpose,
                          int version, bool granted, int64_t now) {
    struct consent last;
    enum err err = read_one(tx_db(tx), account_id, purpose, &last);
    if (err)
        return err;
    bool repeated = granted == last.granted && (!granted || version == last.version);
    if (repeated)
        return OK;
    return tx_exec(tx, consent_sql[CONSENT_INSERT], V(account_id), V(PURPOSES[purpose]), V(version),
                   V(granted), V(now));
}

enum err consent_terms_due(struct db *db, int64_t account_id, const struct settings *settings,
                           bool *due) {
    struct consent terms;
    enum err err = read_one(db, account_id, CONSENT_TERMS, &terms);
    *due = settings->terms.body && !(terms.granted && terms.version == settings->terms.version);
    return err;
}

struct acceptance {
    int64_t account_id, now;
    const struct settings *settings;
};

static enum err accept(struct tx *tx, void *arg) {
    const struct acceptance *a = arg;
    enum err err = OK;
    if (a->settings->terms.body)
        err = consent_write_tx(tx, a->account_id, CONSENT_TERMS, a->settings->terms.version, true,
                               a->now);
    if (!err && a->settings->privacy.body)
        err = consent_write_tx(tx, a->account_id, CONSENT_PRIVACY, a->settings->privacy.version,
                               true, a->now);
    return err;
}

enum err consent_accept_terms(struct shop *shop, int64_t account_id,
                              const struct settings *settings, int64_t now) {
    struct acceptance acceptance = {account_id, now, settings};
    return store_write(shop->store, accept, &acceptance);
}
