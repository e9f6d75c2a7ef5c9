/* What a school decides about itself: one table of names, types, defaults and help in
 * setting_table.c, one row a changed setting in the database, one struct for the code. How staff
 * change them is setting_change.h. */
#ifndef SHOP_SETTING_H
#define SHOP_SETTING_H

#include "base/arena.h"
#include "base/err.h"
#include "base/i18n.h"
#include "base/zone.h"
#include "db/db.h"
#include "shop/picture.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct setting_cache;
struct shop;

/* A legal text in force; version 0 and body NULL where the school has set none. */
struct legal_text {
    int version;
    const char *body;
};

/* Texts are NULL where the school has set none, except those marked "always". */
struct settings {
    /* who we are */
    const char *school_name; /* always */
    const char *slogan;
    struct picture_ref logo;
    const char *color;                    /* "#rrggbb", the school's accent */
    const char *email, *phone, *whatsapp; /* whatsapp: digits with country code */
    const char *address, *map_url;
    /* legal lines */
    const char *legal_name, *tax_number; /* razón social, RUC */
    const char *complaints_url;          /* Libro de Reclamaciones */
    const char *cancellation;            /* the policy in two lines */
    struct legal_text terms, privacy;
    /* mail */
    const char *mail_from, *mail_reply_to; /* addresses; the name shown is school_name */
    /* money */
    const char *currency; /* always; ISO 4217 */
    int tax_rate_bp;      /* included in prices; 1800 = 18 %; 0: nothing is said */
    const char *tax_name; /* always; "IGV" */
    bool ask_document;    /* ask for the payer's document at checkout */
    /* payment by transfer: shown after the order exists */
    bool transfer_enabled;
    const char *bank_details; /* free lines: bank, account, CCI, holder */
    const char *wallet_name;  /* "Yape", "Plin" */
    const char *wallet_holder, *wallet_phone;
    struct picture_ref wallet_qr;
    int transfer_hours; /* to pay: default 48 */
    /* seats */
    int hold_minutes;      /* default 30 */
    int extension_minutes; /* default 15 */
    /* accounts */
    bool confirm_email;                                        /* default off */
    int signups_per_address, failed_logins_per_address;        /* in 10 minutes: 600, 100 */
    int failed_logins_per_account;                             /* in 10 minutes: 10 */
    int live_holds_per_account, pending_transfers_per_account; /* 12, 3 */
    int declined_cards_per_hour;                               /* 10 */
    bool staff_second_factor; /* every member of staff signs in with a code too; default off */
    /* place and language */
    const char *time_zone;   /* always; "America/Lima" */
    const struct zone *zone; /* always */
    enum lang language;
    bool demo; /* a demonstration school: banner, sandbox card */
};

/* All settings and the legal texts in force, read now into the arena. A stored value that is not
 * valid (somebody wrote it by hand) counts as not set and is logged, but an unknown time zone is
 * ERR_INVALID: every date of the shop would be wrong. */
enum err setting_load(struct db *db, struct arena *arena, struct settings *out) MUST_CHECK;

/* One row of the table of settings. */
enum setting_type {
    SETTING_LINE,     /* one line of text; min and max: characters */
    SETTING_TEXT,     /* several lines; min and max: characters */
    SETTING_FLAG,     /* "0" or "1" */
    SETTING_INT,      /* min and max: its range */
    SETTING_PERCENT,  /* in hundredths of a percent; min and max: its range */
    SETTING_EMAIL,    /* one address */
    SETTING_URL,      /* http:// or https:// */
    SETTING_COLOR,    /* "#rrggbb" */
    SETTING_DIGITS,   /* digits only; min and max: how many */
    SETTING_PICTURE,  /* hash of a stored picture */
    SETTING_CURRENCY, /* ISO 4217 code known to base/money.h */
    SETTING_ZONE,     /* zone known to base/zone.h */
    SETTING_LANGUAGE, /* "en" or "es" */
};

/* Settings that stand together on the settings page, are saved together, and of which two people
 * cannot save different ones without noticing. */
enum setting_section {
    SETTINGS_SCHOOL,
    SETTINGS_CONTACT,
    SETTINGS_LEGAL,
    SETTINGS_MAIL,
    SETTINGS_MONEY,
    SETTINGS_PAYMENT,
    SETTINGS_SEATS,
    SETTINGS_ACCOUNTS,
    SETTINGS_STAFF,
    SETTINGS_PLACE,
    SETTING_SECTIONS,
};

struct setting_info {
    const char *key;
    enum setting_section section;
    enum setting_type type;
    const char *fallback; /* the value where none is set; NULL: none */
    int64_t min, max;
    const char *label, *help; /* English, marked for translation */
    size_t offset;            /* of its field in struct settings */
};

/* All settings that people may change, in the order of the settings page. Immutable. ("demo" is not
 * among them: only the demonstration itself sets it.) */
const struct setting_info *setting_table(size_t *count);
const struct setting_info *setting_find(const char *key); /* NULL: there is none */
/* The rows of one section. */
const struct setting_info *setting_section(enum setting_section section, size_t *count);

/* Sets one by name after checking the value as its type demands: ERR_NOT_FOUND for an unknown name,
 * ERR_INVALID for a bad value (nothing changes). NULL takes the default again. */
enum err setting_set_tx(struct tx *tx, const char *key, const char *value) MUST_CHECK;

/* The check alone, as setting_set_tx makes it, except whether a picture is stored. */
bool setting_valid(const struct setting_info *info, const char *value);

/* Publishes the next version of a legal text: purpose "terms" or "privacy". */
enum err setting_publish_tx(struct tx *tx, const char *purpose, const char *body,
                            int64_t now) MUST_CHECK;

/* The cache behind shop_settings(): what was read last, until the revision in the database changes;
 * the revision is looked at when the data changed, and once a second. Never NULL: what cannot be
 * read stays as it was, at first the defaults. Snapshots are immutable and live until destroyed. */
struct setting_cache *setting_cache_create(void);
void setting_cache_destroy(struct setting_cache *cache);
const struct settings *setting_cached(struct setting_cache *cache, struct store *store,
                                      struct db *db);

#endif
