/* Inscriptions as staff list them. */
#include "shop/listings.h"

static const struct listing_choice STATES[] = {
    {"held", N_("Held"), .tone = TONE_WARN},
    {"confirmed", N_("Enrolled"), .tone = TONE_OK},
    {"cancelled", N_("Cancelled"), .tone = TONE_OFF},
    {"refunded", N_("Refunded"), .tone = TONE_OFF},
    {"expired", N_("Expired"), .tone = TONE_OFF},
    {NULL},
};

const struct listing inscription_listing = {
    .from = "inscription i LEFT JOIN student s ON s.id = i.student_id"
            " LEFT JOIN workshop w ON w.id = i.workshop_id"
            " LEFT JOIN orders o ON o.id = i.order_id",
    .id = "i.id",
    .order = "i.id",
    .newest_first = true,
    .search = "i.id IN (SELECT id FROM inscription WHERE student_id IN"
              " (SELECT rowid FROM student_fts WHERE student_fts MATCH {words})"
              " UNION ALL SELECT id FROM inscription WHERE workshop_id IN"
              " (SELECT rowid FROM workshop_fts WHERE workshop_fts MATCH {words})"
              " UNION ALL SELECT id FROM inscription WHERE order_id IN"
              " (SELECT id FROM orders WHERE code = upper({}) OR account_id IN"
              " (SELECT rowid FROM account_fts WHERE account_fts MATCH {words})))",
    .own = "i.workshop_id IN (SELECT workshop_id FROM workshop_instructor WHERE account_id = {})",
    .columns =
        (const struct listing_column[]){
            {"student", N_("Student"), "s.first_name || ' ' || s.last_name", LISTING_TEXT,
             .personal = true, .link = "students", .link_id = "s.id"},
            {"workshop", N_("Workshop"), "w.title", LISTING_TEXT, .link = "workshops",
             .link_id = "w.id"},
            {"start_date", N_("Start"), "w.start_date", LISTING_DATE},
            {"status", N_("State"), "i.status", LISTING_WORD, .choices = STATES},
            {"price", N_("Price"), "i.price_cents", LISTING_MONEY},
            {"order", N_("Order"), "coalesce(o.code, 'N.º ' || o.id)", LISTING_TEXT,
             .link = "orders", .link_id = "o.id"},
            {"created_at", N_("Since"), "i.created_at", LISTING_MOMENT},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"status", N_("State"), FILTER_CHOICE, "i.status = {}", .choices = STATES},
            {"workshop", N_("Workshop"), FILTER_ID, "i.workshop_id = {}"},
            {"student", N_("Student"), FILTER_ID, "i.student_id = {}"},
            {"order", N_("Order"), FILTER_ID, "i.order_id = {}"},
            {"account", N_("Family"), FILTER_ID,
             "i.order_id IN (SELECT id FROM orders WHERE account_id = {})"},
            {NULL},
        },
};
