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

const struct listing_choice audit_actions[] = {
    {"create", N_("Created")},
    {"edit", N_("Changed")},
    {"delete", N_("Deleted")},
    {"publish", N_("Published")},
    {"enable", N_("Enabled")},
    {"disable", N_("Disabled")},
    {"password", N_("Password set")},
    {"password_reset", N_("Password set by a link")},
    {"role", N_("Role granted")},
    {"send_link", N_("Link to choose a password sent")},
    {"second_factor_on", N_("Two-step login turned on")},
    {"second_factor_off", N_("Two-step login turned off")},
    {"recovery_codes", N_("New recovery codes")},
    {"recovery_code", N_("Recovery code used")},
    {"erase", N_("Person erased")},
    {"signup", N_("Signed up")},
    {"close", N_("Account closed")},
    {"confirm_payment", N_("Payment confirmed")},
    {"activate", N_("Put on sale")},
    {"deactivate", N_("Taken off sale")},
    {"archive", N_("Put into the archive")},
    {"restore", N_("Brought back")},
    {"renew_link", N_("Private link renewed")},
    {"call_off", N_("Called off")},
    {"reschedule", N_("Rescheduled")},
    {"message", N_("Written to everyone enrolled")},
    {"attendance", N_("Attendance taken")},
    {"reject", N_("Reported transfer rejected")},
    {"extend", N_("More time to pay")},
    {"cancel", N_("Cancelled")},
    {"settle", N_("Decided")},
    {"refund", N_("Refunded")},
    {"move", N_("Moved to another workshop")},
    {"resend", N_("Receipt sent again")},
    {"export", N_("Exported")},
    {"import", N_("Taken in from a file")},
    {"view", N_("Looked at")},
    {"retry", N_("Sent again")},
    {"test", N_("Test mail sent")},
    {"refused", N_("Refused for want of a right")},
    {NULL},
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
            {"action", N_("What"), "x.action", LISTING_WORD, .choices = audit_actions},
            {"entity", N_("On"), "x.entity", LISTING_WORD, .choices = ENTITIES},
            {"entity_id", N_("Number"), "x.entity_id", LISTING_INT},
            {"detail", N_("Details"), "x.detail", LISTING_TEXT, .file_only = true},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"actor", N_("Who"), FILTER_OPTIONS, "x.actor_id = {}",
             .options = "SELECT id, first_name || ' ' || last_name FROM account"
                        " WHERE staff_role IS NOT NULL ORDER BY first_name, last_name, id"},
            {"action", N_("What"), FILTER_CHOICE, "x.action = {}", .choices = audit_actions},
            {"entity", N_("On"), FILTER_CHOICE, "x.entity = {}", .choices = ENTITIES},
            {"from", N_("From"), FILTER_FROM, "x.at >= {}", .moment = true},
            {"to", N_("Until"), FILTER_TO, "x.at < {}", .moment = true},
            {"entity_id", N_("Number"), FILTER_ID, "x.entity_id = {}"},
            {NULL},
        },
};
