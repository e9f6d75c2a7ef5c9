/* The trail as staff list it. */
#include "shop/listings.h"

static const struct listing_choice ENTITIES[] = {
    {"account", N_("Account")},    {"student", N_("Student")},
    {"workshop", N_("Workshop")},  {"topic", N_("Topic")},
    {"orders", N_("Order")},       {"inscription", N_("Enrolment")},
    {"payment", N_("Payment")},    {"outbox", N_("Mail")},
    {"setting", N_("Setting")},    {"legal_text", N_("Legal text")},
    {"import_file", N_("Import")}, {"route", N_("Page")},
    {"file", N_("File")},          {NULL},
};

const struct listing audit_listing = {
    .from = "audit x LEFT JOIN account a ON a.id = x.actor_id",
    .id = "x.id",
    .order = "x.id",
    .newest_first = true,
    .search = "x.actor_id IN (SELECT rowid FROM account_fts WHERE account_fts MATCH {words})"
              " OR x.action = lower({})",
    .columns =
        (const struct listing_column[]){
            {"at", N_("Moment"), "x.at", LISTING_MOMENT},
            {"actor", N_("Who"), "a.first_name || ' ' || a.last_name", LISTING_TEXT,
             .personal = true, .link = "accounts", .link_id = "a.id"},
            {"action", N_("What"), "x.action", LISTING_TEXT},
            {"entity", N_("On"), "x.entity", LISTING_WORD, .choices = ENTITIES},
            {"entity_id", N_("Number"), "x.entity_id", LISTING_INT},
            {"detail", N_("Details"), "x.detail", LISTING_TEXT, .file_only = true},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"entity", N_("On"), FILTER_CHOICE, "x.entity = {}", .choices = ENTITIES},
            {"from", N_("From"), FILTER_FROM, "x.at >= {}", .moment = true},
            {"to", N_("Until"), FILTER_TO, "x.at < {}", .moment = true},
            {"actor", N_("Who"), FILTER_ID, "x.actor_id = {}"},
            {"entity_id", N_("Number"), FILTER_ID, "x.entity_id = {}"},
            {NULL},
        },
};
