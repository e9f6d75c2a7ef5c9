/* Accounts as staff list them. */
#include "shop/listings.h"

static const struct listing_choice ROLES[] = {
    {"1", N_("Parent"), .sql = "a.role = 1"},
    {"2", N_("Teacher"), .sql = "a.role = 2"},
    {"3", N_("Adult student"), .sql = "a.role = 3"},
    {NULL},
};

static const struct listing_choice STAFF[] = {
    {"owner", N_("Owner")},
    {"manager", N_("Manager")},
    {"desk", N_("Front desk")},
    {"instructor", N_("Instructor")},
    {"any", N_("All staff"), .sql = "a.staff_role IS NOT NULL"},
    {NULL},
};

static const struct listing_choice STATES[] = {
    {"active", N_("Active"), .sql = "a.is_active = 1", .tone = TONE_OK},
    {"disabled", N_("Disabled"), .sql = "a.is_active = 0 AND a.closed_at IS NULL",
     .tone = TONE_BAD},
    {"closed", N_("Closed"), .sql = "a.closed_at IS NOT NULL AND a.erased_at IS NULL",
     .tone = TONE_OFF},
    {"erased", N_("Erased"), .sql = "a.erased_at IS NOT NULL", .tone = TONE_OFF},
    {NULL},
};

const struct listing account_listing = {
    .from = "account a",
    .id = "a.id",
    .order = "a.id",
    .newest_first = true,
    .search = "a.id IN (SELECT rowid FROM account_fts WHERE account_fts MATCH {words}"
              " UNION SELECT parent_id FROM student WHERE id IN"
              " (SELECT rowid FROM student_fts WHERE student_fts MATCH {words}))",
    .columns =
        (const struct listing_column[]){
            {"name", N_("Name"), "a.first_name || ' ' || a.last_name", LISTING_TEXT,
             .personal = true},
            {"email", N_("E-mail"), "a.email", LISTING_TEXT, .personal = true},
            {"phone", N_("Mobile"), "a.phone", LISTING_TEXT, .personal = true},
            {"role", N_("Role"), "CAST(a.role AS TEXT)", LISTING_WORD, .choices = ROLES},
            {"staff_role", N_("Staff"), "a.staff_role", LISTING_WORD, .choices = STAFF},
            {"students", N_("Students"),
             "(SELECT count(*) FROM student s WHERE s.parent_id = a.id)", LISTING_INT},
            {"country", N_("Country"), "a.country", LISTING_TEXT, .file_only = true},
            {"school", N_("School"), "a.school", LISTING_TEXT, .file_only = true},
            {"created_at", N_("Since"), "a.created_at", LISTING_MOMENT},
            {"state", N_("State"),
             "CASE WHEN a.erased_at IS NOT NULL THEN 'erased'"
             " WHEN a.closed_at IS NOT NULL THEN 'closed'"
             " WHEN a.is_active = 0 THEN 'disabled' ELSE 'active' END",
             LISTING_WORD, .choices = STATES},
            {NULL},
        },
    .filters =
        (const struct listing_filter[]){
            {"role", N_("Role"), FILTER_CHOICE, .choices = ROLES},
            {"staff_role", N_("Staff"), FILTER_CHOICE, "a.staff_role = {}", .choices = STAFF},
            {"state", N_("State"), FILTER_CHOICE, .choices = STATES},
            {NULL},
        },
};
