/* Payments as staff list them. */
#include "shop/listings.h"

static const struct listing_choice STATES[] = {
    {"pending", N_("Waiting"), .tone = TONE_WARN},
    {"succeeded", N_("Received"), .tone = TONE_OK},
    {"declined", N_("Declined"), .tone = TONE_OFF},
    {"failed", N_("Failed"), .tone = TONE_BAD},
    {"refunded", N_("Given back"), .tone = TONE_OFF},
    {NULL},
};

const struct listing_choice payment_method_choices[] = {
    {"transfer", N_("Transfer")},
    {"card", N_("Card")},
    {"cash", N_("Cash")},
    {"credit", N_("Credit")},
    {NULL},
};

const struct listing payment_listing = {
    .from = "payment p LEFT JOIN orders o ON o.id = p.order_id"
            " LEFT JOIN account a ON a.id = o.account_id",
    .id = "p.id",
    .order = "p.id",
    .newest_first = true,
    .search = "p.id IN (SELECT id FROM payment WHERE reference = {}"
              " UNION ALL SELECT id FROM payment WHERE order_id IN"
              " (SELECT id FROM orders WHERE code = upper({})"
              " OR account_id IN (SELECT rowid FROM account_fts WHERE account_fts MATCH {words})))",
    .columns =
        (const struct listing_column[]){
            {"reference", N_("Reference"), "p.reference", LISTING_TEXT},
            {"provider", N_("Method"), "p.provider", LISTING_WORD,
             .choices = payment_method_choices},
            {"amount", N_("Amount"), "p.amount_cents", LISTING_MONEY, .sort = true},
            {"currency", N_("Currency"), "o.currency", LISTING_TEXT, .file_only = true},
            {"status", N_("State"), "p.status", LISTING_WORD, .choices = STATES},
            {"order", N_("Order"), "coalesce(o.code, 'N.º ' || o.id)", LISTING_TEXT,
             .link = "orders", .link_id = "o.id"},
            {"family", N_("Family"), "a.first_name || ' ' || a.last_name", LISTING_TEXT,
             .personal = true, .link = "accounts", .link_id = "a.id"},
            {"created_at", N_("Moment"), "p.created_at", LISTING_MOMENT},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"status", N_("State"), FILTER_CHOICE, "p.status = {}", .choices = STATES},
            {"provider", N_("Method"), FILTER_CHOICE, "p.provider = {}",
             .choices = payment_method_choices},
            {"from", N_("From"), FILTER_FROM, "p.created_at >= {}", .moment = true},
            {"to", N_("Until"), FILTER_TO, "p.created_at < {}", .moment = true},
            {"order", N_("Order"), FILTER_ID, "p.order_id = {}"},
            {NULL},
        },
};
