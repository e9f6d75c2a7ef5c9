/* Consents: reading the newest word, adding a row when it changes. */
#include "shop/consent.h"
#include "shop/consent_sql.h"

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
