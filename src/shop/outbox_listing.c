/* The outbox as staff list it. */
#include "shop/listings.h"

static const struct listing_choice STATES[] = {
    {"waiting", N_("Waiting"), .sql = "m.next_attempt_at IS NOT NULL", .tone = TONE_WARN},
    {"sent", N_("Sent"), .sql = "m.sent_at IS NOT NULL", .tone = TONE_OK},
    {"failed", N_("Failed"), .sql = "m.sent_at IS NULL AND m.next_attempt_at IS NULL",
     .tone = TONE_BAD},
    {NULL},
};

const struct listing outbox_listing = {
    .from = "outbox m",
    .id = "m.id",
    .order = "m.id",
    .newest_first = true,
    .search = "m.recipient = {} OR m.order_id IN (SELECT id FROM orders WHERE code = upper({}))"
              " OR m.recipient IN (SELECT email FROM account WHERE id IN"
              " (SELECT rowid FROM account_fts WHERE account_fts MATCH {words}))",
    .columns =
        (const struct listing_column[]){
            {"subject", N_("Subject"), "m.subject", LISTING_TEXT},
            {"recipient", N_("To"), "m.recipient", LISTING_TEXT, .personal = true},
            {"state", N_("State"),
             "CASE WHEN m.sent_at IS NOT NULL THEN 'sent'"
             " WHEN m.next_attempt_at IS NOT NULL THEN 'waiting' ELSE 'failed' END",
             LISTING_WORD, .choices = STATES},
            {"attempts", N_("Attempts"), "m.attempts", LISTING_INT},
            {"created_at", N_("Written"), "m.created_at", LISTING_MOMENT},
            {"sent_at", N_("Sent on"), "m.sent_at", LISTING_MOMENT},
            {"last_error", N_("Last error"), "m.last_error", LISTING_TEXT, .file_only = true},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"state", N_("State"), FILTER_CHOICE, .choices = STATES},
            {"from", N_("From"), FILTER_FROM, "m.created_at >= {}", .moment = true},
            {"to", N_("Until"), FILTER_TO, "m.created_at < {}", .moment = true},
            {"order", N_("Order"), FILTER_ID, "m.order_id = {}"},
            {NULL},
        },
};
