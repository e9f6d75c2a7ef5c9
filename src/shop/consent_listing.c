/* Who agreed to what, as staff list it. */
#include "shop/listings.h"

static const struct listing_choice PURPOSES[] = {
    {"terms", N_("Terms")},
    {"privacy", N_("Privacy")},
    {"marketing", N_("News by mail")},
    {"photo", N_("Photos")},
    {NULL},
};

static const struct listing_choice ANSWERS[] = {
    {"yes", N_("Accepted"), .sql = "c.granted = 1", .tone = TONE_OK},
    {"no", N_("Taken back"), .sql = "c.granted = 0", .tone = TONE_OFF},
    {NULL},
};

const struct listing consent_listing = {
    .from = "consent c LEFT JOIN account a ON a.id = c.account_id",
    .id = "c.id",
    .order = "c.id",
    .newest_first = true,
    .search = "c.account_id IN (SELECT rowid FROM account_fts WHERE account_fts MATCH {words})",
    .columns =
        (const struct listing_column[]){
            {"name", N_("Name"), "a.first_name || ' ' || a.last_name", LISTING_TEXT,
             .personal = true, .link = "accounts", .link_id = "a.id"},
            {"email", N_("E-mail"), "a.email", LISTING_TEXT, .personal = true},
            {"purpose", N_("Text"), "c.purpose", LISTING_WORD, .choices = PURPOSES},
            {"version", N_("Version"), "c.version", LISTING_INT},
            {"granted", N_("Answer"), "CASE c.granted WHEN 1 THEN 'yes' ELSE 'no' END",
             LISTING_WORD, .choices = ANSWERS},
            {"at", N_("Moment"), "c.at", LISTING_MOMENT},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"purpose", N_("Text"), FILTER_CHOICE, "c.purpose = {}", .choices = PURPOSES},
            {"granted", N_("Answer"), FILTER_CHOICE, .choices = ANSWERS},
            {"version", N_("Version"), FILTER_ID, "c.version = {}"},
            {"account", N_("Account"), FILTER_ID, "c.account_id = {}"},
            {NULL},
        },
};
