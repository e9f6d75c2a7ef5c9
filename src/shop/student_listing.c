/* Students as staff list them. */
#include "shop/listings.h"

const struct listing student_listing = {
    .from = "student s LEFT JOIN account a ON a.id = s.parent_id",
    .id = "s.id",
    .order = "s.id",
    .newest_first = true,
    .search = "s.id IN (SELECT rowid FROM student_fts WHERE student_fts MATCH {words})"
              " OR s.parent_id IN (SELECT rowid FROM account_fts WHERE account_fts MATCH {words})",
    .columns =
        (const struct listing_column[]){
            {"name", N_("Name"), "s.first_name || ' ' || s.last_name", LISTING_TEXT,
             .personal = true},
            {"date_of_birth", N_("Date of birth"), "s.date_of_birth", LISTING_DATE,
             .personal = true},
            {"school", N_("School"), "s.school", LISTING_TEXT},
            {"family", N_("Family"), "a.first_name || ' ' || a.last_name", LISTING_TEXT,
             .personal = true, .link = "accounts", .link_id = "a.id"},
            {"enrolments", N_("Enrolments"),
             "(SELECT count(*) FROM inscription i WHERE i.student_id = s.id"
             " AND i.status = 'confirmed')",
             LISTING_INT},
            {"created_at", N_("Since"), "s.created_at", LISTING_MOMENT},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"born_from", N_("Born from"), FILTER_FROM, "s.date_of_birth >= {}"},
            {"born_to", N_("Born until"), FILTER_TO, "s.date_of_birth <= {}"},
            {"account", N_("Family"), FILTER_ID, "s.parent_id = {}"},
            {NULL},
        },
};
