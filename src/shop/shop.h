/* The business as one handle: its database, its settings, its keys. Opened once by main; given to
 * every operation that writes. Operations that only read take `struct db *`.
 *
 * An operation named noun_verb(shop, …) that writes runs its own transaction through store_write
 * and returns when the result is durably on disk. A step that is part of a larger operation is
 * named noun_verb_tx(tx, …).
 *
 * Outcomes: a business refusal is ERR_REFUSED and the operation's own enumeration says which; what
 * a stranger may not see is ERR_NOT_FOUND. Safe from any thread. */
#ifndef SHOP_SHOP_H
#define SHOP_SHOP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/metric.h"
#include "db/db.h"
#include "shop/mail.h"
#include "shop/setting.h"
#include <stdint.h>

struct shop_options {
    const char *data;            /* the data folder: taller.db, backups/ */
    const char *base_url;        /* "https://shop.example.org", no slash at the end: for links */
    mail_render_fn *render_mail; /* site/ writes the mails, shop/ decides when they go */
    const struct sql_table *more_tables; /* statements of other layers, NULL if none */
    size_t more_table_count;
    bool check_statements; /* as in struct store_options */
};

/* What happened since the start and is told to /metrics. */
struct shop_counters {
    struct counter logins, logins_failed; /* right and wrong passwords and codes */
    struct counter signups;
    struct counter seats_refused; /* somebody wanted a seat and there was none left */
    struct counter mails_sent, mails_failed;
};

struct shop {
    struct store *store;
    const char *base_url;
    mail_render_fn *render_mail;
    uint8_t key[32]; /* signs cookies and links; lives in the database */
    struct setting_cache *settings;
    struct limits *limits; /* shop/limit.h */
    struct shop_counters counters;
    void (*mail_waiting)(
        void *arg); /* called after a commit that put mail into the outbox; or NULL */
    void *mail_waiting_arg;
};

/* Opens or creates the school's database. `error` gets one sentence on failure. */
enum err shop_open(const struct shop_options *options, struct shop *shop, char *error,
                   size_t error_size) MUST_CHECK;
void shop_close(struct shop *shop);

/* How a file of ours is opened, with the statements of shop/ alone. `backup_dir` NULL: it is
 * migrated without a copy being made before. */
struct store_options shop_store_options(const char *path, const char *backup_dir);

/* The statements of every noun of shop/: statements.c. A new noun adds its line there. */
extern const struct sql_table shop_tables[];
extern const size_t shop_table_count;

/* Steps from older files to schema.sql of today: migrations.c. */
extern const struct migration *const shop_migrations;
extern const size_t shop_migration_count;

/* What the school has decided, as of now. Valid until shop_close; cheap to ask for. */
const struct settings *shop_settings(struct shop *shop, struct db *db);
/* The same for a caller with no connection on loan. */
const struct settings *shop_read_settings(struct shop *shop);

#endif
